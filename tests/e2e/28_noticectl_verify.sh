# noticectl verify and export: a real ledger, signed and derived anew by another program in another
# language, is intact, and what is damaged in it is named. TLOG_RECORDS for a larger one.
# check: uring long:asan
# limit: 300
. "$(dirname "$0")/lib.sh"

records="${TLOG_RECORDS:-3000}"
tlog() { python3 "$ROOT/tests/e2e/tlog.py" "$@"; }
verify() { # CODE OPTIONS...: the result is in `out`
    local wanted=$1 code=0
    shift
    "$NOTICECTL" verify "$@" >out 2>err || code=$?
    [ "$code" = "$wanted" ] || fail "exit $code, not $wanted, of verify $*: $(cat out err)"
}
is() { jq -e "$1" out >/dev/null || fail "not $1: $(cat out)"; }

# a ledger as it is today: no tiles, no checkpoint; while the daemon runs, and after it
write_config
start_daemon || fail "no start"
python3 - "$records" >lines <<'PY'
import sys
for i in range(int(sys.argv[1])):
    print('{"platform":"p","listing_id":"l%d","title":"Squishmallows %d \\u00e9"}' % (i, i * i))
PY
"$NOTICECTL" send --socket crawl.sock lines 2>/dev/null || fail "send"
verify 0 ledger
is '.ok and .error == null and .what == "ledger" and .signed == false and .runs == 1'
is ".records >= $records and (.not_shown | map(test(\"no checkpoint\")) | any)"
stop_daemon || fail "stop: $?"
start_daemon || fail "no second start"
kill -KILL "$DAEMON"
wait "$DAEMON" 2>/dev/null
DAEMON=""
start_daemon || fail "no third start"
stop_daemon || fail "stop: $?"
verify 0 ledger
is '.runs == 3 and .unclean_runs == 1 and .gaps >= 1 and .tail_bytes == 0'
verify 1 ledger --min-size 1
is '.error.name == "no_checkpoint"'
"$NOTICECTL" export tlog ledger unsigned 2>err || fail "export: $(cat err)"
grep -q 'nobody has signed' err || fail "an unsigned tree is not told: $(cat err)"
[ ! -e unsigned/checkpoint ] || fail "a checkpoint out of nothing"
verify 0 unsigned
is '.ok and .what == "tree" and (.signed | not)'

# signed by another program, all but the last records
count="$(feed_lines | wc -l)"
tlog seal ledger $((count / 2)) || fail "seal"
tlog seal ledger $((count - 2)) || fail "seal"
verify 0 ledger
is ".signed and .size == $count - 2 and .matched_size == .size and .records == $count"
is '.checkpoints == 2 and .signatures == 3 and .key == "ledger" and .tiles > 2'
is '.not_shown | map(test("who signed")) | any'
verify 0 ledger --vkey "$(cat ledger/key.vkey)" --min-size $((count - 2)) --jobs 1
is '.key == "given" and (.not_shown | map(test("who signed|newest state")) | any | not)'
verify 0 ledger --vkey ledger/key.vkey --compare ledger/checkpoint -o json-pretty
is '.ok'
verify 1 ledger --min-size $((count - 1))
is '.error.name == "too_small"'
verify 1 ledger --vkey noticed.test/log0+b0c75d7f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4
is '.error.name == "bad_checkpoint" and .error.why == "unknown_key"'

# exported, and accepted by a program that shares no code with us: every record by itself
"$NOTICECTL" export tlog ledger tree 2>err || fail "export: $(cat err)"
grep -q '^noticectl: 2 newer records are left out' err || fail "what is left out is not told: $(cat err)"
[ "$(tlog check tree)" = $((count - 2)) ] || fail "the exported tree is not accepted"
verify 0 tree
is ".what == \"tree\" and .records == $count - 2 and .signed"
"$NOTICECTL" export tlog ledger tree 2>err && fail "an export over another one"
cp -r tree changed
last="$(find changed/tile/entries -type f | sort | tail -n 1)"
printf 'x' | dd of="$last" bs=1 seek=40 conv=notrunc 2>/dev/null
tlog check changed 2>/dev/null && fail "the judge accepts anything"
verify 1 changed
is '.error.name == "record_changed" and (.error.file | startswith("tile/entries/"))'

# damage by name, in machine output; the vectors of others
cp -r ledger good
segment="$(echo good/feed/*.jsonl)"
sed -i '100s/"listing":"l/"listing":"m/g' "$segment"
verify 1 good
is '.error.name == "record_changed" and .error.seq == 99 and (.error.file | startswith("feed/0"))'
"$NOTICECTL" export tlog good bad 2>err && fail "a damaged ledger is exported"
[ ! -e bad/checkpoint ] || fail "a checkpoint over other records"
sed -i '100s/"listing":"m/"listing":"l/g' "$segment"
sed -i '200d' "$segment"
verify 1 good
is '.error.name == "bad_seq" and .error.seq == 199'
rm -r good && cp -r ledger good
truncate -s -9000 "$(echo good/feed/*.jsonl)"
verify 1 good
is '.error.name == "too_short" or .error.name == "bad_record"'
rm good/state/durable
verify 1 good
is '.error.name == "too_short"'
# what noticed would refuse to start with
rm -r good && cp -r ledger good
key="$(cat ledger/key.vkey)"
rm good/key.vkey
verify 1 good --vkey "$key"
is '.error.name == "foreign_key" and .error.file == "key.vkey" and .records > 0 and .log_tail_bytes == 0'
verify 1 good
is '.error.name == "foreign_key" and .error.file == "key.vkey"'
for bytes in '' 'no key' "$(head -c 5000 /dev/zero | tr '\0' k)" \
    'witness.test/w1+ad1959f2+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X'; do
    echo "$bytes" >good/key.vkey
    verify 1 good
    is '.error.name == "foreign_key" and .error.file == "key.vkey"'
done
echo 'noticed.test/log0+b0c75d7f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4' >good/key.vkey
verify 1 good --vkey "$key"
is '.error.name == "foreign_key"'
cp ledger/key.vkey good/key.vkey
verify 0 good --vkey "$key"
is '.log_tail_bytes == 0 and (.durable_behind | not)'
head -c 3000 /dev/zero >>good/checkpoints.log
verify 1 good
is '.error.name == "bad_checkpoint" and .error.file == "checkpoints.log" and .error.why == "cut"'
# what is no file in the place of one is named, and never waited for
rm -r good && cp -r ledger good
segment="$(echo good/feed/*.jsonl)"
mv "$segment" aside
mkfifo "$segment"
verify 1 good
is '.error.name == "segment_missing" and (.error.file | startswith("feed/0"))'
code=0
timeout 20 "$NOTICECTL" tail --ledger good >/dev/null 2>err || code=$?
[ "$code" = 2 ] || fail "exit $code of tail, which reads a FIFO: $(cat err)"
rm "$segment" && mv aside "$segment"
pack="$(echo good/blobs/*.pack)"
mv "$pack" aside
mkdir "$pack"
verify 1 good
is '.error.name == "blob_missing" or .error.name == "bad_pack"'
rmdir "$pack" && mv aside "$pack"
cp "$pack" good/blobs/18446744073709551615.pack
verify 0 good
mkdir empty
verify 2 empty
verify 2 missing
verify 2 ledger --vkey nonsense
verify 2 ledger --jobs 0
verify 2 ledger ledger

# a ledger that was written once (tests/ledgers/make.sh), and is never made again: every format that it is in is
# read for ever, by verify with all that is known of it from elsewhere, and by a start that goes on with it
tar -xzf "$ROOT/tests/ledgers/v1.tar.gz"
key='stored.test/v1+97e8b3d7+ATMvw4ljVdtxvdEkjCg5x8+giwliNGqiRAlZr6PU8meH'
stored() { verify "$1" v1/ledger --vkey "$key" --ca v1/ca.pem --policy v1/policy --min-size 417; }
stored 0
is '.records == 417 and .size == 417 and .signed and .runs == 2 and .gaps == 2 and .tiles == 10'
is '.anchors | .tokens == 1 and .cosignatures == 1 and .unrecorded == 0 and .chain_judged'
is '.blobs | .packs == 1 and .stored == 130 and .named == 135 and .erased == 2 and .unerased == 0'
mv ledger aside
cp -r v1/ledger ledger
start_daemon || fail "no start on a stored ledger"
stop_daemon || fail "stop: $?"
# its snapshot is of an older version, whose place in the record another one takes at the next stop
grep -q 'rebuilt from all 417 records' noticed.log || fail "it is not read again"
: >noticed.log
start_daemon && stop_daemon || fail "no second start on a stored ledger: $?"
grep 'snapshot' noticed.log && fail "the snapshot of the stop is not taken"
verify 0 ledger
is '.records > 417 and .size == 417 and .runs == 4 and .unclean_runs == 1 and .blobs.erased == 2'
rm -r ledger && mv aside ledger
# something else in the place of a file is named, and never waited for
for file in feed/00000000000000000000.jsonl tile/0/000 tile/1/000.p/1 checkpoint checkpoints.log key.vkey \
    anchors/414/checkpoint anchors/414/query.tsq anchors/414/CN_stored_tsa_O_Example.0b4561ee.tsr \
    anchors/415/witness_test_stored.aa1350d9.cosig blobs/00000000000000000000.pack; do
    for make in mkfifo 'ln -s nowhere' "ln -s $(basename "$file")"; do
        mv "v1/ledger/$file" kept
        $make "v1/ledger/$file"
        stored 1
        is ".error | .name != null and (.file | test(\"^$(dirname "$file" | sed 's/^[.]$//')\"))"
        rm -d "v1/ledger/$file" && mv kept "v1/ledger/$file"
    done
done
mv v1/ledger/state/durable kept
for make in mkfifo mkdir 'ln -s durable' 'ln -s nowhere'; do
    $make v1/ledger/state/durable
    stored 0
    rm -d v1/ledger/state/durable
done
mv kept v1/ledger/state/durable
printf 'x' | dd of=v1/ledger/blobs/00000000000000000000.pack bs=1 seek=20000 conv=notrunc 2>/dev/null
stored 1
is '.error.name == "blob_changed" or .error.name == "bad_pack"'

vectors="$ROOT/../shared/ledger-vectors"
if [ -d "$vectors" ]; then
    verify 0 "$vectors/t256" --vkey "$vectors/own.vkey"
    verify 0 "$vectors/tessera" \
        --vkey example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx
    is '.records == 15 and .tiles >= 15'
    verify 2 "$vectors/t5" # signed, and no key
fi
exit 0
