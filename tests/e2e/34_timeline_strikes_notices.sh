# noticectl timeline, strikes, notices and reporters: for people and for programs, on every scenario.
# check: uring long:asan
. "$(dirname "$0")/lib.sh"

python3 "$ROOT/tests/e2e/ledger_people.py" "$NOTICECTL" "$ROOT/tests/scenarios" || fail "see above"

# wrong command lines
mkdir -p l/feed
for wrong in 'timeline l' 'timeline l --merchant M --listing L' 'timeline --merchant M' 'strikes l' 'notices l m' \
    'strikes l --merchant M -o xml' 'notices l --as-of noon' 'reporters nowhere' 'timeline nowhere --merchant M'; do
    code=0
    # shellcheck disable=SC2086
    "$NOTICECTL" $wrong >out 2>err || code=$?
    [ "$code" = 2 ] || fail "exit $code of: $wrong"
    [ -s err ] || fail "silence after: $wrong"
done
# a ledger without records is no error
mkdir -p none/feed
for right in 'timeline none --merchant M' 'strikes none --merchant M' 'notices none' 'reporters none' 'findings none'; do
    # shellcheck disable=SC2086
    "$NOTICECTL" $right -o text >out 2>err || fail "exit $? of: $right: $(cat err)"
    grep -q 'This rests on no record of none' out || fail "$right: $(cat out)"
done
exit 0
