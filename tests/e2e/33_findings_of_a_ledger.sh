# noticectl findings LEDGER: the 30 scenarios as ledgers, earlier answers, what is held back or
# missing is said, and each finding names its records.
# check: uring long:asan
. "$(dirname "$0")/lib.sh"

SCENARIOS="$ROOT/tests/scenarios"
EXIT_TEXT="Findings state what the records show. They are not a finding of infringement, knowledge in law, or contempt."
findings() { "$NOTICECTL" findings "$@"; }
# ledger FOLDER WORD...: makes one of these (noticectl_ledger.py), everything durable
ledger() {
    rm -rf "$1"
    python3 "$ROOT/tests/e2e/noticectl_ledger.py" "$@" durable || fail "no ledger $*"
}
# what a file of events says of the same: without seqs, and without the account at the end
plain() { sed -e '/^{"summary":/d' -e 's/,"seqs":{.*}}$/}/' "$1"; }

python3 "$ROOT/tests/e2e/ledger_scenarios.py" "$NOTICECTL" "$SCENARIOS" || fail "a scenario differs"

# cut at any record: as from a file
events="$SCENARIOS/10b_after_late_takedown.jsonl"
ledger l events "$events"
lines="$(wc -l <"$events")"
for n in 3 8 "$((lines - 2))" "$((lines - 1))"; do
    head -n $((n + 1)) "$events" >prefix
    findings --events prefix >expected
    findings l --all-pairs --seq-max "$n" >out
    plain out | cmp - expected || fail "--seq-max $n"
    jq -e ".summary.records == $((n + 1))" <(tail -n 1 out) >/dev/null || fail "$(tail -n 1 out)"
done
findings --events "$events" --as-of 2023-01-08T00:00:00Z >expected
findings l --all-pairs --as-of 2023-01-08T00:00:00Z >out
plain out | cmp - expected || fail "--as-of"
# an answer stays what it was when later records come
findings l --seq-max $((lines - 1)) >before
python3 "$ROOT/tests/e2e/noticectl_ledger.py" l events "$SCENARIOS/10c_conflicting_body_same_id.jsonl" durable
findings l --seq-max $((lines - 1)) | cmp - before || fail "later records change an earlier answer"
# what is not durable is not read
python3 "$ROOT/tests/e2e/noticectl_ledger.py" l events "$SCENARIOS/05_three_strikes_then_preferred_status.jsonl" torn
before="$(findings l | tail -n 1 | jq .summary.records)"
[ "$before" = "$((lines + $(wc -l <"$SCENARIOS/10c_conflicting_body_same_id.jsonl")))" ] || fail "read past the durable end"

# --order: that order alone, and its parties
grep -v '"type":"order' "$SCENARIOS/04_active_despite_notice_then_ad.jsonl" >two
cat >>two <<'JSON'
{"id":"oa","type":"order","at":"2022-12-13T15:00:00Z","order":"OA"}
{"id":"oas","type":"order.served","at":"2022-12-14T15:00:00Z","order":"OA","platform":"P"}
{"id":"oap","type":"order.party","at":"2022-12-13T15:00:00Z","order":"OA","merchant":"M1"}
{"id":"ob","type":"order","at":"2022-12-13T16:00:00Z","order":"OB"}
{"id":"obp","type":"order.party","at":"2022-12-13T16:00:00Z","order":"OB","merchant":"M1"}
{"id":"oc","type":"order","at":"2022-12-13T16:00:00Z","order":"OC"}
{"id":"ocp","type":"order.party","at":"2022-12-13T16:00:00Z","order":"OC","merchant":"M2"}
JSON
ledger l events two
findings l --order OA --act ad2 | head -n 1 |
    jq -e '.elements.decree_known == ["shown","served_or_acknowledged",["oa","oas"]]' >/dev/null || fail "--order OA"
findings l --order OB --act ad2 | head -n 1 | jq -e '.elements.decree_known[1] == "order_not_served"' >/dev/null || fail "--order OB"
[ "$(findings l --order OC | wc -l)" = 1 ] || fail "--order OC tells of others: $(findings l --order OC)"

# dated after its own record: held back and told, until a review confirms it
events="$SCENARIOS/04_active_despite_notice_then_ad.jsonl"
cp "$events" ahead
cat >>ahead <<'JSON'
{"id":"soon","type":"takedown","at":"2026-11-24T15:00:06Z","unc_ms":60000,"listing":"L1","actor":"platform"}
{"id":"far","type":"support","at":"2027-01-01T00:00:00Z","platform":"P","kind":"sponsored_ad","gen":"human","listing":"L1"}
JSON
ledger l events ahead
findings l >out || fail "exit $?"
grep -q '^{"act":"far"' out && fail "an act of the future counts"
tail -n 1 out | jq -e --argjson n "$(($(wc -l <ahead) - 1))" '.summary.held_back | length == 1 and
    (.[0] | .seq == $n and .id == "far" and .at == "2027-01-01T00:00:00.000000000Z")' >/dev/null || fail "$(tail -n 1 out)"
findings l -o text | grep -q 'event far is dated 2027-01-01.*later than it was recorded' || fail "not told"
for outcome in false_match unsure confirmed; do
    printf '{"id":"r-%s","type":"review","at":"2026-11-24T15:00:00Z","subject":"far","outcome":"%s"}\n' \
        "$outcome" "$outcome" >>ahead
    ledger l events ahead
    acts="$(findings l | grep -c '^{"act":"far"')"
    [ "$acts" = "$([ "$outcome" = confirmed ] && echo 1 || echo 0)" ] || fail "$outcome: $acts findings"
done
findings l | tail -n 1 | jq -e '.summary.held_back == []' >/dev/null || fail "still held back"

# what is missing is said, as text and as JSON
cp "$events" some
ledger l gap 2023-01-07T00:00:00Z 2023-01-08T00:00:00Z gap 2024-01-07T00:00:00Z 2024-01-08T00:00:00Z events some
findings l >out
tail -n 1 out | jq -e '.summary | .checkpoint == null and (.gaps | length) == 1 and .gaps[0].cause == "crash"
    and (.missing | length) == 3 and (.statement | startswith("Findings state what"))' >/dev/null || fail "$(tail -n 1 out)"
findings l -o text >out || fail "exit $?"
[ "$(tail -n 1 out)" = "$EXIT_TEXT" ] || fail "ends with: $(tail -n 1 out)"
grep -q 'a gap (record 0, crash) from 2023-01-07T00:00:00.000000000Z to 2023-01-08' out || fail "$(cat out)"
grep -q '2024-01-07' out && fail "a gap after the acts"
grep -q 'no signature shows that nobody rewrote it' out || fail "unsigned is not said"
grep -q 'shown *active_after_grace: .*\[s1 (record [0-9]*)\]' out || fail "no records: $(cat out)"
for kind in counter crawl; do
    printf '{"id":"cv-%s","type":"coverage","at":"2023-02-01T00:00:00Z","platform":"P","kind":"%s",%s}\n' \
        $kind $kind '"from":"2022-01-01T00:00:00Z","to":"2023-02-01T00:00:00Z"' >>some
done
ledger l events some
findings l | tail -n 1 | jq -e '.summary.missing | length == 1' >/dev/null || fail "coverage is not seen"
printf 'noticed.test\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 noticed.test AAAA\n' >l/checkpoint
findings l | tail -n 1 >out
jq -e '.summary.checkpoint.size == 5 and (.summary.missing[0] | startswith("Records from 5 on"))' out >/dev/null || fail "$(cat out)"

# an event that cannot be read is told, and the rest is found: a ledger cannot be mended
cp "$events" odd
echo '{"id":"odd","type":"takedown","at":"yesterday","listing":"L1"}' >>odd
ledger l events odd
code=0
findings l --all-pairs >out || code=$?
[ "$code" = 4 ] || fail "exit $code with an event that cannot be read"
plain out | cmp - "${events%.jsonl}.expect.jsonl" || fail "the rest"
tail -n 1 out | jq -e '.summary.unreadable[0].detail | startswith("at: not RFC 3339")' >/dev/null || fail "$(tail -n 1 out)"
# nor can a damaged line be passed over
sed -i '5s/"seq":4/"seq":9/' l/feed/*.jsonl
code=0
findings l >out 2>err || code=$?
[ "$code" = 2 ] || fail "exit $code of a damaged ledger"
grep -q 'damaged at record 4; see `noticectl verify l`' err || fail "$(cat err)"
code=0
findings nowhere 2>err || code=$?
[ "$code" = 2 ] || fail "exit $code without a ledger"
grep -q 'no feed in nowhere: is it the folder of a ledger' err || fail "$(cat err)"
# texts that a terminal would obey
cat >hostile <<'JSON'
{"id":"l","type":"listing","at":"2023-01-01T00:00:00Z","listing":"\u001b[31mL","merchant":"M\u202e1"}
{"id":"a","type":"support","at":"2023-01-02T00:00:00Z","platform":"P","kind":"promo_email","listing":"\u001b[31mL"}
JSON
ledger l events hostile
findings l -o text >out || fail "exit $?"
grep -qF 'M\u{202e}1' out || fail "$(cat out)"
grep -q "$(printf '\033')" out && fail "a raw escape"
exit 0
