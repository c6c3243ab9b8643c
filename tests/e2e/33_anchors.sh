# noticectl anchor: a time-stamp and a witness's signature over a checkpoint are verified, stored and
# recorded by the running daemon; what is about other bytes, answers another query, is altered, or is
# signed by a stranger proves nothing; verify finds every one of these in a ledger, and a rollback.
# check: uring long:asan
# limit: 240
. "$(dirname "$0")/lib.sh"
command -v curl >/dev/null || skip "no curl"

tlog() { python3 "$ROOT/tests/e2e/tlog.py" "$@"; }
# expect CODE COMMAND...: stdout in `out`, stderr in `err`
expect() {
    local wanted=$1 code=0
    shift
    "$@" >out 2>err </dev/null || code=$?
    [ "$code" = "$wanted" ] || fail "exit $code, not $wanted, of: $* -- $(cat out err)"
}
says() { grep -qF -e "$1" err || fail "no \"$1\" in: $(cat out err)"; }
is() { jq -e "$1" out >/dev/null || fail "not $1: $(cat out err)"; }
anchor() { "$NOTICECTL" anchor --socket control.sock --ledger ledger "$@"; }
verify() { # CODE OPTIONS...
    local wanted=$1
    shift
    expect "$wanted" "$NOTICECTL" verify "$@"
}

# An authority of our own: NAME.key, NAME.pem; tsa.pem is signed by it. DAYS from now its end.
authority() { # NAME [START END]
    local name=$1
    openssl ecparam -name prime256v1 -genkey -noout -out "$name.ca.key" 2>/dev/null
    openssl req -x509 -new -key "$name.ca.key" -subj "/CN=$name root" -days 3650 -out "$name.ca.pem" 2>/dev/null
    openssl ecparam -name prime256v1 -genkey -noout -out "$name.key" 2>/dev/null
    openssl req -new -key "$name.key" -subj "/O=Example/CN=$name tsa" -out "$name.csr" 2>/dev/null
    printf 'extendedKeyUsage=critical,timeStamping\n' >"$name.ext"
    openssl x509 -req -in "$name.csr" -CA "$name.ca.pem" -CAkey "$name.ca.key" -CAcreateserial \
        -days 3650 -extfile "$name.ext" -out "$name.pem" 2>/dev/null || fail "no certificate of $name"
    cat >"$name.cnf" <<CNF
[tsa]
default_tsa = tsa1
[tsa1]
serial = $PWD/$name.serial
signer_cert = $PWD/$name.pem
signer_key = $PWD/$name.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.4146.2.3
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
CNF
    echo 01 >"$name.serial"
}
stamp() { openssl ts -reply -config "$1.cnf" -queryfile "$2" -out "$3" 2>/dev/null || fail "no reply of $1"; }
authority good
authority other
# One whose certificate will have ended before this script has.
authority short
cat >short.ca.cnf <<CNF
[ca]
default_ca = c
[c]
database = $PWD/short.index
new_certs_dir = $PWD
serial = $PWD/short.certs
default_md = sha256
policy = p
x509_extensions = e
[p]
organizationName = optional
commonName = supplied
[e]
extendedKeyUsage = critical,timeStamping
CNF
: >short.index
echo 01 >short.certs

write_config
start_daemon || fail "no start"
for i in $(seq 40); do echo "{\"platform\":\"p\",\"listing_id\":\"l$i\",\"title\":\"Squishmallows $i\"}"; done >lines
"$NOTICECTL" send --socket crawl.sock lines 2>/dev/null || fail "send"
tlog seal ledger 30 || fail "seal"

until="$(($(date +%s) + 15))"
openssl ca -batch -notext -config short.ca.cnf -cert short.ca.pem -keyfile short.ca.key -in short.csr \
    -out short.pem -enddate "$(date -u -d "@$until" +%Y%m%d%H%M%SZ)" 2>/dev/null || fail "no short certificate"

# the query is what openssl makes of the same bytes, but for its nonce
expect 0 anchor query
cmp -s ledger/checkpoint ledger/outbox/30.checkpoint || fail "other bytes are asked about"
openssl ts -query -in ledger/outbox/30.tsq -text 2>/dev/null >query.txt
grep -q '^Hash Algorithm: sha256' query.txt && grep -q '^Nonce: 0x' query.txt &&
    grep -q '^Certificate required: yes' query.txt || fail "the query: $(cat query.txt)"
cp ledger/outbox/30.tsq first.tsq
expect 0 anchor query
cmp -s ledger/outbox/30.tsq first.tsq || fail "a second nonce for one query"

stamp short first.tsq short.tsr
stamped="$(date +%s)"

# what proves nothing
sleep 1.1 # a second before the stamp its certificate is to be valid, too
stamp good first.tsq good.tsr
expect 2 anchor add good.tsr
says 'say whom to trust with --ca'
expect 1 anchor add --ca other.ca.pem good.tsr
says 'untrusted'
openssl ts -query -data lines -sha256 -cert -out wrong.tsq 2>/dev/null
stamp good wrong.tsq wrong.tsr
expect 1 anchor add --ca good.ca.pem wrong.tsr
says 'wrong_imprint'
openssl ts -query -data ledger/checkpoint -sha256 -cert -out nonce.tsq 2>/dev/null
stamp good nonce.tsq nonce.tsr
expect 1 anchor add --ca good.ca.pem nonce.tsr
says 'wrong_nonce'
head -c 500 good.tsr >cut.tsr
expect 1 anchor add --ca good.ca.pem cut.tsr
says 'bad_reply'
python3 - <<'PY'
data = bytearray(open('good.tsr', 'rb').read())
at = data.index(b'Z', data.index(b'\x18\x0f'))  # the last digit of genTime
data[at - 1] ^= 1
open('altered.tsr', 'wb').write(data)
data = bytearray(open('good.tsr', 'rb').read())
data[-1] ^= 1  # the signature
open('forged.tsr', 'wb').write(data)
PY
for bad in altered forged; do
    expect 1 anchor add --ca good.ca.pem $bad.tsr
    says 'bad_signature'
done
sed 's/secs:1/secs:1/;s/^digests = .*/digests = sha512/' good.cnf >picky.cnf
openssl ts -reply -config picky.cnf -queryfile first.tsq -out refused.tsr 2>/dev/null
[ ! -s refused.tsr ] || { expect 1 anchor add --ca good.ca.pem refused.tsr && says 'not_granted'; }
printf '409 18\n' >refusal
expect 1 anchor add refusal
says 'refused: 409 18, the size that it signed last: ask anew with `noticectl anchor request --old`'
expect 2 anchor add --ca good.ca.pem ledger
says 'cannot read ledger: it is no regular file'
[ -z "$(ls ledger/anchors)" ] || fail "what proves nothing is stored"

# what proves is stored and recorded, once
expect 0 anchor add --ca good.ca.pem good.tsr
name="$(cd ledger && echo anchors/30/*.tsr)"
[ "$(feed_lines | jq -c 'select(.kind=="anchor")|[.size,.type,.file,.token_sha256]')" = \
    "[30,\"rfc3161\",\"$name\",\"sha256:$(sha256sum <good.tsr | cut -d' ' -f1)\"]" ] ||
    fail "the record: $(feed_lines | grep anchor)"
cmp -s "ledger/$name" good.tsr && cmp -s ledger/anchors/30/query.tsq first.tsq &&
    cmp -s ledger/anchors/30/checkpoint ledger/checkpoint || fail "the files differ"
[ "$(grep -c BEGIN "ledger/${name%.tsr}.pem")" = 2 ] || fail "the chain is not whole"
expect 0 anchor add --ca good.ca.pem good.tsr
grep -q '^recorded already as ' out || fail "twice: $(cat out)"
expect 0 "$NOTICECTL" anchor list ledger
[ "$(wc -l <out)" = 1 ] || fail "list: $(cat out)"
# with openssl alone, as a reader of the record would
openssl ts -verify -data ledger/anchors/30/checkpoint -in "ledger/$name" -CAfile good.ca.pem >/dev/null 2>&1 ||
    fail "openssl does not accept it"

# the daemon believes no facts that cannot be
cat >ask.py <<'PY'
import socket, sys
for line in sys.stdin:
    with socket.socket(socket.AF_UNIX) as s:
        s.connect('control.sock')
        s.sendall(line.encode())
        print(s.makefile().readline(), end='')
PY
line="$(feed_lines | jq -c 'select(.kind=="anchor")|del(.v,.seq,.kind,.t,.b,.clk,.run)|{cmd:"anchor"}+.')"
for change in '.size=5000' '.file="../x"' 'del(.root)' '.type="ots"' '.more=1' '.gen_time="now"' '.serial="0x1"' '.size=-1'; do
    jq -c "$change" <<<"$line"
done >asked
python3 ask.py <asked >answered || fail "ask"
[ "$(grep -c '^{"ok":false' answered)" = 8 ] || fail "believed: $(cat answered)"

# a witness: its signature over the checkpoint, likewise
"$NOTICECTL" witness --make-key witness.test/e2e --key w.key >w.vkey || fail "key"
expect 0 anchor request
cp out request
"$NOTICECTL" witness --key w.key --state w --log ledger/key.vkey request >reply || fail "witness: $(cat reply)"
expect 2 anchor add reply
"$NOTICECTL" witness --make-key x.test/x --key x.key >x.vkey || fail "key"
expect 1 anchor add --witness x.vkey reply
says 'no signature of a known witness'
expect 0 anchor add --witness w.vkey reply
tlog seal ledger 35 || fail "seal"
expect 0 anchor request --old 30
cp out request
"$NOTICECTL" witness --key w.key --state w --log ledger/key.vkey request >reply || fail "witness: $(cat reply)"
expect 0 anchor add --witness w.vkey reply
[ "$(feed_lines | jq -c 'select(.kind=="anchor" and .type=="cosig")|[.size,.tsa]' | tr -d '\n')" = \
    '[30,"witness.test/e2e"][35,"witness.test/e2e"]' ] || fail "cosignatures: $(feed_lines | grep cosig)"
expect 2 anchor request --old 36
says 'rolled back'

# posted with curl: one authority that answers, one that does not; then both
cat >serve.py <<'PY'
import http.server, os, subprocess
class Tsa(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        data = self.rfile.read(int(self.headers['Content-Length']))
        name = self.path[1:]
        if os.path.exists(name + '.down') or self.headers['Content-Type'] != 'application/timestamp-query':
            return self.send_error(503)
        open(name + '.in', 'wb').write(data)
        subprocess.run(['openssl', 'ts', '-reply', '-config', name + '.cnf', '-queryfile', name + '.in',
                        '-out', name + '.out'], check=True, stderr=subprocess.DEVNULL)
        reply = open(name + '.out', 'rb').read()
        self.send_response(200)
        self.send_header('Content-Length', str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)
    def log_message(self, *words): pass
server = http.server.HTTPServer(('127.0.0.1', 0), Tsa)
open('port.tmp', 'w').write(str(server.server_port))
os.rename('port.tmp', 'port')
server.serve_forever()
PY
python3 serve.py &
server=$!
trap 'kill $server; cleanup' EXIT
wait_for 20 test -s port || fail "no server"
url="http://127.0.0.1:$(cat port)"
cat good.ca.pem other.ca.pem >both.pem
tlog seal ledger 40 || fail "seal"
expect 0 anchor query
touch other.down
expect 2 anchor send --url "$url/good" --url "$url/other" --ca both.pem
[ -e ledger/outbox/40.tsq ] || fail "the query is gone before all have answered"
rm other.down
expect 0 anchor send --url "$url/good" --url "$url/other" --ca both.pem
[ "$(ls ledger/anchors/40/*.tsr | wc -l)" = 2 ] || fail "tokens: $(ls ledger/anchors/40)"
[ -z "$(ls -A ledger/outbox)" ] || fail "outbox: $(ls ledger/outbox)"
[ "$(feed_lines | jq -c 'select(.kind=="anchor" and .size==40)' | wc -l)" = 2 ] || fail "not recorded"
expect 0 anchor send --url "$url/good" --ca both.pem
grep -q '^nothing to send' out || fail "sent again: $(cat out)"

# what a certificate signed that has ended, or ends soon
[ "$stamped" -ge "$until" ] || expect 0 anchor add --ca short.ca.pem short.tsr

expect 0 anchor query
grep -q 'time-stamped already' out || fail "asked again: $(cat out)"

# without a daemon it is stored, and what to do is said; later it is recorded
tlog seal ledger 41 || fail "seal"
expect 0 anchor query
stamp good ledger/outbox/41.tsq late.tsr
stop_daemon || fail "stop: $?"
expect 3 anchor add --ca good.ca.pem late.tsr
says 'only the running noticed appends'
start_daemon || fail "no second start"
expect 0 anchor add --ca good.ca.pem late.tsr
grep -q '^recorded as ' out || fail "late: $(cat out)"
tlog seal ledger || fail "seal"
stop_daemon || fail "stop: $?"

# a certificate that has ended proves what it signed before: at that time, and to openssl only if told
wait_for 60 bash -c '! openssl x509 -in short.pem -noout -checkend 0' || fail "the certificate does not end"
if [ "$stamped" -lt "$until" ]; then
    openssl ts -verify -data ledger/anchors/30/checkpoint -in short.tsr -CAfile short.ca.pem >out 2>&1 &&
        fail "openssl does not mind"
    openssl ts -verify -attime "$stamped" -data ledger/anchors/30/checkpoint -in short.tsr \
        -CAfile short.ca.pem >out 2>&1 || fail "openssl minds at that time: $(cat out)"
    cat both.pem short.ca.pem >all.pem
    tokens=5
else
    cp both.pem all.pem # the machine was too slow to sign in time
    tokens=4
fi

# verify reads all of it
verify 0 ledger --ca all.pem --vkey ledger/key.vkey
is ".anchors.tokens == $tokens and .anchors.cosignatures == 2 and .anchors.records == $tokens + 2"
is '.anchors.unrecorded == 0 and .anchors.chain_judged and .anchors.size == 41'
is '.anchors.early.count == 0 and .anchors.late.count == 0'
is '[.not_shown[] | select(test("nothing outside of this folder says how large the tree must be"))] | length == 1'
is '[.not_shown[] | select(test("witnesses. signatures are"))] | length == 1'
verify 0 ledger
is '(.anchors.chain_judged | not) and (.not_shown | map(test("chains were not judged")) | any)'
verify 1 ledger --ca other.ca.pem
is '.error.name == "untrusted" and (.error.file | startswith("anchors/30/"))'
printf 'log %s\nwitness w %s\nquorum w\n' "$(cat ledger/key.vkey)" "$(cat w.vkey)" >policy
verify 0 ledger --policy policy
is '.key == "policy" and .anchors.witnessed_size == 35'
"$NOTICECTL" witness --make-key y.test/y --key y.key >y.vkey
printf 'log %s\nwitness w %s\nwitness y %s\ngroup both all w y\nquorum both\n' "$(cat ledger/key.vkey)" \
    "$(cat w.vkey)" "$(cat y.vkey)" >policy2
verify 1 ledger --policy policy2
is '.error.name == "no_quorum"'
verify 2 ledger --policy lines
verify 2 ledger --ca lines

# damage: NAME FILE-PREFIX COMMAND: in a copy
damage() {
    local name=$1 file=$2
    rm -rf copy && cp -r ledger copy
    (cd copy && eval "$3") || fail "$3"
    verify 1 copy --ca all.pem --policy policy
    is ".error.name == \"$name\" and (.error.file | startswith(\"$file\"))"
}
tlog request ledger 0.45.fork 0.40.fork || fail "requests"
sed '1,2d' r.0.45.fork >fork45 && sed '1,2d' r.0.40.fork >fork40
damage anchor_missing anchors/30/ 'rm anchors/30/*good_tsa*.tsr'
is '.error.seq > 80'
damage bad_token anchors/30/ 'f=$(ls anchors/30/*good_tsa*.tsr); printf "\\000" | dd of="$f" bs=1 seek=400 conv=notrunc 2>/dev/null'
damage bad_token anchors/30/ 'cp anchors/40/*good_tsa*.tsr "$(ls anchors/30/*good_tsa*.tsr)"'
damage fork anchors/40/ 'cp ../fork40 anchors/40/checkpoint'
damage fork anchors/45/ 'mkdir anchors/45 && cp ../fork45 anchors/45/checkpoint'
damage bad_checkpoint anchors/41/ 'sed -i 2s/41/42/ anchors/41/checkpoint'
damage bad_cosignature anchors/35/ 'sed -i s/.....$/AAAA=/ anchors/35/*.cosig'
damage bad_checkpoint anchors/41/ 'rm anchors/41/checkpoint'

# rolled back: caught by what was seen of it, unless all of that is rolled back too, which is said
rm -rf old && cp -r ledger old
(cd old && cat feed/*.jsonl | head -n 37 >kept && rm -r feed/* tile checkpoint checkpoints.log state outbox &&
    mv kept feed/00000000000000000000.jsonl)
tlog seal old || fail "seal"
verify 1 old
is '.error.name == "rolled_back" and .error.size == 41'
rm -r old/anchors/40 old/anchors/41
verify 0 old
is '.not_shown | map(test("may have been rolled back with it")) | any'
verify 1 old --min-size 38
verify 1 old --compare ledger/checkpoint
is '.error.name == "too_small"'

# a record whose time is before that of an anchor that it follows: told, and no damage
rm -rf early && cp -r ledger early
(cd early && rm -r tile checkpoint checkpoints.log &&
    sed -i '$s/"t":"20[0-9]*-/"t":"2020-/' feed/*.jsonl)
verify 1 early --ca all.pem
is '.error.name == "log_cut"' # a start record names the checkpoint of before
sed -i 's/,"prev_size":[0-9]*,"prev_root":"[^"]*"//' early/feed/*.jsonl
verify 0 early --ca all.pem
is '.anchors.early.count == 1 and .anchors.early.first == .records - 1 and .anchors.late.count == 0'
exit 0
