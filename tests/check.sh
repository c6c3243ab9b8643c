#!/usr/bin/env bash
# Everything that must hold: builds, house rules, unit tests, end-to-end scripts, short fuzzing.
# Says what it does; a failure shows its output; the last line counts. Logs are in build/check/.
#
#   tests/check.sh [WORD...]   only the steps whose name holds one of the words
#
# A test ends with 0 (passed), 77 (skipped; its last "skipped: ..." line is the reason), or anything
# else (failed). An end-to-end script runs in an empty folder of its own with
#   ROOT          the repository           NOTICED, NOTICECTL   the binaries
#   NOTICED_IO    uring or poll            MODE                 release, asan or tsan
# once for each word of its "# check:" line: uring, poll, asan, tsan (asan and tsan run on uring, tsan with the
# release's NOTICECTL), or long:asan when LONG only; without that line: uring poll. "# limit: SECONDS" replaces
# the 120 that it may take.
# HS=vectorscan checks the build with that library, in its own folders. LONG=1 takes ten times the
# texts, a minute of fuzzing each, and has no limit that a slow machine would meet.
set -u
cd "$(dirname "$0")/.." || exit 2
ROOT="$PWD"
HS="${HS:-hyperscan}"
SUFFIX="$([ "$HS" = hyperscan ] || echo "-$HS")"
BINS="$ROOT/build$([ "$HS" = hyperscan ] || echo "/release$SUFFIX")"
CORPUS="$ROOT/build/release$SUFFIX/bench/corpus"
export ROOT HS CORPUS
LOGS="$ROOT/build/check"
UNIT_LIMIT=300
LIMIT_FACTOR=2 # a limit ends what hangs; a slow machine with another step beside is not that
JOBS="$(($(nproc) + 1))" # many wait for sockets, disks and clocks: so a core is rarely idle
# python3 may be a shim that costs more than the script that it starts.
PATH="$(python3 -c 'import os, sys; print(os.path.dirname(sys.executable))'):$PATH"
if [ -n "${LONG:-}" ]; then
    LIMIT_FACTOR=24
    FUZZ_SECONDS="${FUZZ_SECONDS:-60}"
    # random listings beside the naive matcher, lines of the corpus, texts through both libraries, sets
    # of events beside the oracle, histories for warnings, tampers, records that are exported, crashes while
    # the ledger is sealed, kills while it is and while it is fed, records that tail follows
    export LISTINGS="${LISTINGS:-1000000}" LINES="${LINES:-1000000}" TEXTS="${TEXTS:-1000000}"
    export WARNINGS_SETS="${WARNINGS_SETS:-20000}"
    export FINDINGS_SETS="${FINDINGS_SETS:-1000000}" VERIFY_TAMPERS="${VERIFY_TAMPERS:-10000}"
    export TLOG_RECORDS="${TLOG_RECORDS:-70000}" CRASHES="${CRASHES:-100000}"
    export SEAL_KILLS="${SEAL_KILLS:-1000}" KILLS="${KILLS:-500}"
    export TAIL_RECORDS="${TAIL_RECORDS:-1000000}"
fi
FUZZ_SECONDS="${FUZZ_SECONDS:-2}"
words=("$@")
# a dump of a crashed sanitizer run is text enough
ulimit -c 0

wanted() {
    local word
    [ "${#words[@]}" -eq 0 ] && return 0
    for word in "${words[@]}"; do
        case "$1" in *"$word"*) return 0 ;; esac
    done
    return 1
}

say() { printf '%s\n' "$*"; }

# step NAME LIMIT COMMAND...: runs it, notes in $RESULTS how it ended, shows its output when it
# failed. What it says comes in one write, so that steps beside one another do not mix.
step() {
    local name=$1 limit=$(($2 * LIMIT_FACTOR)) log code took reason
    shift 2
    wanted "$name" || return 0
    log="$LOGS/${name//[ \/]/_}.log"
    SECONDS=0
    TIMEFORMAT="%U %S $name"
    { time timeout --kill-after=10 "$limit" "$@" >"$log" 2>&1 </dev/null; } 2>"$log.cpu"
    code=$?
    took=$SECONDS
    cat "$log.cpu" >>"$TIMES"
    case "$code" in
    0)
        echo "passed $name" >>"$RESULTS"
        reason="$(grep -c '^\[  SKIPPED \] [^0-9]' "$log")"
        [ "$reason" = 0 ] && reason="" || reason=" ($reason cases skipped)"
        say "ok    $name  ${took}s$reason"
        ;;
    77)
        echo "skipped $name" >>"$RESULTS"
        reason="$(grep -a 'skipped:' "$log" | tail -n 1)"
        say "skip  $name  ${reason:-skipped: no reason given}"
        ;;
    *)
        echo "failed $name" >>"$RESULTS"
        [ "$code" = 124 ] && reason="ran into its limit of ${limit}s" || reason="exit $code"
        say "FAIL  $name  $reason; the end of $log:
$(tail -n 150 "$log" | sed 's/^/      /')"
        ;;
    esac
    return "$code"
}

# beside STEP...: a step that may run while others do, JOBS at a time. Whoever starts such steps
# waits for them before anything else.
beside() {
    while [ "$(jobs -rp | wc -l)" -ge "$JOBS" ]; do wait -n; done
    "$@" &
}

build() { # MODE TARGETS...
    local mode=$1
    shift
    step "build $mode" 1200 make --no-print-directory -k -j2 "MODE=$mode" "HS=$HS" "$@"
}

unit() { # MODE TEST...
    local mode=$1 test
    shift
    for test in "$@"; do
        beside step "unit $mode $test" "$UNIT_LIMIT" "build/$mode$SUFFIX/tests/unit/$test"
    done
}

e2e() { # SCRIPT WHERE
    local script=$1 where=$2 name folder limit
    name="e2e $(basename "$script" .sh) $where"
    wanted "$name" || return 0
    limit="$(sed -n 's/^# limit: \([0-9]*\)$/\1/p' "$script" | head -n 1)"
    folder="$(mktemp -d)"
    MODE=release NOTICED_IO=uring
    case "$where" in
    poll) NOTICED_IO=poll ;;
    asan | tsan) MODE=$where ;;
    esac
    NOTICED="$BINS/noticed" NOTICECTL="$BINS/noticectl"
    if [ "$MODE" != release ]; then
        NOTICED="$ROOT/build/$MODE$SUFFIX/noticed"
    fi
    [ "$MODE" != asan ] || NOTICECTL="$ROOT/build/asan$SUFFIX/noticectl"
    # Looking for leaks takes half of a short command's time: their code is looked at in the unit tests, the
    # daemon at its end (lib.sh, daemon.py), all when LONG.
    local ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=$([ -n "${LONG:-}" ] && echo 1 || echo 0)"
    export MODE NOTICED_IO NOTICED NOTICECTL
    step "$name" "${limit:-120}" \
        env -C "$folder" TMPDIR="$folder" bash "$ROOT/$script"
    rm -rf "$folder"
}

mkdir -p "$LOGS"
RESULTS="$LOGS/results"
TIMES="$LOGS/times" # user and system seconds, and the step
: >"$RESULTS"
: >"$TIMES"
export ASAN_OPTIONS="abort_on_error=0:detect_leaks=1:strict_string_checks=1"
export UBSAN_OPTIONS="print_stacktrace=1"
export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1"
UNIT_TESTS=()
for source in tests/unit/test_*.c; do
    [ -e "$source" ] && UNIT_TESTS+=("$(basename "$source" .c)")
done
# All run under the address sanitizer. Those that take a part of their cases there, that take counts, or
# that try the engine and its vector code, run as they ship too; all of them when LONG.
mapfile -t SHIPPED < <(grep -lE '__SANITIZE_|TEST_APART|getenv|"matcher/' tests/unit/test_*.c 2>/dev/null |
    xargs -r -n 1 basename -s .c)
[ -z "${LONG:-}" ] || SHIPPED=("${UNIT_TESTS[@]}")
# Under TSan run those that make threads.
mapfile -t THREADED < <(grep -lE 'pthread_|writer_open|lane_' tests/unit/test_*.c 2>/dev/null |
    xargs -r -n 1 basename -s .c)

say "check: $(git rev-parse --short=12 HEAD 2>/dev/null || echo 'no commit'), $(uname -sr)," \
    "$(nproc) cores, $(gcc --version | head -n 1), $HS"
say "-- house rules"
beside step "house layers" 60 bash tests/layers.sh
beside step "house tidy" 120 bash tests/tidy.sh
beside step "house selftest" 120 env PYTHONDONTWRITEBYTECODE=1 python3 tests/house/selftest.py
wait

say "-- builds"
build release bins corpus compile_commands.json unit "TESTS=${SHIPPED[*]}"
build asan bins unit
build tsan bins unit "TESTS=${THREADED[*]}"
other=hyperscan
[ "$HS" = vectorscan ] || other=vectorscan
step "build release with $other" 1200 \
    bash -c "[ $other = hyperscan ] || make vectorscan || { echo 'skipped: no package of it'; exit 77; }
        make --no-print-directory -k -j2 MODE=release HS=$other bins"

say "-- unit tests"
unit asan "${UNIT_TESTS[@]}"
unit release "${SHIPPED[@]}"
unit tsan "${THREADED[@]}"

say "-- end to end"
for script in tests/e2e/[0-9]*.sh; do
    [ -e "$script" ] || continue
    places="$(sed -n 's/^# check: \(.*\)$/\1/p' "$script" | head -n 1)"
    for where in ${places:-uring poll}; do
        case "$where" in long:*) [ -n "${LONG:-}" ] || continue ;; esac
        beside e2e "$script" "${where#long:}"
    done
done
wait

say "-- fuzzing, ${FUZZ_SECONDS}s each"
step "build fuzz" 1200 make --no-print-directory -j2 MODE=fuzz "HS=$HS" fuzzers
for source in tests/fuzz/fuzz_*.c; do
    [ -e "$source" ] || continue
    name="$(basename "$source" .c)"
    beside step "fuzz ${name#fuzz_}" $((FUZZ_SECONDS + 120)) \
        env FUZZ_SECONDS="$FUZZ_SECONDS" bash tests/fuzz.sh "${name#fuzz_}"
done
wait

say "-- static analysis"
step "clang-tidy" 1200 python3 tests/clang_tidy.py

found="$(cat "$LOGS"/unit_release_test_matcher_evasion.log "$LOGS"/e2e_28_disguises_uring.log 2>/dev/null |
    grep -aE '^(found|not as labelled): ')"
if [ -n "$found" ] && wanted "e2e 28_disguises"; then
    say "-- what the matcher finds, by technique"
    say "$found"
fi

say "-- processor time, in seconds"
awk '{ kind = $3 == "build" || $3 == "clang-tidy" ? $3 : $3 (($3 == "unit") ? " " $4 : ""); of[kind] += $1 + $2; all += $1 + $2 }
    END { for (kind in of) printf "%7.0f  %s\n", of[kind], kind; printf "%7.0f  in all\n", all }' "$TIMES" | sort -rn
awk '$3 != "build" { printf "%7.0f  %s %s %s\n", $1 + $2, $3, $4, $5 }' "$TIMES" | sort -rn | sed -n '1,12p'

sed -n 's/^failed /failed: /p' "$RESULTS"
failed="$(grep -c '^failed ' "$RESULTS")"
say "$(grep -c '^passed ' "$RESULTS") passed, $failed failed, $(grep -c '^skipped ' "$RESULTS") skipped"
[ "$failed" -eq 0 ]
