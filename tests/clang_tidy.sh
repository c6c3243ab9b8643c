#!/usr/bin/env bash
# clang-tidy-14 over what ships and over the bench, two files at a time. A file whose text, headers
# and rules are those of an earlier clean run is not analysed again (build/tidy/).
#
#   tests/clang_tidy.sh [FILE...]
set -u
cd "$(dirname "$0")/.." || exit 2
command -v clang-tidy-14 >/dev/null || { echo "clang-tidy-14 is missing: make deps"; exit 1; }
make --no-print-directory compile_commands.json >/dev/null || exit 1
mkdir -p build/tidy

one() {
    local file=$1 key out
    key="$({
        clang-tidy-14 --version
        cat .clang-tidy
        jq -c --arg f "$file" '.[] | select(.file == $f) | .arguments' compile_commands.json
        gcc -MM -D_GNU_SOURCE -I. -Ibuild/gen -isystem /usr/include/hs "$file" |
            tr -d '\\' | tr ' ' '\n' | grep -E '\.(c|h|cc)$' | sort -u | xargs -r cat
    } 2>&1 | sha256sum | cut -d ' ' -f 1)"
    [ -e "build/tidy/$key" ] && return 0
    if out="$(clang-tidy-14 --quiet -p . "$file" 2>&1)"; then
        touch "build/tidy/$key"
        return 0
    fi
    printf '%s\n' "$out" | grep -v 'warnings generated\|^Suppressed\|^Use -header-filter'
    return 1
}
export -f one

if [ $# -eq 0 ]; then
    mapfile -t files < <(find matcher io daemon bench \( -path matcher/unicode -o -path matcher/words \) -prune -o \
        \( -name '*.c' -o -name '*.cc' \) -print 2>/dev/null | sort)
else
    files=("$@")
fi
printf '%s\0' "${files[@]}" | xargs -0 -r -n 1 -P 2 bash -c 'one "$0"'
code=$?
echo "clang-tidy: ${#files[@]} files, $([ "$code" = 0 ] && echo clean || echo 'complaints above')"
[ "$code" = 0 ]
