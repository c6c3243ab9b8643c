#!/usr/bin/env bash
# noticed with its sealer writes queries for time-stamps by itself: at the start, at once after a notice, each
# interval when there is something new. What an authority answers is recorded, and the notice stands between two
# times from outside. A folder that cannot be written is told and does no harm.
# check: uring poll asan tsan
# limit: 240
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import datetime, glob


def run(*words, expect=0):
    done = subprocess.run(words, capture_output=True, text=True)
    check(expect is None or done.returncode == expect, '%d of %r: %s%s' % (done.returncode, words, done.stdout, done.stderr))
    return done.stdout


def wait_until(what, condition):
    begun = time.monotonic()
    while not condition():
        check(time.monotonic() - begun < DEADLINE, 'not in time: %s\n%s' % (what, d.logged()))
        time.sleep(0.02)


# An authority of our own.
for name in ('ca', 'tsa'):
    run('openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', name + '.key')
run('openssl', 'req', '-x509', '-new', '-key', 'ca.key', '-subj', '/CN=root', '-days', '3650', '-out', 'ca.pem')
run('openssl', 'req', '-new', '-key', 'tsa.key', '-subj', '/O=Example/CN=tsa', '-out', 'tsa.csr')
with open('tsa.ext', 'w') as f:
    f.write('extendedKeyUsage=critical,timeStamping\n')
run('openssl', 'x509', '-req', '-in', 'tsa.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '3650',
    '-extfile', 'tsa.ext', '-out', 'tsa.pem')
with open('tsa.cnf', 'w') as f:
    f.write('[tsa]\ndefault_tsa = t\n[t]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = tsa.key\n'
            'signer_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256\naccuracy = secs:1\n'
            'ess_cert_id_chain = no\ness_cert_id_alg = sha256\n')
with open('serial', 'w') as f:
    f.write('01\n')

os.mkdir('keys')
run(NOTICECTL, 'setup-keys', '--origin', 'e2e.test/outbox', 'keys')
key = os.path.join(HERE, 'keys', 'noticed.key')
d = Daemon(notice=True, extra='seal: {key: "%s"}\nanchor: {interval: 1h}\n' % key)
outbox = os.path.join(d.ledger, 'outbox')


def queries():
    return sorted(int(os.path.basename(path)[:-4]) for path in glob.glob(outbox + '/[0-9]*.tsq'))


def answer(size):
    """The authority states a time over this query, and the answer is added: its record, and the time stated."""
    query = os.path.join(outbox, '%d.tsq' % size)
    run('openssl', 'ts', '-reply', '-config', 'tsa.cnf', '-queryfile', query, '-out', 'reply.tsr')
    run('openssl', 'ts', '-verify', '-data', query[:-4] + '.checkpoint', '-in', 'reply.tsr', '-CAfile', 'ca.pem')
    run(NOTICECTL, 'anchor', 'add', '--ledger', d.ledger, '--socket', d.control, '--ca', 'ca.pem', 'reply.tsr')
    record = [r for r in d.records() if r['kind'] == 'anchor'][-1]
    check(record['size'] == size, 'the record of %d: %r' % (size, record))
    return record


def instant(text):
    return datetime.datetime.strptime(text[:19], '%Y-%m-%dT%H:%M:%S')


def receive_notice():
    """One more over the connection n: the seq of its record, which is durable."""
    count = n.acked + 1
    check(n.pump(line({'id': 'n%d' % count, 'type': 'notice.received', 'at': '2023-01-05T10:00:00Z', 'unc_ms': 0,
                       'notice': 'N%d' % count, 'platform': 'bazaar'}), count) and n.nacks == {}, 'the notice: %r' % n.nacks)
    return n.events[count]['seq']


# At the start; then an hour must pass, whatever is recorded.
d.start()
wait_until('the query of the start', queries)
[first] = queries()
status = d.command('status')
check(status['query_size'] == first and status['query_age_ms'] < 60000 and 'outbox_error' not in status, 'status: %r' % status)
early = answer(first)
c = d.client()
check(c.pump(b''.join(line(listing(n, 'Squishmallows')) for n in range(20)), 20), 'connection lost')
wait_until('a checkpoint over the listings', lambda: d.command('status')['signed_size'] >= first + 20)
check(queries() == [first], 'queries within the hour: %r' % queries())

# A notice: at once.
n = Client(d.notice, source='counsel')
seq = receive_notice()
wait_until('the query after the notice', lambda: queries()[-1] > seq)
second = queries()[-1]
late = answer(second)
check(early['seq'] < seq < second <= late['seq'], 'not between: %d < %d < %d <= %d' % (early['seq'], seq, second, late['seq']))
check(instant(early['gen_time']) <= instant(late['gen_time']), 'the times: %r %r' % (early, late))
done = json.loads(run(NOTICECTL, 'verify', d.ledger, '--ca', 'ca.pem', '--vkey', 'keys/noticed.vkey'))
anchors = done['anchors']
check(anchors['tokens'] == 2 and anchors['records'] == 2 and anchors['size'] == second and anchors['chain_judged'] and
      anchors['early']['count'] == 0 and anchors['late']['count'] == 0, 'verify: %r' % anchors)

# noticectl adds none for a checkpoint that was asked about, and both may write at once.
run(NOTICECTL, 'anchor', 'query', d.ledger)
writers = [subprocess.Popen([NOTICECTL, 'anchor', 'query', d.ledger], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
           for _ in range(6)]
for _ in range(6):
    last = receive_notice()
for writer in writers:
    check(writer.wait(DEADLINE) == 0, 'a query beside the daemon: %r' % writer.stderr.read())
wait_until('the query after the last notice', lambda: queries()[-1] > last)
for size in queries():
    run('openssl', 'ts', '-reply', '-config', 'tsa.cnf', '-queryfile', '%s/%d.tsq' % (outbox, size), '-out', 'reply.tsr')
    run('openssl', 'ts', '-verify', '-data', '%s/%d.checkpoint' % (outbox, size), '-in', 'reply.tsr', '-CAfile', 'ca.pem')

# What cannot be written is told, once, and harms nothing; the next checkpoint after that is tried.
os.rename(outbox, outbox + '.away')
with open(outbox, 'w'):
    pass
for _ in range(2):
    receive_notice()
    wait_until('outbox_error', lambda: d.command('status').get('outbox_error') == 'Not a directory')
    time.sleep(1.1)  # a second attempt is made after a second
check(d.logged().count('cannot write a time-stamp query') == 1, d.logged()[-600:])
os.remove(outbox)
os.rename(outbox + '.away', outbox)
last = receive_notice()
wait_until('the query after that', lambda: queries()[-1] > last and 'outbox_error' not in d.command('status'))
check('are written to %s again' % outbox in d.logged(), d.logged()[-600:])
d.stop()

# Each interval, if there is something new.
with open(d.config, encoding='utf8') as f:
    config = f.read()
with open(d.config, 'w', encoding='utf8') as f:
    f.write(config.replace('interval: 1h', 'interval: 1s').replace('ledger: {', 'ledger: {heartbeat: 1s, '))
d.start()
begun = len(queries())
wait_until('three more', lambda: len(queries()) >= begun + 3)
d.stop()

# Never.
with open(d.config, 'w', encoding='utf8') as f:
    f.write(config.replace('interval: 1h', 'interval: 0s'))
before = queries()
d.start()
n = Client(d.notice, source='another')
seq_after = receive_notice()
wait_until('a checkpoint', lambda: d.command('status')['signed_size'] > seq_after)
d.stop()
check(queries() == before, 'written all the same: %r' % queries())
run(NOTICECTL, 'verify', d.ledger, '--ca', 'ca.pem', '--vkey', 'keys/noticed.vkey')
print('%d queries, notice %d between the anchors %d and %d' % (len(before), seq, early['seq'], late['seq']))
PYTHON
