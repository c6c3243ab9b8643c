# noticectl metrics: what a real noticed says of itself, in the format that Prometheus reads; every metric that the
# dashboard and the alerts use exists; the alerts say what they mean (with promtool, where there is one).
# check: uring
. "$(dirname "$0")/lib.sh"

exposition() { python3 "$ROOT/tests/e2e/exposition.py" "$@"; }
metrics() { "$NOTICECTL" metrics --socket control.sock "$@"; }
PROMTOOL="$(command -v promtool)"

# what judges can find fault
for wrong in 'x 1' '# HELP x y' '# HELP x y
# TYPE x counter
x 1' '# HELP x_total y
# TYPE x_total counter
x_total{a="b} 1'; do
    printf '%s\n' "$wrong" >wrong
    exposition wrong >out 2>&1 && fail "it takes: $wrong"
done

mkdir spool
printf '{"platform":"shop","listing_id":"s","title":"plate"}\n' >spool/whole
write_config 'spool: {folder: spool}'
start_daemon || fail "noticed does not start"
wait_for 20 test -f spool/done/whole || fail "the spool is not read"
printf '%s\n' '{"platform":"shop","listing_id":"1","title":"Squishmallows replica"}' 'x' '{"platform":"p"}' >lines
"$NOTICECTL" send --socket crawl.sock lines 2>/dev/null
metrics >real || fail "exit $?"
exposition real >names || fail "the format"
for sample in 'noticed_up 1' 'noticed_lines_total 4' 'noticed_listings_total 2' 'noticed_matches_total{class="counterfeit"} 1' \
    'noticed_rejected_lines_total{reason="bad_json"} 1' 'noticed_rejected_lines_total{reason="missing_field"} 1' \
    'noticed_disk_state{state="ok"} 1' 'noticed_disk_state{state="full"} 0' 'noticed_acknowledged_lines_total 3' \
    'noticed_spool_read_files_total 1' 'noticed_spool_waiting_files 0'; do
    grep -qxF "$sample" real || fail "no $sample in: $(cat real)"
done
[ -z "$PROMTOOL" ] || "$PROMTOOL" check metrics <real || fail "promtool refuses it"

# a file for node_exporter: whole or not at all
metrics --textfile "$PWD/noticed.prom" || fail "exit $? for --textfile"
exposition noticed.prom | cmp -s - names || fail "the file holds other metrics"
[ "$(stat -c %a noticed.prom)" = 644 ] || fail "node_exporter could not read it"
[ "$(ls -A ./*.prom .*.prom* 2>/dev/null)" = ./noticed.prom ] || fail "something is left beside it"
metrics --textfile nowhere/x.prom 2>err && fail "it wrote nowhere"
grep -q 'cannot write nowhere/x.prom: No such file' err || fail "$(cat err)"
"$NOTICECTL" status --socket control.sock -o json >status.json
stop_daemon || fail "exit $? at the end"
code=0
metrics --textfile noticed.prom 2>/dev/null || code=$?
[ "$code" = 3 ] || fail "exit $code without a daemon"
[ "$(grep -v '^#' noticed.prom | cut -d ' ' -f 1 | tr '\n' ' ')" = 'noticed_up noticed_written_timestamp_seconds ' ] &&
    grep -qx 'noticed_up 0' noticed.prom || fail "$(cat noticed.prom)"
written="$(sed -n 's/^noticed_written_timestamp_seconds \([0-9]*\).*/\1/p' noticed.prom)"
[ $(($(date +%s) - written)) -lt 60 ] || fail "written at $written, it is $(date +%s)"

# everything that a status can hold, and what only an enemy would put there
jq -c '. + {unsealed: "the \"sealer\" \\ refuses\nnow", signed_age_ms: 1500, query_size: 5, query_age_ms: 61000,
    outbox_error: "No space left on device", warnings_error: "Input/output error",
    spool_error: "cannot read: No such file or directory",
    events_by_kind: {"notice.sent": 2}, disk: "full", more: {a: [1]}, lanes: "two"}
    | .ruleset.last_error = "marks.tsv:1"' status.json >all.json
python3 "$ROOT/tests/e2e/noticectl_fake.py" fake.sock reply "$(cat all.json)" &
wait_for 20 test -S fake.sock || fail "the fake does not open"
"$NOTICECTL" metrics --socket fake.sock >all || fail "exit $?"
exposition all >names || fail "the format"
for sample in 'noticed_unsealed{reason="the \"sealer\" \\ refuses\nnow"} 1' 'noticed_signed_age_seconds 1.500' \
    'noticed_disk_state{state="full"} 1' 'noticed_events_total{kind="notice.sent"} 2' 'noticed_reload_failed 1'; do
    grep -qxF "$sample" all || fail "no $sample in: $(cat all)"
done
grep -q noticed_lanes all && fail "a text became a number"

# each number of a status is a metric, but for what only names something: each gets a value of its own
python3 - <<'PYTHON' || fail "no marked status"
import json
status, number = json.load(open('status.json')), 7000000
def mark(o, prefix):
    global number
    for key, value in o.items():
        if isinstance(value, (int, float)) and prefix + key != 'ok':
            number += 1000
            o[key] = number
            print(prefix + key, number, file=members)
with open('members', 'w') as members:
    mark(status, '')
    mark(status['ruleset'], 'ruleset.')
json.dump(status, open('marked.json', 'w'))
PYTHON
python3 "$ROOT/tests/e2e/noticectl_fake.py" fake2.sock reply "$(cat marked.json)" &
wait_for 20 test -S fake2.sock || fail "the fake does not open"
"$NOTICECTL" metrics --socket fake2.sock >marked || fail "exit $?"
awk 'NR == FNR { if ($0 !~ /^#/) for (unit = 1; unit < 1e7; unit *= 1000) there[sprintf("%.0f", $NF * unit)]; next }
    !($2 in there) { print $1 }' marked members | sort >unprinted
# sums of what is printed by class, kind or reason; and names
printf '%s\n' matches events rejected durable_seq pid run ruleset.seq | sort | cmp -s - unprinted ||
    fail "numbers of the status without a metric: $(tr '\n' ' ' <unprinted)"

# nothing is used that is not there
jq -r '.panels[].targets[].expr' "$ROOT/daemon/dist/grafana.json" >used || fail "the dashboard is no JSON"
sed -n 's/^ *expr: //p' "$ROOT/daemon/dist/alerts.yml" >>used
[ "$(wc -l <used)" -gt 30 ] || fail "the expressions are not found: $(cat used)"
grep -o 'noticed_[a-z_]*' used | sort -u >used_names
missing="$(sort names | comm -23 used_names -)"
[ -z "$missing" ] || fail "dashboard or alerts use what noticectl metrics does not print: $missing"
for alert in $(sed -n 's/^  - alert: //p' "$ROOT/daemon/dist/alerts.yml"); do
    grep -q "$alert" "$ROOT/tests/e2e/alerts_test.yml" || fail "no test of $alert"
done
# the dashboard names panels and numbers once
jq -e '[.panels[].id] | length == (unique | length)' "$ROOT/daemon/dist/grafana.json" >/dev/null || fail "panels share a number"
if [ -n "$PROMTOOL" ]; then
    cp "$ROOT/daemon/dist/alerts.yml" "$ROOT/tests/e2e/alerts_test.yml" .
    "$PROMTOOL" check rules alerts.yml && "$PROMTOOL" test rules alerts_test.yml || fail "the alerts"
else
    echo "without promtool (package prometheus) the alerts are not evaluated"
fi
exit 0
