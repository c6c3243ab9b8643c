#!/usr/bin/env bash
# Events: what may be written where and by whom, the answers, records, parts, dead letters; the scenarios sent
# to a daemon give the findings that define them; kills in the middle lose no event that was answered.
# check: uring poll asan
# limit: 240
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import glob, hashlib, pwd, random, tempfile, threading

AT = '2023-01-05T10:00:00Z'


def event(n, type='takedown', **more):
    return {'id': 'e%s' % n, 'type': type, 'at': AT, 'unc_ms': 0, 'platform': 'P', **more}


ONE_OF_EACH = [
    event(1, 'policy', policy='p', grace_s=86400, required=['location']), event(2, 'channel', channel='c', **{'class': 'designated'}),
    event(3, 'platform', name='The P'), event(4, 'right', right='r', kind='mark', office='US', number='1', owner='o'),
    event(5, 'right_holder', right_holder='o'), event(6, 'merchant', merchant='P/m', ext_id='m'),
    event(7, 'merchant.link', a='P/m', b='P/n', status='asserted'), event(8, 'merchant.transfer', merchant='P/m'),
    event(9, 'account', merchant='P/m', state='closed'), event(10, 'listing', listing='L', merchant='P/m'),
    event(11, 'order', order='O'), event(12, 'order.party', order='O', merchant='P/m'), event(13, 'order.served', order='O'),
    event(14, 'order.ack', order='O'), event(15, 'order.vacated', order='O'), event(16, 'order.dismissed', order='O', merchant='P/m'),
    event(17, 'notice.draft', notice='N'), event(18, 'notice.sent', notice='N', listings=['L']), event(19, 'notice.received', notice='N'),
    event(20, 'notice.ack', notice='N'), event(21, 'notice.clarify', notice='N'),
    event(22, 'notice.decision', notice='N', outcome='upheld'),
    event(23, 'notice.correct', notice='N', add=['M']), event(24, 'notice.withdraw', notice='N', reason='error'),
    event(25, 'counter.filed', notice='N'), event(26, 'counter.decision', notice='N', outcome='accepted'), event(27, listing='L'),
    event(28, 'restore', listing='L'), event(29, 'support', kind='sponsored_ad', listing='L'),
    event(30, 'strike', merchant='P/m', strike='s', action='issued'),
    event(31, 'coverage', kind='crawl', **{'from': AT, 'to': AT}), event(32, 'review', subject='e29', outcome='confirmed'),
    event(33, 'platform.admission', merchant='P/m'), event(34, 'sighting', listing='L', state='active')]
KINDS = [e['type'] for e in ONE_OF_EACH]
OURS = ['start', 'stop', 'heartbeat', 'gap', 'clock', 'ruleset', 'match', 'warning', 'refused', 'anchor', 'key', 'hold', 'erase', 'correct']
with open(os.path.join(os.environ['ROOT'], 'daemon', 'ledger', 'kinds.h')) as kinds:
    named = [row.split('"')[1] for row in kinds if row.startswith('    KIND(')]
check(sorted(KINDS + OURS) == sorted(named), 'this test has one of each kind: %r' % sorted(set(named) ^ set(KINDS + OURS)))


def whole(d, type):
    return [r for r in d.records() if r['kind'] == type and 'sha256' in r and 'event' in r]


# One of each kind, in its order among listings; the record holds what was sent, and the answer says which it is.
d = Daemon(notice=True).start()
c = Client(d.notice, source='counsel')
lines = [line(x) for e in ONE_OF_EACH for x in (e, listing(100, 'Squishmallow'))]
check(c.pump(b''.join(lines), len(lines)), 'connection lost')
check(c.nacks == {}, 'refused: %r' % c.nacks)
records, raw = d.records(), []
for name in sorted(glob.glob(d.ledger + '/feed/0*.jsonl')):
    raw += open(name, 'rb').read().split(b'\n')[:-1]
for n, e in enumerate(ONE_OF_EACH):
    answer = c.events[2 * n + 1]
    r = records[answer['seq']]
    check(r['kind'] == e['type'] and r['event'] == e, 'the record of %r: %r' % (e, r))
    check(list(r)[7:] == ['source', 'conn', 'line', 'sha256', 'uid', 'gid', 'event'], 'members: %r' % list(r))
    check((r['source'], r['line'], r['uid'], r['gid']) == ('counsel', 2 * n + 1, os.getuid(), os.getgid()), 'origin: %r' % r)
    check(r['sha256'] == 'sha256:' + hashlib.sha256(lines[2 * n][:-1]).hexdigest(), 'the hash of the line')
    check(answer['sha256'] == 'sha256:' + hashlib.sha256(raw[r['seq']]).hexdigest(), 'the hash of the record')
order = [r['line'] for r in records if r.get('source') == 'counsel' and r['kind'] != 'match']
check(order == sorted(order), 'the order of the connection is kept: %r' % order)
status = d.command('status')
check(status['events'] == len(ONE_OF_EACH) and status['events_by_kind'] == {k: 1 for k in KINDS}, 'status: %r' % status)

# What only noticed writes, what is wrong, and what is too long: a nack, a dead letter, and who tried what.
c = Client(d.notice)
big = {'note': 'x' * 20000}
bad = [({'id': 'a', 'type': k}, 'not_allowed', 'type') for k in OURS] + [
    (event('x', 'nothing'), 'bad_value', 'type'), (event('x'), 'missing_field', 'listing'), (event('x y', listing='L'), 'bad_value', 'id'),
    (event('x', listing='L', at='2023-01-05T10:00:00'), 'bad_time', 'at'), (event('x', listing=5), 'bad_type', 'listing'),
    (event('x', listing='L', **big), 'too_long', 'line'),
    (event('x', 'notice.correct', notice='N', add=['L' * 50] * 5000), 'too_long', 'line'),
    (event('x', 'notice.ack', notice='N', **big), 'too_long', 'line'),
    (event('x', 'notice.ack', notice='N', part=[1, 2]), 'not_allowed', 'part'),
    (event('x', 'support', kind='ad', **{'platform': 'a/b'}), 'bad_value', 'platform'),
    (event('x', 'support', kind='ad', selective='yes'), 'bad_type', 'selective'),
    ({'type': 'order', 'order': 'O', 'at': AT}, 'missing_field', 'id')]
check(c.pump(b''.join(line(e) for e, _, _ in bad), len(bad)), 'connection lost')
check(c.events == {}, 'accepted: %r' % c.events)
for n, (e, err, field) in enumerate(bad, 1):
    check((c.nacks[n]['err'], c.nacks[n]['detail'].split(':')[0]) == (err, field), '%.99r: %r' % (e, c.nacks[n]))
refused = [r for r in d.records() if r['kind'] == 'refused']
check([r['refused'] for r in refused] == OURS, 'refused: %r' % refused)
check(list(refused[0])[7:] == ['source', 'conn', 'line', 'sha256', 'uid', 'gid', 'refused'], 'members: %r' % list(refused[0]))
dead = d.rejects()
check([x['err'] for x in dead] == [err for _, err, _ in bad], 'dead letters: %r' % [x['err'] for x in dead])
check([r['sha256'] for r in refused] == [x['sha256'] for x in dead[:len(OURS)]], 'the hashes of refused lines')

# A notice of thousands of listings is in parts that follow each other; over 256 KiB it is no line.
c = Client(d.notice)
many = ['%s-%06d' % ('\u00e9"\\', i) for i in range(8000)]
long = [event('long', 'notice.sent', notice='N2', listings=many), event('more', 'notice.sent', notice='N3', listings=many * 4)]
check(c.pump(b''.join(json.dumps(e, ensure_ascii=False).encode() + b'\n' for e in long), 2), 'connection lost')
check(c.nacks[2]['err'] == 'too_long' and list(c.events) == [1], 'a long line: %r' % c.nacks)
parts = [r for r in whole(d, 'notice.sent') if r['event']['id'] == 'elong']
check([r['seq'] for r in parts] == list(range(c.events[1]['seq'], c.events[1]['seq'] + len(parts))), 'parts follow each other')
check([r['event']['part'] for r in parts] == [[i + 1, len(parts)] for i in range(len(parts))], 'numbered')
check(sum((r['event']['listings'] for r in parts), []) == many, 'all listings are there, once')
check(len({json.dumps({k: v for k, v in r['event'].items() if k not in ('part', 'listings')}) for r in parts}) == 1, 'and the rest in each')

# The crawl socket takes sightings and coverage; the matrix of user, socket and kind.
def attempt(path, uid, gid):
    """Sends one of each kind as a user; the kinds that were accepted, or None when the socket is closed to it."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if uid is not None:
                os.setgroups([])
                os.setgid(gid)
                os.setuid(uid)
            c = Client(path)
            check(c.pump(b''.join(line(e) for e in ONE_OF_EACH) + line(listing(7)), len(ONE_OF_EACH) + 1), 'connection lost')
            taken = [KINDS[n - 1] for n in c.events] + (['a listing'] if len(KINDS) + 1 not in c.nacks else [])
            check(all(x['err'] == 'not_allowed' for x in c.nacks.values()), 'refused otherwise: %r' % c.nacks)
            os.write(into, json.dumps(taken).encode())
        except PermissionError:
            os.write(into, b'null')
        finally:
            os._exit(0)
    os.close(into)
    answer = json.loads(os.fdopen(out).read() or '"it died"')
    os.waitpid(child, 0)
    return answer


sightings = ['coverage', 'sighting', 'a listing']
check(attempt(d.crawl, None, None) == sightings, 'on the crawl socket')
check(attempt(d.notice, None, None) == KINDS + ['a listing'], 'on the notice socket')
d.stop()
if os.getuid() == 0:
    user = pwd.getpwnam('nobody')
    open_to_all = tempfile.TemporaryDirectory(dir='/tmp') # ours may lie below a folder that is not
    os.chmod(open_to_all.name, 0o755)
    asked = {'mode': '0666', 'kinds': ['notice.*', 'takedown'], 'uids': ['nobody', 4711], 'gids': [4712]}
    m = Daemon('m', notice=dict(asked, socket=open_to_all.name + '/notice.sock'))
    m.notice = open_to_all.name + '/notice.sock'
    m.start()
    notices = [k for k in KINDS if k.startswith('notice.')] + ['takedown']
    matrix = ((user.pw_uid, user.pw_gid, notices), (4711, 99, notices), (99, 4712, notices), (0, 0, []), (98, 99, []), (4712, 4711, []))
    for uid, gid, expect in matrix:
        before = len([r for r in m.records() if r['kind'] == 'refused'])
        check(attempt(m.notice, uid, gid) == expect, 'uid %d gid %d: not %r' % (uid, gid, expect))
        refused = [r for r in m.records() if r['kind'] == 'refused'][before:]
        check([r['refused'] for r in refused] == [k for k in KINDS if k not in expect] + ['sighting'], 'refused of uid %d' % uid)
        check({(r['uid'], r['gid']) for r in refused} == {(uid, gid)}, 'by whom: %r' % refused[:1])
    # Who may write what is read again at a reload, and holds for connections that are there.
    was = Client(m.notice, source='was')
    def may(n):
        check(was.pump(line(event('re%d' % n, listing='L')), n), 'connection lost')
        return n not in was.nacks
    check(not may(1), 'root may not write')
    with open(m.config) as file:
        rest = [x for x in file if not x.startswith('notice: ')]
    def rewrite(**changes):
        with open(m.config, 'w') as out:
            out.write(''.join(rest) + 'notice: %s\n' % json.dumps(dict(asked, socket=m.notice, **changes)))
        return m.command('reload')
    check(rewrite(uids=['root'], gids=[])['ok'] and may(2), 'root may, after a reload')
    check(attempt(m.notice, 4711, 4712) == [], 'who might no longer may')
    check(rewrite(uids=['root'], kinds=['notice.*'], gids=[])['ok'] and not may(3), 'of a kind that is not taken now')
    check(not rewrite(uids=['no-such-user.'])['ok'] and attempt(m.notice, 4711, 99) == [], 'what is wrong changes nothing')
    check(rewrite()['ok'] and attempt(m.notice, 4711, 99) == notices, 'as at first')
    os.chmod(m.notice, 0o600)
    check(attempt(m.notice, 4711, 4711) is None, 'a socket of mode 0600')
    check(attempt(m.crawl, None, None) == sightings, 'the crawl socket has kinds of its own')
    m.stop()
else:
    print('skipped in part: the matrix of users needs root')

# The scenarios, through a daemon of their own each: the findings over what it recorded are those that define them.
scenarios = sorted(glob.glob(os.path.join(os.environ['ROOT'], 'tests', 'scenarios', '*.expect.jsonl')))
if os.environ.get('MODE') == 'asan':
    scenarios = scenarios[::5]
check(len(scenarios) >= 5, 'no scenarios')
s = Daemon('s', notice=True).start()
for expect in scenarios:
    with open(expect.replace('.expect', '')) as file:
        sent = [json.loads(x) for x in file]
    for e in sent: # a scenario says nothing of the clock: it is exact; and all of it is of one platform
        e.setdefault('unc_ms', 0)
        if e['type'] in ('listing', 'sighting', 'takedown', 'restore', 'channel'):
            e.setdefault('platform', 'P')
    c = Client(s.notice, source=os.path.basename(expect)[:20])
    check(c.pump(b''.join(line(e) for e in sent), len(sent)), 'connection lost')
    wrong = [sent[n - 1]['type'] for n in c.nacks]
    check(wrong == [e['type'] for e in sent if e['type'] == 'match'], 'only a match is refused: %r' % c.nacks)
    seqs = sorted(x['seq'] for x in c.events.values())
    records = s.records()
    with open('events', 'wb') as out:
        out.write(b''.join(line(records[q]['event']) for q in seqs))
    found = subprocess.run([NOTICECTL, 'findings', '--events', 'events'], stdout=subprocess.PIPE, check=True).stdout
    check(found == open(expect, 'rb').read(), os.path.basename(expect))
s.stop()

# Killed in the middle: what was answered is there, whole, and no part of an event is without the others.
R = random.Random(7)
k = Daemon('k', notice=True)
answered, n = {}, 0
for kill in range(5 if os.environ.get('MODE') == 'asan' else 20):
    k.start()
    c = Client(k.notice)
    sent = b''
    for i in range(R.choice((3, 60, 300))):
        n += 1
        sent += line(event('k%d' % n, 'notice.sent', notice='N%d' % n, listings=['L%08d' % x for x in range(R.choice((1, 1, 4000)))]))
    first = n - sent.count(b'\n') # the number before the first of them
    def kill_later():
        until = R.choice((1, 2, 40))
        while len(c.events) < until and c.acked < n - first:
            time.sleep(0.0005)
        k.process.kill()
    killer = threading.Thread(target=kill_later)
    killer.start()
    c.pump(sent, n - first)
    killer.join()
    k.process.wait()
    while c.take():
        pass
    answered.update({a['seq']: 'ek%d' % (first + number) for number, a in c.events.items()})
    c.close()
k.start().stop()
records = k.records()
for seq, id in answered.items():
    check(records[seq]['event']['id'] == id, 'record %d is not %s' % (seq, id))
for r in records:
    i, of = r.get('event', {}).get('part', (1, 1))
    others = [records[r['seq'] - i + 1 + j]['event']['id'] for j in range(of)] if of > 1 else []
    check(all(id == r['event']['id'] for id in others), 'a part alone: %d' % r['seq'])
print('%d events sent, %d answered, %d records' % (n, len(answered), len(records)))
check(len(answered) > 10, 'too few answers for the test to say anything')
PYTHON
