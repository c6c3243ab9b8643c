#!/usr/bin/env bash
# A hello may ask that acks count matches: the number is that of the match records in the feed, of this
# connection's lines up to the acknowledged one, and they are there when the ack is.
# check: uring poll asan
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import fcntl, pty, re, struct, termios

d = Daemon().start()


def durable():
    """Records up to the durable end, as our own readers see them."""
    out = subprocess.run([NOTICECTL, 'tail', '--ledger', d.ledger, '-n', 'all', '-o', 'json', '--kind', 'match'],
                         stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(raw) for raw in out.splitlines()]


def ask(hello):
    c = d.client(hello=False)
    c.send(line(hello))
    return c


def body(n):
    """Four matches in eleven lines; a blank one, refused ones and plain ones between."""
    kind = n % 11
    if kind in (1, 4, 7, 8):
        return line(listing(n, 'Squishmallow replica' if kind == 4 else 'a Squishmallow'))
    return {2: b'\n', 3: b' \t\r\n', 5: b'broken\n', 9: line({'platform': 'p', 'listing_id': 'x'}),
            10: line(listing(n, 'x' * 300000))}.get(kind, line(listing(n)))


def is_match(n):
    return n % 11 in (1, 4, 7, 8)


# Every ack of a connection that asked has the count, and the feed holds as many when it arrives.
c = ask({'noticed': 1, 'source': 'counted', 'ack': True, 'matches': True})
other = ask({'noticed': 1, 'source': 'other', 'ack': True, 'matches': True})
check(other.pump(line(listing(1, 'Squishmallow')) * 7, 7), 'connection lost')
check(other.last == {'ack': 7, 'matches': 7}, 'another connection: %r' % other.last)
sent = 0
for size in (1, 1, 2, 3, 5, 11, 50, 333, 1000):
    c.pump(b''.join(body(n) for n in range(sent + 1, sent + size + 1)), sent + size)
    sent += size
    wanted = sum(is_match(n) for n in range(1, sent + 1))
    check(c.last == {'ack': sent, 'matches': wanted}, '%d matches, not %r' % (wanted, c.last))
    there = [r['line'] for r in durable() if r['source'] == 'counted']
    check(there == [n for n in range(1, sent + 1) if is_match(n)], 'the feed has others: %r' % there[-20:])
check(len(c.nacks) == sum(n % 11 in (5, 9, 10) for n in range(1, sent + 1)), 'refused: %d' % len(c.nacks))

# Without being read in between: no ack runs ahead of the feed, whenever it comes.
many = ask({'noticed': 1, 'source': 'many', 'ack': True, 'matches': True})
LINES = 20000
many.each = []
check(many.pump(b''.join(line(listing(n, 'Squishmallow' if n % 3 == 0 else 'toy')) for n in range(1, LINES + 1)),
                LINES), 'connection lost')
for reply in many.each:
    check(reply['matches'] == reply['ack'] // 3, 'an ack counts other lines: %r' % reply)
check(sum(r['source'] == 'many' for r in durable()) == many.last['matches'] == LINES // 3, 'many: %r' % many.last)

# Who did not ask sees what was always there, to the byte.
plain = d.client(source='plain')
plain.send(line(listing(1, 'Squishmallow')))
check(plain.socket.recv(100) == b'{"ack":1}\n', 'an ack that nobody asked to count')
off = ask({'noticed': 1, 'ack': True, 'matches': False})
off.send(line(listing(1, 'Squishmallow')))
check(off.socket.recv(100) == b'{"ack":1}\n', '"matches":false')

# It makes no sense without acks, and says so.
for hello in ({'noticed': 1, 'matches': True}, {'noticed': 1, 'ack': False, 'matches': True},
              {'noticed': 1, 'ack': True, 'matches': 'yes'}, {'noticed': 1, 'ack': True, 'match': True}):
    bad = ask(hello)
    answer = json.loads(bad.socket.makefile('rb').read())
    check(answer['nack'] == 0 and answer['detail'].startswith('match'), '%r: %r' % (hello, answer))
# noticectl send asks, and shows them on a terminal: 80 columns, and nothing moves while they grow.
master, terminal = pty.openpty()
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
child = subprocess.Popen([NOTICECTL, 'send', '--socket', d.crawl, '--source', 'typed'], stdin=subprocess.PIPE,
                         stderr=terminal, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
os.close(terminal)
shown = b''


def wait_shown(pattern):
    global shown
    while not re.search(pattern, shown):
        check(select.select([master], [], [], DEADLINE)[0], 'the terminal shows no %r: %r' % (pattern, shown))
        shown += os.read(master, 65536)


for total in (3, 60, 1200):
    before = 3 if total == 60 else 60 if total == 1200 else 0
    child.stdin.write(b''.join(line(listing(n, 'Squishmallow')) + b'broken\n' for n in range(before, total)))
    child.stdin.flush()
    wait_shown(rb' %s matches  ' % format(total, ',').encode())
child.send_signal(signal.SIGINT)
wait_shown(rb'interrupted: 2400 lines sent, 2400 acknowledged, 1200 rejected, 1200 with a match; go on from -:2401\r\n')
check(child.wait(DEADLINE) == -signal.SIGINT, 'it ends by the signal')
check(sum(r['source'] == 'typed' for r in durable()) == 1200, 'typed')
drawn = [x.split(b'\033')[0] for x in shown.split(b'\r') if b' MB/s ' in x]
check(len({len(x) for x in drawn}) == 1 and len(drawn[0]) < 80, 'the line changes its width: %r' % drawn)
check(len({(x.index(b'lines'), x.index(b'MB/s'), x.index(b'matches')) for x in drawn}) == 1, 'it jumps: %r' % drawn)
d.stop()
PYTHON
