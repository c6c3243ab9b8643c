#!/usr/bin/env bash
# From nothing to seeing it: makes listings, starts noticed, feeds it, shows what it recorded, stops it.
# `make demo` builds what this needs. Everything stays in build/demo.
#
#   DEMO_COUNT=200000 make demo     more listings (50000)
set -eu
cd "$(dirname "$0")/../.."
count="${DEMO_COUNT:-50000}"
demo=build/demo
daemon=""

stop() { # never leave the daemon behind
    [ -z "$daemon" ] || { kill -TERM "$daemon" 2>/dev/null && wait "$daemon"; } || true
}
trap stop EXIT

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold="" plain=""; fi
step() { printf '\n%s== %s%s\n' "$bold" "$1" "$plain"; }

rm -rf "$demo"
mkdir -p "$demo"
cp daemon/marks.example.tsv "$demo/marks.tsv"
cp daemon/cues.example.tsv "$demo/cues.tsv"
cat >"$demo/noticed.yaml" <<'YAML'
ledger:
  path: ledger
crawl:
  socket: crawl.sock
notice:
  socket: notice.sock
control:
  socket: control.sock
marks:
  - marks.tsv
cues:
  - cues.tsv
seal:
  key: noticed.key
YAML
build/noticectl setup-keys --origin demo.invalid/noticed "$demo" >"$demo/keys.txt"

step "1. $count made-up listings in 15 languages; some name a mark, some of those in disguise"
build/release/bench/corpus "--count=$count" --seed=7 --marks="$demo/marks.tsv" --marked=30 \
    >"$demo/listings.ndjson"
# two listings that no seed decides, so that you know what to look for; both were seen four days ago
at() { date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ; }
listing() { # NUMBER SELLER OBSERVED_AT
    printf '{"platform":"souq","listing_id":"DEMO-%s","seller_id":"%s","observed_at":"%s",' "$1" "$2" "$3"
    printf '%s\n' '"title":"S\u200bquishmallows replica 40 cm","description":"soft, 1:1, ships fast"}'
}
{ listing 1 s1 "$(at '4 days ago')"; listing 2 s2 "$(at '4 days ago')"; } >>"$demo/listings.ndjson"
head -n 2 "$demo/listings.ndjson" | cut -c 1-160
ls -sh "$demo/listings.ndjson"

step "2. noticed starts: its sockets, its marks, its ledger"
build/noticed --config "$demo/noticed.yaml" >"$demo/noticed.log" 2>&1 &
daemon=$!
for _ in $(seq 500); do
    build/noticectl status --socket "$demo/control.sock" >/dev/null 2>&1 && break
    kill -0 "$daemon" 2>/dev/null || { cat "$demo/noticed.log"; exit 1; }
    sleep 0.02
done
cat "$demo/noticed.log"

step "3. noticectl send: every line is acknowledged once its records are on disk"
build/noticectl send --socket "$demo/crawl.sock" "$demo/listings.ndjson"

step "4. noticectl tail -n 12: what an operator sees"
build/noticectl tail --ledger "$demo/ledger" -n 12

step "5. the listing that we hid a zero-width space in, as the record has it"
build/noticectl tail --ledger "$demo/ledger" -n all -o json --kind match |
    jq -a 'select(.listing == "DEMO-1") | {seq, kind, platform, listing, merchant, title, class, hits}'

step "6. what was found"
build/noticectl tail --ledger "$demo/ledger" -n all -o json --kind match | jq -rs '
    "\(length) matches in \([.[].merchant] | unique | length) sellers: "
    + (group_by(.class) | map("\(length) \(.[0].class)") | join(", ")),
    "seen through a disguise: \([.[] | select([.hits[].stage] | any(. != "plain"))] | length)",
    ([.[].hits[].mark] | group_by(.) | map({mark: .[0], n: length}) | sort_by(-.n) | .[:8][]
     | "  \(.n)\t\(.mark)")'

step "7. notice of both: DEMO-1 is seen again after notice and grace, DEMO-2 is removed within hours; then both get an ad"
record() { build/noticectl "$@" --socket "$demo/notice.sock"; }
record policy add --platform souq --at "$(at '1 year ago')" --grace-s 86400 --required location --required right
record channel add --platform souq --channel portal --class designated --at "$(at '1 year ago')"
record order add --order demo-1 --kind TRO --court nysd --at "$(at '30 days ago')"
record order party --order demo-1 --merchant souq/s1 --at "$(at '30 days ago')"
record order party --order demo-1 --merchant souq/s2 --at "$(at '30 days ago')"
record order served --order demo-1 --platform souq --at "$(at '29 days ago')"
for n in 1 2; do
    record notice add --platform souq --notice "N$n" --channel portal --kind counterfeit --right US5454574 --has location \
        --has right --listing "DEMO-$n" --at "$(at '3 days ago')" --received-at "$(at '3 days ago')" --src platform
done
record takedown add --platform souq --listing DEMO-2 --actor platform --at "$(at '66 hours ago')" --src platform
listing 1 s1 "$(at now)" | build/noticectl send --socket "$demo/crawl.sock"
record support add --platform souq --kind sponsored_ad --gen algorithmic --listing DEMO-1 --evidence "$demo/listings.ndjson"
record support add --platform souq --kind sponsored_ad --gen algorithmic --listing DEMO-2 --evidence "$demo/listings.ndjson"

step "   both sides of it in the feed, the same second: a warning for DEMO-1 when it was seen, one when it got the ad; none for DEMO-2"
for _ in $(seq 500); do
    [ "$(cat "$demo"/ledger/feed/0*.jsonl | grep -c '"kind":"warning"')" -ge 2 ] && break
    sleep 0.02
done
build/noticectl tail --ledger "$demo/ledger" -n all --kind warning

step "8. noticectl findings: seller s1 stayed active after notice and grace, and got an ad"
build/noticectl findings "$demo/ledger" --merchant souq/s1 -o text

step "9. noticectl findings: the listing of seller s2 was removed promptly, which rebuts"
build/noticectl findings "$demo/ledger" --merchant souq/s2 -o text

step "10. noticectl status"
build/noticectl status --socket "$demo/control.sock" |
    grep -E '^ *(io|lines|accepted|events|rejected|acked|matches|records|durable_seq|batches|disk) '

step "11. SIGTERM: drained, and the record of it"
kill -TERM "$daemon"
wait "$daemon"
daemon=""
tail -n 1 "$demo"/ledger/feed/current | jq -c '{seq, kind, t, reason, counters}'

step "12. noticectl verify: every hash, tile and checkpoint again, and the sealer's signature over the last one"
cat "$demo/ledger/checkpoint"
build/noticectl verify "$demo/ledger" --vkey "$demo/noticed.vkey" 2>/dev/null |
    jq -c '{ok, records, signed, size, checkpoints}'

step "13. noticectl report: the same for a lawyer to read, as one file that loads nothing"
build/noticectl report "$demo/ledger" --merchant souq/s1 --html "$demo/report.html"
build/noticectl report "$demo/ledger" --merchant souq/s2 --html "$demo/report-removed.html"
ls -s "$demo/report.html" "$demo/report-removed.html"

cat <<EOF

The reports: $demo/report.html (stayed active), $demo/report-removed.html (removed promptly).
The ledger stays in $demo/ledger. Look at it:
  build/noticectl tail --ledger $demo/ledger -n 20                       for people
  build/noticectl tail --ledger $demo/ledger --class counterfeit -o json-pretty
  tail -F $demo/ledger/feed/current                                      the record itself
  jq -c 'select(.kind == "match") | [.platform, .listing, .title]' $demo/ledger/feed/current
Start it again on the same ledger: build/noticed --config $demo/noticed.yaml
EOF
