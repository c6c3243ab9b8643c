#!/usr/bin/env bash
# noticectl tail goes on exactly where it was: by a cursor's file when it is told to end, by the number of its
# last line when it is killed, over new segments, a restart and a kill -9 of the daemon. Whoever does not read holds up
# nobody; --checkpointed shows nothing before its signature; json says what is not signed yet.
# TAIL_RECORDS: how many (3,000; a million when LONG).
# check: uring
# limit: 300
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import hashlib, threading

RECORDS = int(os.environ.get('TAIL_RECORDS', '3000'))
BATCH = max(200, RECORDS // 60)
os.mkdir('keys')
subprocess.run([NOTICECTL, 'setup-keys', 'keys'], check=True, capture_output=True)
d = Daemon(ledger_keys='segment_records: 1000',
           extra='seal: {key: "%s/keys/noticed.key", interval: 1s}\n' % HERE).start()
TAIL = [NOTICECTL, 'tail', '--ledger', d.ledger]


def signed():
    try:
        with open(os.path.join(d.ledger, 'checkpoint')) as f:
            return int(f.read().split('\n')[1])
    except FileNotFoundError:
        return 0


def sha256_of(paths):
    digest = hashlib.sha256()
    for path in paths:
        with open(path, 'rb') as f:
            for block in iter(lambda: f.read(1 << 20), b''):
                digest.update(block)
    return digest.digest()


class Tail(threading.Thread):
    """Ends and begins again until it has everything; in `out` is what a program that reads it has."""
    def __init__(self, out, kill):
        super().__init__(daemon=True)
        self.out, self.kill, self.times, self.over, self.wrong = out, kill, 0, False, ''
        open(out, 'wb').close()

    def place(self):
        if not self.kill:
            return ['--cursor-file', self.out + '.cursor']
        with open(self.out, 'r+b') as f:   # a line that is not whole was not read
            end = f.seek(0, os.SEEK_END)
            begin = f.seek(max(0, end - (1 << 15)))
            data = f.read()
            f.truncate(begin + data.rfind(b'\n') + 1)
        lines = data.split(b'\n')[:-1]
        return ['-n', 'all'] + (['--after-cursor', 'i=%d' % json.loads(lines[-1])['seq']] if lines else [])

    def run(self):
        while True:
            place, over = self.place(), self.over
            with open(self.out, 'ab') as f:
                tail = subprocess.Popen(TAIL + ['-o', 'cat'] + place + ([] if over else ['-f']), stdout=f,
                                        stderr=subprocess.PIPE)
            while not over and not self.kill and not os.path.exists(self.out + '.cursor'):
                time.sleep(0.01)   # whoever ends it before it has a place has none to go on from
            if not over:
                time.sleep(0.05 + 0.37 * self.times % 0.2)
                tail.send_signal(signal.SIGKILL if self.kill else signal.SIGTERM)
            code, error = tail.wait(), tail.stderr.read()
            if error or code != (0 if over else -9 if self.kill else -15):
                self.wrong = '%d: %s' % (code, error)
                return
            self.times += 1
            if over:
                return


tails = [Tail('ended', False), Tail('killed', True)]
begun = time.monotonic()
for tail in tails:
    tail.start()
while not os.path.exists('ended.cursor'):   # it begins with the last 10 records: before there are more
    check(time.monotonic() - begun < DEADLINE and tails[0].times == 0, 'no place is kept')
    time.sleep(0.01)
# One reads nothing until all is over; one waits for signatures.
slow = subprocess.Popen(TAIL + ['-f', '-n', 'all', '-o', 'json'], stdout=subprocess.PIPE)
careful = subprocess.Popen(TAIL + ['-f', '-n', 'all', '-o', 'json', '--checkpointed'], stdout=subprocess.PIPE)
early, seen = [], [0]
PROVISIONAL = b',"provisional":true}\n'


def seq_of(raw):
    """Of a line as it stands in the feed: of a million, json would take a minute."""
    return int(raw[len(b'{"v":1,"seq":'):raw.index(b',', 7)])


def read_careful():
    under = 0
    for number, raw in enumerate(careful.stdout):
        under = under if number < under else signed()
        seen[0] = number + 1
        if seq_of(raw) != number or number >= under or raw.endswith(PROVISIONAL):
            early.append(raw)


reader = threading.Thread(target=read_careful, daemon=True)
reader.start()

# Two records a line: the listing is always the same, and watched.
sent, older, restarts = 0, '', [RECORDS // 3, 2 * RECORDS // 3]
while sent < RECORDS:
    client = d.client()
    lines = b''.join(line(listing(1, 'Squishmallows replica', url='https://example/%d' % (sent + 2 * i)))
                     for i in range(BATCH // 2))
    client.pump(lines, BATCH // 2)
    client.close()
    sent += BATCH
    if sent <= RECORDS // 2 and signed():
        with open(os.path.join(d.ledger, 'checkpoint')) as f:
            older = f.read()
    if restarts and sent >= restarts[0]:
        restarts.pop(0)
        if restarts:
            d.stop()
        else:
            d.kill()
        d.start()
begun = time.monotonic()
size = d.command('status')['records']
while signed() < size:
    check(time.monotonic() - begun < DEADLINE, 'not signed in time')
    time.sleep(0.02)
d.stop()
feed = os.path.join(d.ledger, 'feed')
names = sorted(n for n in os.listdir(feed) if n.endswith('.jsonl'))
check(len(names) > RECORDS // 1000, 'the segments did not change: %r' % names)
whole = sha256_of(os.path.join(feed, n) for n in names)
count = int(names[-1][:20]) + sum(1 for _ in open(os.path.join(feed, names[-1]), 'rb'))
check(count >= RECORDS, 'too few records: %d' % count)
for tail in tails:
    tail.over = True
    tail.join(10 * DEADLINE)
    check(not tail.wrong, tail.out + ': ' + tail.wrong)
    check(tail.times > 3, 'it was hardly ever ended: %d' % tail.times)
    if sha256_of([tail.out]) != whole:
        seqs = [seq_of(raw) for raw in open(tail.out, 'rb')]
        fail('%s: %d lines, %d numbers to %d; there are %d records' %
             (tail.out, len(seqs), len(set(seqs)), max(seqs), count))

got = [seq_of(slow.stdout.readline()) for _ in range(count)]
check(got == list(range(count)), 'a slow reader has gaps')
begun = time.monotonic()
while seen[0] < signed() and reader.is_alive():
    check(time.monotonic() - begun < 10 * DEADLINE, 'what is signed is not shown')
    time.sleep(0.02)
for tail in (slow, careful):
    tail.terminate()
    tail.wait()
reader.join(DEADLINE)
check(not early, 'shown before it was signed, or not in order: %r' % early[:2])
with subprocess.Popen(TAIL + ['-n', 'all', '-o', 'json'], stdout=subprocess.PIPE) as last:
    provisional = [seq_of(raw) for raw in last.stdout if raw.endswith(PROVISIONAL)]
check(last.returncode == 0, 'tail ends with %d' % last.returncode)
size = signed()
check(0 < size <= count, 'signed: %d' % size)
check(provisional == list(range(size, count)),
      'signed %d of %d, but json says otherwise' % (size, count))

# With much to print the place is kept while it prints.
busy = subprocess.Popen(TAIL + ['-n', 'all', '-o', 'cat', '--cursor-file', 'busy.cursor'], stdout=subprocess.PIPE)
begun, read, places = time.monotonic(), 0, set()
while len(places) < 2:
    check(time.monotonic() - begun < DEADLINE, 'the place is not kept: %r' % places)
    if read < size * 100:   # never all of it: it is not at its end yet
        read += len(os.read(busy.stdout.fileno(), 4096))
    time.sleep(0.05)
    if os.path.exists('busy.cursor'):
        places.add(open('busy.cursor').read())
check('begin\n' in places and busy.poll() is None, 'kept at its end: %r' % places)
busy.kill()
busy.wait()

# A cursor behind what is signed is of this ledger: it waits there.
with open(os.path.join(d.ledger, 'checkpoint')) as f:
    newest = f.read()
with open(os.path.join(d.ledger, 'checkpoint'), 'w') as f:
    f.write(older)
done = subprocess.run(TAIL + ['-n', '5', '--checkpointed', '-o', 'json', '--show-cursor', '--after-cursor',
                              'i=%d' % (count - 1)], capture_output=True, text=True)
check(done.returncode == 0 and done.stdout.startswith('-- cursor: i=%d' % (count - 1)) and done.stderr == '',
      '%d of %d: %s' % (int(older.split('\n')[1]), count, done.stdout + done.stderr))
with open(os.path.join(d.ledger, 'checkpoint'), 'w') as f:
    f.write(newest)

# A checkpoint that nobody signed is not believed.
with open(os.path.join(d.ledger, 'checkpoint'), 'r+') as f:
    text = f.read().replace('\n%d\n' % size, '\n%d\n' % (size + 1))
    f.seek(0)
    f.write(text)
done = subprocess.run(TAIL + ['-n', '1', '--checkpointed'], capture_output=True, text=True)
check(done.returncode == 2 and 'not believed' in done.stderr and done.stdout == '', done.stdout + done.stderr)
done = subprocess.run(TAIL + ['-n', '1', '-o', 'json'], capture_output=True, text=True, check=True)
check('"provisional":true}' in done.stdout, done.stdout)
PYTHON
