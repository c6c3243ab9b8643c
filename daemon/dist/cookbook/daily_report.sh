#!/bin/sh
# Reports of one day in the folder $2 (/var/lib/noticed-reports) from the ledger $1 (/var/lib/noticed/ledger): day.txt
# with counts and matches by mark, and an HTML report for each merchant that had a counterfeit match. The day
# is $3 (yesterday, UTC). It only reads the ledger. Needs noticectl and jq.
set -eu
ledger=${1:-/var/lib/noticed/ledger}
out=${2:-/var/lib/noticed-reports}
day=${3:-$(date -u -d yesterday +%F)}
folder=$out/$day
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

noticectl tail --ledger "$ledger" -n all -o json --since "${day}T00:00:00Z" >"$work/since"
jq -c --arg day "$day" 'select(.t[0:10] == $day)' "$work/since" >"$work/day"
{
    echo "noticed, $day (UTC)"
    jq -n -r '[inputs.kind] | group_by(.) | map("\(length)\t\(.[0])") | .[]' "$work/day"
    echo
    echo "matches by mark and class"
    jq -n -r '[inputs | select(.kind == "match") | .class as $class | .hits[] | {mark: (.mark // .rule), class: $class}]
        | group_by([.mark, .class]) | map("\(length)\t\(.[0].mark)\t\(.[0].class)") | .[]' "$work/day"
} >"$folder/day.txt"
# A merchant's name may hold anything, and is no line, no file name and nothing for a terminal.
jq -r 'select(.kind == "match" and .class == "counterfeit" and .merchant) | .merchant | @base64' "$work/day" | sort -u |
    while read -r packed; do
        merchant=$(printf '%s' "$packed" | base64 -d && echo x)
        merchant=${merchant%x} # so that a newline at its end stays
        name=$(printf '%s' "$merchant" | sha256sum | cut -c 1-16)
        noticectl report "$ledger" --merchant "$merchant" --html "$folder/merchant-$name.html" >&2 || [ $? -eq 4 ]
        shown=$(printf '%s' "$merchant" | jq -Rs -r 'gsub("[\\p{Cc}\\p{Cf}]"; "?")')
        printf '%s\tmerchant-%s.html\n' "$shown" "$name"
    done >"$folder/merchants.tsv"
