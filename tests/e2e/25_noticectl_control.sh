# noticectl status and reload: one question, one answer, the right exit code.
# check: uring asan
. "$(dirname "$0")/lib.sh"

# ask CODE REPLY COMMAND...: noticectl against a control socket that gives this reply
ask() {
    local wanted=$1 reply=$2 code=0 fake
    shift 2
    rm -f fake.sock received
    python3 "$ROOT/tests/e2e/noticectl_fake.py" fake.sock reply "$reply" 2>fake.err &
    fake=$! # waiting sets $! anew
    wait_for 20 test -S fake.sock || fail "the fake does not open: $(cat fake.err)"
    timeout 60 "$NOTICECTL" "$@" --socket fake.sock >out 2>err || code=$?
    wait "$fake" || fail "the fake failed: $(cat fake.err)"
    [ "$code" = "$wanted" ] || fail "exit $code, not $wanted: $(cat out err)"
}
reply='{"ok":true,"version":"0.1.0","lines":1234567,"disk":"ok"'
reply+=',"rejects":{"bad_json":2},"ruleset":{"seq":2,"last_error":"\u001b[31m"}}'

ask 0 "$reply" status
[ "$(cat received)" = '{"cmd":"status"}' ] || fail "the question: $(cat received)"
grep -q '^lines  *1234567$' out || fail "$(cat out)"
grep -q '^  bad_json  *2$' out || fail "$(cat out)"
grep -qF '\u{1b}[31m' out || fail "$(cat out)"
grep -q '^ok' out && fail "the envelope is shown"
ask 0 "$reply" status -o json
[ "$(cat out)" = "$reply" ] || fail "json is not verbatim: $(cat out)"
ask 0 "$reply" status -o json-pretty
[ "$(jq -c .lines out)" = 1234567 ] || fail "$(cat out)"

ask 0 '{"ok":true,"ruleset":17,"sha256":"ab"}' reload
[ "$(cat received)" = '{"cmd":"reload"}' ] || fail "the question: $(cat received)"
grep -q '^reloaded$' out || fail "$(cat out)"
ask 1 '{"ok":false,"error":"marks.tsv:3: \u001b no"}' reload
grep -qF 'noticed refused: marks.tsv:3: \u{1b} no' err || fail "$(cat err)"
ask 1 '{"ok":false}' status

for wrong in '' 'hello' '[]' '{"yes":true}' '{"ok":1}'; do
    ask 3 "$wrong" status
    [ -s err ] || fail "nothing is said of: $wrong"
done
exit 0
