"""Fills a man page (scdoc) with what the program, the example and the README already say.

    manual.py PAGE.scd NOTICECTL VERSION >page

A line of a page may be %commands (the usage and options of each noticectl command, as its --help
prints them), %keys (the sections and keys of the example
configuration with their comments) or %records (the tables of record members). So each of these texts
stands in one place, and no page can lack a flag, a key or a member that has one.
"""
import os
import re
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')


def escape(text):
    """Plain text in scdoc: nothing of it is markup."""
    text = re.sub(r'([\\_*])', r'\\\1', text)
    return re.sub(r'^([.#|\[\]\-\t:;]|\d+\.)', r'\\\1', text)


def prose(text):
    """A sentence of Markdown: `code` in bold, the rest as it is."""
    parts = re.split(r'`([^`]*)`', text)
    return ''.join('*%s*' % escape(part) if i % 2 and part else escape(part)
                   for i, part in enumerate(parts))


def literal(lines):
    return ['```', *(line.replace('\\', '\\\\') for line in lines), '```', '']


def help_of(*argv):
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    return done.stdout.rstrip('\n').split('\n')


def options(lines):
    """What --help prints under "Options:": a flag, two spaces, what it does; or as it is laid out."""
    out = []
    for line in lines:
        found = re.match(r'  (-\w,|   ) (--\S+)\s+(.*)$', line)
        if not found:
            continue
        letter, flag, text = found.groups()
        name, equals, value = flag.partition('=')
        shown = '*%s*' % escape(name) + (equals + '_%s_' % escape(value).replace('\\_', '-') if equals else '')
        if letter.strip():
            shown = '*%s*, ' % escape(letter.strip(' ,')) + shown
        out += [shown, '\t' + escape(text), '']
    return out


def commands(noticectl):
    out = []
    names = [found[1] for found in (re.match(r'  ([a-z-]+) ', line) for line in help_of(noticectl, 'help')) if found]
    for name in names:
        if name == 'help':
            continue
        lines = help_of(noticectl, name, '--help')
        begin, usage = lines.index('Options:'), lines[0].replace('Usage: ', '')
        end = next((i for i in range(begin, len(lines)) if lines[i] == ''), len(lines))
        out += ['## ' + name, '', '*%s*' % escape(usage), '', escape(lines[2]).capitalize() + '.', '']
        out += options(lines[begin:end])
        if end < len(lines):
            out += literal(lines[end + 1:])
    return out


def keys():
    """The example configuration: comments become text, `key: value` a term, commented out or not."""
    out, comment, path = [], [], []
    with open(os.path.join(ROOT, 'daemon', 'noticed.yaml.example'), encoding='utf8') as example:
        head = True  # of the file, which the page says in its own words
        for line in example:
            line = line.rstrip('\n')
            head = head and line != ''
            found = None if head else re.match(r'( *)(# )?( *)([a-z_]+):( .*)?$', line)
            item = re.match(r' *(# *)?- ', line)
            if found and not item:
                inner = len(found[1] + found[3])  # two columns a level
                value = (found[5] or '').strip()
                path = path[:(inner + 1) // 2] + [found[4]]
                name = '.'.join(path)
                text = ' '.join(comment)
                title = '*%s*' % escape(name) + (': ' + escape(value) if value else '')
                out += [title, '\t' + (prose(text) if text else 'See above.'), '']
                comment = []
            elif line.strip().startswith('# '):
                comment.append(line.strip('# '))
            else:
                comment = []
    return out


def records():
    out, inside = [], False
    with open(os.path.join(ROOT, 'README.md'), encoding='utf8') as readme:
        for line in readme:
            line = line.rstrip('\n')
            if line == '## Records, member by member':
                inside = True
            elif line.startswith('## '):
                inside = False
            elif inside and not re.match(r'<!--|\| member |\|---', line):
                row = re.match(r'\| `([^`]+)` \| (.*) ?\|$', line)
                if row:
                    out += ['*%s*' % escape(row[1]), '\t' + (prose(row[2].strip()) or 'Likewise.'), '']
                else:
                    out.append(prose(line))
    return out


def main():
    page, noticectl, version = sys.argv[1:4]
    with open(page, encoding='utf8') as lines:
        for line in lines:
            line = line.rstrip('\n').replace('@VERSION@', version)
            if line == '%commands':
                print('\n'.join(commands(noticectl)))
            elif line == '%keys':
                print('\n'.join(keys()))
            elif line == '%records':
                print('\n'.join(records()))
            else:
                print(line)


main()
