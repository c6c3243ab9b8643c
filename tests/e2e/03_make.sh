# A second make does nothing, deps installs nothing twice, a touched header rebuilds its users only,
# and the demo runs from end to end.
# check: uring
# limit: 300
. "$(dirname "$0")/lib.sh"

mk() { make -C "$ROOT" --no-print-directory "$@" 2>&1; }
mk -j2 >/dev/null || fail "make fails: $(mk)"
said="$(mk)"
grep -qE '  (CC|CXX|LINK) ' <<<"$said" && fail "the second make works: $said"
[ "$(mk deps)" = "deps: everything is installed" ] || fail "deps is not content: $(mk deps)"
said="$(mk -n bins -W daemon/version.h)"
grep -q 'CC daemon/version.c' <<<"$said" || fail "a new header does not rebuild its user: $said"
grep -q 'CC io/' <<<"$said" && fail "a new header rebuilds what does not include it"
mk -n MODE=nonsense bins | grep -q 'MODE=nonsense is not known' || fail "a wrong MODE is taken"
mk help | grep -q 'make demo' || fail "help does not name the targets"

DEMO_COUNT=2000 mk demo >demo.log || fail "the demo fails: $(cat demo.log)"
[ -s "$ROOT/build/demo/ledger/feed/current" ] || fail "the demo leaves no ledger"
jq -ne 'any(inputs; .kind == "match" and .listing == "DEMO-1" and .class == "counterfeit")' \
    "$ROOT"/build/demo/ledger/feed/*.jsonl >/dev/null || fail "the demo's own listing is not found"

# it ends with a listing that stayed active and got an ad, and one that was removed in time
grep -q 'result: all elements are shown; road to knowledge: listing DEMO-1' demo.log || fail "no knowledge: $(cat demo.log)"
grep -q 'listing_remained_active rebutted *promptly_removed' demo.log || fail "nothing is rebutted: $(cat demo.log)"
grep -q '"ok":true.*"signed":true' demo.log || fail "the demo's record is not signed: $(cat demo.log)"
python3 "$ROOT/tests/e2e/report_check.py" "$ROOT/build/demo/report.html" "$ROOT/build/demo/report-removed.html" ||
    fail "the demo's reports: see above"
grep -q 'class="red"' "$ROOT/build/demo/report.html" || fail "the report shows nothing red"
grep -q 'class="red"' "$ROOT/build/demo/report-removed.html" && fail "red after a prompt removal"
exit 0
