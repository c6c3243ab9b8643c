#!/usr/bin/env bash
# A set that takes more time or memory than the configuration allows: the error says which limit and what
# to do, the set in force stays and goes on finding, and a start with such a set ends with 78.
# check: uring
. "$(dirname "$0")/lib.sh"

corpus="${CORPUS:-$ROOT/build/release/bench/corpus}"
[ -x "$corpus" ] || fail "the generator is not built: make corpus"
"$corpus" --list 60000 >large.tsv
{ head -n 1 large.tsv; printf 'S1\tSquishmallows\ttoys\t0\t\t\n'; } >small.tsv
find_it() { # NAME...: sends one listing and waits until it is in the record
    printf '{"platform":"p","listing_id":"%s","title":"Squishmallows"}\n' "$1" >line
    "$NOTICECTL" send --socket crawl.sock line >/dev/null 2>&1 || fail "send: exit $?"
    feed_lines | jq -ne --arg id "$1" 'any(inputs; .kind == "match" and .listing == $id)' >/dev/null ||
        fail "the set in force does not find: $1"
}

for limit in 'time: 1s, memory: 8GiB|compile.time' 'time: 600s, memory: 96MiB|compile.memory'; do
    named="${limit#*|}"
    rm -rf ledger
    cp small.tsv marks.tsv
    write_config "compile: {${limit%|*}}"
    sed -i 's|^marks: .*|marks: [marks.tsv]|; /^cues:/d' noticed.yaml
    start_daemon || fail "$named: it does not start with a small set: $(tail -n 3 noticed.log)"
    find_it before
    cp large.tsv marks.tsv
    "$NOTICECTL" reload --socket control.sock >said 2>&1 && fail "$named: the large set is taken"
    grep -q "$named allows" said || fail "$named is not named: $(cat said)"
    grep -q 'fewer marks' said || fail "what to do is not said: $(cat said)"
    find_it after
    cp small.tsv marks.tsv
    "$NOTICECTL" reload --socket control.sock >said 2>&1 || fail "$named: not taken afterwards: $(cat said)"
    find_it again
    stop_daemon || fail "SIGTERM gives exit status $?"
    [ "$(feed_lines | jq -r 'select(.kind == "ruleset") | .seq' | wc -l)" = 2 ] ||
        fail "$named: the refused set is recorded"
    cp large.tsv marks.tsv
    "$NOTICED" --config noticed.yaml "--io=$NOTICED_IO" >said 2>&1
    [ $? = 78 ] || fail "$named: a start with too large a set gives exit $?"
    grep -q "$named allows" said || fail "$named is not named at the start: $(cat said)"
done
