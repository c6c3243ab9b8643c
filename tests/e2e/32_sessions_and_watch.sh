#!/usr/bin/env bash
# Lines that are sent again in a session get no second record, over connections, kills and restarts; and
# what is watched gets a sighting each time it is seen.
# check: uring poll
set -eu
exec python3 - <<'PYTHON'
import gzip, json, os, subprocess, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *


def session(d, first, lines, name='run-1', source='spider', ack=None):
    """Sends lines numbered from first in a session; returns the client when all are acknowledged."""
    c = d.client(hello=False)
    c.send(line({'noticed': 1, 'source': source, 'session': name, 'first': first, 'ack': True, 'matches': True}))
    c.pump(b''.join(line(x) for x in lines), first + len(lines) - 1 if ack is None else ack)
    return c


def of(d, kind):
    return [r for r in d.records() if r['kind'] == kind]


d = Daemon().start()
lines = [listing(i, 'Squishmallow %d' % i) if i % 2 else {'platform': 'bazaar', 'listing_id': 'P%d' % i, 'title': 'x'}
         for i in range(1, 41)]
c = session(d, 1, lines)
check(c.acked == 40 and c.last['matches'] == 20, 'the whole session: %r' % c.last)
before = d.records()
s = session(d, 11, lines[10:])
check(s.acked == 40 and s.last['matches'] == 15, 'a suffix is acknowledged as before: %r' % s.last)
check([r for r in d.records() if r['kind'] in ('sighting', 'match', 'listing')] ==
      [r for r in before if r['kind'] in ('sighting', 'match', 'listing')], 'a resent suffix left records')
check(d.command('status')['duplicates'] == 15, 'duplicates: %r' % d.command('status')['duplicates'])
matches, sightings = of(d, 'match'), of(d, 'sighting')
check([m['line'] for m in matches] == list(range(1, 41, 2)), 'lines count from first')
check(all(m['session'] == 'run-1' for m in matches + sightings), 'records say their session')

# Every sender after a kill resends what it does not know to be safe; all stands there once.
d.kill()
d.start()
s = session(d, 1, lines)
check(s.acked == 40 and len(of(d, 'match')) == 20, 'a restart forgot what was recorded')

# What had no record, as nothing about it mattered, may get one when it is sent again; never two.
late = [{'platform': 'late', 'listing_id': 'x', 'title': 'plain'}, {'platform': 'late', 'listing_id': 'x', 'title': 'Squishmallow'}]
for again in range(3):
    session(d, 1, late, name='late')
check([r['line'] for r in of(d, 'sighting') if r['platform'] == 'late'] == [2, 1], 'one sighting a line')
d.stop()
d.start()

# The rest of the line is part of it: another text under an old number is not lost.
session(d, 3, [listing(903, 'another Squishmallow')])
check([m['listing'] for m in of(d, 'match')][-1] == 'L903' and len(of(d, 'match')) == 22, 'another line 3')
# Other sessions, sources and no session are their own.
session(d, 1, lines[:1], name='run-2')
session(d, 1, lines[:1], source='other')
c = d.client()
c.pump(line(lines[0]) * 2, 2)
check(len(of(d, 'match')) == 26, 'sessions are told apart: %d' % len(of(d, 'match')))
check('session' not in of(d, 'match')[-1], 'no session, no member')
refused = d.client(hello=False)
refused.send(line({'noticed': 1, 'session': 's', 'first': 0, 'ack': True}))
answer = json.loads(refused.socket.makefile('rb').readline())
check(answer['nack'] == 0 and answer['detail'].startswith('first: '), 'first: %r' % answer)

# Lines 1000 apart, parallel connections of one session: none hides the other's.
a = session(d, 5000, [listing(5000, 'Squishmallow')], name='two')
b = session(d, 1, [listing(6000, 'Squishmallow')], name='two')
check([m['line'] for m in of(d, 'match')][-2:] == [5000, 1], 'a later line does not hide an earlier one')

# Watched: whom and what matched. Each sighting is recorded whether it matches or not.
count = len(of(d, 'sighting'))
c = d.client()
c.pump(line(listing(1, 'now a plain toy', state='gone', via='platform')) +
       line({'platform': 'bazaar', 'listing_id': 'N1', 'seller_id': 's1', 'title': 'new goods'}) +
       line({'platform': 'bazaar', 'listing_id': 'N2', 'seller_id': 'nobody', 'title': 'new goods'}) +
       line({'platform': 'market', 'listing_id': 'L1', 'seller_id': 's1', 'title': 'elsewhere'}) +
       line({'platform': 'bazaar', 'listing_id': 'L1', 'title': 'no seller', 'status': 404}), 5)
seen = of(d, 'sighting')[count:]
check([(r['listing'], r['event']['state'], r['event']['via'], r['event'].get('http')) for r in seen] ==
      [('L1', 'gone', 'platform', None), ('N1', 'active', 'page', None), ('L1', 'gone', 'page', 404)],
      'sightings of what is watched: %r' % seen)
check(all(r['platform'] == 'bazaar' for r in seen), 'listings are keyed by platform')
for bad in ({'status': 503}, {'status': 404, 'state': 'active'}, {'status': 99}):
    c.pump(line(listing(1, 'x', **bad)), c.acked + 1)
    check(c.nacks[c.acked]['detail'].startswith('status: '), 'status: %r' % c.nacks)

# Which merchant a listing is of stands before its first sighting, and when it changes.
belongs = [(r['event']['listing'], r['event']['merchant']) for r in of(d, 'listing')]
check(belongs[-1] == ('N1', 'bazaar/s1'), 'a listing before its first sighting: %r' % belongs[-2:])
check(len(belongs) == len(set(belongs)), 'a listing is said once: %r' % belongs)
c.pump(line(listing(1, 'Squishmallow', seller_id='z9')) + line(listing(1, 'Squishmallow', seller_id='z9')) +
       line(listing(1, 'Squishmallow')), c.acked + 3)
changed = of(d, 'listing')[len(belongs):]
check([r['event']['merchant'] for r in changed] == ['bazaar/z9', 'bazaar/s1'], 'changes of merchant: %r' % changed)
records = d.records()
for r in changed:
    check(r['event']['id'] == 'listing.%d' % r['seq'], 'id of a derived listing')
    check(records[r['seq'] + 1]['kind'] == 'sighting', 'the sighting follows')

# A restart keeps both.
d.stop()
d.start()
count, belongs = len(of(d, 'sighting')), len(of(d, 'listing'))
c = d.client()
c.pump(line({'platform': 'bazaar', 'listing_id': 'N9', 'seller_id': 'z9', 'title': 'new goods'}) +
       line(listing(1, 'still a plain toy')), 2)
check(len(of(d, 'sighting')) == count + 2, 'watched after a restart')
check(len(of(d, 'listing')) == belongs + 1, 'known after a restart')
check(d.command('status')['watched'] > 20, 'watched: %r' % d.command('status'))
d.stop()

# The bound: the least recently seen makes room.
d = Daemon('small', extra='watch: {max: 4}\n').start()
c = d.client()
for names, title in (('abcd', 'Squishmallow'), ('dba', 'plain'), ('e', 'Squishmallow')):
    c.pump(b''.join(line({'platform': 'p', 'listing_id': x, 'title': title}) for x in names), c.acked + len(names))
count = len(of(d, 'sighting'))
c.pump(b''.join(line({'platform': 'p', 'listing_id': x, 'title': 'plain'}) for x in 'abcde'), 13)
check([r['listing'] for r in of(d, 'sighting')[count:]] == list('abde'), 'the least recently seen is put out')
status = d.command('status')
check(status['evicted'] == 1 and status['watched'] == 4, 'evicted: %r' % status)
d.stop()

# Events: the same again gives the old record, the same id with another body a second one. Whom a notice
# names is watched, and what a correction adds to it, on the platform of the notice, though that is recorded later.
d = Daemon('events', notice=True).start()


def tell(*events):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(DEADLINE)
        s.connect(d.notice)
        s.sendall(b''.join(line(x) for x in ({'noticed': 1, 'source': 'counsel', 'ack': True},) + events))
        out, lines = [], s.makefile('rb')
        while True:
            out.append(json.loads(lines.readline()))
            if out[-1].get('ack') == len(events):
                return out[:-1]


n1 = {'id': 'n1', 'type': 'notice.sent', 'at': '2026-01-01T00:00:00Z', 'platform': 'bazaar', 'notice': 'N1',
      'listings': ['W1', 'W2']}
long = {**n1, 'id': 'n2', 'listings': ['bazaar-listing-number-%d' % i for i in range(1500)]}
first = tell(n1, long)
check('known' not in first[0] and 'known' not in first[1], 'new events: %r' % first)
check(len(of(d, 'notice.sent')) > 3, 'the long one has parts')
for again in range(2):
    count = len(d.records())
    told = tell(n1, long)
    check(all(x['known'] for x in told) and [x['seq'] for x in told] == [x['seq'] for x in first],
          'the same again: %r after %r' % (told, first))
    check(len([r for r in d.records()[count:] if r['kind'] == 'notice.sent']) == 0, 'a second record')
    d.kill()
    d.start()
other = tell({**n1, 'note': 'another body'})
check('known' not in other[0] and other[0]['seq'] > first[1]['seq'], 'the same id, another body: %r' % other)
tell({'id': 'n3', 'type': 'notice.correct', 'at': '2026-01-02T00:00:00Z', 'notice': 'N1', 'add': ['W3']},
     {'id': 'n4', 'type': 'notice.correct', 'at': '2026-01-02T00:00:00Z', 'notice': 'unknown', 'add': ['W0']})
c = d.client()
c.pump(b''.join(line({'platform': 'bazaar', 'listing_id': x, 'seller_id': 'q', 'title': 'plain'})
                for x in ('W0', 'W1', 'W2', 'W3', 'bazaar-listing-number-1499')), 5)
check([r['listing'] for r in of(d, 'sighting')] == ['W1', 'W2', 'W3', 'bazaar-listing-number-1499'], 'named, hence watched')
check(d.command('status')['watched_named'] == 1503, 'named: %r' % d.command('status'))
d.kill()
d.start()
tell({'id': 'n5', 'type': 'notice.sent', 'at': '2026-01-01T00:00:00Z', 'platform': 'bazaar', 'notice': 'unknown', 'listings': []})
c = d.client()
c.pump(line({'platform': 'bazaar', 'listing_id': 'W0', 'seller_id': 'q', 'title': 'plain'}), 1)
check(of(d, 'sighting')[-1]['listing'] == 'W0', 'named before its notice: %r' % of(d, 'sighting')[-1])
# noticectl send --session: a packed array, sent again over a kill, leaves no second record
with gzip.open('items.json.gz', 'wt') as out:
    json.dump([listing(i, 'Squishmallow %d' % i) for i in range(500, 540)], out, indent=1)
count = len(of(d, 'match'))
for again in range(2):
    run = subprocess.run([os.environ['NOTICECTL'], 'send', '--socket', d.crawl, '--session', 'n', 'items.json.gz'],
                         capture_output=True, text=True)
    check(run.returncode == 0 and '40 lines acknowledged, 0 of them rejected, 40 with' in run.stderr, run.stderr)
    check(len(of(d, 'match')) == count + 40, 'sent %d times: %d' % (again + 1, len(of(d, 'match')) - count))
    d.kill()
    d.start()
d.stop()
print('%d records' % len(d.records()))
PYTHON
