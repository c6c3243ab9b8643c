#!/usr/bin/env bash
# noticed is killed 80 times (500 when LONG) at random moments while it is fed: every acknowledged
# line's records are there, none twice, and it starts again by itself.
# check: uring poll
# limit: 600
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import random, threading

KILLS = int(os.environ.get('KILLS', '80'))
R = random.Random(20260124)
d = Daemon(ledger_keys='segment_records: 4096')
acked = []          # listing ids whose line was acknowledged
rejected = []       # line contents that were nacked and covered by an ack
n = 0
reach_s = 0.06      # within which it is killed; more where that is too soon for an acknowledgement
for kill in range(KILLS):
    if len(acked) < 2 * kill:
        reach_s = min(1.2 * reach_s, 2)
    d.start()
    c = d.client()
    mine, bad = [], {}
    batch = bytearray()
    for i in range(R.choice((3, 40, 400, 4000))):
        n += 1
        if R.random() < 0.02:
            bad[i + 1] = 'broken %d' % n
            batch += b'broken %d\n' % n
            mine.append(None)
        else:
            batch += line(listing(n, R.choice(('Squishmallow toy', 'replica squishmallows', 'nothing'))))
            mine.append(n if b'quishm' in batch[-90:] else None)
    timer = threading.Timer(R.uniform(0, reach_s), d.process.kill)
    timer.start()
    c.pump(bytes(batch), len(mine))
    timer.join()
    d.process.wait()
    while c.take():
        pass
    acked += [m for m in mine[:c.acked] if m is not None]
    rejected += [text for number, text in bad.items() if number <= c.acked]
    c.close()
d.start()
d.stop()
records = d.records()
check([r['seq'] for r in records] == list(range(len(records))), 'seq has a hole or a double')
for kind in ('match', 'sighting'):
    seen = {}
    for r in records:
        if r['kind'] == kind:
            seen[r['listing']] = seen.get(r['listing'], 0) + 1
    missing = [m for m in acked if 'L%d' % m not in seen]
    check(not missing, '%d acknowledged lines have no %s: %r' % (len(missing), kind, missing[:5]))
    double = [name for name, count in seen.items() if count > 1]
    check(not double, '%s twice: %r' % (kind, double[:5]))
import base64
dead = {base64.b64decode(x['bytes_b64']).decode() for x in d.rejects()}
lost = [text for text in rejected if text not in dead]
check(not lost, 'acknowledged rejects are not in the dead letters: %r' % lost[:5])
kinds = [r['kind'] for r in records]
check(kinds.count('start') == KILLS + 1, 'every start is recorded')
print('%d kills, %d lines sent, %d matched lines acknowledged, %d records, %d gaps' %
      (KILLS, n, len(acked), len(records), kinds.count('gap')))
check(len(acked) > KILLS, 'too few acknowledgements for the test to say anything')
PYTHON
