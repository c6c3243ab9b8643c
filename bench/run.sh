#!/usr/bin/env bash
# Measures, prints a table and writes build/bench.json. Nothing here passes or fails by a figure.
#
#   BENCH_COUNT  lines (100000)    BENCH_RUNS  runs a figure (5)    BENCH_MARKS  marks (1000)
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

last_core=$(($(nproc) - 1))
version_of() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo unknown; }

echo "bench: $count lines, $marks marks, $runs runs; one core for scan.*, all for ingest.*"
taskset -c "$last_core" "$bin/scan" "--count=$count" "--marks=$marks" "--runs=$runs" >>"$rows"
for io in uring poll; do
    row=ingest.socket
    [ "$io" = uring ] || row="ingest.socket_$io"
    "$bin/ingest" "--noticed=build/noticed" "--folder=$work/$io" "--io=$io" "--row=$row" \
        "--count=$((count * 2))" "--marks=$marks" "--runs=$runs" >>"$rows"
    rm -rf "${work:?}/$io"
done

jq -s \
    --arg machine "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores" \
    --arg kernel "$(uname -sr)" \
    --arg commit "$(git describe --always --abbrev=12 --dirty --exclude='*' || echo unknown)" \
    --arg gcc "$(gcc -dumpfullversion)" --arg hs "$(version_of libhyperscan5)" \
    --arg uring "$(version_of liburing-dev)" --arg simdjson "$(version_of libsimdjson-dev)" \
    --arg jemalloc "$(version_of libjemalloc2)" --arg when "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    '{machine: $machine, kernel: $kernel, commit: $commit, when: $when,
      versions: {gcc: $gcc, hyperscan: $hs, liburing: $uring, simdjson: $simdjson,
                 jemalloc: $jemalloc},
      rows: .}' "$rows" >build/bench.json

jq -r '"\(.machine); \(.kernel); commit \(.commit)",
    (["row", "unit", "min", "median", "max", "MB/s", "ratio", "of"] | @tsv),
    (.rows[] | [.name, .unit, .min, .median, .max, .mb_s // "-", .ratio // "-", .of // "-"] | @tsv)' \
    build/bench.json | awk -F '\t' 'NR == 1 { print; next }
    { printf "%-28s %-11s %9s %9s %9s %7s %7s  %s\n", $1, $2, $3, $4, $5, $6, $7, $8 }'
echo "bench: written to build/bench.json"
