#!/usr/bin/env bash
# A full ledger disk: no acknowledgement without a record, memory does not grow, intake waits, and goes
# on by itself when there is space again.
# check: uring poll
# limit: 300
set -eu
[ "$(id -u)" = 0 ] || { echo "skipped: mounting a small disk needs root"; exit 77; }
if [ -z "${MOUNTED:-}" ]; then
    unshare -m true 2>/dev/null || { echo "skipped: no mount namespace here"; exit 77; }
    exec unshare -m env MOUNTED=1 bash "$0"
fi
mkdir -p disk
# Room for all of the records, 1.7 kB a listing, and what is derived from them.
mount -t tmpfs -o size=64m tmpfs disk
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import resource, threading

def rss(pid):
    with open('/proc/%d/statm' % pid) as f:
        return int(f.read().split()[1]) * resource.getpagesize()

ledger = os.path.join(HERE, 'disk', 'ledger')
d = Daemon(ledger=ledger).start()
filler = os.path.join(HERE, 'disk', 'filler')
free = os.statvfs('disk').f_bavail * os.statvfs('disk').f_frsize
with open(filler, 'wb') as f:
    f.write(b'x' * (free - (6 << 20)))
N = 14000
data = b''.join(line(listing(i, 'Squishmallow number %d with a longer title' % i)) for i in range(N))
c = d.client()
done = threading.Thread(target=c.pump, args=(data, N))
done.start()
begun = time.monotonic()
while d.command('status')['disk'] != 'full':
    check(time.monotonic() - begun < DEADLINE, 'the disk does not get full: %r' % d.command('status'))
    time.sleep(0.05)
time.sleep(0.5)
stuck, before = c.acked, rss(d.process.pid)
time.sleep(1.5)
check(c.acked == stuck, 'acknowledged while the disk is full')
check(d.process.poll() is None, 'it waits, it does not end')
grown = rss(d.process.pid) - before
check(grown < 4 << 20, 'memory grew by %d while waiting' % grown)
# Health checks and retrying crawlers while nothing can be decided.
for _ in range(2200):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(0.05)
        try:
            s.connect(d.crawl)
            s.sendall(b'x\n')
        except OSError:
            pass
check(d.process.poll() is None, 'connections that come and go while it waits end it')
matches = [r['listing'] for r in d.records() if r['kind'] == 'match']
check(len(matches) >= stuck, 'acknowledged %d lines, recorded %d' % (stuck, len(matches)))
os.unlink(filler)
done.join(DEADLINE)
check(c.acked == N, 'it did not go on: %d of %d' % (c.acked, N))
d.stop()
records = d.records()
check([r['seq'] for r in records] == list(range(len(records))), 'seq')
matches = [r['listing'] for r in records if r['kind'] == 'match']
check(sorted(matches) == sorted('L%d' % i for i in range(N)), 'every listing once: %d' % len(matches))
gaps = [r for r in records if r['kind'] == 'gap' and r['cause'] == 'disk_full']
check(gaps, 'the full disk is in the record')
# Told to stop on a full disk: whatever comes, nothing stands behind a stop record.
d = Daemon('e', ledger=ledger).start()
free = os.statvfs('disk').f_bavail * os.statvfs('disk').f_frsize
with open(filler, 'wb') as f:
    f.write(b'x' * max(0, free - (1 << 20)))
c = d.client()
threading.Thread(target=c.pump, args=(data, N), daemon=True).start()
begun = time.monotonic()
while d.command('status')['disk'] != 'full' and time.monotonic() - begun < DEADLINE:
    time.sleep(0.05)
d.process.send_signal(15)
time.sleep(21)
os.unlink(filler)
d.wait(None)
kinds = [r['kind'] for r in d.records()]
runs = ' '.join(kinds).split('start')[1:]
check(all('stop' not in run.split()[:-1] for run in runs), 'records behind a stop record')
print('stuck at %d of %d, %d gap records' % (stuck, N, len(gaps)))
PYTHON
