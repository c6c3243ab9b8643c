#!/usr/bin/env bash
# Lines go in over the socket, records are in the feed when the ack comes, in the form of the format.
# check: uring poll asan tsan
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *

d = Daemon().start()
c = d.client(source='spider-a')
good = [listing(1), listing(2, 'Squishmallow 8in', url='https://x.example/2', price=12.50,
                            currency='USD', observed_at='2026-01-02T03:04:05.5+01:00'),
        listing(3, 'replica SQUISHMALLOWS plush'), listing(4, 'fresh apple pie'),
        listing(5, 'Squish\u200bmallows', seller_id=None)]
text = b''.join(line(x) for x in good[:3]) + b'\n' + b'not json\n' + b''.join(line(x) for x in good[3:])
check(c.pump(text, 7), 'connection lost')
check(list(c.nacks) == [5], 'line 5 is to be rejected, blank line 4 is not: %r' % c.nacks)
check(c.nacks[5]['err'] == 'bad_json', 'reason of line 5')

records = d.records()
check([r['seq'] for r in records] == list(range(len(records))), 'seq counts from 0 without a hole')
check([list(r)[:7] for r in records] == [['v', 'seq', 'kind', 't', 'b', 'clk', 'run']] * len(records),
      'the common fields come first, in order')
check(records[0]['kind'] == 'start' and records[1]['kind'] == 'clock', 'start, then clock')
matches = {r['listing']: r for r in records if r['kind'] == 'match'}
sightings = {r['listing']: r for r in records if r['kind'] == 'sighting'}
check(sorted(matches) == ['L2', 'L3', 'L5'] == sorted(sightings), 'matched listings: %r' % sorted(matches))
ruleset = [r for r in records if r['kind'] == 'ruleset']
check(len(ruleset) == 1 and all(m['ruleset'] == ruleset[0]['seq'] for m in matches.values()),
      'every match names its ruleset')
for name in matches:
    check(matches[name]['sighting'] == sightings[name]['seq'], 'a match names its sighting')
    check(matches[name]['scan'] == 'ok', 'scan outcome')
check(matches['L2']['class'] == 'mark', 'a plain mark')
check(matches['L3']['class'] == 'counterfeit', 'a mark near a cue')
check(matches['L5']['class'] == 'counterfeit', 'a disguised mark')
hit = matches['L3']['hits'][0]
check(list(hit)[:7] == ['mark', 'rule', 'field', 'from', 'to', 'stage', 'text'], 'fields of a hit')
check((hit['mark'], hit['text'], hit['from'], hit['to']) == ('T1', 'SQUISHMALLOWS', 8, 21), 'hit: %r' % hit)
check(hit['cue']['id'] == 'C1' and hit['cue']['text'] == 'replica', 'its cue')
s = sightings['L2']
check(s['event'] == {'id': '%d.%d' % (s['run'], s['seq']), 'type': 'sighting', 'platform': 'bazaar',
                     'listing': 'L2', 'at': '2026-01-02T03:04:05.5+01:00', 'state': 'active',
                     'via': 'page', 'unc_ms': s['event']['unc_ms']}, 'the event: %r' % s['event'])
check(s['source'] == 'spider-a' and s['merchant'] == 'bazaar/s2' and s['price'] == '12.5', 'sighting %r' % s)
check('merchant' not in sightings['L5'], 'no seller, no merchant')
check(sightings['L3']['event']['at'] == sightings['L3']['t'], 'without observed_at, at is t')
import hashlib
check(s['blob'] == 'sha256:' + hashlib.sha256(line(good[1])[:-1]).hexdigest(), 'hash of the line')
dead = d.rejects()
import base64
check(len(dead) == 1 and dead[0]['err'] == 'bad_json' and dead[0]['line'] == 5 and
      base64.b64decode(dead[0]['bytes_b64']) == b'not json' and dead[0]['source'] == 'spider-a' and
      dead[0]['sha256'].endswith(hashlib.sha256(b'not json').hexdigest()), 'dead letter: %r' % dead)
c.close()

# A second run goes on in the same ledger.
d.stop()
d.start()
d.stop()
records = d.records()
check([r['seq'] for r in records] == list(range(len(records))), 'one order over both runs')
kinds = [r['kind'] for r in records]
check(kinds.count('start') == 2 and kinds.count('stop') == 2 and kinds[-1] == 'stop', 'kinds: %r' % kinds)
check('gap' not in kinds, 'no gap after an orderly stop')
first_stop = [r for r in records if r['kind'] == 'stop'][0]
check(first_stop['counters']['listings'] == 5 and first_stop['counters']['matches'] == 3 and
      first_stop['counters']['rejected'] == 1, 'counts of the run: %r' % first_stop)
PYTHON
