# noticectl report: one HTML file that says what findings say, loads nothing, and that no text from
# outside can break out of.
# check: uring asan
. "$(dirname "$0")/lib.sh"

PYTHONPATH="$ROOT/tests/e2e" python3 "$ROOT/tests/e2e/ledger_report.py" "$NOTICECTL" "$ROOT/tests/scenarios" ||
    fail "see above"

# wrong command lines; what was there before stays
mkdir -p none/feed
echo before >kept.html
for wrong in 'report none' 'report none --merchant M' 'report --merchant M --html o.html' 'report none --html o.html' \
    'report none m --merchant M --html o.html' 'report none --merchant M --html no/such/folder/o.html' \
    'report nowhere --merchant M --html kept.html'; do
    code=0
    # shellcheck disable=SC2086
    "$NOTICECTL" $wrong >out 2>err || code=$?
    [ "$code" = 2 ] || fail "exit $code of: $wrong"
    [ -s err ] || fail "silence after: $wrong"
done
[ "$(cat kept.html)" = before ] || fail "a report that failed replaced a file"
[ ! -e o.html ] || fail "a wrong command line writes a file"
# a full disk is an error
if [ -w /dev/full ]; then
    ln -s /dev/full full.html.partial
    "$NOTICECTL" report none --merchant M --html full.html 2>err && fail "a full disk is no error"
    grep -q 'No space left' err || fail "a full disk: $(cat err)"
fi
# a ledger without records is no error
"$NOTICECTL" report none --merchant M --html none.html || fail "exit $? of an empty ledger"
python3 "$ROOT/tests/e2e/report_check.py" none.html || fail "see above"
grep -q 'This rests on no record' none.html || fail "an empty ledger: $(cat none.html)"
