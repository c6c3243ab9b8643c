#!/usr/bin/env bash
# At its limits: every lane full, no descriptor left, many lists, reloads that overlap; nobody is
# forgotten, nothing is logged in a loop, and every match names a ruleset record.
# check: uring poll
# limit: 300
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import resource, threading

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))

# A lane takes 1,024 connections; the next ones wait in the backlog and are served when one leaves.
d = Daemon(extra='lanes: 1\n').start()
crowd = [d.client() for _ in range(1024)]
for i, c in enumerate(crowd):
    c.send(line(listing(i)))
for c in crowd:
    check(c.pump(b'', 1), 'one of 1,024 is not served')
late = [d.client() for _ in range(50)]
for i, c in enumerate(late):
    c.send(line(listing(5000 + i)))
for c in crowd[:50]:
    c.close()
for c in late:
    check(c.pump(b'', 1), 'one that waited is not served')
for c in crowd[50:] + late:
    c.close()
again = d.client()
check(again.pump(line(listing(1)), 1), 'after the crowd')
d.stop()

# No descriptor left: said once, served again when there are some.
e = Daemon('e', ledger_keys='segment_records: 1000')
e.start(wait=False, preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (90, 90)))
e.wait_ready()
idle = []
for _ in range(150):
    idle.append(e.client(hello=False))
time.sleep(1.0)
said = e.logged().count('cannot accept')
check(1 <= said <= 4, 'said %d times that there is no descriptor' % said)
idle[0].send(b''.join(line(listing(i, 'Squishmallow')) for i in range(3000))) # rotates with none left
for c in idle[1:]:
    c.close()
g = e.client()
check(g.pump(line(listing(1)), 1), 'not served when descriptors were free again')
begun = time.monotonic()
while e.command('status')['matches'] < 3000:
    check(time.monotonic() - begun < DEADLINE, 'the rotation did not go on: %r' % e.command('status'))
    time.sleep(0.05)
e.stop()
names = [n for n in os.listdir(os.path.join(e.ledger, 'feed')) if n.endswith('.jsonl')]
check(len(names) > 3, 'segments: %r' % names)
check([r['seq'] for r in e.records()] == list(range(len(e.records()))), 'seq over the segments')

# 64 lists with long paths start, and their record says how many it leaves out.
folder = 'l' * 120
os.makedirs(os.path.join('f', folder), exist_ok=True)
for i in range(32):
    with open(os.path.join('f', folder, '%d.tsv' % i), 'w') as f:
        f.write('mark_id\tmark\nX%d\tword%d\n' % (i, i))
    with open(os.path.join('f', folder, 'c%d.tsv' % i), 'w') as f:
        f.write('cue_id\tphrase\tstrength\nY%d\tphrase%d\t1\n' % (i, i))
f = Daemon('f')
with open(f.config) as config:
    text = config.read()
text = text.replace('[marks.tsv]', json.dumps([folder + '/%d.tsv' % i for i in range(32)]))
text = text.replace('[cues.tsv]', json.dumps([folder + '/c%d.tsv' % i for i in range(32)]))
with open(f.config, 'w') as config:
    config.write(text)
f.start()
check(f.command('reload')['ok'], 'reload of many lists')
f.stop()
for r in f.records():
    if r['kind'] == 'ruleset':
        check(len(r['sources']) + r.get('more', 0) == 64 and r['marks'] == 32, 'ruleset record: %r' % r)

# Heartbeats and reloads at once: a set's seq is that of its own record.
h = Daemon('h', ledger_keys='heartbeat: 1s').start()
stop = threading.Event()
def feed():
    c = h.client()
    n = 0
    while not stop.is_set():
        n += 20
        c.pump(b''.join(line(listing(n + i, 'Squishmallow')) for i in range(20)), n)
t = threading.Thread(target=feed)
t.start()
begun = time.monotonic()
while time.monotonic() - begun < 6:
    check(h.command('reload')['ok'], 'reload')
stop.set()
t.join()
# A request that comes while another is under way is answered by a reload of its own.
answers = []
def ask():
    answers.append(h.command('reload'))
asks = [threading.Thread(target=ask) for _ in range(2)]
asks[0].start()
time.sleep(0.0005)
with open(os.path.join(h.dir, 'marks.tsv'), 'w') as out:
    out.write('broken\n')
asks[1].start()
for a in asks:
    a.join()
check(not answers[-1]['ok'] or not answers[0]['ok'], 'the later request saw the broken list: %r' % answers)
h.stop()
records = h.records()
kinds = {r['seq']: r['kind'] for r in records}
check(sum(k == 'heartbeat' for k in kinds.values()) >= 4, 'heartbeats')
for r in records:
    if r['kind'] == 'match':
        check(kinds[r['ruleset']] == 'ruleset', 'match %d names a %s as its ruleset' % (r['seq'], kinds[r['ruleset']]))
    if r['kind'] == 'ruleset' and r['prev'] is not None:
        check(kinds[r['prev']] == 'ruleset', 'ruleset %d names a %s as prev' % (r['seq'], kinds[r['prev']]))

# Clients that are silent inside a line hold the memory that another waits for: they end, and are counted.
k = Daemon('k', extra='lanes: 1\nmemory: {carry: 1MiB}\n').start()
silent = [k.client(source='silent') for _ in range(8)]
for s in silent:
    s.socket.settimeout(1)
    try:
        s.send(b'{"platform":"p","title":"' + b'x' * 200000)
    except OSError:
        pass
for _ in range(300): # four of them fill it, the rest wait
    if k.command('status')['pauses'] >= 4:
        break
    time.sleep(0.1)
other = k.client()
long = line(listing(1, 'Squishmallow ' + 'y' * 250000))
check(other.pump(long, 1), 'the one that goes on is ended')
status = k.command('status')
check(0 < status['stuck'] <= len(silent), 'stuck: %r' % status)
check('(silent) stuck while others waited for its memory inside a line' in k.logged(), k.logged())
k.stop()
PYTHON
