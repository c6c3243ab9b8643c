# noticectl explain: shows views, hits and why, and nothing that a terminal would obey.
# check: uring long:asan
. "$(dirname "$0")/lib.sh"

printf 'mark_id\tmark\tcategory\tgeneric\n' >marks.tsv
printf 'M1\tSquishmallows\ttoys\t0\nM2\tApple\ttech\t1\n' >>marks.tsv
printf 'cue_id\tlang\tphrase\tstrength\nC1\ten\treplica\t3\n' >cues.tsv
explain() { "$NOTICECTL" explain --marks marks.tsv --cues cues.tsv "$@"; }
has() { grep -qF -e "$1" out || fail "no \"$1\" in: $(cat out)"; }

explain 'Cute SQUISHMALLOWS replica' >out || fail "exit $?"
has 'fold      " cute squishmallows replica "'
has 'counterfeit: Squishmallows (M1, toys)'
has '"SQUISHMALLOWS", bytes 5 to 18'
has '"replica", bytes 19 to 26 (C1, strength 3), at a distance of 1 of at most 320 folded bytes'
has 'class     counterfeit'

explain Cute Squishmallows cow >out || fail "exit $?"
has 'mark: Squishmallows'
has 'class     mark'

# a disguise is shown as it was read
explain 'cow 5quishmall0w5 plush' >out || fail "exit $?"
has 'squeeze   "5quishmall0w5" read as "squishmallows"'
has 'counterfeit: Squishmallows'
has 'digits or signs for letters'

# a chunk that is a run of single letters too is shown once
explain 's-q-u-i-s-h-m-a-l-l-o-w-s plush' >out || fail "exit $?"
[ "$(grep -c '^squeeze' out)" = 1 ] || fail "not one suspect: $(cat out)"
has 'signs or spaces between letters'

explain 'a wooden cow' >out || fail "exit $?"
has 'no mark of the lists'
has 'class     none'

# invisible characters, bidi controls and escapes are shown, with offsets in the bytes as given
explain "$(printf 'Squish\342\200\213mallows \342\200\256x \033]52;c;YQ==\007')" >out ||
    fail "exit $?"
has 'Squish\u{200b}mallows \u{202e}x \u{1b}]52;c;YQ==\u{07}'
has 'bytes 0 to 16'
grep -q 'stage *folded: not as listed' out || fail "stage: $(cat out)"
LC_ALL=C grep -q '[[:cntrl:]]' out && fail "a raw control in: $(cat out)"

# how far a cue may stand away, to the byte; letters that are not ASCII have several
letters() { head -c "$1" /dev/zero | tr '\0' a; }
explain "Squishmallows $(letters 318) replica" >out || fail "exit $?"
has 'at a distance of 320 of at most 320 folded bytes'
has 'class     counterfeit'
explain "Squishmallows $(letters 319) replica" >out || fail "exit $?"
has 'class     mark'
explain "replica жж Squishmallows" >out || fail "exit $?"
has 'at a distance of 6 of at most 320 folded bytes'

# an ordinary word is told from a mark, with the reason
explain 'Apple' >out || fail "exit $?"
has 'Apple (M2) stands there as an ordinary word'
has 'class     none'
explain 'Apple replica' >out || fail "exit $?"
has 'the mark, an ordinary word too, stands near words that say it is a copy'
grep -q 'stands there as an ordinary word' out && fail "a hit is no ordinary word: $(cat out)"
explain 'not a replica: Squishmallows' >out || fail "exit $?"
has '  context "not a", bytes 0 to 5 (advice: advice against copies, or a denial that it is one)'

# long texts are read whole and shown in part
explain '' >out || fail "exit $?"
has 'no mark of the lists'
explain "$(letters 65522)" Squishmallows >out || fail "exit $?"
has 'aaa…" (4000 of 65536 bytes)'
has 'bytes 65523 to 65536'
explain "$(letters 65537)" >out 2>err && fail "65,537 bytes are taken"
grep -q 'the text may have 65536 bytes at most' err || fail "$(cat err)"
explain "$(yes 5quishmallows | head -n 1000 | tr '\n' ' ')" >out || fail "exit $?"
[ "$(grep -c '^squeeze' out)" = 40 ] || fail "not 40 readings"
has '960 further words were read so'
explain "$(yes Squishmallows | head -n 1000 | tr '\n' ' ')" >out || fail "exit $?"
[ "$(grep -c '^mark: Squishmallows (M1, toys)$' out)" = 64 ] || fail "not 64 hits"
has '936 further hits are counted, not shown'

# emoji and lone signs are no readings
explain "$(printf 'Squishmallows \360\237\221\250\342\200\215\360\237\221\251 (!) <b>')" >out || fail "exit $?"
grep -q 'read as ""' out && fail "an empty reading: $(cat out)"

code=0
explain "$(printf 'a\377b')" >out 2>err || code=$?
[ "$code" = 2 ] || fail "exit $code for bytes that are no UTF-8"
grep -q 'byte 1 of the text is not UTF-8' err || fail "$(cat err)"

# colours only when asked for: in the text the hits stand out, of the colour of their class, and cues
explain --color=always 'a Squishmallows replica' >out || fail "exit $?"
has "\"a $(printf '\033')[1;31mSquishmallows$(printf '\033')[0m $(printf '\033')[1mreplica$(printf '\033')[0m\""
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
