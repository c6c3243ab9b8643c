#!/usr/bin/env bash
# Man pages name every command, option, key and record member; completion offers them; nothing else is named.
# check: uring
set -eu
command -v scdoc >/dev/null || { echo "skipped: no scdoc"; exit 77; }
make -C "$ROOT" --no-print-directory man >make.log 2>&1 || { cat make.log; exit 1; }
# What a shell offers after the words of each line of "asked", the last of which is begun.
cat >complete.bash <<'BASH'
. "$ROOT/daemon/noticed.bash-completion"
. "$ROOT/daemon/ctl/noticectl.bash-completion"
complete -p noticed noticed-web noticed-sealer noticectl >registered || exit 1
compopt() { :; } # only inside a real completion
while IFS=$'\t' read -r -a COMP_WORDS; do
    COMP_WORDS[-1]=${COMP_WORDS[-1]%.}
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    "$(complete -p "$(basename "${COMP_WORDS[0]}")" | sed 's/.*-F \([^ ]*\) .*/\1/')" "${COMP_WORDS[0]}"
    echo "${COMPREPLY[*]}"
done
BASH
exec python3 - <<'PYTHON'
import os, re, subprocess, sys
ROOT, NOTICED, NOTICECTL = os.environ['ROOT'], os.environ['NOTICED'], os.environ['NOTICECTL']
SEALER = os.path.join(os.path.dirname(NOTICED), 'noticed-sealer')
WEB = os.path.join(os.path.dirname(NOTICED), 'noticed-web')


def check(condition, text):
    if not condition:
        sys.exit('FAILED: ' + text)


def read(*path):
    with open(os.path.join(ROOT, *path), encoding='utf8') as f:
        return f.read()


def page(name):
    """As a reader sees it: no fonts, no escapes."""
    text = read('build', 'man', name)
    check('@VERSION@' not in text and not re.search('^%', text, re.M), name + ' is not filled in')
    return re.sub(r'\\f[BIRP]|\\&', '', text).replace('\\-', '-').replace('\\e', '\\')


def lacks(text, words):
    check(len(words) > 0, 'nothing to look for')
    there = set(re.findall(r'[A-Za-z0-9_.\[\]-]*[A-Za-z0-9_]', text))
    return sorted(set(words) - there)


def named(name, words, text=None):
    missing = lacks(page(name) if text is None else text, words)
    check(not missing, '%s does not name %s' % (name, missing))


def run(*argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def options(text):
    return re.findall(r'^  (?:-.,|   )? ?(--[a-z0-9-]+)', text, re.M)


commands = [c for c in re.findall(r'^  ([a-z][a-z-]*) ', run(NOTICECTL, 'help'), re.M) if c != 'help']
check(len(commands) > 20, 'commands: %r' % commands)
flags = {command: options(run(NOTICECTL, command, '--help')) for command in commands}
sections = dict(re.findall(r'^\.SS (\S+)\n(.*?)(?=^\.S[SH] )', page('noticectl.1'), re.M | re.S))
check(sorted(sections) == sorted(commands), 'sections of noticectl.1: %r' % sorted(sections))
for command in commands:
    named('noticectl.1, ' + command, set(flags[command]) - {'--help'}, sections[command])
daemon = options(run(NOTICED, '--help')) + ['--help']
named('noticed.8', daemon)
check('\\u{1b}' in sections['tail'], 'what --help spells with a backslash has lost it: ' + sections['tail'][-900:])
named('noticed-sealer.8', options(run(SEALER, '--help')))
named('noticed-web.8', options(run(WEB, '--help')))
# what the parser knows, and no other key
keys = re.findall(r'^ *KEY\("([a-z_.]*)"', read('daemon', 'config_keys.c'), re.M)
check(len(keys) > 30, 'keys: %r' % keys)
named('noticed.conf.5', keys)
told = re.findall(r'^([a-z][a-z._]*)(?:: .*)?$', page('noticed.conf.5').split('.SH KEYS')[1].split('.SH EXAMPLE')[0], re.M)
maps = re.findall(r'^    \[MAP_[^]]*\] = \{"([a-z_.]+)"', read('daemon', 'map.c'), re.M)
of_maps = {'maps', 'maps.shop', 'maps.shop.base', 'maps.shop.support'} | {'maps.shop.' + key for key in maps}
check(len(maps) > 20 and 'maps.shop.title' in told, 'maps: %r' % maps)
wrong = set(told) - set(keys) - of_maps - {key.split('.')[0] for key in keys}
check(not wrong, 'noticed.conf.5 names what is no key: %r' % wrong)
# record members, keys of rules, columns of lists
tables = re.findall(r'<!-- members: \w+ -->\n((?:\|.*\n)*)', read('README.md'))
named('noticed-feed.5', re.findall(r'^\| `([^`]+)`', ''.join(tables), re.M))
rules = re.sub('#.*', '', read('daemon', 'rules.example.yaml'))
own = {'copy', 'spare', 'authorised', 'denied', 'bag', 'offer'}  # names of the example's own
named('noticed-rules.5', set(re.findall(r'[{ -]([a-z_]+):(?= |$)', rules, re.M)) - own)
for kind in ('marks', 'cues'):
    named('noticed-marks.5', re.search('^[^#\n].*', read('daemon', kind + '.example.tsv'), re.M)[0].split('\t'))
check(lacks(page('noticed.8'), ['--config', '--confi']) == ['--confi'], 'whatever is looked for is found')

cases = [((NOTICECTL, ''), commands + ['help', '--help', '--version']), ((NOTICECTL, 'help', ''), commands + ['help']),
         ((NOTICED, '--'), daemon), ((NOTICECTL, 'status', '-o', ''), ['short', 'json', 'json-pretty']),
         ((NOTICECTL, 'status', '--output', '=', 'j'), ['json', 'json-pretty']),
         ((NOTICECTL, 'status', '--color', '=', 'al'), ['always']), ((NOTICECTL, 'strike', ''), ['add', 'revoke']),
         ((NOTICED, '--io', '=', 'u'), ['uring']), ((NOTICED, '--config', 'on'), ['one.yaml']),
         ((NOTICECTL, 'scan', '--map', 's'), ['scrapy', 'scrapy-cluster', 'schema-org']),
         ((NOTICECTL, 'tail', '--kind', 'notice.c'), ['notice.clarify', 'notice.correct']),
         ((NOTICECTL, 'event', 'add', '--type', 're'), ['restore', 'review']), ((NOTICECTL, 'tail', '--seller', ''), []),
         ((NOTICECTL, 'verify', 'on'), ['one.yaml']), ((WEB, '--ledger', 'on'), ['one.yaml']),
         ((WEB, '--'), options(run(WEB, '--help'))), ((SEALER, '--'), options(run(SEALER, '--help')) + ['--help'])]
cases += [((NOTICECTL, command, '--'), flags[command]) for command in commands]
open('one.yaml', 'w').close()
asked = ''.join('\t'.join(words) + '.\n' for words, _ in cases)
done = subprocess.run(['bash', 'complete.bash'], input=asked, capture_output=True, text=True)
offered = done.stdout.split('\n')
check(done.returncode == 0 and len(offered) == len(cases) + 1, 'completion fails: ' + done.stderr)
for (words, wanted), got in zip(cases, offered):
    check(sorted(got.split()) == sorted(wanted), 'offered after %r: %s, not %r' % (words[1:], got, wanted))
PYTHON
