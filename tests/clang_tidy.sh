#!/usr/bin/env bash
# clang-tidy-14 over what ships and over the bench, a file a core at a time. A file whose text, headers
# and rules are those of an earlier clean run is not analysed again (build/tidy/).
#
#   tests/clang_tidy.sh [FILE...]
#
# Nearly all of the time goes into the analyzer's walk along the paths of long functions. It follows
# 20,000 nodes of each, or, when LONG, the 225,000 that clang takes by itself.
set -u
cd "$(dirname "$0")/.." || exit 2
command -v clang-tidy-14 >/dev/null || { echo "clang-tidy-14 is missing: make deps"; exit 1; }
make --no-print-directory compile_commands.json >/dev/null || exit 1
mkdir -p build/tidy
DEPTH=(--extra-arg=-Xclang --extra-arg=-analyzer-config
    --extra-arg=-Xclang "--extra-arg=max-nodes=$([ -n "${LONG:-}" ] && echo 225000 || echo 20000)")
TIDY="clang-tidy-14 --quiet -p . ${DEPTH[*]}"
RULES="$({
    clang-tidy-14 --version
    cat .clang-tidy
    echo "$TIDY"
    jq -r '.[].arguments | map(select(startswith("-"))) | join(" ")' compile_commands.json | sort -u
} | sha256sum)"
export TIDY RULES

one() {
    local file=$1 key out
    key="$({
        echo "$RULES"
        gcc -MM -D_GNU_SOURCE -I. -Ibuild/gen -isystem /usr/include/hs "$file" |
            tr -d '\\' | tr ' ' '\n' | grep -E '\.(c|h|cc)$' | sort -u | xargs -r cat
    } 2>&1 | sha256sum | cut -d ' ' -f 1)"
    [ -e "build/tidy/$key" ] && return 0
    if out="$($TIDY "$file" 2>&1)"; then
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
printf '%s\0' "${files[@]}" | xargs -0 -r -n 1 -P "$(nproc)" bash -c 'one "$0"'
code=$?
echo "clang-tidy: ${#files[@]} files, $([ "$code" = 0 ] && echo clean || echo 'complaints above')"
[ "$code" = 0 ]
