# noticed says READY when it takes lines, answers, finds a mark, and ends in order with its record.
# check: uring poll asan
. "$(dirname "$0")/lib.sh"

write_config
"$NOTICED" --config noticed.yaml --check-config || fail "the example lists are refused"
start_daemon || fail "it does not start"
grep -q "$NOTICED_IO" noticed.log || fail "the log does not name the backend"

printf '%s\n' '{"platform":"p","listing_id":"1","seller_id":"s","title":"Squishmallows replica"}' \
    '{"platform":"p","listing_id":"2","title":"a plain cushion"}' \
    '{"platform":"p","listing_id":"3"}' >lines
"$NOTICECTL" send --socket crawl.sock lines >sent 2>&1
[ $? = 4 ] || fail "send does not exit with 4 when a line is rejected: $(cat sent)"
grep -q 'missing_field' sent || fail "the rejected line has no reason: $(cat sent)"

"$NOTICECTL" status --socket control.sock >status || fail "no status"
grep -qE '^accepted +2$' status || fail "status does not count: $(cat status)"

stop_daemon || fail "SIGTERM gives exit status $?"
wait_for 10 grep -q STOPPING=1 ready || fail "it does not say STOPPING"
kinds="$(feed_lines | jq -r .kind | tr '\n' ' ')"
[[ "$kinds" == "start "*"ruleset "*"sighting match "*"stop " ]] || fail "the feed holds: $kinds"
[ "$(feed_lines | jq -r 'select(.kind == "match") | .class')" = counterfeit ] || fail "wrong class"
[ "$(cat ledger/rejects/*.jsonl | wc -l)" = 1 ] || fail "the rejected line is not kept"
