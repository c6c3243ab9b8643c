#!/usr/bin/env bash
# A disk whose writes fail after they were taken (ext4 on a loop file in a tmpfs that is full), while the record
# is sealed: the daemon ends with 74 and acknowledges nothing after the error; once the disk works again the next
# start reads what is really there, goes on, and the whole record verifies.
# check: uring poll
set -eu
[ "$(id -u)" = 0 ] || { echo "skipped: mounting a small disk needs root"; exit 77; }
if [ -z "${MOUNTED:-}" ]; then
    unshare -m true 2>/dev/null || { echo "skipped: no mount namespace here"; exit 77; }
    exec unshare -m env MOUNTED=1 bash "$0"
fi
mkdir -p below disk
mount -t tmpfs -o size=24m tmpfs below
truncate -s 128M below/disk.img
mkfs.ext4 -q -m 0 -b 4096 -O ^has_journal below/disk.img 2>/dev/null && mount -o loop below/disk.img disk 2>/dev/null ||
    { echo "skipped: no ext4 on a loop device here"; exit 77; }
# The loop driver takes a short write, which a full tmpfs gives, for a whole one: the disk would lie. A request
# of one page is written or fails.
loop="$(findmnt -n -o SOURCE disk)"
echo 4 2>/dev/null > "/sys/block/${loop##*/}/queue/max_sectors_kb" ||
    { echo "skipped: the size of the loop device's requests cannot be set"; exit 77; }
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *

N = 4000
ledger = os.path.join(HERE, 'disk', 'ledger')
os.mkdir('keys')
subprocess.run([NOTICECTL, 'setup-keys', '--origin', 'disk.example', 'keys'], check=True, stdout=subprocess.DEVNULL)
d = Daemon('d', ledger=ledger, extra='seal: {key: %s/keys/noticed.key}\n' % HERE, notice=True).start()
c = d.client()
check(c.pump(b''.join(line(listing(i, 'Squishmallow')) for i in range(200)), 200), 'connection lost')
filler = open('below/filler', 'ab')
free = os.statvfs('below').f_bavail * os.statvfs('below').f_frsize
filler.write(b'x' * (free - (2 << 20)))
filler.flush()
lived = True
sent = 200
while lived and sent < N:
    lines = b''.join(line(listing(i, 'Squishmallow')) for i in range(sent, sent + 100))
    sent += 100
    try:
        lived = c.pump(lines, sent)
    except OSError:
        lived = False
check(not lived, 'the disk took all of it')
d.wait(74)
check('nothing after the last durable record was acknowledged' in d.logged(), 'the log: ' + d.logged())
acked = c.acked
check(200 <= acked < N, 'acknowledged: %d' % acked)
# At once: what the file system loses of its own, it does not forget before it is mounted again.
filler.truncate(0)


def runs():
    try:
        return d.command('status')['ok']
    except OSError:
        return False


# As systemd does: an error that the kernel has not told anybody yet may end one more start.
for _ in range(5):
    d.start(wait=False)
    while d.process.poll() is None and not runs():
        time.sleep(0.01)
    if d.process.poll() is None:
        break
    d.wait(74)
check(d.process.poll() is None, 'it does not start again: ' + d.logged())
records = d.records()
there = {r['listing'] for r in records if r['kind'] == 'match'}
lost = [i for i in range(acked) if 'L%d' % i not in there]
check(not lost, 'acknowledged and lost: %r of %d' % (lost[:5], acked))
c = d.client()
check(c.pump(b''.join(line(listing(i, 'Squishmallow')) for i in range(acked, N)), N - acked), 'it does not go on')
begun = time.monotonic()
while d.command('status')['signed_size'] != d.command('status')['durable_seq'] + 1:
    check(time.monotonic() - begun < DEADLINE, 'not sealed: %r' % d.command('status'))
    time.sleep(0.05)
d.stop()
records = d.records()
check([r['seq'] for r in records] == list(range(len(records))), 'seq')
check({r['listing'] for r in records if r['kind'] == 'match'} == {'L%d' % i for i in range(N)}, 'every listing')
verdict = subprocess.run([NOTICECTL, 'verify', ledger], capture_output=True, text=True)
check(verdict.returncode == 0, 'verify: ' + verdict.stdout + verdict.stderr)
print('failed at %d of %d; gaps: %r' % (acked, N, [r['cause'] for r in records if r['kind'] == 'gap']))
PYTHON
