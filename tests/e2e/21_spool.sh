#!/usr/bin/env bash
# A file that is renamed into the spool folder is read once, and moved away when all its lines are durable: also
# when noticed is killed in the middle of it, again and again. What is none, cannot be read, vanishes, is replaced
# or written to meanwhile is told and holds up nothing.
# check: uring poll
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import ctypes, gzip, random

R = random.Random(20261130)
KILLS = 3
os.mkdir('spool')


def until(holds, text):
    begun = time.monotonic()
    while not holds():
        check(time.monotonic() - begun < DEADLINE, '%s\n%s' % (text, d.logged()))
        time.sleep(0.01)


def put(name, data, folder='spool'):
    """As a writer should: whole, then renamed."""
    with open('whole', 'wb') as f:
        f.write(data)
    os.rename('whole', os.path.join(folder, name))


def has(where):
    return lambda: os.path.exists(os.path.join('spool', where))


def lines(first, count, title='Squishmallow replica', **more):
    return b''.join(line(listing(n, title, **more)) for n in range(first, first + count))


def sightings(source):
    return [r['listing'] for r in d.records() if r['kind'] == 'sighting' and r.get('source') == source]


# What lies there at the start, and what comes; the last line needs no newline, rejected ones are dead letters.
put('b.ndjson', lines(0, 3) + b'broken\n' + lines(3, 1)[:-1])
put('.hidden', lines(100, 1))
put('a.tmp', lines(101, 1))
put('a.part', lines(102, 1))
os.mkdir('spool/folder')
d = Daemon('d', extra='spool: {folder: ../spool}\n').start()
until(has('done/b.ndjson'), 'a file from before the start is not read')
check(sightings('b.ndjson') == ['L0', 'L1', 'L2', 'L3'], 'its records: %r' % sightings('b.ndjson'))
dead = [(x['source'], x['line'], x['err']) for x in d.rejects()]
check(dead == [('b.ndjson', 4, 'bad_json')], 'its dead letters: %r' % dead)
check('b.ndjson: 5 lines, 1 of them rejected; moved to done/b.ndjson' in d.logged(), d.logged())
put('odd name \xe9"\n', lines(10, 1))
until(lambda: len(os.listdir('spool/done')) == 2, 'a file with an odd name is not read')
check(sightings('odd_name_____') == ['L10'], 'an odd name as a source: %r' %
      {r.get('source') for r in d.records()})
# the same lines in another file of the same name were seen again: they are recorded again
put('b.ndjson', lines(0, 1))
until(has('done/b.ndjson.1'), 'the same name again')
check(sightings('b.ndjson').count('L0') == 2, 'what was seen twice is recorded twice')
# the same file put there again, as after failed/: what has its record gets no second one
os.rename('spool/done/b.ndjson.1', 'spool/b.ndjson')
until(has('done/b.ndjson.1'), 'the same file again')
check(sightings('b.ndjson').count('L0') == 2, 'the same file twice is a resend')

# What is no file to be read holds up none behind it.
os.mkfifo('spool/1fifo')
os.symlink('/etc/passwd', 'spool/2link')
put('3packed.gz', gzip.compress(lines(20, 1)))
put('3pzstd', b'\x50\x2a\x4d\x18\4\0\0\0size\x28\xb5\x2f\xfd')
put('4empty', b'')
put('5good', lines(21, 1))
put('.late', lines(22, 1))
os.rename('spool/.late', 'spool/6late')
for name in ('failed/1fifo', 'failed/2link', 'failed/3packed.gz', 'failed/3pzstd', 'done/4empty', 'done/5good', 'done/6late'):
    until(has(name), name)
for why in ('1fifo: it is a FIFO', '2link: it is a symbolic link', '3packed.gz: it is packed by gzip: unpack it',
            '3pzstd: it is packed by zstd'):
    check(why in d.logged(), 'not told: %s\n%s' % (why, d.logged()))
check(sorted(os.listdir('spool')) == ['.hidden', 'a.part', 'a.tmp', 'done', 'failed', 'folder'],
      'what is left: %r' % os.listdir('spool'))

def told():
    return {k[6:]: v for k, v in d.command('status').items() if k.startswith('spool_')}


check(told() == {'reading': '', 'waiting': 0, 'read': 7, 'failed': 4, 'stuck': 0}, 'the status: %r' % told())

# What cannot be moved away holds up none behind it, is told once, and is not read again; done/ is made anew.
os.rename('spool/done', 'read')
open('spool/done', 'w').close()
put('6stays', lines(23, 1))
put('6too', lines(24, 1))
until(lambda: d.logged().count('cannot be moved to done/: Not a directory: move it away by hand') == 2,
      'what cannot be moved is not told')
check(told()['stuck'] == 2, 'the status counts what is stuck: %r' % told())
os.remove('spool/done')
put('6moves', lines(25, 1))
until(has('done/6moves'), 'what comes behind files that cannot be moved is not read')
check(sightings('6stays') == ['L23'] and d.logged().count('6stays') == 1 and has('6stays')(),
      'read and told once: %r\n%s' % (sightings('6stays'), d.logged()))

# The folder goes and comes back: it is told once, and what is in the new one is read.
os.rename('spool', 'old')
until(lambda: 'cannot read: No such file' in d.logged(), 'a folder that vanishes is not told')
check(told()['error'] == 'cannot read: No such file or directory', 'the status of it: %r' % told())
os.mkdir('spool')
put('7new', lines(30, 1))
until(has('done/7new'), 'a folder that was made anew is not read')
until(lambda: 'error' not in told(), 'the status has it for ever: %r' % told())
d.stop()

# Killed while it reads: every line has one record in the end.
COUNT = 8000
put('big', lines(1000, COUNT, 'Squishmallow'))
kills = 0
for reach_s in (0.04 * (i + 1) for i in range(10 * KILLS)):
    if kills == KILLS or has('done/big')():
        break
    d.start()
    time.sleep(R.uniform(0, reach_s))
    d.kill()
    kills += not has('done/big')()
d.start()
until(has('done/big'), 'not read to its end')
d.stop()
seen = [r['listing'] for r in d.records() if r['kind'] == 'match' and r.get('source') == 'big']
check(len(seen) == COUNT and len(set(seen)) == COUNT, '%d records of %d lines, %d different, after %d kills' %
      (len(seen), COUNT, len(set(seen)), kills))
check(kills > 1, 'killed in the middle of it only %d times' % kills)

# Stopped in the middle of a file whose writer goes on, and which another one replaces: neither is lost.
d = Daemon('e', extra='spool: {folder: ../spool, done: remove}\n')
put('changing', lines(0, 5000, 'Squishmallow'))
inode = os.stat('spool/changing').st_ino
writer = open('spool/changing', 'ab')
d.start()
until(lambda: d.command('status')['inputs_open'] == 1 or has('failed/changing')() or not has('changing')(),
      'not begun')
if d.command('status')['inputs_open'] == 1:
    check(told()['reading'] in ('changing', ''), 'what is read: %r' % told())
writer.write(lines(50000, 1))
writer.flush()
put('changing', lines(60000, 1))
until(lambda: not has('changing')(), 'the one that replaced it is not read')
check('L60000' in sightings('changing'), 'the one that replaced it has no record')
check(sorted(os.listdir('spool/done')) == ['7new', 'big'], 'what was read is not removed')
# a map of its own; crawl.map does not count then
d.stop()
d = Daemon('f', extra='spool: {folder: ../spool, map: shop}\nmaps: {shop: {base: scrapy, platform: =shop}}\n')
put('mapped', b'{"url":"https://x.example/1","name":"Squishmallow"}\n')
d.start()
until(has('done/mapped'), 'mapped')
check([r['map'] for r in d.records() if r['kind'] == 'match'] == ['shop'], 'its map: %r' % d.records())
d.stop()
# what cannot be a spool is said before anything is recorded
os.mkdir('linked')
os.symlink('../spool/done', 'linked/done')
d = Daemon('g', extra='spool: {folder: ../linked}\n').start(wait=False)
d.wait(78)
check('cannot use the spool' in d.logged() and 'Not a directory' in d.logged() and
      not os.path.exists(d.ledger), d.logged())

# A disk that fails, a file that nobody can move, another disk: of mounts of our own, where the kernel lets us. The
# memory of a process has no byte 0, and says so with EIO.
libc = ctypes.CDLL(None)
if libc.unshare(0x20000) != 0 or libc.mount(b'none', b'/', None, 0x4000 | 0x40000, None) != 0:
    print('passed without mounts of our own')
    sys.exit(0)
os.makedirs('spool2/failed')
open('spool2/1bad', 'w').close()
check(libc.mount(b'/proc/%d/mem' % os.getpid(), b'spool2/1bad', None, 0x1000, None) == 0, 'no bind mount')
d = Daemon('h', extra='spool: {folder: ../spool2}\n').start()
until(lambda: '1bad: 0 lines, 0 of them rejected; Input/output error; it stays, and cannot be moved to failed/: '
      'Device or resource busy: move it away by hand' in d.logged(), 'EIO and EBUSY are not told')
check(libc.mount(b'none', b'spool2/failed', b'tmpfs', 0, None) == 0, 'no tmpfs')
put('2packed', gzip.compress(lines(0, 1)), 'spool2')
put('3good', lines(1, 1), 'spool2')
until(lambda: os.path.exists('spool2/done/3good'), 'they hold up the one behind them')
check('2packed: it is packed by gzip: unpack it, or use noticectl send; it stays, and cannot be moved to failed/: Invalid '
      'cross-device link' in d.logged() and told()['stuck'] == 2, '%r\n%s' % (told(), d.logged()))
d.stop()
for name in (b'spool2/1bad', b'spool2/failed'):
    libc.umount2(name, 2)
PYTHON
