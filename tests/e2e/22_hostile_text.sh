#!/usr/bin/env bash
# Hostile text in every field: no crash, one feed line a record, no raw control byte in the feed or on a
# terminal; what is not UTF-8 is refused as such and kept. What runs into a cap says so in its record, and
# is counted.
# check: uring asan
# limit: 300
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import subprocess, unicodedata

DATA = os.path.join(os.environ['ROOT'], '..', 'shared', 'data')
texts = ['\x1b]52;c;aGk=\x07', '\x1b[2J', 'a\nb\r\nc', '\u202etxt.exe', '\u2066x\u2069', '\u2028\u2029', '\x00', '\x7f\x85',
         '\ufeff', '"\\', "'; DROP TABLE listings;--", '<script>alert(1)</script>', '\U0001f600\u200d', 'x' * 3000]
texts += [chr(c) for c in range(0x20)] + [chr(c) for c in range(0x80, 0xa0)]
texts += [chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) == 'Cf'][:200]
raw = []
if os.path.exists(DATA):
    with open(os.path.join(DATA, 'naughty_strings.txt'), encoding='utf8') as f:
        texts += [l.rstrip('\n') for l in f if l.strip() and not l.startswith('#')]
    with open(os.path.join(DATA, 'utf8_stress.tsv'), encoding='utf8') as f:
        next(f)
        for row in f:
            _, valid, _, _, hex_ = row.rstrip('\n').split('\t')
            raw.append((valid == '1', bytes.fromhex(hex_)))
else:
    print('without ../shared: only our own strings')

FIELDS = ('title', 'description', 'seller_id', 'url', 'price', 'currency', 'listing_id', 'platform')
sent, expect_bad = [], {}
def add(data, bad=None):
    sent.append(data)
    if bad:
        expect_bad[len(sent)] = bad
n = 0
for text in texts:
    for field in FIELDS:
        n += 1
        value = listing(n, 'Squishmallow')
        value[field] = ('Squishmallow ' + text) if field == 'title' else text
        add(line(value))
for valid, bytes_ in raw:
    for field in ('title', 'description', 'url'):
        n += 1
        escaped = b''.join(b'\\u%04x' % b if b < 32 or b in b'"\\' else bytes([b]) for b in bytes_)
        more = b'' if field == 'title' else b',"%s":"%s"' % (field.encode(), escaped)
        title = b'Squishmallow ' + (escaped if field == 'title' else b'')
        add(b'{"platform":"p","listing_id":"r%d","title":"%s"%s}\n' % (n, title, more), None if valid else 'bad_utf8')

# Three caps: more hits than are kept, more disguised words than are read, more than a record has room for.
CAPS = {'hits': 'Squishmallow ' * 10000, 'words': 'n.1.k.e.a.i.r.x ' * 600 + '5quishmallow',
        'room': ('Squish' + '\u200b' * 40 + 'mallow ') * 60}
for name, text in CAPS.items():
    add(line(listing(0, text, listing_id='cap-' + name)))

d = Daemon(marks='mark_id\tmark\tcategory\tgeneric\taliases\nT1\tSquishmallow\ttoys\t0\t\nT2\tNike Air\tshoes\t0\t\n').start()
c = d.client()
check(c.pump(b''.join(sent), len(sent)), 'connection lost')
for number, bad in expect_bad.items():
    check(c.nacks.get(number, {}).get('err') == bad, 'line %d: %r' % (number, c.nacks.get(number)))
for number, nack in c.nacks.items():
    check(number in expect_bad or nack['err'] == 'bad_value', 'line %d refused: %r' % (number, nack))
status = d.command('status')
check(status['accepted'] + status['rejected'] == len(sent), 'every line is decided')
records = d.records() # checks that each line is ASCII, whole, and JSON
matches = {r['line']: r for r in records if r['kind'] == 'match'}
check(len(matches) == len(sent) - len(c.nacks), 'one match a good line: %d' % len(matches))
caps = {r['listing']: r for r in matches.values() if r['listing'].startswith('cap-')}
hits, words, room = (caps['cap-' + name] for name in ('hits', 'words', 'room'))
check(hits['scan'] == 'cut' and hits['n_hits'] == 10000 and hits['more'] == 10000 - len(hits['hits']), 'hits: %r' % hits)
check(words['scan'] == 'cut' and words['class'] == 'none' and words['hits'] == [], 'disguised words: %r' % words)
check(room['scan'] == 'ok' and room['n_hits'] == 60 and room['more'] == 60 - len(room['hits']) > 0, 'room: %r' % room)
cut = sum(r['scan'] == 'cut' for r in matches.values())
check(status['cut_scans'] == cut >= 2, 'status counts %d cuts, not %d' % (status['cut_scans'], cut))
for r in records:
    if r['kind'] == 'sighting' and 'platform' in r:
        source = json.loads(sent[r['line'] - 1])
        check(r['listing'] == source['listing_id'] and r['platform'] == source['platform'], 'line %d' % r['line'])
for form in ('short', 'json', 'json-pretty'):
    out = subprocess.run([NOTICECTL, 'tail', '--ledger', d.ledger, '-n', 'all', '-o', form, '--color=always'],
                         capture_output=True, check=True).stdout
    text = out.decode()
    import re
    text = re.sub('\x1b\\[[0-9;]*m', '', text)  # its own colours
    bad = [ch for ch in text if (ord(ch) < 32 and ch != '\n') or 0x7f <= ord(ch) < 0xa0 or
           unicodedata.category(ch) in ('Cf', 'Zl', 'Zp')]
    check(not bad, 'tail -o %s prints %r raw' % (form, bad[:3]))
d.stop()
stop = [r for r in d.records() if r['kind'] == 'stop'][-1]['counters']
check(stop['cut_scans'] == cut, 'the stop record counts cuts: %r' % stop)
print('%d lines, %d refused' % (len(sent), len(c.nacks)))
PYTHON
