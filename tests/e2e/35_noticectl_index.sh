# noticectl index: answers with it are those without it; it is extended, checked, and refused when it
# belongs to another ledger.
# check: uring long:asan
. "$(dirname "$0")/lib.sh"

python3 "$ROOT/tests/e2e/ledger_index.py" "$NOTICECTL" "$ROOT/tests/scenarios" || fail "see above"

# a difference is found, and told with exit code 1
sqlite() { python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()' "$@"; }
sqlite l/state/index.sqlite 'DELETE FROM posting WHERE seq=5'
code=0
"$NOTICECTL" index l --check >out 2>err || code=$?
[ "$code" = 1 ] || fail "exit $code of --check on a tampered index: $(cat out err)"
grep -q 'differs from one that is made anew' err || fail "$(cat err)"
"$NOTICECTL" index l --rebuild --check >out || fail "exit $?"

# an index of another ledger is not used: the answer is that of all records, and it is said
"$NOTICECTL" findings l --merchant M1_3 | sed '$d' >expected
mkdir -p m/feed
cp l/feed/*0.jsonl m/feed/
sed -i '1s/"kind":"[a-z.]*"/"kind":"other"/' m/feed/00000000000000000000.jsonl
cp -r l/state m/
"$NOTICECTL" findings m --merchant M1_3 2>err | sed '$d' >out || fail "exit $?"
cmp out expected || fail "an index of another ledger changes the answer"
grep -q 'the index of m cannot be used .*reading all records, going on' err || fail "$(cat err)"
code=0
"$NOTICECTL" index m 2>err || code=$?
[ "$code" = 2 ] || fail "exit $code"
grep -q 'was made of another ledger, or of one that has been cut back: make it anew with --rebuild' err || fail "$(cat err)"
# nor is a damaged file, or one whose lines are elsewhere
head -c 3000 m/state/index.sqlite >part && mv part m/state/index.sqlite
"$NOTICECTL" findings m --merchant M1_3 2>err | sed '$d' | cmp - expected || fail "a damaged index"
[ -s err ] || fail "a damaged index is not told"
sqlite l/state/index.sqlite 'UPDATE posting SET offset=offset+1 WHERE seq%3=0'
"$NOTICECTL" findings l --merchant M1_3 2>err | sed '$d' | cmp - expected || fail "lines that are elsewhere"
grep -q 'going on' err || fail "$(cat err)"
# events that do not say their platform make ids global: then all is read
python3 "$ROOT/tests/e2e/noticectl_ledger.py" n events "$ROOT/tests/scenarios/04_active_despite_notice_then_ad.jsonl" durable
"$NOTICECTL" findings n --merchant M1 >expected
"$NOTICECTL" index n >/dev/null || fail "exit $?"
"$NOTICECTL" findings n --merchant M1 2>/dev/null | cmp - expected || fail "global ids"
for wrong in 'index' 'index nowhere' 'index l m' 'index l --check=yes'; do
    code=0
    # shellcheck disable=SC2086
    "$NOTICECTL" $wrong >out 2>err || code=$?
    [ "$code" = 2 ] || fail "exit $code of: $wrong"
done
exit 0
