# noticectl witness signs what continues the tree that it signed, and nothing else: its signatures and
# its refusals as another program derives them, over a file and over a socket, by many at once, and
# after it was killed.
# check: uring asan
. "$(dirname "$0")/lib.sh"

tlog() { python3 "$ROOT/tests/e2e/tlog.py" "$@"; }
python3 "$ROOT/tests/e2e/noticectl_ledger.py" ledger begin records 298
tlog seal ledger || fail "seal"
"$NOTICECTL" witness --make-key witness.test/e2e --key w.key >w.vkey 2>err || fail "key: $(cat err)"
[ "$(stat -c %a w.key)" = 600 ] || fail "others may read the key"
"$NOTICECTL" witness --make-key x --key w.key >/dev/null 2>err && fail "a key is replaced"

tlog request ledger 0.5 5.6 6.256 256.256 256.257 0.6 257.256 257.257.fork 256.258 257.258 258.259 \
    258.260 258.261 258.262 260.270 261.270 262.270 259.270 258.271 270.271 271.272 271.273 271.274 \
    271.275 || fail "requests"

# ask CODE FIRST-WORDS REQUEST: the answer is in a.REQUEST
good=()
ask() {
    local wanted=$1 word=$2 code=0
    "$NOTICECTL" witness --key w.key --state w --log ledger/key.vkey "r.$3" >"a.$3" 2>err || code=$?
    [ "$code" = "$wanted" ] || fail "exit $code, not $wanted: $(cat "a.$3" err)"
    case "$(cat "a.$3")" in "$word"*) ;; *) fail "not \"$word\": $(cat "a.$3" err)" ;; esac
    [ "$wanted" = 1 ] && return
    mv "a.$3" "good${#good[@]}" # the same may be asked again
    good+=("r.$3" "good${#good[@]}")
}

# it grows: from nothing, by one, over the edge of a tile, and the same again
ask 0 '— witness.test/e2e ' 0.5
ask 0 '— ' 5.6
ask 0 '— ' 6.256
ask 0 '— ' 256.256
ask 0 '— ' 256.257
# it never shrinks, and tells its size to who is behind
ask 1 '409 257' 6.256
ask 1 '409 257' 0.6
ask 1 '400 shrinks' 257.256
# another root of the same size is kept as evidence; a tree that does not continue it is refused
ask 1 '409 257' 257.257.fork
grep -q 'THE LOG HAS FORKED' err || fail "a fork is not told: $(cat err)"
[ "$(grep -hc '^257$' w/fork-*-257-*.log)" = 2 ] || fail "a fork is not kept whole"
sed 's/^old 256$/old 257/' r.256.258 >r.x && ask 1 '422 bad_proof' x
printf 'old x\n' >r.x && ask 1 '400 bad_old' x
head -c 70000 /dev/zero >r.x && ask 1 '400 too_long' x
# who is not known, or did not sign
sed 's/^noticed.test.e2e$/noticed.test\/other/' r.257.258 >r.x && ask 1 '404 wrong_origin' x
sed 's/^258$/259/' r.257.258 >r.x && ask 1 '403 bad_signature' x
# what others have put under the checkpoint is neither believed nor kept
printf '— witness.test/e2e %s\n' "$(head -c 76 /dev/zero | base64 -w0)" >>r.257.258
ask 0 '— ' 257.258
[ "$(grep -c '^—' w/*.checkpoint)" = 2 ] || fail "kept: $(cat w/*.checkpoint)"
# the state is what --compare takes, and shows a rollback of the ledger
"$NOTICECTL" verify ledger --compare "$(echo w/*.checkpoint)" >out || fail "$(cat out)"
cp -r ledger old && rm old/checkpoint old/checkpoints.log && rm -r old/tile
sed -i '250,$d' old/feed/*.jsonl && tlog seal old
"$NOTICECTL" verify old --min-size 100 >out || fail "an old state is not intact by itself: $(cat out)"
"$NOTICECTL" verify old --compare "$(echo w/*.checkpoint)" >out && fail "a rollback is not caught"

# a state that somebody changed signs nothing
cp -r w broken && sed -i '2s/258/100/' broken/*.checkpoint
"$NOTICECTL" witness --key w.key --state broken --log ledger/key.vkey r.258.259 >out 2>err
[ $? = 2 ] && [ ! -s out ] || fail "a broken state signs: $(cat out err)"
chmod 644 w.key
"$NOTICECTL" witness --key w.key --state w --log ledger/key.vkey r.258.259 >out 2>err
[ $? = 2 ] && grep -q 'chmod 600' err || fail "a key that all may read: $(cat err)"
chmod 600 w.key

# over a socket, four at once, each from the size that it believes: one is signed
"$NOTICECTL" witness --key w.key --state w --log ledger/key.vkey --socket w.sock 2>serve.log &
DAEMON=$!
wait_for 10 test -S w.sock || fail "no socket: $(cat serve.log)"
python3 - <<'PY' || fail "over the socket"
import socket, threading
answers = {}

def ask(size):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(60)
        s.connect('w.sock')
        s.sendall(open('r.258.%d' % size, 'rb').read())
        s.shutdown(socket.SHUT_WR)
        answers[size] = b''.join(iter(lambda: s.recv(4096), b''))

threads = [threading.Thread(target=ask, args=(size,)) for size in range(259, 263)]
silent = socket.socket(socket.AF_UNIX)
silent.connect('w.sock')
silent.shutdown(socket.SHUT_WR)  # says nothing: a bad request, and the next one is answered
for t in threads: t.start()
for t in threads: t.join()
signed = [size for size, a in answers.items() if a.startswith('— '.encode())]
assert len(signed) == 1, answers
assert all(a == b'409 %d\n' % signed[0] for size, a in answers.items() if size != signed[0]), answers
open('signed', 'w').write(str(signed[0]))
PY
ask 0 '— ' "$(cat signed).270"
kill -KILL "$DAEMON"
wait "$DAEMON" 2>/dev/null
"$NOTICECTL" witness --key w.key --state w --log ledger/key.vkey --socket w.sock 2>serve.log &
DAEMON=$!
ask 1 '409 270' 258.271
ask 0 '— ' 270.271
wait_for 10 test -S w.sock || fail "no socket: $(cat serve.log)"
stop_daemon || fail "SIGTERM is an error: $?"
[ ! -e w.sock ] || fail "the socket stays"
# by processes of their own at the same time
for size in 272 273 274 275; do
    "$NOTICECTL" witness --key w.key --state w --log ledger/key.vkey "r.271.$size" >"b$size" 2>/dev/null &
done
wait
[ "$(grep -l '^—' b27? | wc -l)" = 1 ] || fail "two trees were signed at once: $(cat b27?)"
tlog cosigned "$(cat w.vkey)" "${good[@]}" || fail "a cosignature is none"

# usage
for wrong in "--key w.key --state w" "--key w.key --log ledger/key.vkey" "--key w.vkey --state w --log ledger/key.vkey" \
    "--key w.key --state w --log w.vkey" "--make-key x"; do
    # shellcheck disable=SC2086
    "$NOTICECTL" witness $wrong <r.258.259 >out 2>err
    [ $? = 2 ] || fail "usage: $wrong: $(cat out err)"
done
exit 0
