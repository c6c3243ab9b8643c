#!/usr/bin/env bash
# What followers cost the daemon: its rate of ingest with and without 100 filtered `noticectl tail -f` beside it, in
# turns, on the same ledger. All run on the same cores, so that every cycle of a tail is one that the daemon or the
# sender lacks: the worst case. Processor time is told too, as a busy machine disturbs it less than a rate.
#
#   BENCH_TAILS  how many (100)    BENCH_COUNT  lines a turn (200000)    BENCH_RUNS  turns (5)
#   BENCH_SETTLE  seconds that the followers are given to begin (5)
set -eu
cd "$(dirname "$0")/.."
tails="${BENCH_TAILS:-100}"
count="${BENCH_COUNT:-200000}"
runs="${BENCH_RUNS:-5}"
settle="${BENCH_SETTLE:-5}"
work="$PWD/build/bench-tails"
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
build/noticed --config "$work/noticed.yaml" 2>"$work/log" &
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
    build/noticectl send --socket "$work/crawl.sock" "$work/lines" 2>/dev/null
    ended="$(date +%s%N)"
    echo "$1 $((count * 1000000000 / (ended - begun))) $(($(ticks "$daemon") - cpu))" \
        "$([ "${#followers[@]}" -eq 0 ] && echo 0 || echo $(($(ticks "${followers[@]}") - before)))"
}
turn warm >/dev/null
for _ in $(seq "$runs"); do
    turn without >>"$work/rows"
    for i in $(seq "$tails"); do
        # shellcheck disable=SC2086
        (set -f; exec build/noticectl tail -f -n 0 -o json --ledger "$work/ledger" ${filters[i % ${#filters[@]}]}) >/dev/null &
        followers+=($!)
    done
    sleep "$settle" # until they have begun, and only wait
    turn with >>"$work/rows"
    kill "${followers[@]}"
    wait "${followers[@]}" 2>/dev/null || true
    followers=()
done
median() { # NAME COLUMN
    awk -v name="$1" -v column="$2" '$1 == name { print $column }' "$work/rows" | sort -n |
        awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'
}
without="$(median without 2)" with="$(median with 2)"
echo "tails: $tails filtered tails, $count lines, $runs turns of each, median:"
echo "  lines/s without $without, with $with: ratio $(awk "BEGIN { printf \"%.3f\", $with / $without }")"
echo "  ms of the daemon's processors for $count lines: without $(median without 3), with $(median with 3); of all tails $(median with 4)"
