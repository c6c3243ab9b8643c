#!/usr/bin/env bash
# Labelled strings of sixty techniques, read with the example lists: what is found, as a table, with every
# failure listed; and what must hold of it.
# check: uring
set -eu
examples="$ROOT/../shared/data/evasion_examples.jsonl"
if [ ! -r "$examples" ]; then
    echo "skipped: no ../shared"
    exit 77
fi
export examples
exec python3 - <<'PYTHON'
import collections, json, os, subprocess, sys

root = os.environ['ROOT']
rows = [json.loads(text) for text in open(os.environ['examples'], encoding='utf8')]
lines = ''.join(json.dumps({'platform': 'p', 'listing_id': str(i), 'title': row['text']}) + '\n'
                for i, row in enumerate(rows))
out = subprocess.run([os.environ['NOTICECTL'], 'scan', '--marks', root + '/daemon/marks.example.tsv',
                      '--cues', root + '/daemon/cues.example.tsv'], input=lines.encode(),
                     stdout=subprocess.PIPE, check=True).stdout
found = {int(hit['listing']): hit['class'] for hit in map(json.loads, out.splitlines())}

table = collections.defaultdict(collections.Counter)
failures = []
for i, row in enumerate(rows):
    got = found.get(i, 'none')
    # An innocent row that names a mark may be a hit, but no counterfeit; the others must be silent.
    right = {'innocent': got == 'none' or row['expect'] == 'mention' and got != 'counterfeit'}.get(
        row['label'], got != 'none')
    name = (row['label'], row['technique'])
    table[name]['rows'] += 1
    table[name]['right'] += right
    table[name][got] += 1
    if not right:
        failures.append('%-9s %-28s %-11s %s' % (row['label'], row['technique'], got, ascii(row['text'])))
print('found: %-9s %-28s %5s %6s %12s %8s %5s' % ('label', 'technique', 'rows', 'right', 'counterfeit', 'mention', 'mark'))
for (label, technique), count in sorted(table.items()):
    print('found: %-9s %-28s %5d %6d %12d %8d %5d' % (label, technique, count['rows'], count['right'],
                                             count['counterfeit'], count['mention'], count['mark']))
for failure in failures:
    print('not as labelled: ' + failure)
right = collections.Counter()
for (label, _), count in table.items():
    right[label] += count['right']
    right[label, 'rows'] += count['rows']
for label in ('plain', 'evasive', 'innocent'):
    print('found: %s %d of %d' % (label, right[label], right[label, 'rows']))
if right['plain'] < right['plain', 'rows'] or right['evasive'] < 230 or \
        right['innocent', 'rows'] - right['innocent'] > 4:
    sys.exit('FAIL: plain all, evasive 230, innocent all but 4 must be right')
PYTHON
