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
unformatted=0
while IFS= read -r -d '' file; do
    if ! clang-format-14 --style=file --dry-run -Werror "$file" >/dev/null 2>&1; then
        echo "$file:1: not formatted: clang-format-14 -i $file"
        unformatted=$((unformatted + 1))
    fi
done < <(find matcher io daemon bench tests \( -name '*.c' -o -name '*.h' -o -name '*.cc' \) \
    -print0 2>/dev/null | sort -z)
echo "tidy: clang-format-14, $unformatted complaints"
[ "$unformatted" -eq 0 ] || failed=1
exit "$failed"
