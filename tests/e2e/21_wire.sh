#!/usr/bin/env bash
# The wire as DESIGN sections 3 and 9 have it: hello, ack, nack, line numbers, refusals, long lines.
# check: uring poll asan
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import hashlib, re, socket

with socket.socket() as probe:
    probe.bind(('127.0.0.1', 0))
    port = probe.getsockname()[1]
d = Daemon(tcp='127.0.0.1:%d' % port).start()

# Loopback TCP, because it is configured; any other address is refused with the configuration.
t = Client(path=None, address=('127.0.0.1', port))
check(t.pump(line(listing(900, 'Squishmallow')), 1), 'TCP: connection lost')
check(any(r['kind'] == 'match' and r['listing'] == 'L900' for r in d.records()), 'TCP: recorded')
wide = Daemon('wide', tcp='0.0.0.0:%d' % port)
wide.start(wait=False)
wide.wait(78)
check('loopback' in wide.logged(), 'a public address: %s' % wide.logged())

# Without a hello nothing is answered, and everything is recorded.
quiet = d.client(hello=False)
quiet.send(line(listing(1, 'Squishmallow')) + b'broken\n')
begun = time.monotonic()
while d.command('status')['lines'] < 3:
    check(time.monotonic() - begun < DEADLINE, 'the lines are not taken')
quiet.socket.shutdown(socket.SHUT_WR)
check(quiet.socket.recv(100) == b'', 'a connection without hello gets no byte')
check(any(r['kind'] == 'match' and r['listing'] == 'L1' and r['source'] == 'crawl' for r in d.records()),
      'its listing is recorded under the name of the socket')

# Each nack has its reason and names the field; blank lines count as lines.
cases = [(b'{"platform":"p"', 'bad_json', ''), (b'\xff{}', 'bad_', ''), (b'[1]', 'bad_type', ''), (b'', None, ''),
         (b'   \t', None, ''), (line({'platform': 'p', 'listing_id': 'x'})[:-1], 'missing_field', 'title'),
         (line({'platform': 'p', 'listing_id': 'x', 'title': 7})[:-1], 'bad_type', 'title'),
         (b'{"platform":"p","listing_id":"x","title":"a","title":"b"}', 'dup_key', 'title'),
         (line(listing(3, observed_at='2026-01-01'))[:-1], 'bad_time', 'observed_at'),
         (line(listing(3, type='notice.sent'))[:-1], 'not_allowed', 'type'),
         (line(listing(3, state='sold'))[:-1], 'bad_value', 'state'),
         (b'{"a":' + b'[' * 2000 + b']' * 2000 + b'}', 'too_deep', ''),
         (line(listing(4, 'x' * 300000))[:-1], 'too_long', 'line'),
         (b'{"platform":"p","listing_id":"s","title":"\\ud83d Squishmallow"}', None, ''),
         (line(listing(5, 'Squishmallow last'))[:-1] + b'\r', None, '')]
c = d.client()
check(c.pump(b''.join(x + b'\n' for x, _, _ in cases), len(cases)), 'connection lost')
for number, (bytes_, err, detail) in enumerate(cases, 1):
    nack = c.nacks.get(number)
    if err is None:
        check(nack is None, 'line %d is good: %r' % (number, nack))
    else:
        check(nack is not None and nack['err'].startswith(err) and nack['detail'].startswith(detail),
              'line %d: %s %s, not %r' % (number, err, detail, nack))
records = d.records()
check(any(r['kind'] == 'match' and r['listing'] == 'L5' for r in records), 'the line after the long one is read')
check(any(r['kind'] == 'sighting' and r['listing'] == 's' and r.get('flags') == ['lone_surrogate'] for r in records),
      'a lone surrogate is flagged')
dead = {x['line']: x for x in d.rejects() if x['conn'] == max(y['conn'] for y in d.rejects())}
check(sorted(dead) == sorted(c.nacks), 'every nack has its dead letter: %r' % sorted(dead))
check(dead[13]['len'] > 300000 and dead[13]['err'] == 'too_long', 'the true length of a long line')
offset = sum(len(x) + 1 for x, _, _ in cases[:8])
hello_bytes = len(line({'noticed': 1, 'source': 'test', 'ack': True}))
check(dead[9]['offset'] == offset + hello_bytes, 'offset %r, not %r' % (dead[9]['offset'], offset + hello_bytes))

# Bad hellos are told why and closed.
for hello in ({'noticed': 2, 'ack': True}, {'noticed': 1, 'map': 'shop'}, {'noticed': 1, 'ack': 'yes'},
              {'noticed': 1, 'source': 'a b'}, {'noticed': 1, 'session': 'x y'},
              {'noticed': 1, 'first': 2}):
    b = d.client(hello=False)
    b.send(line(hello) + line(listing(6, 'Squishmallow refused')))
    b.socket.shutdown(socket.SHUT_WR)  # as a pipe into netcat does
    reply = b.socket.makefile('rb').read()
    answer = json.loads(reply)
    check(answer['nack'] == 0 and answer['err'].startswith(('bad_', 'not_')), 'bad hello: %r' % reply)
check(not any(r['kind'] == 'match' and r['listing'] == 'L6' for r in d.records()), 'nothing is taken after a bad hello')

# A client that closes its sending side still gets every reply; an unterminated tail is not a line.
h = d.client()
h.send(line(listing(7, 'Squishmallow')) + b'no newline')
h.socket.shutdown(socket.SHUT_WR)
while h.take():
    pass
check(h.acked == 1 and not h.nacks, 'half-closed: %r %r' % (h.acked, h.nacks))

# A client that reads no reply holds up itself and nobody else.
deaf = d.client()
deaf.socket.setblocking(False)
sent = 0
try:
    for _ in range(20000):
        sent += deaf.socket.send(b'broken line that is refused\n' * 64)
except BlockingIOError:
    pass
check(sent < 20000 * 28 * 64, 'a deaf client is not read for ever')
other = d.client()
check(other.pump(b''.join(line(listing(100 + i)) for i in range(5000)), 5000), 'others go on')
deaf.socket.settimeout(DEADLINE)
deaf.socket.shutdown(socket.SHUT_WR)
while deaf.take():
    pass
check(len(deaf.nacks) == sent // 28 == deaf.acked, 'the deaf client lost nothing: %d %d %d' %
      (len(deaf.nacks), sent // 28, deaf.acked))
# Lines of another shape, by the map that the hello names; the line itself is what the record hashes.
items = [line({'url': 'https://www.m.example/1', 'name': 'Squishmallow', 'type': 'toy', 'sponsored': True}),
         line({'url': 'https://m.example/2', 'name': 'a', 'description': 'Squish', 'brand': 'mallows'}), line({'name': 1})]
m = d.client(hello=False)
m.send(line({'noticed': 1, 'map': 'scrapy', 'ack': True, 'matches': True}))
check(m.pump(b''.join(items), 3) and m.last['matches'] == 1, 'mapped: %r' % m.last)
check({k: v['err'] for k, v in m.nacks.items()} == {3: 'missing_field'}, 'mapped nacks: %r' % m.nacks)
seen = [r for r in d.records() if r.get('map')]
check([r['kind'] for r in seen] == ['sighting', 'match'] and seen[0]['support'] == ['sponsored_ad'], 'mapped: %r' % seen)
check(not [r for r in d.records() if r['kind'] == 'support'], 'support seen where crawlers may not write it')
check((seen[0]['platform'], seen[0]['listing'], seen[0]['map']) == ('m.example', 'https://www.m.example/1', 'scrapy') and
      seen[0]['blob'] == 'sha256:' + hashlib.sha256(items[0][:-1]).hexdigest(), 'mapped: %r' % seen)
own = Daemon('own', extra='maps: {shop: {base: scrapy, platform: =shop}}\n', inputs=['items'])
with open('own/items', 'wb') as out:
    out.write(items[0])
with open(own.config) as config:
    text = config.read().replace('crawl: {', 'crawl: {map: shop, kinds: [sighting, support], ')
with open(own.config, 'w') as config:
    config.write(text)
own.start()
m = own.client(hello=False)
m.send(line({'noticed': 1, 'map': 'none', 'ack': True}))
check(m.pump(line(listing(8, 'Squishmallow')), 1) and not m.nacks, 'map none: %r' % m.nacks)
m = own.client(hello=False)
m.send(items[0])
begun = time.monotonic()
while [(r['platform'], r.get('map')) for r in own.records() if r['kind'] == 'match'].count(('shop', 'shop')) < 2:
    check(time.monotonic() - begun < DEADLINE, 'lines without a hello, and inputs, go through crawl.map')
    time.sleep(0.01)
check(('bazaar', None) in [(r.get('platform'), r.get('map')) for r in own.records()], 'and with none through no map')
# An act of support that the page shows is an event of the line's own, before its sighting, where crawlers may write
# such events: of a listing that matches or is watched, once for a line that is sent again in its session.
m = own.client(hello=False)
m.send(line({'noticed': 1, 'map': 'shop', 'ack': True, 'source': 'ads', 'session': 'S'}))
ads = [line(dict(url='https://m.example/9', name=name, seller_id='s', sponsored=True, **more)) for name, more in (
    ('Squishmallow', {}), ('a plain toy', {'timestamp': '2026-11-01T10:00:00+02:00'}))]
ads.append(line({'url': 'https://m.example/10', 'name': 'nothing', 'sponsored': True}))
check(m.pump(ads[0], 1) and m.pump(ads[1] + ads[2], 3) and not m.nacks, 'ads: %r' % m.nacks)
m = own.client(hello=False)
m.send(line({'noticed': 1, 'map': 'shop', 'ack': True, 'source': 'ads', 'session': 'S'}))
check(m.pump(b''.join(ads), 3) and not m.nacks, 'ads again: %r' % m.nacks)
own.kill()
own.start()
m = own.client(hello=False)
m.send(line({'noticed': 1, 'map': 'shop', 'ack': True, 'source': 'ads', 'session': 'S'}))
check(m.pump(b''.join(ads), 3) and not m.nacks, 'ads after a kill: %r' % m.nacks)
seen = [r for r in own.records() if r.get('source') == 'ads']
check([r['kind'] for r in seen] == ['support', 'listing', 'sighting', 'match', 'support', 'sighting'], 'ads: %r' % seen)
check(seen[0]['event']['at'] <= seen[0]['t'], 'at: %r' % seen[0])
for n, at in ((0, seen[0]['event']['at']), (4, '2026-11-01T08:00:00.000000000Z')):
    digest = hashlib.sha256(ads[n // 4][:-1]).hexdigest()
    check(seen[n]['event'] == {'id': 'map.sponsored_ad.S.%d.%s' % (n // 4 + 1, digest[:8]), 'type': 'support',
                               'platform': 'shop', 'listing': 'https://m.example/9', 'kind': 'sponsored_ad', 'gen': 'unknown',
                               'src': 'crawler', 'at': at, 'unc_ms': seen[n]['event']['unc_ms']} and
          seen[n]['sha256'] == 'sha256:' + digest and seen[n]['line'] == n // 4 + 1, 'the act: %r' % seen[n])
found = subprocess.run([NOTICECTL, 'findings', own.ledger, '--platform', 'shop'], capture_output=True, text=True)
acts = [json.loads(f).get('act') for f in found.stdout.splitlines()]
check(found.returncode == 0 and all(seen[n]['event']['id'] in acts for n in (0, 4)), 'findings: %r' % found)
# Whether crawlers may write such events a reload changes for connections that are there.
for number, kinds, wanted in ((4, '[sighting]', 0), (5, '[sighting, support]', 1)):
    with open(own.config) as config:
        text = re.sub(r'kinds: \[[a-z, ]*\]', 'kinds: ' + kinds, config.read())
    with open(own.config, 'w') as config:
        config.write(text)
    check(own.command('reload')['ok'], 'reload')
    check(m.pump(line(dict(url='https://m.example/1%d' % number, name='Squishmallow', sponsored=True)), number) and
          not m.nacks, 'ads after a reload: %r' % m.nacks)
    seen = [r['kind'] for r in own.records() if r.get('source') == 'ads' and r['line'] == number]
    check(seen == ['support'] * wanted + ['sighting', 'match'], 'with %s: %r' % (kinds, seen))
own.stop()
status = d.command('status')
check(status['ok'] and status['discarded_bytes'] > 0 and status['lanes_waiting'] == 0, 'status %r' % status)
d.stop()
PYTHON
