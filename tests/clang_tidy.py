#!/usr/bin/env python3
"""clang-tidy-14 over what ships and over the bench: python3 tests/clang_tidy.py [FILE...]

A file whose text, headers and rules are those of an earlier clean run is not analysed again (build/tidy/).
Starting clang-tidy costs more than most files, so each process takes some of them. Only the checks of
va_list look at one file at a time: this version's carry what they know from one to the next.

Most of what is left goes into the analyzer's walk along the paths of long functions. It follows 20,000
nodes of each, or, when LONG, the 225,000 that clang takes by itself.
"""
import concurrent.futures
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
BATCH = 12
CORES = os.cpu_count() or 1
NODES = 225000 if os.environ.get('LONG') else 20000
TIDY = ['clang-tidy-14', '--quiet', '-p', '.', '--extra-arg=-Xclang', '--extra-arg=-analyzer-config',
        '--extra-arg=-Xclang', '--extra-arg=max-nodes=%d' % NODES]
TOGETHER, ALONE = '--checks=-clang-analyzer-valist.*', '--checks=-*,clang-analyzer-valist.*'


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def sources():
    found = [f for folder in ('matcher', 'io', 'daemon', 'bench')
             for ending in ('c', 'cc') for f in glob.glob('%s/**/*.%s' % (folder, ending), recursive=True)]
    return sorted(f for f in found if not f.startswith(('matcher/unicode/', 'matcher/words/')))


def rules():
    flags = sorted({' '.join(a for a in entry['arguments'] if a.startswith('-'))
                    for entry in json.loads(read('compile_commands.json'))})
    version = subprocess.run(['clang-tidy-14', '--version'], capture_output=True, check=True).stdout
    return hashlib.sha256(version + read('.clang-tidy') + repr((TIDY, TOGETHER, ALONE, flags)).encode()).digest()


def keys(files):
    """The name of each file's clean run: of the rules, and of what it includes."""
    made = subprocess.run(['gcc', '-MM', '-D_GNU_SOURCE', '-I.', '-Ibuild/gen', '-isystem', '/usr/include/hs',
                           *files], capture_output=True, text=True)
    if made.returncode != 0:
        sys.exit('clang-tidy: ' + made.stderr)
    texts, seed = {}, rules()
    for rule in re.sub(r'\\\n', ' ', made.stdout).splitlines():
        names = rule.split()[1:]
        for name in names:
            texts[name] = texts.get(name) or hashlib.sha256(read(name)).digest()
        yield hashlib.sha256(seed + b''.join(texts[n] for n in [names[0], *sorted(names[1:])])).hexdigest()


def run(checks, files):
    done = subprocess.run([*TIDY, checks, *files], capture_output=True, text=True)
    if done.returncode == 0:
        return True
    noise = re.compile('.*warnings generated|Suppressed|Use -header-filter')
    print('\n'.join(line for line in (done.stdout + done.stderr).splitlines() if not noise.match(line)), flush=True)
    return False


def batch(files):
    return run(TOGETHER, files) and all(run(ALONE, [f]) for f in files if b'va_start' in read(f))


def main():
    if shutil.which('clang-tidy-14') is None:
        sys.exit('clang-tidy-14 is missing: make deps')
    subprocess.run(['make', '--no-print-directory', 'compile_commands.json'], check=True, stdout=subprocess.DEVNULL)
    os.makedirs('build/tidy', exist_ok=True)
    files = sys.argv[1:] or sources()
    key = dict(zip(files, keys(files), strict=True))
    due = [f for f in files if not os.path.exists('build/tidy/' + key[f])]
    # Neighbours are alike in length: so each batch takes them from all over.
    count = max(1, -(-len(due) // BATCH))
    batches = [due[i::count] for i in range(count) if due[i::count]]
    with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
        clean = list(pool.map(batch, batches))
    for good, names in zip(clean, batches):
        for name in names if good else ():
            with open('build/tidy/' + key[name], 'w', encoding='utf8'):
                pass
    print('clang-tidy: %d files, %s' % (len(files), 'clean' if all(clean) else 'complaints above'))
    sys.exit(0 if all(clean) else 1)


if __name__ == '__main__':
    main()
