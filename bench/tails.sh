#!/usr/bin/env bash
# What followers cost the daemon: its rate of ingest with and without 100 filtered `noticectl tail -f` beside it, in
# turns, on the same ledger. All run on the same cores, so that every cycle of a tail is one that the daemon or the
# sender lacks: the worst case. Processor time is told too, as a busy machine disturbs it less than a rate.
#
#   BENCH_TAILS  how many (100)    BENCH_COUNT  lines a turn (200000)    BENCH_RUNS  turns (5)
#   BENCH_SETTLE  seconds that the followers are given to begin (5)
#   BENCH_APART=1  the followers have the upper half of the processors, daemon and sender the lower, with and without
set -eu
cd "$(dirname "$0")/.."
tails="${BENCH_TAILS:-100}"
count="${BENCH_COUNT:-200000}"
runs="${BENCH_RUNS:-5}"
settle="${BENCH_SETTLE:-5}"
work="$PWD/build/bench-tails"
cores="$(nproc)"
here=() there=()
if [ -n "${BENCH_APART:-}" ]; then
    here=(taskset -c "0-$((cores / 2 - 1))")
    there=(taskset -c "$((cores / 2))-$((cores - 1))")
fi
corpus=build/release/bench/corpus
rm -rf "$work"
mkdir -p "$work"
$corpus --list 1000 >"$work/marks.tsv"
$corpus --cues >"$work/cues.tsv"
$corpus --count "$count" --seed 7 --marks "$work/marks.tsv" >"$work/lines"
cat >"$work/noticed.yaml" <<YAML
ledger: {path: ledger}
crawl: {socket: crawl.sock}
control: {socket: control.sock}
marks: [marks.tsv]
cues: [cues.tsv]
YAML
"${here[@]}" build/noticed --config "$work/noticed.yaml" 2>"$work/log" &
daemon=$!
followers=()
end() {
    [ "${#followers[@]}" -eq 0 ] || kill "${followers[@]}" 2>/dev/null || true
    kill "$daemon" 2>/dev/null || true
    wait
}
trap end EXIT
until build/noticectl status --socket "$work/control.sock" >/dev/null 2>&1; do
    kill -0 "$daemon" || { cat "$work/log"; exit 1; }
    sleep 0.05
done

# What people ask for: a mark, a class, a platform, a seller, a kind, a text.
filters=("--mark M00001" "--class counterfeit" "--platform bazaar" "--seller s1" "--kind notice.*" "--post-notice"
    "--mark M00002 --class mark" "--rule default.counterfeit" "--kind gap --kind warning" "-g replica")
ticks() { # PID...: processor time in ms
    for pid in "$@"; do cat "/proc/$pid/stat"; done |
        awk -v hz="$(getconf CLK_TCK)" '{ sub(/^.*\) /, ""); sum += $12 + $13 } END { printf "%d", sum * 1000 / hz }'
}
turn() { # NAME: feeds once; prints name, lines a second, ms of the daemon, ms of the tails
    local cpu begun ended before=0
    cpu="$(ticks "$daemon")"
    [ "${#followers[@]}" -eq 0 ] || before="$(ticks "${followers[@]}")"
    begun="$(date +%s%N)"
    "${here[@]}" build/noticectl send --socket "$work/crawl.sock" "$work/lines" 2>/dev/null
    ended="$(date +%s%N)"
    echo "$1 $((count * 1000000000 / (ended - begun))) $(($(ticks "$daemon") - cpu))" \
        "$([ "${#followers[@]}" -eq 0 ] && echo 0 || echo $(($(ticks "${followers[@]}") - before)))"
}
turn warm >/dev/null
for _ in $(seq "$runs"); do
    sleep "$settle" # as before the other turn; the followers of the last one are gone
    turn without >>"$work/rows"
    for i in $(seq "$tails"); do
        # shellcheck disable=SC2086
        (set -f; exec "${there[@]}" build/noticectl tail -f -n 0 -o json --ledger "$work/ledger" \
            ${filters[i % ${#filters[@]}]}) >/dev/null &
        followers+=($!)
    done
    sleep "$settle" # until they have begun, and only wait
    turn with >>"$work/rows"
    kill "${followers[@]}"
    wait "${followers[@]}" 2>/dev/null || true
    followers=()
done
at() { # NAME COLUMN SHARE: of its turns' values in order; 0 is the least, 0.5 the median
    awk -v name="$1" -v column="$2" '$1 == name { print $column }' "$work/rows" | sort -n |
        awk -v share="$3" '{ a[NR] = $1 } END { print a[int((NR - 1) * share) + 1] }'
}
ratio() { awk "BEGIN { printf \"%.3f\", $1 / $2 }"; }
echo "tails: $tails filtered tails${BENCH_APART:+ on processors of their own}, $count lines, $runs turns of each:"
echo "  lines/s, median: without $(at without 2 0.5), with $(at with 2 0.5): ratio" \
    "$(ratio "$(at with 2 0.5)" "$(at without 2 0.5)"); best turns $(ratio "$(at with 2 1)" "$(at without 2 1)")"
echo "  ms of the daemon's processors: without $(at without 3 0.5), with $(at with 3 0.5): ratio" \
    "$(ratio "$(at with 3 0.5)" "$(at without 3 0.5)"); least $(ratio "$(at with 3 0)" "$(at without 3 0)");" \
    "of all tails $(at with 4 0.5)"
