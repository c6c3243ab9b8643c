# noticectl with a real noticed: what send says is true, tail shows it, scan finds the same.
. "$(dirname "$0")/lib.sh"

[ -x "$NOTICED" ] || skip "noticed is not built"
reader=""
end_reader() {
    [ -z "$reader" ] || kill "$reader"
    reader=""
}
cleanup() { # called at the end by lib.sh
    end_reader
    [ -z "$DAEMON" ] || kill -KILL "$DAEMON"
}
ctl() { "$NOTICECTL" "$@"; }
export NOTICED_CRAWL_SOCKET=crawl.sock NOTICED_CONTROL_SOCKET=control.sock NOTICED_LEDGER=ledger

python3 - <<'PY'
import json
marks = ["Squishmallows", "plain toy", "squishmallow replica", "Squish\u200bmallows", "cow \u5409"]
with open("listings", "w") as out:
    for n in range(1, 2001):
        if n % 50 == 0:
            out.write("\n")
        elif n % 71 == 0:
            out.write('{"platform":"shop","listing_id":"L%d"}\r\n' % n)
        else:
            title = marks[n % len(marks)] + " \u001b]52;c;YQ==\u0007 \u202e " + "x" * (n % 300)
            line = {"platform": "shop", "listing_id": "L%d" % n, "seller_id": "s%d" % (n % 9),
                    "title": title}
            out.write(json.dumps(line, ensure_ascii=n % 2 == 0) + "\n")
PY
lists=(--marks "$ROOT/daemon/marks.example.tsv" --cues "$ROOT/daemon/cues.example.tsv")
code=0
ctl scan "${lists[@]}" listings >scanned 2>scan.err || code=$?
[ "$code" = 4 ] || fail "scan: exit $code: $(cat scan.err)"

write_config
start_daemon || fail "noticed does not start"
"$NOTICECTL" tail -f -n all -o json >followed 2>follow.err &
reader=$!

code=0
ctl send --source spider-a listings 2>send.err || code=$?
[ "$code" = 4 ] || fail "send: exit $code: $(cat send.err)"
grep -q '2,000 lines acknowledged, 28 of them rejected' send.err || fail "$(cat send.err)"
[ "$(grep -c '^listings:' send.err)" = 28 ] || fail "nacks: $(cat send.err)"
cmp -s <(grep '^listings:' send.err) scan.err || fail "send and scan reject other lines"

# acknowledged is durable: all of it is in the feed now, and the same as in-process
ctl tail -n all -o json --kind match >matches
[ "$(wc -l <matches)" = "$(wc -l <scanned)" ] ||
    fail "$(wc -l <matches) matches, not $(wc -l <scanned)"
mine="$(jq -c 'select(.source=="spider-a")' matches | wc -l)"
tr -d , <send.err | grep -q " $mine with a match " ||
    fail "send says other matches than the feed's $mine: $(cat send.err)"
cmp -s <(jq -cS '[.line,.listing,.class,.hits]' matches) \
    <(jq -cS '[.line,.listing,.class,.hits]' scanned) || fail "scan and the daemon differ"
caught_up() { [ "$(jq -c 'select(.kind=="match")' followed | wc -l)" = "$(wc -l <scanned)" ]; }
wait_for 20 caught_up || fail "tail -f did not show all: $(cat follow.err)"

# nothing of it reaches a terminal raw
ctl tail -n all >short
LC_ALL=C grep -q '[[:cntrl:]]' short && fail "a raw control in the short form"
ctl tail -n 5 --class counterfeit --seller s3 | grep -q 'counterfeit *shop L' ||
    fail "no match shown"

ctl status >status || fail "status: exit $?"
grep -q '^lines  *2000$' status || fail "$(cat status)"
grep -q '^rejected  *28$' status || fail "$(cat status)"
ctl status -o json | jq -e '.ok and .lines == 2000 and .blank == 40' >/dev/null ||
    fail "status json"

before="$(ctl tail -n 1 -o json --kind ruleset | jq .seq)"
ctl reload >reload || fail "reload: exit $?: $(cat reload)"
after="$(ctl tail -n 1 -o json --kind ruleset | jq .seq)"
[ "$after" -gt "$before" ] || fail "a reload is not on record"

# standard input, twice: a record each time
head -n 1 listings | ctl send 2>send.err || fail "send from stdin: $(cat send.err)"

# a restart is followed; with the daemon gone send and status say so
stop_daemon || fail "exit $? at the end"
code=0
ctl send listings 2>send.err || code=$?
[ "$code" = 3 ] || fail "send without a daemon: exit $code"
code=0
ctl status 2>status.err || code=$?
[ "$code" = 3 ] || fail "status without a daemon: exit $code"
start_daemon || fail "noticed does not start again"
printf '{"platform":"shop","listing_id":"last","title":"Squishmallows"}' | ctl send 2>send.err ||
    fail "send after the restart: $(cat send.err)"
last_seen() { tail -n 1 followed | jq -e '.listing == "last"' >/dev/null; }
wait_for 20 last_seen || fail "tail -f does not follow a restart: $(cat follow.err)"
end_reader

# every record once, in order
ctl tail -n all -o json | jq -s -e '[.[].seq] == [range(length)]' >/dev/null ||
    fail "the feed has gaps"
stop_daemon || fail "exit $? at the end"
exit 0
