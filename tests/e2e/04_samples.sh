# The sample generator is decided by its seed, its lines are good, and its marks are found.
# check: uring
. "$(dirname "$0")/lib.sh"

corpus="${CORPUS:-$ROOT/build/release/bench/corpus}"
[ -x "$corpus" ] || fail "the generator is not built: make corpus"
"$corpus" --count 5000 --seed 3 --marked 0 >a
"$corpus" --count 5000 --seed 3 --marked 0 >b
"$corpus" --count 5000 --seed 4 --marked 0 >c
cmp -s a b || fail "the same seed gives other bytes"
cmp -s a c && fail "another seed gives the same bytes"
cmp -s <("$corpus" --count 100 --seed 3 --marked 0) <(head -n 100 a) || fail "a shorter run differs"
[ "$(jq -s length a)" = 5000 ] || fail "a line is no JSON"

# marks are a prefix of a larger list and nobody's twice
"$corpus" --list 100 >m100
"$corpus" --list 5000 >m5000
cmp -s m100 <(head -n 101 m5000) || fail "a smaller list is no prefix of a larger one"
[ -z "$(cut -f 2 m5000 | sort | uniq -d)" ] || fail "a mark is there twice"

# without marked lines nothing is found; with them, and a name in disguise too
"$corpus" --cues >cues
"$NOTICECTL" scan --marks m100 --cues cues a >none || fail "a line is refused"
[ -s none ] && fail "found where nothing is: $(head -n 1 none)"
"$corpus" --list 1000 >m1000
"$corpus" --count 5000 --seed 3 --marked 100 >d
"$NOTICECTL" scan --marks m1000 --cues cues d >some || fail "a line is refused"
classes="$(jq -r .class some | sort -u | tr '\n' ' ')"
[[ "$classes" = "counterfeit mark "?("mention ") ]] || fail "classes: $classes"
jq -ne '[inputs | .hits[] | .stage] | unique | index("plain") and index("folded")' some >/dev/null ||
    fail "no plain name, or none in disguise"
