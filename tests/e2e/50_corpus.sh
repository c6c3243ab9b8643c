#!/usr/bin/env bash
# A corpus of real listings with ground truth, through the daemon: lines in are acknowledged or rejected,
# exactly; every malformed line is treated as the table says; every plain-spelled injected mark is found;
# `noticectl scan` finds the same. LINES=1000000 for the full run; 100,000 otherwise.
# check: uring poll
# limit: 900
set -eu
DATA="$ROOT/../shared/data"
[ -e "$DATA/make_corpus.py" ] || { echo "skipped: no ../shared"; exit 77; }
export DATA
python3 "$DATA/make_corpus.py" --n "${LINES:-100000}" --seed "${SEED:-1}" --base "$DATA/listings_licensed.ndjson.xz" \
    --evasion "$DATA/evasion_a.ndjson" --marks "$DATA/marks_100.tsv" --cues "$DATA/cues.tsv" \
    --malformed 0.002 --out corpus.ndjson --truth truth.tsv
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import base64, re, subprocess

DATA = os.environ['DATA']
read = lambda name: open(os.path.join(DATA, name), encoding='utf8').read()
d = Daemon(marks=read('marks_100.tsv'), cues=read('cues.tsv')).start()
sent = subprocess.run([NOTICECTL, 'send', '--socket', d.crawl, 'corpus.ndjson'], capture_output=True, text=True,
                      errors='replace')
check(sent.returncode == 4, 'send: %d %s' % (sent.returncode, sent.stderr[-2000:]))
status = d.command('status')
d.stop()

with open('corpus.ndjson', 'rb') as f:
    lines = f.read().split(b'\n')[:-1]
generic = {r.split('\t')[0] for r in read('marks_100.tsv').split('\n')[1:] if r and r.split('\t')[5] == '1'}
EXPECT = {'truncated': ['bad_json'], 'not_json': ['bad_json'], 'array': ['bad_json', 'bad_type'],
          'deep': ['bad_json', 'too_deep'], 'bad_utf8': ['bad_utf8'], 'missing_title': ['missing_field'],
          'title_not_string': ['bad_type'], 'bad_time': ['bad_time'], 'dup_key': ['dup_key'],
          'oversize': ['too_long']}
NAMED = {'missing_title': 'title', 'title_not_string': 'title', 'bad_time': 'observed_at', 'dup_key': 'title'}
malformed, injected, surrogates = {}, [], []
with open('truth.tsv', encoding='utf8') as f:
    next(f)
    for row in f:
        number, kind, platform, listing_, marks, cue, technique, ref = row.rstrip('\n').split('\t')
        if kind == 'malformed' and technique in EXPECT:
            malformed[int(number)] = technique
        elif kind == 'malformed' and technique == 'lone_surrogate':
            surrogates.append(int(number))
        elif kind == 'injected':
            injected.append((int(number), marks.split(','), cue, technique))

check(status['lines'] == len(lines) == status['acked'], 'lines %d, taken %d, acknowledged %d' %
      (len(lines), status['lines'], status['acked']))
check(status['accepted'] + status['rejected'] + status['blank'] == len(lines), 'accepted and rejected: %r' % status)
dead = {x['line']: x for x in d.rejects()}
check(sorted(dead) == sorted(malformed), 'rejected lines: %d, malformed: %d' % (len(dead), len(malformed)))
for number, technique in malformed.items():
    letter = dead[number]
    check(letter['err'] in EXPECT[technique], 'line %d, %s: %r' % (number, technique, letter['err']))
    check(letter['detail'].startswith(NAMED.get(technique, '')), 'line %d: detail %r' % (number, letter['detail']))
    check(base64.b64decode(letter['bytes_b64']) == lines[number - 1][:262144], 'line %d: its bytes' % number)
    check(letter['len'] == len(lines[number - 1]), 'line %d: its length' % number)
check(status['lone_surrogates'] == len(surrogates), 'lone surrogates: %d' % len(surrogates))

records = d.records()
check([r['seq'] for r in records] == list(range(len(records))), 'seq')
matches = {r['line']: r for r in records if r['kind'] == 'match'}
check(len(matches) == sum(r['kind'] == 'match' for r in records) == status['matches'], 'one match a line')
LONE = re.compile('[\ud800-\udfff]')  # what json.loads leaves are lone ones; the daemon reads U+FFFD
raw = lambda hit, text: LONE.sub('\ufffd', text).encode()[hit['from']:hit['to']].decode()
for number in sorted(matches)[::50]:
    source = json.loads(lines[number - 1].decode())
    for hit in matches[number]['hits']:
        whole = raw(hit, source[hit['field']])
        check(whole == hit['text'] or (hit.get('cut') and whole.startswith(hit['text'])),
              'line %d: offsets give %r, text is %r' % (number, whole, hit['text']))

# Plain spelling: as listed, in any case, or by an alias in any script.
PLAIN = ('A01', 'A02', 'A15', 'A16', 'A17', 'A18')
found, total, missed = {}, {}, []
for number, marks, cue, technique in injected:
    if set(marks) <= generic and not cue:
        continue
    total[technique] = total.get(technique, 0) + 1
    if number in matches and set(marks) & {h['mark'] for h in matches[number]['hits']}:
        found[technique] = found.get(technique, 0) + 1
    elif technique.startswith(PLAIN):
        missed.append((number, marks, technique, lines[number - 1].decode()[:200]))
check(not missed, '%d plain-spelled marks missed: %r' % (len(missed), missed[:3]))
for technique in sorted(total):
    print('%-26s %5d of %5d' % (technique, found.get(technique, 0), total[technique]))

scan = subprocess.run([NOTICECTL, 'scan', '--marks', os.path.join(DATA, 'marks_100.tsv'), '--cues',
                       os.path.join(DATA, 'cues.tsv'), 'corpus.ndjson'], capture_output=True)
check(scan.returncode == 4, 'scan: %d' % scan.returncode)
scanned = {}
for text in scan.stdout.decode().split('\n')[:-1]:
    x = json.loads(text)
    scanned[x['line']] = (x['listing'], x['class'], json.dumps(x['hits']))
recorded = {n: (r['listing'], r['class'], json.dumps(r['hits'])) for n, r in matches.items()}
check(scanned == recorded, 'scan and daemon differ: %d and %d' % (len(scanned), len(recorded)))
print('%d lines, %d rejected, %d matches, the same from scan' % (len(lines), len(dead), len(matches)))
PYTHON
