# A browser shows a report whose texts are hostile, and prints it, without an error, a refusal or a
# request.
# check: uring
. "$(dirname "$0")/lib.sh"

CHROMIUM="$(command -v chromium || command -v chromium-browser)" || skip "no chromium"
PYTHONPATH="$ROOT/tests/e2e" python3 "$ROOT/tests/e2e/ledger_report.py" "$NOTICECTL" "$ROOT/tests/scenarios" ||
    fail "see above"
cat hostile[0-9].html >/dev/null || fail "no hostile report"
# --no-sandbox: it refuses to run as root with one; the pages are ours
HOME="$PWD" timeout 90 "$CHROMIUM" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
    --disable-background-networking --proxy-server=127.0.0.1:9 --host-resolver-rules='MAP * ~NOTFOUND' \
    --user-data-dir="$PWD/profile" --enable-logging=stderr --log-net-log="$PWD/net.json" \
    --print-to-pdf="$PWD/report.pdf" "file://$PWD/hostile1.html" >browser.log 2>&1 ||
    fail "the browser fails: $(tail -n 20 browser.log)"
[ "$(head -c 5 report.pdf)" = "%PDF-" ] || fail "nothing is printed: $(cat browser.log)"
grep -E 'CONSOLE|Refused to' browser.log && fail "the page complains"
# the browser has errands of its own, which find no network; the page has none
[ -s net.json ] || fail "no log of the network"
grep -F 'report.invalid' net.json browser.log && fail "the page asks for something"
exit 0
