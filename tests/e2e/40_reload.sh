#!/usr/bin/env bash
# Reloads under load: no line is dropped or doubled, every match names the set that found it and holds all
# marks of that set and none of another, a bad set changes nothing and says why.
# check: uring poll tsan
# limit: 300
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import signal, threading

def marks(words):
    rows = ''.join('T%d\t%s\ttoys\t0\t\n' % (i, w) for i, w in enumerate(words))
    with open(os.path.join(d.dir, 'marks.new'), 'w') as f:
        f.write('mark_id\tmark\tcategory\tgeneric\taliases\n' + rows)
    os.rename(os.path.join(d.dir, 'marks.new'), os.path.join(d.dir, 'marks.tsv'))

SETS = [['%s%02d' % (name, i) for i in range(6)] for name in ('alphamark', 'betamark')]
TEXT = ' '.join(a + ' ' + b for a, b in zip(*SETS)) + ' Squishmallow'

d = Daemon().start()
stop = threading.Event()
total = [0]
clients = []
def feed(k):
    c = d.client(source='f%d' % k)
    clients.append(c)
    n = 0
    while not stop.is_set():
        chunk = b''.join(line(listing(k * 10000000 + n + i, TEXT)) for i in range(50))
        n += 50
        if not c.pump(chunk, n):
            fail('connection lost during a reload')
    total[0] += n
threads = [threading.Thread(target=feed, args=(k,), daemon=True) for k in range(3)]
for t in threads:
    t.start()
rounds = 50 if os.environ.get('MODE') == 'release' and IO == 'uring' else 12
for i in range(rounds):
    marks(SETS[i % 2])
    reply = d.command('reload')
    check(reply['ok'] and len(reply['sha256']) == 64, 'reload: %r' % reply)
# A bad list: the old set stays, the error names file, line and column.
with open(os.path.join(d.dir, 'marks.tsv'), 'a') as f:
    f.write('T0\tdouble id\ttoys\t0\t\n')
before = d.command('status')['ruleset']['sha256']
reply = d.command('reload')
check(not reply['ok'] and 'marks.tsv:%d:1' % (len(SETS[0]) + 2) in reply['error'], 'bad list: %r' % reply)
check(d.command('status')['ruleset']['sha256'] == before, 'the old set stays')
os.unlink(os.path.join(d.dir, 'marks.tsv'))
d.process.send_signal(signal.SIGHUP)
begun = time.monotonic()
while 'cannot read the list' not in d.logged():
    check(time.monotonic() - begun < DEADLINE, 'SIGHUP: the missing list is not named')
    time.sleep(0.02)
stop.set()
for t in threads:
    t.join()
d.stop()
records = d.records()
sets = {}
for r in records:
    if r['kind'] == 'ruleset':
        sets[r['seq']] = r
check(len(sets) == rounds + 1, '%d rulesets recorded' % len(sets))
order = sorted(sets)
found = {}
for r in records:
    if r['kind'] != 'match':
        continue
    found[r['listing']] = found.get(r['listing'], 0) + 1
    check(r['ruleset_sha256'] == sets[r['ruleset']]['id'], 'hash of the set')
    word = {h['text'] for h in r['hits']}
    number = order.index(r['ruleset'])
    want = ['Squishmallow'] if number == 0 else SETS[(number - 1) % 2]
    check(len(r['hits']) == len(want) and word == set(want), 'set %d found %r' % (number, word))
check(len(found) == total[0] and set(found.values()) == {1}, 'every line once: %d of %d' % (len(found), total[0]))
print('%d reloads, %d lines' % (rounds, total[0]))
PYTHON
