# noticectl top: what a running daemon and its records look like in a terminal of 80x24, in a smaller one, and in a pipe.
# check: uring
. "$(dirname "$0")/lib.sh"

top() { "$NOTICECTL" top --socket control.sock --ledger ledger "$@"; }

mkdir spool
write_config 'spool: {folder: spool}'
start_daemon || fail "noticed does not start"
{
    for i in 1 2 3; do echo '{"platform":"shop","listing_id":"'$i'","seller_id":"\u001b]5;\u0007","title":"Squishmallows replica"}'; done
    echo '{"platform":"shop","listing_id":"4","seller_id":"s","title":"Jellycat bunny, new"}'
    echo bad
} >lines
"$NOTICECTL" send --socket crawl.sock lines 2>/dev/null

# in a pipe: a screen of 80x24 once, without escape sequences
top >out 2>err </dev/null || fail "exit $?: $(cat err)"
for text in '^noticed [0-9].* up 0d 00:00:' '^disk    ok  reserve' '^signed  nothing' '^clock ' '^a second ' '^in all  *5 ' \
    '^spool   0 wait, 0 read, 0 failed, 0 stuck$' \
    '^intake  ' '^commit  last' '^matches counterfeit 3, mark 1, mention 0' '^knowledge warnings 0, matches 4' \
    '^  squishmallows  *3  ####################$' '^  jellycat  *1  ######$' 'jellycat "Jellycat"'; do
    grep -q -- "$text" out || fail "no $text in: $(cat out)"
done
[ "$(wc -l <out)" -le 24 ] || fail "$(wc -l <out) rows"
awk 'length > 80 { exit 1 }' out || fail "wider than 80: $(cat out)"
LC_ALL=C grep -q "$(printf '[\001-\011\013-\037]')" out && fail "a control character: $(cat -v out)"
grep -qF '\u{1b}]5;\u{07}' out || fail "the text from outside is not spelt out: $(cat out)"
NO_COLOR=1 top -b --color=always | grep -q "$(printf '\033\[32mdisk')" || fail "--color=always"

for wrong in -d0 -dx --delay=9999 --color=red; do
    top "$wrong" 2>/dev/null && fail "it takes $wrong"
done

if command -v tmux >/dev/null; then
    pane() { tmux -S "$PWD/tmux.sock" "$@"; }
    printf '%s\n' "cd '$PWD'; '$NOTICECTL' top --socket control.sock --ledger ledger 2>tmux.err" 'echo "ended $?" >ended' >session
    pane -f /dev/null new-session -d -x 80 -y 24 "bash '$PWD/session'" ||
        skip "tmux does not start"
    shows() { pane capture-pane -p >screen && grep -q -- "$1" screen; }
    wait_for 20 shows '^matches counterfeit 3' || fail "not on the screen: $(cat screen)"
    shows 'q: end' || fail "the last row is missing: $(cat screen)"
    head -n 1 screen | grep -q '^noticed ' || fail "the first row is not at the top: $(cat screen)"
    "$NOTICECTL" send --socket crawl.sock lines 2>/dev/null
    wait_for 20 shows '^in all  *10 ' || fail "it does not go on: $(cat screen)"
    wait_for 20 shows '^  squishmallows  *6  ' || fail "the records do not go on: $(cat screen)"
    pane resize-window -x 40 -y 10
    shows . || true
    wait_for 20 shows '^noticed ' || fail "not in a small terminal: $(cat screen)"
    pane resize-window -x 80 -y 24
    stop_daemon || fail "exit $? at the end"
    wait_for 20 shows 'noticed does not answer' || fail "a daemon that is gone is not told: $(cat screen)"
    wait_for 20 shows 'cannot connect to' || fail "why is not told: $(cat screen)"
    shows 'knowledge warnings' || fail "the records are not shown without a daemon: $(cat screen)"
    start_daemon || fail "noticed does not start again"
    wait_for 20 shows '^disk    ok' || fail "it does not come back: $(cat screen)"
    pane send-keys q
    wait_for 20 test -s ended || fail "q does not end it"
    [ "$(cat ended)" = 'ended 0' ] && [ ! -s tmux.err ] || fail "$(cat ended tmux.err)"
else
    echo "without tmux the screen is not tried"
fi
stop_daemon || fail "exit $? at the end"
exit 0
