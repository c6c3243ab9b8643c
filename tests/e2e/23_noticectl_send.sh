# noticectl send: acks, nacks, a slow reader, a cut connection; exit codes and what it says.
# check: uring asan
. "$(dirname "$0")/lib.sh"

fake() { # MODE [ARGUMENT]: a daemon for one connection
    rm -f fake.sock received held
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
printf 'four\nfive match' >b

fake ack
send 0 --source spider-a a
says '4 lines acknowledged, 0 of them rejected, 0 with a match,'
[ "$(head -n 1 received)" = '{"noticed":1,"source":"spider-a","ack":true,"matches":true}' ] ||
    fail "hello: $(head -n 1 received)"
tail -n +2 received | cmp -s - a || fail "the bytes differ"

# several files: a missing newline is added and said; nacks name file and line
fake nack
send 4 a b
printf '\n' | cat a b - | cmp -s - <(tail -n +2 received) || fail "the bytes differ"
says 'b: the last line had no newline; one was added'
says 'a:3: bad_json: at \u{1b}]52;c;YQ==\u{07}'
says 'b:2: bad_json'
says '6 lines acknowledged, 2 of them rejected, 1 with a match,'
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
for mode in far uncounted; do
    fake "$mode"
    send 3 a
    says 'does not speak this protocol'
done

# files that cannot be read: the others are sent, exit 2
fake ack
send 2 missing a .
says 'cannot open missing'
says 'cannot read .: Is a directory'
says '4 lines acknowledged'

# packed, and an array: what arrives is lines; a session numbers them through all files, and goes on where it ended
gzip -c a >a.gz
printf '[{"x":\n1},\n2]' >array
fake ack
send 0 --session nightly:1 a.gz array
[ "$(head -n 1 received)" = '{"noticed":1,"source":"noticectl","ack":true,"matches":true,"session":"nightly:1","first":1}' ] ||
    fail "hello: $(head -n 1 received)"
printf '{"x": 1}\n2\n' | cat a - | cmp -s - <(tail -n +2 received) || fail "unpacked: $(cat received)"
says '6 lines acknowledged'
fake cut 5
send 3 --session nightly:1 a.gz array
says 'from array:2 on'
grep -q twice.*twice err && fail "twice: $(cat err)"
says '--first 6 only that rest: with --session nightly:1 nothing will be there twice'
fake ack
send 0 --session nightly:1 --first 6 a.gz array
says '1 lines acknowledged'
[ "$(tail -n +2 received)" = 2 ] || fail "the rest: $(cat received)"
fake ack
send 2 --session nightly:1 a missing array
says 'array and what follows are not sent'
tail -n +2 received | cmp -s - a || fail "a line behind a missing file is sent: $(cat received)"
for wrong in '--first 2' '--session x --first 0' '--session x --first 1x' '--session "' '--session a/b'; do
    code=0
    "$NOTICECTL" send --socket fake.sock $wrong a 2>err || code=$?
    [ "$code" = 2 ] || fail "$wrong: exit $code: $(cat err)"
done
says '--source, --map and --session take 1 to 64 of A-Z a-z 0-9 . _ : -'
fake ack
send 2 --session nightly:1 --first 6 a
says '--first 6: the inputs have only 4 lines'

# a folder of items
mkdir items
printf '{\n "x": 1\n}\n' >items/1.json
printf '{\n "x": 2\n}' >items/2.json
fake ack
send 0 items
[ "$(tail -n +2 received)" = "$(printf '{  "x": 1 }\n{  "x": 2 }')" ] || fail "items: $(cat received)"

# nobody listens: unreachable, and what to do
code=0
"$NOTICECTL" send --socket fake.sock a 2>err || code=$?
[ "$code" = 3 ] || fail "exit $code without a listener"
says 'Connection refused'

# interrupted: it says how far it came and where to go on, and ends by the signal
# interrupt SIGNAL CODE [ARGUMENTS...]
interrupt() {
    local signal=$1 wanted=$2 code=0
    shift 2
    # a job in the background of a script would be made to ignore SIGINT
    python3 - "$signal" "$NOTICECTL" send --socket fake.sock "$@" <<'PY' || fail "interrupting"
import os, signal, subprocess, sys, time
with open("err", "wb") as err:
    child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stderr=err,
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    begun = time.monotonic()
    while not os.path.exists("held"):
        assert time.monotonic() - begun < 60 and child.poll() is None, "the fake saw nothing"
        time.sleep(0.005)
    child.send_signal(getattr(signal, sys.argv[1]))
    code = child.wait(60)
with open("code", "w") as out:
    out.write(str(code if code >= 0 else 128 - code))
PY
    code="$(cat code)"
    [ "$code" = "$wanted" ] || fail "$signal: exit $code, not $wanted: $(cat err)"
    wait "$server" || fail "the fake failed: $(cat fake.err)"
}
printf 'match 1\nmatch 2\nplain\n' >c
printf 'four\nfive\nsix\n' >d
fake hold 4 6
interrupt SIGINT 130 c d -
says 'interrupted: 6 lines sent, 4 acknowledged, 0 rejected, 2 with a match; go on from d:2'
says 'the 2 lines after it may or may not be, and sent again they may stand there twice'
fake hold 2 6
interrupt SIGTERM 143 c d -
says 'interrupted: 6 lines sent, 2 acknowledged, 0 rejected, 2 with a match; go on from c:3'
# a program that was started to ignore SIGINT goes on
fake ack
mkfifo slow
(
    trap '' INT
    exec "$NOTICECTL" send --socket fake.sock slow
) 2>err &
sending=$!
exec 9>slow
kill -INT "$sending"
printf 'one\n' >&9
exec 9>&-
wait "$sending" || fail "exit $? though SIGINT was ignored: $(cat err)"
wait "$server" || fail "the fake failed: $(cat fake.err)"
says '1 lines acknowledged'

# with a terminal there is a progress line, and only there
if command -v script >/dev/null; then
    fake ack
    script -qec "$NOTICECTL send --socket fake.sock many" typescript \
        >/dev/null </dev/null || fail "exit $?"
    wait "$server"
    grep -q 'lines .*MB/s .*matches .*ETA' typescript || fail "no progress on a terminal"
fi
grep -q '\[K' err && fail "a progress line without a terminal"
exit 0
