# noticectl send: acks, nacks, a slow reader, a cut connection; exit codes and what it says.
# check: uring asan
. "$(dirname "$0")/lib.sh"

fake() { # MODE [ARGUMENT]: a daemon for one connection
    rm -f fake.sock received
    python3 "$ROOT/tests/e2e/noticectl_fake.py" fake.sock "$@" 2>fake.err &
    server=$!
    wait_for 20 test -S fake.sock || fail "the fake does not open: $(cat fake.err)"
}
# send CODE [ARGUMENTS...]: with stdin from `input`
send() {
    local wanted=$1 code=0
    shift
    timeout 60 "$NOTICECTL" send --socket fake.sock "$@" \
        >out 2>err <"${input:-/dev/null}" || code=$?
    wait "$server" || fail "the fake failed: $(cat fake.err)"
    [ "$code" = "$wanted" ] || fail "exit $code, not $wanted: $(cat err)"
    [ -s out ] && fail "stdout: $(cat out)"
    return 0
}
says() { grep -qF -e "$1" err || fail "no \"$1\" in: $(cat err)"; }

printf 'one\n\ntwo\r\nthree\n' >a
printf 'four\nfive' >b

fake ack
send 0 --source spider-a a
says '4 lines acknowledged, 0 of them rejected'
[ "$(head -n 1 received)" = '{"noticed":1,"source":"spider-a","ack":true}' ] ||
    fail "hello: $(head -n 1 received)"
tail -n +2 received | cmp -s - a || fail "the bytes differ"

# several files: a missing newline is added and said; nacks name file and line
fake nack
send 4 a b
printf '\n' | cat a b - | cmp -s - <(tail -n +2 received) || fail "the bytes differ"
says 'b: the last line had no newline; one was added'
says 'a:3: bad_json: at \u{1b}]52;c;YQ==\u{07}'
says 'b:2: bad_json'
says '6 lines acknowledged, 2 of them rejected'
grep -q "$(printf '\033')" err && fail "a raw escape on stderr"

fake lost
send 4 a
says 'only the line'"'"'s hash is kept'

# standard input
input=a
fake ack
send 0
tail -n +2 received | cmp -s - a || fail "the bytes differ"
input=""

# nothing to send
fake ack
send 0
says '0 lines acknowledged'

# a daemon that reads slowly and answers every line: both directions fill up, and nothing hangs
seq 1 200000 >many
fake slow
send 0 many
says '200,000 lines acknowledged'
tail -n +2 received | cmp -s - many || fail "the bytes differ"

# the connection is cut: what was acknowledged, and where to go on
fake cut 3
send 3 a b
says '3 lines were acknowledged'
says 'from a:4 on'
fake cut 5
send 3 a b
says 'from b:2 on'
fake silent 2
send 3 many
says '0 lines were acknowledged'
says 'from many:1 on'

# the last ack and the end of the connection together are a success
fake cut 4
send 0 a

# a stranger at the socket
fake babble
send 3 a
says 'HTTP/1.0 400 \u{1b}[31mno'
fake far
send 3 a
says 'does not speak this protocol'

# files that cannot be read: the others are sent, exit 2
fake ack
send 2 missing a .
says 'cannot open missing'
says 'cannot read .: Is a directory'
says '4 lines acknowledged'

# nobody listens: unreachable, and what to do
code=0
"$NOTICECTL" send --socket fake.sock a 2>err || code=$?
[ "$code" = 3 ] || fail "exit $code without a listener"
says 'Connection refused'

# with a terminal there is a progress line, and only there
if command -v script >/dev/null; then
    fake ack
    script -qec "$NOTICECTL send --socket fake.sock many" typescript \
        >/dev/null </dev/null || fail "exit $?"
    wait "$server"
    grep -q 'acked' typescript || fail "no progress on a terminal"
fi
grep -q '\[K' err && fail "a progress line without a terminal"
exit 0
