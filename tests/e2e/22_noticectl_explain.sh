# noticectl explain: shows views, hits and why, and nothing that a terminal would obey.
# check: uring asan
. "$(dirname "$0")/lib.sh"

printf 'mark_id\tmark\tcategory\tgeneric\n' >marks.tsv
printf 'M1\tSquishmallows\ttoys\t0\nM2\tApple\ttech\t1\n' >>marks.tsv
printf 'cue_id\tlang\tphrase\tstrength\nC1\ten\treplica\t3\n' >cues.tsv
explain() { "$NOTICECTL" explain --marks marks.tsv --cues cues.tsv "$@"; }
has() { grep -qF -e "$1" out || fail "no \"$1\" in: $(cat out)"; }

explain 'Cute SQUISHMALLOWS replica' >out || fail "exit $?"
has 'fold     " cute squishmallows replica "'
has 'counterfeit: Squishmallows (M1, toys)'
has '"SQUISHMALLOWS", bytes 5 to 18'
has '"replica", bytes 19 to 26 (C1, strength 3)'
has 'class    counterfeit'

explain Cute Squishmallows cow >out || fail "exit $?"
has 'mark: Squishmallows'
has 'class    mark'

# a disguise is shown as it was read
explain 'cow 5quishmall0w5 plush' >out || fail "exit $?"
has 'squeeze  "5quishmall0w5" read as "squishmallows"'
has 'counterfeit: Squishmallows'
has 'digits or signs for letters'

# a chunk that is a run of single letters too is shown once
explain 's-q-u-i-s-h-m-a-l-l-o-w-s plush' >out || fail "exit $?"
[ "$(grep -c '^squeeze' out)" = 1 ] || fail "not one suspect: $(cat out)"
has 'signs or spaces between letters'

explain 'a wooden cow' >out || fail "exit $?"
has 'no mark of the lists'
has 'class    none'

# invisible characters, bidi controls and escapes are shown, with offsets in the bytes as given
explain "$(printf 'Squish\342\200\213mallows \342\200\256x \033]52;c;YQ==\007')" >out ||
    fail "exit $?"
has 'Squish\u{200b}mallows \u{202e}x \u{1b}]52;c;YQ==\u{07}'
has 'bytes 0 to 16'
grep -q 'stage *folded' out || fail "stage: $(cat out)"
LC_ALL=C grep -q '[[:cntrl:]]' out && fail "a raw control in: $(cat out)"

code=0
explain "$(printf 'a\377b')" >out 2>err || code=$?
[ "$code" = 2 ] || fail "exit $code for bytes that are no UTF-8"
grep -q 'byte 1 of the text is not UTF-8' err || fail "$(cat err)"

# colours only when asked for
explain --color=always Squishmallows | grep -q "$(printf '\033')" ||
    fail "no colours with --color=always"
explain Squishmallows | grep -q "$(printf '\033')" && fail "colours in a pipe"

# nor on a terminal that has none, or whose owner wants none
if command -v script >/dev/null; then
    shown() { # VARIABLE...: what a terminal is told with this environment
        env -u NO_COLOR "$@" script -qec \
            "$NOTICECTL explain --marks marks.tsv Squishmallows" typescript </dev/null
    }
    shown TERM=xterm | grep -q "$(printf '\033')" || fail "no colours on a terminal"
    shown TERM=dumb | grep -q "$(printf '\033')" && fail "colours with TERM=dumb"
    shown TERM=xterm NO_COLOR=1 | grep -q "$(printf '\033')" && fail "colours with NO_COLOR"
    env TERM=dumb script -qec "$NOTICECTL scan --marks marks.tsv /dev/null >out" typescript </dev/null >said
    grep -q "$(printf '\033')" said && fail "a progress line with TERM=dumb: $(cat -v said)"
fi
exit 0
