#!/usr/bin/env bash
# Measures, prints a table and writes build/bench.json. Nothing here passes or fails by a figure.
#
#   BENCH_COUNT  lines (100000)    BENCH_RUNS  runs a figure (5)    BENCH_MARKS  marks (1000)
#   BENCH_RECOVER_MB  size of the ledger that is started after a kill (2048)
#   BENCH_KNOWLEDGE  size of the ledger that is asked (10; 1000 is 10^7 sightings)
#
# The sets of 10,000 and 100,000 marks are real names where ../shared is, but those that are words of the
# generated listings too (a list would call them generic); otherwise, and beyond 50,000, made-up ones.
# peer.rg_10k needs ripgrep: make deps-bench.
set -eu
cd "$(dirname "$0")/.."
count="${BENCH_COUNT:-100000}"
runs="${BENCH_RUNS:-5}"
marks="${BENCH_MARKS:-1000}"
bin=build/release/bench
work="build/bench-run"
rows="$work/rows.ndjson"
rm -rf "$work"
mkdir -p "$work"

# real_marks FILE: the list without the marks that more than one of 40,000 lines without marks hold
real_marks() {
    local list="$work/${1%.xz}"
    case "$1" in *.xz) xz -dc "../shared/data/$1" >"$list" ;; *) cp "../shared/data/$1" "$list" ;; esac
    awk -F '\t' -v OFS='\t' 'NR > 1 { $6 = 0 } { print }' "$list" >"$list.plain" # generic ones too
    build/noticectl scan --marks "$list.plain" "$work/plain.ndjson" |
        jq -r '[.hits[].mark] | unique[]' | sort | uniq -c | awk '$1 > 1 { print $2 }' >"$list.common"
    awk -F '\t' 'NR == FNR { common[$1]; next } !($1 in common)' "$list.common" "$list" >"$list.rare"
    echo "$list.rare"
}
lists=()
compiled=()
if [ -e ../shared/data/marks_50k.tsv.xz ]; then
    "$bin/corpus" --count 40000 --seed 99 --marked 0 >"$work/plain.ndjson"
    lists=("--list1=$(real_marks marks_1k.tsv)" "--list10=$(real_marks marks_10k.tsv)"
        "--list100=$(real_marks marks_50k.tsv.xz)")
    awk -v OFS='\t' '{ print $0, NR == 1 ? "variants" : NR <= 1001 ? "1" : "" }' \
        ../shared/data/marks_10k.tsv >"$work/varied.tsv"
    compiled=("--list10=$work/varied.tsv" "--list100=$work/marks_50k.tsv")
fi

last_core=$(($(nproc) - 1))
version_of() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo unknown; }

echo "bench: $count lines, $marks marks, $runs runs; one core for all but ingest.* and ledger.*"
alone() { taskset -c "$last_core" "$@" "--runs=$runs" >>"$rows"; }
alone "$bin/scan" "--count=$count" "--marks=$marks"
alone "$bin/sets" "--count=$count" "--folder=$work" "${lists[@]}"
alone "$bin/hostile" "--count=$((count / 5))"
alone "$bin/compile" "${compiled[@]}"
for io in uring poll; do
    row=ingest.socket
    [ "$io" = uring ] || row="ingest.socket_$io"
    "$bin/ingest" "--noticed=build/noticed" "--folder=$work/$io" "--io=$io" "--row=$row" \
        "--count=$((count * 2))" "--marks=$marks" "--runs=$runs" >>"$rows"
    rm -rf "${work:?}/$io"
done

alone "$bin/warc" "--folder=$work"

alone "$bin/knowledge" "--folder=$work" "--scale=${BENCH_KNOWLEDGE:-10}" --steps=2

PATH="$PWD/build:$PATH" "$bin/ledger" "--folder=$work/ledger" "--runs=$runs" \
    "--recover-mb=${BENCH_RECOVER_MB:-2048}" >>"$rows"

jq -s \
    --arg machine "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores" \
    --arg kernel "$(uname -sr)" \
    --arg commit "$(git describe --always --abbrev=12 --dirty --exclude='*' || echo unknown)" \
    --arg gcc "$(gcc -dumpfullversion)" --arg hs "$(version_of libhyperscan5)" \
    --arg uring "$(version_of liburing-dev)" --arg simdjson "$(version_of libsimdjson-dev)" \
    --arg jemalloc "$(version_of libjemalloc2)" --arg rg "$(version_of ripgrep)" --arg when "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    '{machine: $machine, kernel: $kernel, commit: $commit, when: $when,
      versions: {gcc: $gcc, hyperscan: $hs, liburing: $uring, simdjson: $simdjson,
                 jemalloc: $jemalloc, ripgrep: $rg},
      rows: .}' "$rows" >build/bench.json

jq -r '"\(.machine); \(.kernel); commit \(.commit)",
    (["row", "unit", "min", "median", "max", "MB/s", "ratio", "(min", "max)", "of"] | @tsv),
    (.rows[] | [.name, .unit, .min, .median, .max, .mb_s // "-", .ratio // "-", .ratio_min // "-",
        .ratio_max // "-", .of // (.peak_mb // empty | "peak \(.) MB") // "-"] | @tsv)' \
    build/bench.json | awk -F '\t' 'NR == 1 { print; next }
    { printf "%-22s %-10s %9s %9s %9s %7s %7s %7s %7s  %s\n", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 }'
echo "bench: written to build/bench.json"
