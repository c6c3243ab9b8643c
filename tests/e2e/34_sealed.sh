#!/usr/bin/env bash
# noticed with its sealer: what it records is under a checkpoint within seconds, also after it was
# killed SEAL_KILLS times at random moments; verify and an independent reader of the exported tree find
# it intact; another key is refused.
# check: uring poll
# limit: 600
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import base64, random, threading

KILLS = int(os.environ.get('SEAL_KILLS', '50'))
R = random.Random(20261130)
for folder in ('keys', 'others'):
    os.mkdir(folder)
    subprocess.run([NOTICECTL, 'setup-keys', '--origin', 'e2e.test/' + folder, folder], check=True, capture_output=True)
key = os.path.join(HERE, 'keys', 'noticed.key')
with open('keys/noticed.vkey') as f:
    vkey = f.read().strip()
d = Daemon(ledger_keys='segment_records: 4096', extra='seal: {key: "%s"}\n' % key)


def checkpoints():
    with open(os.path.join(d.ledger, 'checkpoints.log'), encoding='utf8') as f:
        entries = f.read().split('\n\n')
    return [(int(e.split('\n')[1]), e.split('\n')[2]) for e in entries if e and e[0] != '\u2014' and e.count('\n') >= 2]


def verified(*options):
    done = subprocess.run([NOTICECTL, 'verify', d.ledger, '--vkey', vkey, *options], capture_output=True, text=True)
    check(done.returncode == 0, 'verify %r: %s%s' % (options, done.stdout, done.stderr))
    return done.stdout


n = 0
for kill in range(KILLS):
    d.start()
    c = d.client()
    batch = bytearray()
    lines = R.choice((3, 40, 400, 2000))
    for i in range(lines):
        n += 1
        batch += line(listing(n, R.choice(('Squishmallow toy', 'replica squishmallows', 'nothing'))))
    timer = threading.Timer(R.uniform(0, 1.2) if kill % 5 == 0 else R.uniform(0, 0.06), d.process.kill)
    timer.start()
    c.pump(bytes(batch), lines)
    timer.join()
    d.process.wait()
    c.close()
d.start()
begun = time.monotonic()
while True:
    status = d.command('status')
    if status['signed_size'] == status['durable_seq'] + 1:
        break
    check(time.monotonic() - begun < DEADLINE, 'not sealed: %r' % status)
    time.sleep(0.05)
check('unsealed' not in status and status['signed_age_ms'] >= 0, 'status: %r' % status)
verified()
d.stop()
records = d.records()
check([r['seq'] for r in records] == list(range(len(records))), 'seq has a hole or a double')
logged = checkpoints()
check(logged[-1][0] == len(records), 'the stop record is not sealed: %d of %d' % (logged[-1][0], len(records)))
check(all(a[0] < b[0] for a, b in zip(logged, logged[1:])), 'sizes in checkpoints.log do not grow')
verified('--min-size', str(len(records)))
start = [r for r in records if r['kind'] == 'start'][-1]
check(start['vkey'] == vkey and start['origin'] == 'e2e.test/keys', 'start: %r' % start)
check(any(size == start['prev_size'] for size, _ in logged), 'prev_size of %r' % start)
check(bytes.fromhex(start['prev_root'].split(':')[1]) ==
      base64.b64decode(dict(logged)[start['prev_size']]), 'prev_root of %r' % start)

# A reader that shares no code with us.
done = subprocess.run([NOTICECTL, 'export', 'tlog', d.ledger, 'tree'], capture_output=True, text=True)
check(done.returncode == 0, done.stderr)
done = subprocess.run([sys.executable, os.path.join(os.environ['ROOT'], 'tests/e2e/tlog.py'), 'check', 'tree'],
                      capture_output=True, text=True)
check(done.returncode == 0, 'the independent reader: ' + done.stdout + done.stderr)

# Another key is not this ledger's, and a changed record is not what was signed: exit 65, by its name.
with open(d.config, encoding='utf8') as f:
    config = f.read()
with open(d.config, 'w', encoding='utf8') as f:
    f.write(config.replace('keys/noticed.key', 'others/noticed.key'))
check(d.start(wait=False).process.wait(DEADLINE) == 65, 'another key: ' + d.logged()[-300:])
check('give the sealer that key back' in d.logged(), d.logged()[-300:])
with open(d.config, 'w', encoding='utf8') as f:
    f.write(config)
name = sorted(os.listdir(os.path.join(d.ledger, 'feed')))[-2]
path = os.path.join(d.ledger, 'feed', name)
with open(path, 'rb') as f:
    good = f.read()
at = good.rfind(b'"kind":"stop"')
with open(path, 'wb') as f:
    f.write(good[:at].replace(b'"t":"2', b'"t":"3') + good[at:])
check(d.start(wait=False).process.wait(DEADLINE) == 65, 'a changed record: ' + d.logged()[-300:])
with open(path, 'wb') as f:
    f.write(good)
d.start()
d.stop()
verified('--min-size', str(len(records) + 2))
print('%d kills, %d records, %d checkpoints' % (KILLS, len(records), len(logged)))
PYTHON
