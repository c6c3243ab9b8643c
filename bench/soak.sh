#!/usr/bin/env bash
# Whether memory stays flat: feeds a real noticed for SOAK_SECONDS (600) and prints its resident set over
# time. Nothing here passes or fails by a figure.
#
#   usage: bench/soak.sh [LINES.ndjson]      without a file it makes 200,000 listings of its own
set -eu
cd "$(dirname "$0")/.."
seconds="${SOAK_SECONDS:-600}"
work="$PWD/build/soak"
rm -rf "$work"
mkdir -p "$work"
input="${1:-$work/lines.ndjson}"
[ -e "$input" ] || build/release/bench/corpus --count=200000 --seed=7 >"$input"
cat >"$work/noticed.yaml" <<CONFIG
ledger: {path: ledger, segment_size: 256MiB}
crawl: {socket: crawl.sock}
control: {socket: control.sock}
marks: [../../daemon/marks.example.tsv]
cues: [../../daemon/cues.example.tsv]
CONFIG
build/noticed --config "$work/noticed.yaml" 2>"$work/log" &
daemon=$!
trap 'kill -TERM $daemon 2>/dev/null; wait $daemon' EXIT
until [ -S "$work/control.sock" ]; do sleep 0.05; done
rss() { awk '/VmRSS/ {print $2}' "/proc/$daemon/status"; }
echo "soak: idle RSS $(rss) KiB"
begun=$SECONDS
rounds=0
while [ $((SECONDS - begun)) -lt "$seconds" ]; do
    build/noticectl send --socket "$work/crawl.sock" "$input" >/dev/null 2>&1 || true
    rounds=$((rounds + 1))
    # The record is not what is measured; whole old segments may go while nobody verifies them.
    find "$work/ledger/feed" -name '*.jsonl' | sort | head -n -2 | xargs -r rm
    echo "soak: $((SECONDS - begun)) s, $rounds rounds, RSS $(rss) KiB, $(ls "/proc/$daemon/fd" | wc -l) descriptors"
done
