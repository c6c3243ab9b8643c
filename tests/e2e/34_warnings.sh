#!/usr/bin/env bash
# Live warnings: a listing that stays active after notice and grace, and a merchant over the threshold, are
# warned of the same second when they are seen or supported; who removes promptly never is. None is given
# twice or lost by a restart or a kill, or by a fault that passes.
# check: uring poll asan
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import datetime, glob, random

now = datetime.datetime.now(datetime.timezone.utc)
ago = lambda **back: (now - datetime.timedelta(**back)).strftime('%Y-%m-%dT%H:%M:%SZ')
ids = iter(range(10 ** 6))


def event(type, back, **more):
    return {'id': 'e%d' % next(ids), 'type': type, 'at': ago(**back), 'unc_ms': 0, 'platform': 'bazaar', **more}


def notice(name, listing, days, upheld=False):
    out = [event('notice.sent', dict(days=days), notice=name, channel='portal', kind='counterfeit', right='r',
                 has=['location', 'right'], listings=[listing]),
           event('notice.received', dict(days=days), notice=name)]
    if upheld:
        out += [event('notice.decision', dict(days=days, hours=-2), notice=name, outcome='upheld', listings=[listing]),
                event('takedown', dict(days=days, hours=-2), listing=listing, actor='platform')]
    return out


def tell(events):
    c = Client(d.notice)
    check(c.pump(b''.join(line(e) for e in events), len(events)) and not c.nacks, 'refused: %r' % c.nacks)


def crawl(*numbers):
    c = d.client()
    check(c.pump(b''.join(line(listing(n, 'Squishmallow replica')) for n in numbers), len(numbers)), 'connection lost')


def warnings(count):
    """The warnings, when there are so many and none is still to come."""
    begun = time.monotonic()
    while True:
        s = d.command('status')
        found = [r for r in d.records() if r['kind'] == 'warning']
        if s['warnings_live'] and s['warnings_behind'] == 0 and len(found) >= count:
            check(len(found) == count, 'more than %d warnings: %r' % (count, found))
            return found
        check(time.monotonic() - begun < DEADLINE, '%d warnings of %d' % (len(found), count))
        time.sleep(0.01)


def about(found):
    return [(w['road'], w['by'], w['about'], w.get('listing'), w.get('merchant')) for w in found]


d = Daemon(notice=True).start()
policy = event('policy', dict(days=400), grace_s=86400, required=['location', 'right'],
               strike={'kinds': ['counterfeit'], 'threshold': 3, 'validity_s': 31536000, 'spacing_s': [259200],
                       'established': 'decision_or_lapse', 'counter_window_s': 432000})
tell([policy, event('channel', dict(days=400), channel='portal', **{'class': 'designated'})])
crawl(1, 2, 3)
# L1 and L2 are noticed; L2 is removed within hours. Seen again, L1 is warned of, and so is an ad for it.
tell(notice('N1', 'L1', 4) + notice('N2', 'L2', 4) + [event('takedown', dict(days=3, hours=20), listing='L2', actor='platform')])
warnings(0)
crawl(1)
found = warnings(1)
check(about(found) == [('listing', 'sighting', 'listing', 'L1', 'bazaar/s1')], 'seen active: %r' % found)
records = d.records()
on = records[found[0]['on']]
check(on['kind'] == 'sighting' and on['listing'] == 'L1', 'what came: %r' % on)
check(sorted(records[q]['kind'] for q in found[0]['rests']) == ['notice.received', 'notice.sent', 'sighting'], 'rests on %r' % found)
late = (datetime.datetime.fromisoformat(found[0]['t'][:26] + '+00:00') -
        datetime.datetime.fromisoformat(on['t'][:26] + '+00:00')).total_seconds()
check(late < 1 or os.environ.get('MODE') == 'asan', 'the same second, not %.3f s later' % late)
ads = [event('support', {}, kind='sponsored_ad', gen='algorithmic', listing=name) for name in ('L1', 'L2', 'L3')]
tell(ads)
found = warnings(2)
check(about(found)[1] == ('listing', 'support', 'listing', 'L1', 'bazaar/s1') and found[1]['act'] == 'sponsored_ad', repr(found))
crawl(1, 3)
tell([event('support', {}, kind='promo_email', gen='human', listing='L1'), event('support', {}, kind='hosting', listing='L1')])
warnings(2)
# A restart, in order and by a kill, repeats none.
d.stop()
d.start()
crawl(1)
tell([event('support', {}, kind='sponsored_ad', listing='L1')])
warnings(2)
d.kill()
d.start()
crawl(1)
warnings(2)
# Removed, it is no longer warned of; put back by the platform itself, it is, anew.
tell([event('takedown', dict(hours=3), listing='L1', actor='platform')])
crawl(1)
warnings(2)
tell([event('restore', dict(hours=2), listing='L1', actor='platform')])
crawl(1)
found = warnings(3)
check(about(found)[2] == about(found)[0] and found[2]['since'] > found[0]['since'], 'put back: %r' % found)
# Three upheld notices, each removed promptly: an ad for another listing of that merchant (s4 has L4, L11, L18, L25).
crawl(4, 11, 18, 25)
tell(sum((notice('S%d' % n, 'L%d' % n, days, True) for n, days in ((4, 30), (11, 20), (18, 10))), []))
warnings(3)
tell([event('support', {}, kind='sponsored_ad', listing='L25'), event('support', {}, kind='sponsored_ad', listing='L3')])
found = warnings(4)
check(about(found)[3] == ('strikes', 'support', 'merchant', 'L25', 'bazaar/s4') and found[3]['shown'] == 'strikes_3_of_3', repr(found[3]))
check(d.command('status')['warnings'] == 2, 'counted since the start') # that of L1 put back, and this one
# A record that cannot be read for a while, as on a bad disk: they begin anew, repeat none, and give what came meanwhile.
tell(notice('N3', 'L3', 4))
warnings(4)
segment, = glob.glob(os.path.join(d.ledger, 'feed', '0*.jsonl'))
feed = os.open(segment, os.O_RDWR)
notice_of_l3 = open(segment, 'rb').read().rindex(b'\n{', 0, -1) + 1 # its record is the last line
os.pwrite(feed, b'?', notice_of_l3)
crawl(3)
begun = time.monotonic()
while True:
    s = d.command('status')
    if s['warnings_faults'] > 0:
        break
    check(time.monotonic() - begun < DEADLINE, 'no fault: %r' % s)
    time.sleep(0.01)
check(s['warnings_live'] is False and s['warnings_error'], 'warnings_error: %r' % s)
os.pwrite(feed, b'{', notice_of_l3)
os.close(feed)
found = warnings(5)
check(about(found)[4] == ('listing', 'sighting', 'listing', 'L3', 'bazaar/s3'), 'after the fault: %r' % found)
crawl(1, 3)
tell([event('support', {}, kind='sponsored_ad', listing='L25')])
warnings(5)
s = d.command('status')
check('warnings_error' not in s and s['warnings'] == 3, 'no fault any more: %r' % s)
d.stop()
check([r['kind'] for r in d.records()][-1] == 'stop', 'stop is the last record')
verified = subprocess.run([NOTICECTL, 'verify', d.ledger], stdout=subprocess.PIPE)
check(verified.returncode == 0, 'verify: %r' % verified.stdout)
# They are no evidence: findings are the same without them.
bare = [r for r in d.records() if r['kind'] != 'warning' and 'event' in r]
with open('events', 'wb') as out:
    out.write(b''.join(line(r['event']) for r in bare))
def findings(*which):
    out = subprocess.run([NOTICECTL, 'findings', *which], stdout=subprocess.PIPE, check=True).stdout
    found = [json.loads(x) for x in out.splitlines()]
    return [[f[x] for x in ('act', 'merchant', 'road', 'listing', 'strikes', 'result')] for f in found if 'act' in f]


check(len(findings('--events', 'events')) == 9, 'findings: %r' % findings('--events', 'events'))
check(findings('--events', 'events') == findings(d.ledger, '--all-pairs', '-o', 'json'), 'findings read warnings')

# Killed at any moment, each listing that stays active has its one warning in the end.
R = random.Random(3)
k = d = Daemon('k', notice=True).start()
tell([policy, event('channel', dict(days=400), channel='portal', **{'class': 'designated'})])
many = range(100, 130)
crawl(*many)
tell(sum((notice('K%d' % n, 'L%d' % n, 4) for n in many), []))
left = list(many)
for _ in range(4 if os.environ.get('MODE') == 'asan' else 10):
    some, left = left[:3], left[3:]
    crawl(*some)
    time.sleep(R.choice((0, 0, 0.002, 0.01)))
    d.kill()
    d.start()
crawl(*left)
found = warnings(len(many))
check(sorted(w['listing'] for w in found) == sorted('L%d' % n for n in many), 'one each: %r' % sorted(about(found)))
d.stop()
PYTHON
