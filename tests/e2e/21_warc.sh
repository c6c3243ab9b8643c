# WARC and WET in scan, map test and send: pages as listings, what names their capture in the record, damage told.
# check: uring long:asan
. "$(dirname "$0")/lib.sh"

printf 'mark_id\tmark\tcategory\tgeneric\taliases\nM1\tSquishmallows\ttoys\t0\t\nM2\tAcmeplush\ttoys\t0\t\n' >marks.tsv
printf 'cue_id\tlang\tphrase\tstrength\nC1\ten\treplica\t3\n' >cues.tsv
scan() { "$NOTICECTL" scan --marks marks.tsv --cues cues.tsv "$@"; }

# all that crawlers write: packed by record or as a whole, bodies that are packed, in chunks, in other charsets
python3 - <<'PYTHON'
import base64, gzip, hashlib
def record(kind, block, ctype, uri=None, date='2026-11-30T08:00:01Z', n=[0], extra='', length=None):
    n[0] += 1
    h = 'WARC/1.0\r\nWARC-Type: %s\r\n' % kind
    if uri: h += 'WARC-Target-URI: %s\r\n' % uri
    h += 'WARC-Date: %s\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-%012d>\r\n' % (date, n[0])
    h += extra + 'Content-Type: %s\r\nContent-Length: %s\r\n\r\n' % (ctype, len(block) if length is None else length)
    return h.encode() + block + b'\r\n\r\n'
def http(body, head='', status='200 OK', ctype='text/html; charset=utf-8'):
    return ('HTTP/1.1 %s\r\nContent-Type: %s\r\n%s\r\n' % (status, ctype, head)).encode() + body
def response(uri, body, **k):
    digest = 'sha1:' + base64.b32encode(hashlib.sha1(body).digest()).decode()
    return record('response', http(body, **k), 'application/http; msgtype=response', uri, extra='WARC-Payload-Digest: %s\r\n' % digest)
page = '''<!doctype html><html><head><title> Acme
plush </title><style>.Squishmallows{}</style><script>var x="Squishmallows"</script>
<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"WebSite","name":"Shop"},
 {"@type":"Product","name":"Squish\u00adm\u00e4llows Fifi","sku":"77",
  "offers":{"price":"12.50","priceCurrency":"USD","seller":{"name":"S 1"}}}]}</script></head>
<body><h1>A <b>plush</b>ie</h1><p>Squish<i>mallows</i> replica</p><img src=x alt="Jellycat"><br>&amp; caf\u00e9</body></html>'''.encode()
chunk = b''.join(b'%x\r\n%s\r\n' % (len(page[i:i+100]), page[i:i+100]) for i in range(0, len(page), 100)) + b'0\r\n\r\n'
recs = [
 record('warcinfo', b'software: x\r\n', 'application/warc-fields'),
 record('request', b'GET / HTTP/1.1\r\n\r\n', 'application/http; msgtype=request', 'https://shop.example/1'),
 response('https://shop.example/1', page),
 response('https://shop.example/2', gzip.compress(page), head='Content-Encoding: gzip\r\n'),
 response('https://shop.example/3', chunk, head='Transfer-Encoding: chunked\r\n'),
 response('https://shop.example/4', 'Acmeplush \u0436'.encode('koi8-r'), ctype='text/html; charset=koi8-r'),
 response('https://shop.example/5', b'gone Squishmallows', status='404 Not Found'),
 response('https://shop.example/6', b'', status='301 Moved'),
 response('https://shop.example/7', b'\x89PNG', ctype='image/png'),
 record('conversion', 'A Squishmallows\nreplica \u0436'.encode(), 'text/plain', 'https://shop.example/8'),
 response('https://shop.example/9', b'<html><meta charset=windows-1251><title>' + 'жжж'.encode('cp1251') + b'</title>Acmeplush',
           ctype='text/html'),
]
open('plain.warc','wb').write(b''.join(recs))
open('each.warc.gz','wb').write(b''.join(gzip.compress(r) for r in recs))
open('one.warc.gz','wb').write(gzip.compress(b''.join(recs)))
each = [gzip.compress(r) for r in recs]
broken = bytearray(each[3])
broken[60] ^= 255
open('broken.warc.gz', 'wb').write(b''.join(each[:3]) + bytes(broken) + b''.join(each[4:]))
open('broken.at', 'w').write(str(sum(map(len, each[:3]))))
open('wet.gz', 'wb').write(each[0] + each[9])
PYTHON
for warc in plain.warc each.warc.gz one.warc.gz; do
    scan --map warc "$warc" >out 2>err || fail "$warc: exit $?: $(cat err)"
    [ "$(jq -r '"\(.line) \(.listing[-1:]) \(.class) \([.hits[] | "\(.mark):\(.field)"] | unique | join(","))"' out)" = \
        "1 1 counterfeit M1:description,M1:title,M2:description
2 2 counterfeit M1:description,M1:title,M2:description
3 3 counterfeit M1:description,M1:title,M2:description
4 4 mark M2:description
5 5 mark M1:description
6 8 counterfeit M1:description
7 9 mark M2:description" ] || fail "$warc: $(cut -c1-300 out)"
done
"$NOTICECTL" map test --map warc each.warc.gz >out || fail "map test: $(cat out)"
grep -q '^title  *0.0%  /product/name  *3  Squish' out && grep -q '^ *//*title  *1  жжж$' out &&
    grep -q '^price  *57.1%  /product/offers/price  *3  12.50$' out &&
    grep -q '^observed_at  *0.0%  /WARC-Date  *7  2026-11-30T08:00:01Z$' out || fail "map test: $(cat out)"
code=0
scan plain.warc >out 2>err || code=$?
[ "$code" = 4 ] && grep -q '^plain.warc: it is a WARC: --map warc makes listings of its pages$' err || fail "without a map: $(cat err)"
scan --map wet wet.gz >out || fail "wet: exit $?"
[ "$(jq -c '[.platform,.listing,.class]' out)" = '["shop.example","https://shop.example/8","counterfeit"]' ] || fail "$(cat out)"

# a damaged record: its place, a refused line, and all others
code=0
scan --map warc broken.warc.gz >out 2>err || code=$?
[ "$code" = 4 ] && [ "$(jq -r '.listing[-1:]' out | tr -d '\n')" = 134589 ] || fail "exit $code: $(cat out err)"
grep -q "^broken.warc.gz: the record at byte $(cat broken.at): its packed bytes are damaged" err &&
    grep -q '^broken.warc.gz:2: missing_field: platform' err || fail "$(cat err)"

# to a daemon: the record names the capture, the damaged record is in the dead letters, sent again nothing is twice
printf 'ledger: {path: ledger}\ncrawl: {socket: crawl.sock}\nmarks: [marks.tsv]\ncues: [cues.tsv]\n' >noticed.yaml
start_daemon || fail "$(cat noticed.log)"
for again in 1 2; do
    code=0
    "$NOTICECTL" send --socket crawl.sock --map warc --session monday broken.warc.gz 2>err || code=$?
    [ "$code" = 4 ] && grep -q '7 lines acknowledged, 1 of them rejected, 6 with a match' err ||
        fail "sent $again times: exit $code: $(cat err)"
done
feed_lines |
    jq -c 'select(.kind == "sighting") | [.listing, .event.at, .capture_id, .capture_digest[:5], .event.state, .map]' >seen
[ "$(wc -l <seen)" = 6 ] && [ "$(head -n 1 seen)" = \
    '["https://shop.example/1","2026-11-30T08:00:01Z","<urn:uuid:00000000-0000-4000-8000-000000000003>","sha1:","active","warc"]' ] ||
    fail "$(cat seen)"
grep -q '"https://shop.example/5".*"gone"' seen || fail "404 is not gone: $(cat seen)"
cat ledger/rejects/*.jsonl | jq -r '.bytes_b64' | head -n 1 | base64 -d >letter
grep -q "\"damaged\":\"its packed bytes are damaged, or end in the middle\",\"offset\":$(cat broken.at)}" letter || fail "$(cat letter)"

# a map that the daemon does not have: refused before anything is taken, and which there are is told
code=0
"$NOTICECTL" send --socket crawl.sock --map nosuch broken.warc.gz 2>err || code=$?
[ "$code" = 3 ] && grep -q 'the daemon refused the hello: bad_value: map: no such map: nosuch; `noticectl map list`' err &&
    grep -q 'nothing was taken' err || fail "an unknown map: exit $code: $(cat err)"
stop_daemon || fail "$(cat noticed.log)"

# forged ones: lengths that lie, heads without end, a bomb within a bomb; each is told, what is whole behind it is
# read, and none takes memory. Revisits and padding are told, and are no faults.
python3 - <<'PYTHON'
import gzip
def record(kind, block, length=None, uri='https://shop.example/1', head=''):
    return ('WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\nWARC-Date: 2026-11-30T08:00:01Z\r\n%s'
            'Content-Type: application/http; msgtype=response\r\nContent-Length: %s\r\n\r\n' %
            (kind, uri, head, len(block) if length is None else length)).encode() + block + b'\r\n\r\n'
def page(body, head=''):
    return b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n' + head.encode() + b'\r\n' + body
good = record('response', page(b'<title>Squishmallows</title>'), uri='https://shop.example/good')
zeros = gzip.compress(gzip.compress(b'<p>' + bytes(1 << 27), 9), 9)
with open('forged', 'w') as names:
    for name, data in (
        ('short', record('response', page(b'<p>x'), length=3) + good),
        ('long', good + record('response', page(b'<p>x'), length=1 << 40)),
        ('huge', record('response', page(b'<p>x'), length='9' * 40) + good),
        ('negative', record('response', page(b'<p>x'), length=-1) + good),
        ('hex', record('response', page(b'<p>x'), length='0x10') + good),
        ('fields', record('response', page(b'<p>x'), head='X-%s: y\r\n' % ('x' * 300000)) + good),
        ('head', b'WARC/1.0\r\n' + b'X: y\r\n' * 100000 + good + good),  # the first is its header's end
        ('http', record('response', b'HTTP/1.1 200 OK\r\n' + b'X: y\r\n' * 100000) + good),
        ('twice', record('response', page(zeros, 'Content-Encoding: gzip, gzip\r\n')) + good),
        ('once', record('response', page(gzip.compress(b'<p>' + bytes(1 << 27), 9), 'Content-Encoding: gzip\r\n')) + good),
    ):
        open(name + '.warc', 'wb').write(data)
        names.write(name + '\n')
open('bomb.warc.gz', 'wb').write(gzip.compress(record('response', page(b'<p>' + bytes(1 << 27)))) + gzip.compress(good))
open('revisit.warc.gz', 'wb').write(gzip.compress(record('revisit', b'HTTP/1.1 200 OK\r\n\r\n')) + gzip.compress(good) + bytes(512))
PYTHON
echo bomb >>forged
for name in $(cat forged); do
    code=0
    ls "$name".warc* >one
    ([ "$MODE" = asan ] || ulimit -v 400000; scan --map warc "$(cat one)" >out 2>err) || code=$?
    [ "$code" = 0 ] || [ "$code" = 4 ] || fail "$name: exit $code: $(cut -c1-300 err)"
    [ "$(jq -r .listing out | grep -c '/good$')" = 1 ] || fail "$name hides a good record: $(cut -c1-300 out err)"
    case "$name" in
    bomb | once | twice) ;; # large, not damaged: cut
    *) [ "$code" = 4 ] || fail "$name is not told: $(cut -c1-300 err)" ;;
    esac
done
scan --map warc revisit.warc.gz >out 2>err || fail "revisit: exit $?: $(cat err)"
grep -q '^revisit.warc.gz: 1 revisit record (a page that was the same as an earlier one) gave no line; zero bytes behind' err ||
    fail "revisit: $(cat err)"
[ "$(jq -r .listing out)" = https://shop.example/good ] || fail "revisit: $(cat out)"
