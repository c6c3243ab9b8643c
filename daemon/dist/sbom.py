"""Writes what programs are linked with as SPDX 2.3 JSON, by the facts that dpkg has.

    sbom.py VERSION COMMIT [-STATIC.a]... PROGRAM... >noticed.spdx.json

Each library that a program needs (readelf), and each archive that is linked in (-NAME.a), is looked up in
dpkg's database: package, version, architecture, the package's own file list. The time is
SOURCE_DATE_EPOCH, so that two builds write the same bytes.
"""
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys


def run(*argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True, env=dict(os.environ, LC_ALL='C')).stdout


def needed(program):
    """Name -> file of each library that the loader takes for it, its libraries' libraries too."""
    found = re.findall(r'^\s+(\S+) => (\S+) ', run('ldd', program), re.M)
    return dict(found)


def archive(name):
    """The file of a static library that the compiler takes."""
    path = run('gcc', '-print-file-name=' + name).strip()
    return os.path.realpath(path)


def package_of(path):
    """dpkg's package of a file: /usr/lib and /lib are one folder, and it knows only one of the names."""
    real = os.path.realpath(path)
    for name in (real, real.removeprefix('/usr'), '/usr' + real, path):
        done = subprocess.run(['dpkg-query', '-S', name], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(': ')[0].split(',')[0]
    sys.exit('sbom: no package holds %s: a library from elsewhere is linked' % path)


def facts(package):
    form = '${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${Homepage}\n'
    return run('dpkg-query', '-W', '-f', form, package).rstrip('\n').split('\t')


def sha256(path):
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


def spdx_id(name):
    return 'SPDXRef-' + re.sub(r'[^A-Za-z0-9.-]', '-', name)


def library(package):
    name, version, architecture, source, source_version, homepage = facts(package)
    return {'SPDXID': spdx_id('Package-' + name), 'name': name, 'versionInfo': version,
            'supplier': 'Organization: Debian', 'downloadLocation': 'NOASSERTION', 'filesAnalyzed': False,
            'homepage': homepage or 'NOASSERTION', 'licenseConcluded': 'NOASSERTION', 'licenseDeclared': 'NOASSERTION',
            'copyrightText': 'NOASSERTION', 'sourceInfo': 'built from %s %s' % (source, source_version),
            'externalRefs': [{'referenceCategory': 'PACKAGE-MANAGER', 'referenceType': 'purl',
                              'referenceLocator': 'pkg:deb/debian/%s@%s?arch=%s' % (name, version, architecture)}]}


def main():
    version, commit, *rest = sys.argv[1:]
    programs = [path for path in rest if not path.startswith('-')]
    static = {package_of(archive(name[1:])) for name in rest if name.startswith('-')}
    when = datetime.datetime.fromtimestamp(int(os.environ['SOURCE_DATE_EPOCH']), datetime.timezone.utc)
    packages, files, relations = {}, [], []

    def related(what, kind, to):
        relations.append({'spdxElementId': what, 'relationshipType': kind, 'relatedSpdxElement': to})

    related('SPDXRef-DOCUMENT', 'DESCRIBES', 'SPDXRef-noticed')
    for program in programs:
        own = spdx_id('File-' + os.path.basename(program))
        files.append({'SPDXID': own, 'fileName': './' + os.path.basename(program), 'fileTypes': ['BINARY'],
                      'checksums': [{'algorithm': 'SHA256', 'checksumValue': sha256(program)}],
                      'licenseConcluded': 'NOASSERTION', 'copyrightText': 'NOASSERTION'})
        related('SPDXRef-noticed', 'CONTAINS', own)
        linked = {package_of(path) for path in needed(program).values()}
        for kind, names in (('DYNAMIC_LINK', linked), ('STATIC_LINK', static)):
            for name in sorted(names):
                packages.setdefault(name, library(name))
                related(own, kind, packages[name]['SPDXID'])
    ours = {'SPDXID': 'SPDXRef-noticed', 'name': 'noticed', 'versionInfo': version, 'downloadLocation': 'NOASSERTION',
            'filesAnalyzed': False, 'licenseConcluded': 'Apache-2.0', 'licenseDeclared': 'Apache-2.0',
            'copyrightText': 'NOASSERTION', 'sourceInfo': 'commit ' + commit}
    digest = hashlib.sha256(json.dumps([files, relations], sort_keys=True).encode()).hexdigest()
    json.dump({'spdxVersion': 'SPDX-2.3', 'dataLicense': 'CC0-1.0', 'SPDXID': 'SPDXRef-DOCUMENT',
               'name': 'noticed-' + version, 'documentNamespace': 'https://noticed.invalid/spdx/' + digest,
               'creationInfo': {'created': when.strftime('%Y-%m-%dT%H:%M:%SZ'), 'creators': ['Tool: noticed-sbom']},
               'packages': [ours] + [packages[name] for name in sorted(packages)], 'files': files,
               'relationships': relations}, sys.stdout, indent=1)
    print()


main()
