#!/usr/bin/env bash
# Made v1.tar.gz, which verify must accept for ever: a ledger as noticed writes it (records v 1, packs of
# version 1, snapshots of version 2), through two runs, a kill, rejected lines, a notice, holds, an erase, and
# outside times (RFC 3161, a witness). A file that is there is never made again; a later version of a format
# gets a file of its own.
#   tests/ledgers/make.sh OUT.tar.gz
out="$(realpath "$1")"
. "$(dirname "$0")/../e2e/lib.sh"
[ ! -e "$out" ] || fail "$out is there"

ctl() { "$NOTICECTL" "$@" >>made 2>&1 || fail "$*: $(cat made)"; }
lines() { # FROM TO
    for i in $(seq "$1" "$2"); do
        printf '{"platform":"shop","listing_id":"l%d","seller_id":"s%d","title":"replica Squishmallows %d"}\n' \
            "$i" $((i % 5)) "$i"
    done
}
sealed() { [ "$(sed -n 2p ledger/checkpoint 2>/dev/null || echo 0)" -gt "$1" ]; }
records() { cat ledger/feed/0*.jsonl | wc -l; }

mkdir keys
ctl setup-keys --origin stored.test/v1 keys
mkdir daemon # the record names the lists by their paths
cp "$ROOT/daemon/marks.example.tsv" "$ROOT/daemon/cues.example.tsv" daemon/
write_config "seal: {key: \"$PWD/keys/noticed.key\"}" "notice: {socket: notice.sock}"
sed -i "s|$ROOT/daemon|$PWD/daemon|g" noticed.yaml
start_daemon || fail "no start"
lines 1 60 >lines
ctl send --socket crawl.sock lines
printf '{"platform":"shop"\nno json\n' >bad
"$NOTICECTL" send --socket crawl.sock bad >>made 2>&1
printf '%s\n' '{"id":"N1","type":"notice.sent","notice":"N1","platform":"shop","listings":["l1"],"at":"2026-11-30T10:00:00Z"}' >events
ctl send --socket notice.sock events
wait_for 20 sealed 100 || fail "not sealed"
kill -KILL "$DAEMON"
wait "$DAEMON" 2>/dev/null
printf '{"v":1,"seq"' >>"$(ls ledger/feed/0*.jsonl | tail -n 1)" # as a crash leaves it

start_daemon || fail "no second start"
lines 1 5 >lines
ctl send --socket crawl.sock lines
lines 61 130 >lines
ctl send --socket crawl.sock lines
jq -r 'select(.blob_kept).blob' ledger/feed/0*.jsonl | sort -u >blobs
ctl blob hold --socket control.sock --authority 'order of 2 March' "$(sed -n 1p blobs)"
ctl blob hold --socket control.sock --authority 'case 1' --merchant other/one
ctl blob hold --socket control.sock --authority 'case 2' --all
ctl blob release --socket control.sock --authority 'case 2' --all
ctl blob erase --socket control.sock --ledger ledger --authority 'request 7' --reason 'Art. 17 GDPR' \
    "$(sed -n 2p blobs)" "$(sed -n 3p blobs)"

# outside times over what is signed by now
openssl ecparam -name prime256v1 -genkey -noout -out ca.key
openssl req -x509 -new -key ca.key -subj "/CN=stored root" -days 36500 -out ca.pem
openssl ecparam -name prime256v1 -genkey -noout -out tsa.key
openssl req -new -key tsa.key -subj "/O=Example/CN=stored tsa" -out tsa.csr
printf 'extendedKeyUsage=critical,timeStamping\n' >tsa.ext
openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 36500 -extfile tsa.ext -out tsa.pem
printf '%s\n' '[tsa]' 'default_tsa = t' '[t]' "serial = $PWD/serial" "signer_cert = $PWD/tsa.pem" \
    "signer_key = $PWD/tsa.key" 'signer_digest = sha256' 'default_policy = 1.3.6.1.4.1.4146.2.3' 'digests = sha256' \
    'accuracy = secs:1' 'ess_cert_id_alg = sha256' >tsa.cnf
echo 01 >serial
wait_for 20 sealed 300 || fail "not sealed: $(records)"
ctl anchor query --ledger ledger
query="$(ls -t ledger/outbox/*.tsq | head -n 1)"
openssl ts -reply -config tsa.cnf -queryfile "$query" -out reply.tsr
ctl anchor add --socket control.sock --ledger ledger --ca ca.pem reply.tsr
"$NOTICECTL" witness --make-key witness.test/stored --key w.key >w.vkey
"$NOTICECTL" anchor request --old 0 ledger >request || fail "request"
"$NOTICECTL" witness --key w.key --state w --log ledger/key.vkey request >reply || fail "witness"
ctl anchor add --socket control.sock --ledger ledger --witness w.vkey reply
size="$(sed -n 2p ledger/checkpoint)"
wait_for 20 sealed "$size" || fail "the anchors are not sealed"
stop_daemon || fail "stop: $?"
"$NOTICECTL" verify ledger --ca ca.pem || fail "it does not verify"
printf 'log %s\nwitness w1 %s\nquorum w1\n' "$(cat ledger/key.vkey)" "$(cat w.vkey)" >policy
mkdir v1
cp -r ledger policy ca.pem v1/
tar -c --sort=name --owner=0 --group=0 --numeric-owner v1 | gzip -9n >"$out"
ls -l "$out"
