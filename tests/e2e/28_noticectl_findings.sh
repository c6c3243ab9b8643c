# noticectl findings: the 30 scenarios byte for byte, filters, earlier answers, faults in the input.
# check: uring long:asan
. "$(dirname "$0")/lib.sh"

findings() { "$NOTICECTL" findings "$@"; }
SCENARIOS="$ROOT/tests/scenarios"
EXIT_TEXT="Findings state what the records show. They are not a finding of infringement, knowledge in law, or contempt."

# every scenario, in its order, reversed, and each line twice
count=0
for expect in "$SCENARIOS"/*.expect.jsonl; do
    events="${expect%.expect.jsonl}.jsonl"
    findings --events "$events" >out 2>err || fail "exit $? for $events: $(cat err)"
    cmp out "$expect" || fail "$events: $(diff out "$expect" | head -n 4)"
    tac "$events" >reversed
    cat "$events" reversed | findings --events - 2>/dev/null | cmp - "$expect" || fail "$events: reversed and twice"
    count=$((count + 1))
done
[ "$count" -ge 30 ] || fail "only $count scenarios"

# filters choose lines and change none
all="$SCENARIOS/08_act_not_connected"
findings --events "$all.jsonl" --merchant M1 | cmp - <(jq -c 'select(.merchant=="M1")' "$all.expect.jsonl") || fail "--merchant"
act="$(head -n 1 "$all.expect.jsonl" | jq -r .act)"
findings --events "$all.jsonl" --act "$act" | cmp - <(grep "^{\"act\":\"$act\"" "$all.expect.jsonl") || fail "--act"
findings --events "$all.jsonl" --platform P | cmp - "$all.expect.jsonl" || fail "--platform"
for none in '--merchant nobody' '--act nothing' '--platform nowhere'; do
    # shellcheck disable=SC2086
    [ -z "$(findings --events "$all.jsonl" $none)" ] || fail "$none finds something"
done

# --as-of and --seq-max give what was found before later events and records
for scenario in 10b_after_late_takedown 04_active_despite_notice_then_ad 12b_platform_restores; do
    events="$SCENARIOS/$scenario.jsonl"
    lines="$(wc -l <"$events")"
    for n in 3 8 "$((lines - 2))" "$((lines - 1))"; do
        head -n $((n + 1)) "$events" >prefix
        findings --events prefix >expected
        findings --events "$events" --seq-max "$n" | cmp - expected || fail "$scenario --seq-max $n"
    done
    for at in 2022-06-01T00:00:00Z 2023-01-05T10:00:00Z 2023-01-10T02:00:00+02:00; do
        python3 - "$events" "$at" >prefix <<'PY'
import datetime as dt, json, sys
until = dt.datetime.fromisoformat(sys.argv[2].replace("Z", "+00:00"))
for line in open(sys.argv[1]):
    if dt.datetime.fromisoformat(json.loads(line)["at"].replace("Z", "+00:00")) <= until:
        print(line, end="")
PY
        findings --events prefix >expected
        findings --events "$events" --as-of "$at" | cmp - expected || fail "$scenario --as-of $at"
    done
done

# text for people: the same answers, and the words that every output ends with
events="$SCENARIOS/04_active_despite_notice_then_ad.jsonl"
findings --events "$events" -o text >out 2>err || fail "exit $?: $(cat err)"
[ "$(tail -n 1 out)" = "$EXIT_TEXT" ] || fail "ends with: $(tail -n 1 out)"
grep -q '^  listing_remained_active *shown *active_after_grace: ' out || fail "$(cat out)"
[ "$(grep -c '^  knowledge ' out)" = "$(findings --events "$events" | wc -l)" ] || fail "not all findings"
grep -q "$(printf '\033')" out && fail "colours without a terminal"
findings --events "$events" -o text --color always | grep -q "$(printf '\033')" || fail "no colours"
: >empty
[ -z "$(findings --events empty)" ] || fail "something in nothing"
[ "$(findings --events empty -o text | tail -n 1)" = "$EXIT_TEXT" ] || fail "empty text"
# what a terminal would obey is not printed raw; without a policy nothing is guessed
cat >hostile <<'JSON'
{"id":"l","type":"listing","at":"2023-01-01T00:00:00Z","listing":"\u001b[31mL","merchant":"M\u202e1"}
{"id":"a","type":"support","at":"2023-01-02T00:00:00Z","platform":"P","kind":"promo_email","listing":"\u001b[31mL"}
JSON
findings --events hostile -o text >out || fail "exit $?"
grep -q 'strikes are not computable: no policy; default grace, no policy: 86400 s' out || fail "$(cat out)"
grep -qF 'M\u{202e}1' out || fail "$(cat out)"
grep -q "$(printf '\033')" out && fail "a raw escape"
findings --events hostile | jq -e '.strikes == [0,0,null] and .merchant == "M\u202e1"' >/dev/null || fail "null"

# a line that is no event: named with its number; nothing is found on the rest
{
    cat "$events"
    printf '\n{"id":"x"}\nno json\n{"id":"y","type":"sighting","at":"2023-01-01T00:00:00","listing":"L1","state":"active"}\n'
} >mixed
code=0
findings --events mixed >out 2>err || code=$?
[ "$code" = 2 ] || fail "exit $code with lines that are no events"
[ -s out ] && fail "findings on a part: $(cat out)"
n="$(wc -l <"$events")"
[ "$(head -n 3 err | cut -d: -f1-4)" = "mixed:$((n + 2)): missing_field: type
mixed:$((n + 3)): bad_json: line
mixed:$((n + 4)): bad_time: at" ] || fail "$(cat err)"
# --seq-max stops before them
findings --events mixed --seq-max $((n - 1)) | cmp - "${events%.jsonl}.expect.jsonl" || fail "lines past --seq-max are read"

# two bodies under one id are told, and parts that are missing
findings --events "$SCENARIOS/10c_conflicting_body_same_id.jsonl" >/dev/null 2>err || fail "exit $?"
grep -q 'id s1: two different events have it; both are left out' err || fail "$(cat err)"
{
    cat "$events"
    echo '{"id":"p","type":"notice.sent","at":"2023-01-05T10:00:00Z","platform":"P","notice":"N9","listings":["L1"],"part":[2,3]}'
} >parts
findings --events parts 2>err | cmp - "${events%.jsonl}.expect.jsonl" || fail "an incomplete part counts"
grep -q 'id p: some of its parts are missing' err || fail "$(cat err)"
# a type that nobody knows is no fault
echo '{"id":"z","type":"weather","at":"2023-01-05T10:00:00Z","part":"of the day"}' >>parts
findings --events parts 2>/dev/null | cmp - "${events%.jsonl}.expect.jsonl" || fail "an unknown type"

# the track without an order: each noticed listing, as of a time
track="$SCENARIOS/04_active_despite_notice_then_ad.jsonl"
[ "$(findings --events "$track" --track notice_action | jq -c '[.track, .listing, .result, .elements.listing_remained_active[:2]]')" = \
    '["notice_action","L1","all_elements_shown",["shown","active_after_grace"]]' ] ||
    fail "track: $(findings --events "$track" --track notice_action)"
[ "$(findings --events "$track" --track notice_action --as-of 2023-01-05T11:00:00Z | jq -c .missing)" = '["listing_remained_active"]' ] ||
    fail "track as of a time within grace"
findings --events "$track" --track notice_action -o text | grep -q 'both elements are shown' || fail "track as text"

# wrong command lines
for wrong in \
    '' "ledger" '--events missing' '--events empty --as-of yesterday' '--events empty --seq-max -1' '--events empty -o xml' \
    '--events empty --track decree'; do
    code=0
    # shellcheck disable=SC2086
    findings $wrong >out 2>err || code=$?
    [ "$code" = 2 ] || fail "exit $code of: findings $wrong"
    [ -s err ] || fail "silence after: findings $wrong"
done
[ -w /dev/full ] && { findings --events "$events" >/dev/full 2>err && fail "a full disk is a success"; }
exit 0
