#!/usr/bin/env bash
# Our own probes in tests/evasion: disguised names that must be found, of the class, at the stage and with
# the techniques stated; names that are known to slip through, which are listed; and innocent text, which
# must stay below the class stated. Prints a table by technique.
# check: uring
set -eu
exec python3 - <<'PYTHON'
import collections, json, os, subprocess, sys

folder = os.environ['ROOT'] + '/tests/evasion/'
CLASSES = ['none', 'mention', 'mark', 'counterfeit']


def rows_of(name):
    lines = open(folder + name, encoding='ascii').read().splitlines()
    rows = [dict(zip(lines[0].split('\t'), line.split('\t'))) for line in lines[1:]]
    for row in rows:
        row['text'] = row['text'].encode().decode('unicode_escape')
    return rows


def scan(rows):
    lines = ''.join(json.dumps({'platform': 'p', 'listing_id': str(i), 'title': row['text']}) + '\n'
                    for i, row in enumerate(rows))
    out = subprocess.run([os.environ['NOTICECTL'], 'scan', '--marks', folder + 'marks.tsv',
                          '--cues', folder + 'cues.tsv'], input=lines.encode(),
                         stdout=subprocess.PIPE, check=True).stdout
    return {int(hit['listing']): hit for hit in map(json.loads, out.splitlines())}


wrong = []
probes = rows_of('probes.tsv')
found = scan(probes)
table = collections.defaultdict(collections.Counter)
for i, row in enumerate(probes):
    hits = [hit for hit in found.get(i, {'hits': []})['hits'] if hit['mark'] == row['mark']]
    name = row['techniques'] or row['class']
    table[name]['rows'] += 1
    table[name]['found'] += bool(hits)
    if row['class'] == 'slips':
        print('slips: %s %s' % (row['mark'], ascii(row['text'])))
        if hits:
            wrong.append('%s is found now: state its class' % ascii(row['text']))
        continue
    stated = (row['class'], row['stage'], row['techniques'])
    got = (found[i]['class'], hits[0]['stage'], ' '.join(hits[0].get('technique', []))) if hits else 'nothing'
    if got != stated:
        wrong.append('%s: %s, not %s' % (ascii(row['text']), got, stated))
for name, count in sorted(table.items()):
    print('found: %-36s %4d of %4d' % (name, count['found'], count['rows']))
innocent = rows_of('innocent.tsv')
found = scan(innocent)
for i, row in enumerate(innocent):
    got = found[i]['class'] if i in found else 'none'
    if got != row['class']:
        wrong.append('innocent %s: %s, not %s' % (ascii(row['text']), got, row['class']))
print('found: %d of %d probes; %d innocent texts' % (sum(c['found'] for c in table.values()), len(probes),
                                                     len(innocent)))
for line in wrong:
    print('not as stated: ' + line)
sys.exit(1 if wrong else 0)
PYTHON
