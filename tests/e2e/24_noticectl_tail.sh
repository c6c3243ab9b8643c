# noticectl tail: the last records, filters, forms, cursors, following across rotation and restart, the
# durable end, and no raw control character.
# check: uring long:asan
. "$(dirname "$0")/lib.sh"

ledger() { python3 "$ROOT/tests/e2e/noticectl_ledger.py" ledger "$@" || fail "the ledger: $*"; }
tail_() { "$NOTICECTL" tail --ledger ledger "$@"; }
reader=""
follow() { # [OPTIONS...]: into `followed`; killed at the end, whatever happens
    "$NOTICECTL" tail --ledger ledger -f -o json "$@" >followed 2>err &
    reader=$!
}
end_reader() {
    [ -z "$reader" ] || kill "$reader"
    reader=""
}
cleanup() { end_reader; } # called at the end by lib.sh
seen() { [ "$(seqs <followed)" = "$1" ]; }
seqs() { jq -c .seq | tr '\n' ' '; }

ledger records 5 rotate records 5 rotate records 5 durable
cat ledger/feed/*.jsonl >all

# -n, across segments; json is verbatim
[ "$(tail_ -o json | seqs)" = '5 6 7 8 9 10 11 12 13 14 ' ] || fail "the default is not ten"
[ "$(tail_ -o json -n 3 | seqs)" = '12 13 14 ' ] || fail "-n 3"
[ -z "$(tail_ -o json -n 0)" ] || fail "-n 0"
tail_ -o cat -n all | cmp -s - all || fail "-n all is not the feed"
tail_ -o cat -n 1000 | cmp -s - all || fail "more than there is"
NOTICED_LEDGER=ledger "$NOTICECTL" tail -o cat -n all | cmp -s - all || fail "NOTICED_LEDGER"
# nobody has signed these: json says so at the end of each, and the rest is the line as it stands
tail_ -o json -n all | sed 's/,"provisional":true}$/}/' | cmp -s - all || fail "json is another line"
[ "$(tail_ -o json -n all | jq -c .provisional | uniq -c | tr -d ' ')" = 15true ] ||
    fail "json does not say that nothing is signed"
tail_ -o json-pretty -n all | jq -c 'del(.provisional)' | cmp -s - <(jq -c . all) ||
    fail "json-pretty is other JSON"
tail_ -o json-pretty -n 1 | grep -q '^  "seq": 14,$' || fail "json-pretty is not indented"
tail_ -o csv -n 2 >csv
[ "$(sed -n '1p;3p' csv)" = 'seq,t,kind,platform,listing,merchant,state,class,marks,rules,texts,title,provisional
14,"2026-11-24T15:00:14.000000001Z","sighting","shop0","L14","shop0/s2","active",,,,,,true' ] ||
    fail "csv: $(cat csv)"
[ "$(tail_ | wc -l)" = 10 ] || fail "short is not one line a record"
tail_ -n 1 | grep -q '^2026-11-24 15:00:14.000Z  sighting     shop0 L14  by shop0/s2  active$' ||
    fail "short: $(tail_ -n 1)"

# filters count what passes
[ "$(tail_ -o json -n 2 --platform shop1 | seqs)" = '11 13 ' ] || fail "--platform"
[ "$(tail_ -o json -n 2 --seller s0 | seqs)" = '9 12 ' ] || fail "--seller"
[ "$(tail_ -o json -n all --seller shop1/s0 | seqs)" = '3 9 ' ] || fail "--seller with its platform"
[ "$(tail_ -o json -S 2026-11-24T16:00:12+01:00 | seqs)" = '12 13 14 ' ] || fail "--since"
[ "$(tail_ -o json -S 2026-11-24T15:00:02Z -n 1 --platform shop0 | seqs)" = '14 ' ] ||
    fail "--since -n"
[ "$(tail_ -o json -U 2026-11-24T15:00:03Z | seqs)" = '0 1 2 ' ] || fail "--until"
[ "$(tail_ -o json -U 2026-11-24T15:00:11Z | wc -l)" = 11 ] || fail "--until alone is not all up to then"
[ "$(tail_ -o json -n 2 -U 2026-11-24T15:00:11Z | seqs)" = '9 10 ' ] || fail "--until -n"
[ "$(timeout 20 "$NOTICECTL" tail --ledger ledger -f -o json -U 2026-11-24T15:00:11Z | seqs)" = '1 2 3 4 5 6 7 8 9 10 ' ] ||
    fail "-f --until does not end, or not with the last ten"
[ "$(tail_ -o json -S '2026-11-24 15:00:04' -U '2026-11-24 15:00:07' | seqs)" = '4 5 6 ' ] ||
    fail "--since --until"
[ "$(tail_ -o json --seller s1 --seller s0 --platform shop0 -n 3 | seqs)" = '6 10 12 ' ] ||
    fail "several words: $(tail_ -o json --seller s1 --seller s0 --platform shop0 -n 3 | seqs)"
[ "$(tail_ -o json -n all -g 'l1[34] ' | seqs)" = '13 14 ' ] || fail "--grep"
[ -z "$(tail_ -o json -n all -g 'SHOP')" ] || fail "--grep with capitals ignores case"
[ -z "$(tail_ -o json --kind match)" ] || fail "--kind"
[ "$(tail_ -o json -n 1 --kind match --kind sighting | seqs)" = '14 ' ] || fail "two kinds"

# cursors: at, after, by number alone, kept in a file; and no other ledger's
cursor="$(tail_ -n 9 -U 2026-11-24T15:00:07Z --show-cursor -o cat | sed -n 's/^-- cursor: //p')"
[ "$cursor" = "i=14;h=$(tail -n 1 all | tr -d '\n' | cat <(printf '\0') - | sha256sum | cut -c 1-32)" ] ||
    fail "the cursor is $cursor"
[ "$(tail_ -o json --cursor "$cursor" | seqs)" = '14 ' ] || fail "--cursor"
[ -z "$(tail_ -o json --after-cursor "$cursor")" ] || fail "--after-cursor at the end"
[ "$(tail_ -o json --after-cursor i=4 | seqs)" = '5 6 7 8 9 10 11 12 13 14 ' ] || fail "i=4"
[ "$(tail_ -o json --after-cursor i=4 -n 2 | seqs)" = '13 14 ' ] || fail "--after-cursor -n"
[ "$(tail_ -o json --cursor i=4 --platform shop0 -n 100 | seqs)" = '4 6 8 10 12 14 ' ] ||
    fail "--cursor with a filter"
for wrong in i=15 "i=13;h=${cursor#*h=}"; do
    code=0
    tail_ --after-cursor "$wrong" >out 2>err || code=$?
    [ "$code" = 2 ] && [ ! -s out ] && grep -q 'another ledger, or an older copy' err ||
        fail "exit $code for $wrong: $(cat out err)"
done
[ "$(tail_ -o json --cursor-file kept -n 1 | seqs)" = '14 ' ] || fail "--cursor-file"
[ "$(cat kept)" = "$cursor" ] || fail "kept: $(cat kept)"
if command -v strace >/dev/null && [ "$MODE" != asan ]; then
    strace -o trace -e trace=fdatasync,rename,renameat,renameat2 "$NOTICECTL" tail --ledger ledger -o cat -n 3 \
        --cursor-file synced >printed || fail "exit $? under strace"
    grep 'fdatasync(1)\|rename' trace | tail -n 2 | sed -n 1p | grep -q 'fdatasync(1) *= 0' ||
        fail "the cursor is on disk before what was printed: $(cat trace)"
fi
tail_ -n 0 --cursor-file none && tail_ --kind match --cursor-file filtered || fail "it reads nothing, and fails"
[ "$(cat none)" = "$cursor" ] && [ "$(cat filtered)" = "$cursor" ] || fail "the place of who read nothing: $(cat none filtered)"
ledger rotate records 2 durable
for first in none filtered; do
    [ "$(tail_ -o json --cursor-file "$first" | seqs)" = '15 16 ' ] || fail "who read nothing ($first) does not go on"
done
[ "$(tail_ -o json --after-cursor begin | head -n 1 | seqs)" = '0 ' ] || fail "--after-cursor begin"
mkdir -p empty/feed && "$NOTICECTL" tail --ledger empty --cursor-file first || fail "a ledger with nothing in it"
[ "$(cat first)" = begin ] || fail "the place before all: $(cat first)"
[ "$(tail_ -o csv --cursor-file first | sed -n 1p | cut -d , -f 1)" = 0 ] || fail "not from the first record, without a second header"
timeout 2 "$NOTICECTL" tail -f --ledger nowhere/yet --cursor-file later 2>err
[ "$(cat later)" = begin ] || fail "no place is kept while the ledger is waited for: $(cat err)"
# a file that cannot be kept is known before anything is shown
tail_ --cursor-file /proc/self/cursor >out 2>err && fail "a cursor is kept where none can be"
[ ! -s out ] && grep -q 'cannot keep' err || fail "shown before it is known that no cursor can be kept: $(cat out err)"
[ "$(tail_ -o csv --cursor-file kept | cut -d , -f 1 | tr '\n' ' ')" = '15 16 ' ] ||
    fail "not what came since, without a second header"
[ -z "$(tail_ -o json --cursor-file kept)" ] || fail "a record is shown twice"
echo nonsense >kept
tail_ --cursor-file kept 2>err && fail "a file without a cursor is taken"
grep -q 'no cursor in kept' err && [ "$(cat kept)" = nonsense ] || fail "$(cat err kept)"
[ -z "$(tail_ -n 5 --class counterfeit --mark M1)" ] || fail "--class"

# nothing past the durable end, and no half record
ledger records 2 durable-old records 1 torn
[ "$(tail_ -o json -n 1 | seqs)" = '17 ' ] || fail "not the durable end: $(tail_ -o json -n 1)"
rm -rf ledger

# notices: what they named is post-notice from then on
cat >events <<'EOF'
{"id":"a","type":"sighting","platform":"shop1","listing":"L1","state":"active"}
{"id":"n","type":"notice.sent","platform":"shop1","notice":"N1","listings":["L1","L7"]}
{"id":"b","type":"sighting","platform":"shop1","listing":"L1","state":"active"}
{"id":"c","type":"sighting","platform":"shop2","listing":"L7","state":"active"}
{"id":"k","type":"notice.correct","notice":"N1","add":["L9"]}
{"id":"u","type":"notice.correct","notice":"N2","add":["L8"]}
{"id":"d","type":"sighting","platform":"shop1","listing":"L9","state":"active"}
{"id":"e","type":"sighting","platform":"shop2","listing":"L9","state":"active"}
{"id":"f","type":"sighting","platform":"shop1","listing":"L8","state":"active"}
{"id":"g","type":"sighting","platform":"\uff1d1+1","listing":"-1","state":"active"}
EOF
ledger records 5 events events records 5 durable
[ "$(tail_ -o json -n all --post-notice | seqs)" = '7 11 ' ] || fail "--post-notice: $(tail_ -o json -n all --post-notice | seqs)"
[ "$(tail_ -o json -n all --kind 'notice.*' | seqs)" = '6 9 10 ' ] || fail "--kind 'notice.*'"
tail_ -o csv --cursor i=14 -U 2026-11-24T15:00:14.5Z | grep -qF "\"'＝1+1\",\"'-1\"" ||
    fail "a formula in csv: $(tail_ -o csv --cursor i=14 -U 2026-11-24T15:00:14.5Z)"
follow --after-cursor i=19 --post-notice # from the end that there is now, however late it begins
ledger events <(echo '{"id":"m","type":"notice.sent","platform":"shop0","listings":["L22"]}') records 2 durable
wait_for 20 seen '22 ' || fail "a notice that comes later is not heeded: $(cat followed)"
end_reader
rm -rf ledger

# control characters of listings never reach a terminal, in any form
ledger records 1 hostile durable
for form in short json json-pretty csv cat; do
    tail_ -o "$form" >out || fail "exit $?"
    LC_ALL=C grep -q '[[:cntrl:]]' out && fail "a raw control in $form: $(cat -v out)"
    grep -q "$(printf '\302\233\|\342\200\256\|\342\200\250')" out &&
        fail "C1, bidi or a separator in $form"
done
tail_ -n 1 >out
grep -qF '\u{1b}]52;c;cm0=\u{07} \u{202e}b' out || fail "$(cat out)"
grep -qF 'counterfeit  shop1 X1  by shop1/s1  M1 "\u{9b}31m\u{2028}x"' out || fail "$(cat out)"
[ "$(tail_ -o csv -n 1 | sed 1d | cut -d , -f 9,11)" = '"M1","\u{9b}31m\u{2028}x"' ] ||
    fail "csv: $(tail_ -o csv -n 1)"
[ "$(tail_ -o json --class counterfeit --mark M1 | seqs)" = '1 ' ] || fail "--class --mark"
tail_ -n 1 --color=always | grep -q "$(printf '\033\\[1;31mcounterfeit')" || fail "--color=always"
NO_COLOR=1 tail_ -n 1 | grep -q "$(printf '\033')" && fail "colours in a pipe"

# following: rotation, a daemon that restarts, a burst
follow -n 1
wait_for 20 seen '1 ' || fail "the last record is not shown: $(cat followed err)"
ledger records 2
ledger durable
wait_for 20 seen '1 2 3 ' || fail "what is written is not followed: $(cat followed err)"
ledger rotate records 1 durable
wait_for 20 seen '1 2 3 4 ' || fail "rotation is not followed: $(cat followed err)"
ledger rotate records 2 rotate records 1 durable
wait_for 20 seen '1 2 3 4 5 6 7 ' ||
    fail "two rotations at once are not followed: $(cat followed err)"
end_reader

# a ledger that is not there yet is waited for
rm -rf ledger
follow
wait_for 20 grep -q 'waiting for it' err || fail "it does not wait: $(cat err)"
ledger records 2 durable
wait_for 20 seen '0 1 ' || fail "a new ledger is not followed: $(cat followed err)"
end_reader

# a filter that nothing has passed yet waits for the first record too
rm -rf ledger
mkdir -p ledger/feed
follow --kind sighting
ledger records 2 durable
wait_for 20 seen '0 1 ' || fail "a filter loses the first records: $(cat followed err)"
end_reader

# whoever follows ends when nobody reads any more
(timeout 60 "$NOTICECTL" tail --ledger ledger -f -n 1 -o json; echo "ended $?" >ended) |
    head -n 1 >/dev/null
wait_for 20 test -s ended || fail "tail -f outlives its reader"

# a copy of feed/ alone is read to its last whole line
ledger torn no-durable
[ "$(tail_ -o json | seqs)" = '0 1 ' ] || fail "a bare feed: $(tail_ -o json)"
rm -rf ledger

# a line that no noticed writes is told, escaped, and not shown
ledger records 1 raw durable
code=0
tail_ -o json >out 2>err || code=$?
[ "$code" = 2 ] || fail "exit $code for a damaged feed"
cat out err | LC_ALL=C grep -q "$(printf '\033')" && fail "a raw escape from a damaged feed"
[ -s err ] || fail "damage is not told"

# damage in the middle is named by its place
rm -rf ledger
ledger records 5 rotate records 5 durable
segment=ledger/feed/00000000000000000005.jsonl
sed -i '3s/"seq":7/"seq":9/' "$segment"
code=0
tail_ -o json -n all >out 2>err || code=$?
[ "$code" = 2 ] && [ "$(seqs <out)" = '0 1 2 3 4 5 6 ' ] || fail "exit $code, shown before damage: $(seqs <out)"
grep -q "damaged at record 7.*$segment from byte $(head -n 2 "$segment" | wc -c) on" err || fail "the place: $(cat err)"

# a filter that can never match is a mistake, and the known words are named
for filter in '--class foo' '--kind nosuch'; do
    code=0
    # shellcheck disable=SC2086
    tail_ $filter >out 2>err || code=$?
    [ "$code" = 2 ] && grep -q 'is one of' err || fail "exit $code for $filter: $(cat err)"
done

# whoever is stuck inside a record that nobody reads, or loses its reader there, still keeps its place
rm -rf ledger
python3 -c 'import json
for i in range(4): print(json.dumps({"id": "n%d" % i, "type": "notice.sent", "text": "x" * 12000}))' >long
ledger events long durable
python3 - "$NOTICECTL" <<'PYTHON' || fail "what is stuck"
import array, fcntl, os, signal, subprocess, sys, termios, time
def tail(read, told):
    cursor = 'stuck.%d.%d' % (told, read)
    r, w = os.pipe()
    fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096)
    p = subprocess.Popen([sys.argv[1], 'tail', '--ledger', 'ledger', '-n', 'all', '-o', 'cat',
                          '--cursor-file', cursor], stdout=w, stderr=subprocess.PIPE)
    os.close(w)
    got = b''
    while len(got) < read:
        got += os.read(r, read - len(got))
    whole = got.count(b'\n')
    left, until = array.array('i', [0]), time.monotonic() + 30
    while told != signal.SIGPIPE and time.monotonic() < until and left[0] < 4096:
        fcntl.ioctl(r, termios.FIONREAD, left)
        time.sleep(0.01)
    if told == signal.SIGPIPE:
        os.close(r)
    else:
        p.send_signal(told)
    code, error = p.wait(30), p.stderr.read()
    assert code == -told and error == b'', (told, code, error)
    kept = open(cursor).read()
    assert kept.startswith('begin' if whole == 0 else 'i=%d;' % (whole - 1)), (told, whole, kept)
for told in (signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
    tail(1, told)
    tail(12000 + 6000, told)
PYTHON
exit 0
