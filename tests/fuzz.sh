#!/usr/bin/env bash
# Fuzzes every parser, or those named, with what `make fuzzers` built, for FUZZ_SECONDS each, from tests/fuzz/corpus/NAME.
# What it learns is kept in build/fuzz/corpus/NAME; an input that fails in build/fuzz/found/.
#
#   tests/fuzz.sh [NAME...]     fuzz_NAME.c; without a name all of them
set -u
cd "$(dirname "$0")/.." || exit 2
seconds="${FUZZ_SECONDS:-20}"
failed=0
run=0
bin="build/fuzz$([ "${HS:-hyperscan}" = hyperscan ] || echo "-$HS")"

if [ $# -eq 0 ]; then
    for source in tests/fuzz/fuzz_*.c; do
        [ -e "$source" ] || { echo "skipped: no fuzz targets"; exit 77; }
        name="$(basename "$source" .c)"
        set -- "$@" "${name#fuzz_}"
    done
fi
export ASAN_OPTIONS="detect_leaks=1:allocator_may_return_null=1"
export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1"
mkdir -p build/fuzz/found
for name in "$@"; do
    learned="build/fuzz/corpus/$name"
    log="build/fuzz/$name.log"
    seeds=()
    [ -d "tests/fuzz/corpus/$name" ] && seeds=("tests/fuzz/corpus/$name")
    dictionary=()
    [ -f "tests/fuzz/$name.dict" ] && dictionary=("-dict=tests/fuzz/$name.dict")
    mkdir -p "$learned"
    run=$((run + 1))
    if "$bin/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="build/fuzz/found/$name-" \
        "${dictionary[@]}" "$learned" "${seeds[@]}" >"$log" 2>&1; then
        runs="$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
        echo "fuzz $name: $runs runs, no finding"
    else
        echo "fuzz $name: FAILED; the end of $log:"
        tail -n 60 "$log"
        failed=$((failed + 1))
    fi
done
echo "fuzz: $run targets, $failed failed"
[ "$failed" -eq 0 ]
