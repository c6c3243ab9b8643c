#!/usr/bin/env bash
# A full ledger disk, really full, while the record is sealed: crawlers wait and memory does not grow; notices
# go on in the reserve until that is used up; all goes on by itself when there is space, the reserve is filled
# again, the record says who waited and the checkpoint catches up; a start on a full disk records notices too.
# check: uring poll
# limit: 300
set -eu
[ "$(id -u)" = 0 ] || { echo "skipped: mounting a small disk needs root"; exit 77; }
if [ -z "${MOUNTED:-}" ]; then
    unshare -m true 2>/dev/null || { echo "skipped: no mount namespace here"; exit 77; }
    exec unshare -m env MOUNTED=1 bash "$0"
fi
mkdir -p disk
# Room for all of the records, 1.7 kB a listing, for tiles and what is derived from them.
truncate -s 64M disk.img
if mkfs.ext4 -q -m 0 -N 20000 disk.img 2>/dev/null && mount -o loop disk.img disk 2>/dev/null; then
    echo "on ext4"
else
    echo "on tmpfs: no ext4 on a loop device here"
    mount -t tmpfs -o size=48m tmpfs disk
fi
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import resource, signal, threading

RESERVE = 2 << 20
FEED_RESERVE = RESERVE - RESERVE // 8  # the rest is for dead letters
N = 7000
ledger = os.path.join(HERE, 'disk', 'ledger')
filler = os.path.join(HERE, 'disk', 'filler')
os.mkdir('keys')
os.mkdir('spool')
subprocess.run([NOTICECTL, 'setup-keys', '--origin', 'disk.example', 'keys'], check=True, stdout=subprocess.DEVNULL)
SEAL = 'seal: {key: %s/keys/noticed.key}\nmemory: {queue: 2MiB}\nspool: {folder: %s/spool}\n' % (HERE, HERE)
SPOOLED = 50


def daemon(name):
    return Daemon(name, ledger=ledger, ledger_keys='reserve: 2MiB', extra=SEAL, notice=True)


def rss(pid):
    with open('/proc/%d/statm' % pid) as f:
        return int(f.read().split()[1]) * resource.getpagesize()


def fill(left):
    os.sync()
    with open(filler, 'ab') as f:
        try:
            while left < (free := os.statvfs('disk').f_bavail * os.statvfs('disk').f_frsize):
                f.write(b'x' * min(1 << 20, free - left))
                f.flush()
                os.fsync(f.fileno())
        except OSError:
            pass


def until(holds, text):
    begun = time.monotonic()
    while not holds():
        check(time.monotonic() - begun < DEADLINE, '%s: %r\n%s' % (text, d.command('status'), d.logged()))
        time.sleep(0.05)


def notice(n):
    return line({'id': 'n%d' % n, 'type': 'notice.sent', 'at': '2026-01-05T10:00:00Z', 'platform': 'bazaar',
                 'notice': 'N%d' % n, 'listings': ['L%d' % (n * 100 + i) for i in range(100)]})


d = daemon('d').start()
check(d.command('status')['reserve_bytes'] == FEED_RESERVE, 'the reserve at the start: %r' % d.command('status'))
fill(4 << 20)
data = b''.join(line(listing(i, 'Squishmallow number %d with a longer title' % i)) for i in range(N))
c = d.client()
done = threading.Thread(target=c.pump, args=(data, N))
done.start()
until(lambda: d.command('status')['disk'] == 'full', 'the disk does not get full')
fill(0)  # what is left, and what the file system gives back late, is for nobody
time.sleep(1)
until(lambda: d.command('status')['disk'] == 'full', 'the disk does not stay full')
stuck, before = c.acked, rss(d.process.pid)
with open('spool/.waits', 'wb') as f:
    f.write(b''.join(line(listing(N + i, 'Squishmallow')) for i in range(SPOOLED)))
os.rename('spool/.waits', 'spool/waits')
counsel, sent = Client(d.notice, source='counsel'), 0
counsel.pump(b''.join(notice(n) for n in range(100)), 100)
sent = 100
check(len(counsel.events) == 100, 'notices on a full disk: %r' % counsel.last)
counsel.pump(b'{"id":"x","type":"notice.sent"}\n', 101)
check(counsel.nacks[101].get('kept') is False, 'bytes of a bad line go into the reserve: %r' % counsel.nacks)
status = d.command('status')
check(status['disk'] == 'full' and not status['events_waiting'], 'status: %r' % status)
check(0 < status['reserve_bytes'] < FEED_RESERVE - 100 * 600, 'the reserve is not used: %r' % status)
time.sleep(1)
check(c.acked == stuck, 'acknowledged while the disk is full')
check(os.path.exists('spool/waits'), 'a file of the spool is moved away while its records wait')
check(d.process.poll() is None, 'it waits, it does not end')
grown = rss(d.process.pid) - before
check(grown < 12 << 20, 'memory grew by %d while waiting' % grown)
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
records = d.records()
check(sum(r['kind'] == 'notice.sent' for r in records) == 100, 'notices that were answered are not on record')
matches = [r['listing'] for r in records if r['kind'] == 'match']
check(len(matches) >= stuck, 'acknowledged %d lines, recorded %d' % (stuck, len(matches)))
# The reserve is used up.
more = threading.Thread(target=counsel.pump, args=(b''.join(notice(n) for n in range(100, 1500)), 1501))
more.start()
until(lambda: d.command('status')['events_waiting'], 'the reserve does not end')
time.sleep(0.5)
held = counsel.acked
check(101 < held < 1501, 'notices acknowledged: %d' % held)
time.sleep(1)
check(counsel.acked == held, 'acknowledged while nothing can be recorded')
check('the reserve too: nothing is recorded until there is space' in d.logged(), 'the log: ' + d.logged())
check(sum(r['kind'] == 'notice.sent' for r in d.records()) >= held - 1, 'answered and not on record')
# Whoever fills the reserve can be shut out: permissions do not wait for the reload's record.
with open(d.config) as f:
    text = f.read()
with open(d.config, 'w') as f:
    f.write(text.replace('notice: {', 'notice: {"uids": ["root", 4711], '))
d.process.send_signal(signal.SIGHUP)
until(lambda: 'notice.uids or notice.gids has changed' in d.logged(), 'permissions wait for the disk')
check(' marks, ' not in d.logged().split('notice.gids has changed')[1], 'lists that have no record are in force')
# Space comes back; what lies in the spool is read once all of it can be recorded.
os.unlink(filler)
done.join(DEADLINE)
more.join(DEADLINE)
check(c.acked == N and counsel.acked == 1501, 'it did not go on: %d of %d, %d' % (c.acked, N, counsel.acked))
until(lambda: os.path.exists('spool/done/waits'), 'the file of the spool is not read')
until(lambda: ' marks, ' in d.logged().split('notice.gids has changed')[1], 'the reload does not end')
until(lambda: d.command('status')['signed_size'] == d.command('status')['durable_seq'] + 1, 'not sealed again')
status = d.command('status')
check(status['disk'] == 'ok' and status['reserve_bytes'] == FEED_RESERVE, 'the reserve afterwards: %r' % status)
d.stop()
records = d.records()
check([r['seq'] for r in records] == list(range(len(records))), 'seq')
check(sorted(r['listing'] for r in records if r['kind'] == 'match') == sorted('L%d' % i for i in range(N + SPOOLED)), 'every listing once')
check([r['event']['id'] for r in records if r['kind'] == 'notice.sent'] == ['n%d' % n for n in range(1500)], 'every notice once')
gaps = [r for r in records if r['kind'] == 'gap']
check([(g['cause'], g['intake']) for g in gaps] == [('disk_full', 'crawl'), ('disk_full', 'all')], 'gaps: %r' % gaps)
crawl, every = gaps
check(crawl['count'] > 0 and crawl['connections'] >= 1 and int(crawl['ns']) > 2e9, 'who waited: %r' % crawl)
check(every['connections'] > crawl['connections'] and int(every['ns']) < int(crawl['ns']), 'who waited: %r' % every)
first = next(r['seq'] for r in records if r['kind'] == 'notice.sent')
check(crawl['from_seq'] <= first < every['from_seq'], 'where it began: %r' % gaps)
# A start on a full disk: the reserve is still there. A kill, and another start.
fill(0)
d = daemon('d').start()
for n in range(2):
    c = d.client()
    threading.Thread(target=c.pump, args=(data,), daemon=True).start()
    until(lambda: d.command('status')['disk'] == 'full', 'the disk is not full')
    counsel = Client(d.notice, source='counsel')
    counsel.pump(notice(2000 + n), 1)
    check(1 in counsel.events, 'a notice after a start on a full disk')
    if n == 0:
        d.kill()
        d.start()
# Told to stop meanwhile: whatever comes, nothing stands behind a stop record.
d.process.send_signal(15)
time.sleep(21)
os.unlink(filler)
d.wait(None)
records = d.records()
check({'n2000', 'n2001'} <= {r['event']['id'] for r in records if r['kind'] == 'notice.sent'}, 'a notice is lost')
runs = ' '.join(r['kind'] for r in records).split('start')[1:]
check(all('stop' not in run.split()[:-1] for run in runs), 'records behind a stop record')
d = daemon('d').start()
until(lambda: d.command('status')['signed_size'] == d.command('status')['durable_seq'] + 1, 'not sealed after it')
d.stop()
verdict = subprocess.run([NOTICECTL, 'verify', ledger], capture_output=True, text=True)
check(verdict.returncode == 0, 'verify: ' + verdict.stdout + verdict.stderr)
print('stuck at %d of %d, notices held at %d of 1500, %d gap records' % (stuck, N, held - 1, len(gaps)))
PYTHON
