# Helpers of the end-to-end scripts; sourced by each. The caller's environment is in tests/check.sh;
# run by hand, a script makes its own empty folder and uses the release binaries.
set -u

ROOT="${ROOT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"
NOTICED="${NOTICED:-$ROOT/build/noticed}"
NOTICECTL="${NOTICECTL:-$ROOT/build/noticectl}"
NOTICED_IO="${NOTICED_IO:-auto}"
MODE="${MODE:-release}"
DAEMON=""

if [ -z "${TMPDIR:-}" ] || [ "$PWD" != "$TMPDIR" ]; then
    TMPDIR="$(mktemp -d)"
    export TMPDIR
    cd "$TMPDIR" || exit 2
    trap 'cleanup; rm -rf "$TMPDIR"' EXIT
else
    trap 'cleanup' EXIT
fi

cleanup() {
    if [ -n "$DAEMON" ] && kill -0 "$DAEMON" 2>/dev/null; then
        kill -KILL "$DAEMON" 2>/dev/null
        wait "$DAEMON" 2>/dev/null
    fi
}

fail() {
    echo "FAIL: $*"
    [ -s noticed.log ] && { echo "--- noticed.log"; tail -n 60 noticed.log; }
    exit 1
}

skip() {
    echo "skipped: $*"
    exit 77
}

# wait_for SECONDS COMMAND...: until it succeeds. A bound on waiting, not a measurement.
wait_for() {
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$until" ] || return 1
        read -r -t 0.02 <> <(:) || true
    done
}

# write_config [YAML LINES...]: noticed.yaml for a daemon that lives in this folder.
write_config() {
    cat >noticed.yaml <<YAML
ledger:
  path: ledger
crawl:
  socket: crawl.sock
control:
  socket: control.sock
marks: [$ROOT/daemon/marks.example.tsv]
cues: [$ROOT/daemon/cues.example.tsv]
YAML
    printf '%s\n' "$@" >>noticed.yaml
}

# start_daemon [OPTIONS...]: returns when it says READY over a notify socket, or fails.
start_daemon() {
    rm -f ready notify.sock # an old socket would take the READY and tell nobody
    python3 "$ROOT/tests/e2e/notify.py" notify.sock ready &
    local listener=$!
    wait_for 10 test -S notify.sock || fail "the notify socket does not open"
    ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=1" NOTIFY_SOCKET="$PWD/notify.sock" \
        "$NOTICED" --config noticed.yaml "--io=$NOTICED_IO" "$@" >>noticed.log 2>&1 &
    DAEMON=$!
    until grep -q '^READY=1' ready 2>/dev/null; do
        if ! kill -0 "$DAEMON" 2>/dev/null; then
            kill "$listener" 2>/dev/null
            return 1
        fi
        read -r -t 0.02 <> <(:) || true
    done
    disown "$listener"
}

# stop_daemon: SIGTERM; its exit code is returned.
stop_daemon() {
    local code
    kill -TERM "$DAEMON" || fail "the daemon is gone"
    wait "$DAEMON"
    code=$?
    DAEMON=""
    return "$code"
}

# feed_lines: all lines of the feed.
feed_lines() { cat ledger/feed/*.jsonl; }
