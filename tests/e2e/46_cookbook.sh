# Every recipe of the cookbook runs on a real feed and says what is true of it: jq, DuckDB, Parquet, the daily report.
# check: uring
. "$(dirname "$0")/lib.sh"

DUCKDB=@duckdb/node-api@1.5.6-r.1
book="$ROOT/daemon/dist/cookbook"
write_config 'notice: {socket: notice.sock}'
start_daemon || fail "it does not start"
cat >lines <<'LINES'
{"platform":"souq","listing_id":"a","seller_id":"s1","title":"Squishmallows replica"}
{"platform":"souq","listing_id":"b","seller_id":"s1","title":"Squishmallows replica, LEGO replica"}
{"platform":"souq","listing_id":"c","seller_id":"s2","title":"LEGO brick"}
{"platform":"souq","listing_id":"d","seller_id":"s2","title":"a plain \"toy\"\tof 'wood'"}
LINES
"$NOTICECTL" send --socket crawl.sock lines 2>sent || fail "send: $(cat sent)"
export NOTICED_NOTICE_SOCKET=notice.sock
"$NOTICECTL" notice add --platform souq --notice N1 --channel portal --kind counterfeit --has location --listing a \
    --listing d --at 2026-01-02T00:00:00Z --src platform >/dev/null || fail "no notice"
head -n 1 lines | "$NOTICECTL" send --socket crawl.sock 2>sent || fail "send: $(cat sent)"
"$NOTICECTL" tail --ledger ledger -n all -o json >durable || fail "tail"
day="$(jq -r 'select(.kind == "match") | .t[0:10]' durable | head -n 1)"
stop_daemon || fail "it ends with $?"

jq -r -f "$book/matches.jq" ledger/feed/*.jsonl >out || fail "matches.jq"
wanted='counterfeit a squishmallows counterfeit b squishmallows mark c lego counterfeit a squishmallows '
[ "$(cut -f 2,4,6 out | tr '\t\n' '  ')" = "$wanted" ] ||
    fail "matches.jq: $(cat out)"
jq -n -r -f "$book/merchants.jq" ledger/feed/*.jsonl >out || fail "merchants.jq"
[ "$(cat out)" = "2	souq/s1" ] || fail "merchants.jq: $(cat out)"
jq -n -r -f "$book/after_notice.jq" ledger/feed/*.jsonl >out || fail "after_notice.jq"
[ "$(cut -f 1,2,3,5 out)" = "souq/a	N1	2026-01-02T00:00:00Z	1" ] || fail "after_notice.jq: $(cat out)"

# a report of the day, as the timer makes it, by noticectl of this build
mkdir bin reports
ln -s "$NOTICECTL" bin/noticectl
PATH="$PWD/bin:$PATH" sh "$book/daily_report.sh" "$PWD/ledger" "$PWD/reports" "$day" 2>err || fail "daily report: $(cat err)"
grep -qx '4	match' "reports/$day/day.txt" || fail "day.txt: $(cat "reports/$day/day.txt")"
grep -qx '3	squishmallows	counterfeit' "reports/$day/day.txt" || fail "day.txt: $(cat "reports/$day/day.txt")"
[ "$(cut -f 1 "reports/$day/merchants.tsv")" = souq/s1 ] || fail "merchants: $(cat "reports/$day/merchants.tsv")"
grep -q 'souq/s1' "reports/$day/$(cut -f 2 "reports/$day/merchants.tsv")" || fail "no report of the merchant"
PATH="$PWD/bin:$PATH" sh "$book/daily_report.sh" "$PWD/ledger" "$PWD/reports" 2020-01-01 2>err || fail "a day without records: $(cat err)"
[ -s reports/2020-01-01/merchants.tsv ] && fail "merchants on a day without records"
# what names itself so that it is taken for two, or obeyed, is neither
hostile='{"kind":"match","t":"'$day'T","class":"counterfeit","platform":"souq","listing":"\u001b[2J","merchant":"souq/s\n1\u009b\n",
    "hits":[{"mark":"lego","text":"le\u202ego"}]}'
for recipe in matches merchants; do
    [ "$recipe" = matches ] && null='' || null=-n
    jq $null -r -f "$book/$recipe.jq" <<<"$hostile" >out || fail "$recipe.jq"
    [ "$(wc -l <out)" = 1 ] && ! grep -qP '[^\t\x20-\x7e]' out && grep -qF 'souq/s?1??' out || fail "$recipe.jq: $(cat -v out)"
done
mkdir fake
cat >fake/noticectl <<'SH'
#!/bin/sh
[ "$1" = tail ] && cat hostile && exit
printf '%s' "$4" >reported
SH
chmod 755 fake/noticectl
printf '%s\n' "$hostile" >hostile
PATH="$PWD/fake:$PATH" sh "$book/daily_report.sh" "$PWD/ledger" "$PWD/reports2" "$day" 2>err || fail "daily report: $(cat err)"
printf 'souq/s\n1\302\233\n' | cmp -s - reported || fail "reported: $(cat -v reported)"
[ "$(cut -f 1 "reports2/$day/merchants.tsv")" = 'souq/s?1??' ] || fail "merchants: $(cat -v "reports2/$day/merchants.tsv")"
if command -v systemd-analyze >/dev/null; then
    systemd-analyze security --offline=true --threshold=15 "$book/noticed-daily.service" >out 2>&1 || fail "$(tail -n 5 out)"
fi
# every file of the book is in its text
for file in "$book"/*; do
    [ "${file##*/}" = README.md ] || grep -qF "${file##*/}" "$book/README.md" || fail "the cookbook does not name ${file##*/}"
done

command -v node >/dev/null && command -v npm >/dev/null || { echo "DuckDB not tried: no node"; exit 0; }
if [ ! -d "$ROOT/build/node/node_modules/@duckdb/node-api" ]; then
    timeout 100 npm install --prefix "$ROOT/build/node" --no-audit --no-fund --silent "$DUCKDB" >npm.log 2>&1 ||
        { echo "DuckDB not tried: npm cannot fetch it"; exit 0; }
fi
ln -s "$ROOT/build/node/node_modules" node_modules
duck() { node "$book/duckdb.mjs" "$book/$1" "${@:2}" >out 2>err || fail "$1: $(cat err)"; }
duck matches.sql "ledger/feed/*.jsonl"
[ "$(jq -r .listing out | tr '\n' ' ')" = "a b c a " ] || fail "matches.sql: $(cat out)"
[ "$(jq -r 'select(.listing == "c") | .mark' out)" = lego ] || fail "matches.sql: $(cat out)"
duck by_mark.sql "ledger/feed/*.jsonl"
jq -n -e '[inputs | {(.mark + " " + .class): [.matches, .listings]}] | add |
    map_values(map(tonumber)) == {"squishmallows counterfeit": [3, 2], "lego counterfeit": [1, 1], "lego mark": [1, 1]}' \
    out >/dev/null || fail "by_mark.sql: $(cat out)"
duck parquet.sql "ledger/feed/*.jsonl" hits.parquet
[ "$(head -c 4 hits.parquet)" = PAR1 ] || fail "no Parquet file"
duck read_parquet.sql hits.parquet
# what comes back is what the feed holds, hit by hit
jq -c 'select(.kind == "match") | . as $r | .hits | sort_by(.from)[] |
    [($r.seq | tostring), ($r.t | sub("\\.?0+Z$"; "Z")), $r.class, $r.listing, .mark, .text]' durable >feed
jq -c '[(.seq | tostring), (.t | sub(" "; "T") + "Z"), .class, .listing, .mark, .text]' out >back
cmp -s feed back || fail "through Parquet: $(diff feed back)"
exit 0
