#!/usr/bin/env bash
# House limits, banned calls, contracts in headers, and the format of every C file. tidy.sh [ROOT]
set -u
house="$(cd "$(dirname "$0")" && pwd)/house"
root="${1:-$house/../..}"
failed=0
PYTHONDONTWRITEBYTECODE=1 python3 "$house/tidy.py" "$root" || failed=1

if ! command -v clang-format-14 >/dev/null; then
    echo "tidy: clang-format-14 is missing: make deps"
    exit 1
fi
cd "$root" || exit 2
# One process for many files: starting it costs more than its work.
complaints="$(find matcher io daemon bench tests \( -name '*.c' -o -name '*.h' -o -name '*.cc' \) -print0 2>/dev/null |
    sort -z | xargs -0 -r clang-format-14 --style=file --dry-run -Werror 2>&1 |
    sed -n 's/^\([^: ]*\):[0-9]*:[0-9]*: error: .*/\1/p' | sort -u)"
unformatted=0
for file in $complaints; do
    echo "$file:1: not formatted: clang-format-14 -i $file"
    unformatted=$((unformatted + 1))
done
echo "tidy: clang-format-14, $unformatted complaints"
[ "$unformatted" -eq 0 ] || failed=1
exit "$failed"
