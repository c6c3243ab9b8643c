# noticectl rules check: what it says, where, and its exit codes.
# check: uring long:asan
. "$(dirname "$0")/lib.sh"

printf 'mark_id\tmark\tcategory\tgeneric\nM1\tSquishmallows\ttoys\t0\nM2\tAcmeplush\ttoys\t0\n' >marks.tsv
printf 'cue_id\tphrase\tstrength\nC1\treplica\t3\n' >cues.tsv
check() { # EXIT ARGUMENTS...: runs rules check, its output in out and err
    local want=$1 code=0
    shift
    "$NOTICECTL" rules check "$@" >out 2>err || code=$?
    [ "$code" = "$want" ] || fail "exit $code, not $want, of: $* -- $(cat out err)"
}
says() { grep -qF -- "$1" err || fail "no \"$1\" in: $(cat err)"; }

# the example is good, with its marks and without any
check 0 "$ROOT/daemon/rules.example.yaml" --marks "$ROOT/daemon/marks.example.tsv"
grep -q '^32 marks, 0 cues, 6 rules, .* examples: good$' out || fail "$(cat out)"
[ "$(awk '/as listed|with variants|with rules/ && $(NF - 3) + $(NF - 2) + $NF > 0' out | wc -l)" = 3 ] ||
    fail "what the set costs: $(cat out)"
grep -Eq '^variants cost [1-9][0-9]* literals, [0-9]+ KB, -?[0-9]+ ms to compile, -?[0-9]+ ns a listing' out ||
    fail "what variants cost: $(cat out)"
grep -Eq '^rules cost [1-9][0-9]* literals' out || fail "what rules cost: $(cat out)"
[ "$(grep -c ': note: the expression takes [0-9]* ns/KB, [0-9]* ms to compile, [0-9]* bytes' err)" = 2 ] ||
    fail "costs: $(cat err)"
check 0 "$ROOT/daemon/rules.example.yaml"
grep -q '^without --marks' out || fail "$(cat out)"
# lists alone
check 0 --marks marks.tsv --cues cues.tsv
grep -q '^2 marks, 1 cues, 0 rules, .*: good$' out || fail "$(cat out)"
grep -Eq 'most of M1 \([0-9]+\)' out || fail "the dearest marks: $(cat out)"
printf 'mark_id\tmark\n' >none.tsv
check 1 --marks none.tsv
says 'noticectl: error: there are no marks'

# several errors of several files in one run
cat >a.yaml <<'EOF'
rules:
  - id: one
    rev: none
    marks: [M1, M9]
    class: fake
    examples: [Squishmallows]
    negative_examples: [x]
EOF
cat >b.yaml <<'EOF'
terms: {copy: mirror}
rules:
  - {id: two, rev: 1, marks: M1, class: mark, any: [copi], examples: [x], negative_examples: [x]}
EOF
check 1 a.yaml b.yaml --marks marks.tsv --cues cues.tsv
[ -s out ] && fail "something on stdout: $(cat out)"
diff - err <<'EOF' || fail "errors"
a.yaml:3:10: error: rev: must be a number from 1 to 1000000000
a.yaml:4:17: error: marks: no mark has the id M9
a.yaml:5:12: error: class: must be counterfeit, mark or mention
b.yaml:3:53: error: conditions: there are no terms of the name copi
EOF

# all at once: of lists, of values within values, of expressions, and of files that can be read beside
# ones that cannot
printf 'mark_id\tmark\nM1\tSquish\nM1\t\n\033[31m\tred\n' >bad.tsv
cat >bad.yaml <<'EOF'
terms: {"x\e": [a]}
rules:
  - {id: "a\u202e", rev: 1, marks: M1, class: mark, regex: "(", examples: [x], negative_examples: [x]}
  - id: b
    rev: 1
    marks: M1
    class: mark
    near: {words: [mark], within: 9999, ordered: maybe, wide: 1}
    price_below: {usd: 1, EUR: cheap}
    regex: {pattern: "(?!a)", flags: q, text: big, more: 1}
    examples: [{title: x, shop: y, day: z}]
    negative_examples: [x]
  - {id: c, rev: 1, marks: M1, class: mark, regex: "(?!a)", examples: [x], negative_examples: [x]}
EOF
cat >good.yaml <<'EOF'
rules: [{id: d, rev: 1, report: t, terms: {t: here}, class: mark, examples: [there], negative_examples: [x]}]
EOF
check 1 bad.yaml good.yaml --marks marks.tsv --cues bad.tsv
grep -v '^bad.tsv' err >err.yaml
diff - err.yaml <<'EOF' || fail "all errors"
bad.yaml:1:9: error: terms: may not hold U+001B: it controls the screen or shows as nothing
bad.yaml:3:10: error: id: may not hold U+202E: it controls the screen or shows as nothing
bad.yaml:3:60: error: regex: the engine refuses it: Missing close parenthesis for group started at index 0.
bad.yaml:8:12: error: near: words must be two names of terms, or mark
bad.yaml:8:35: error: within: must be a number from 0 to 1000
bad.yaml:8:50: error: ordered: must be true or false
bad.yaml:8:57: error: near: wide: must be words, within or ordered
bad.yaml:9:19: error: price_below: must be a currency such as USD
bad.yaml:9:32: error: price_below: must be an amount such as 24.90
bad.yaml:10:38: error: flags: must be letters of i, s, m, u, w
bad.yaml:10:47: error: regex: text must be raw or folded
bad.yaml:10:52: error: regex: more: must be pattern, flags or text
bad.yaml:11:27: error: shop: must be title, description, platform, seller, price, currency or on
bad.yaml:11:36: error: day: must be title, description, platform, seller, price, currency or on
bad.yaml:13:52: error: regex: the engine refuses it: Zero-width assertions are not supported.
good.yaml:1:78: error: rule d does not find this example
EOF
check 1 --marks bad.tsv
diff - err <<'EOF' || fail "errors of lists"
bad.tsv:3:1: error: the id M1 is there already
bad.tsv:3:4: error: the text to be matched is empty
bad.tsv:4:1: error: holds the control character 0x1b
EOF
# every error has a place
odd=()
for text in '' '# x' 'rules: {}' '{}' 'rules: [{}]' '? [a]: b' ': b' '[]' 'rules: [[]]' $'a: 1\n---\nb: 2' '"a' '{'; do
    odd+=("odd${#odd[@]}.yaml")
    printf '%s' "$text" >"${odd[-1]}"
done
: >odd.tsv
check 1 "${odd[@]}" --marks odd.tsv
grep -vE '^odd[0-9]+\.yaml:[1-9][0-9]*:[1-9][0-9]*: error: ' err >rest
diff - rest <<'EOF' || fail "no place"
odd.tsv:1:1: error: the list is empty: its first line must name its columns
EOF
for file in "${odd[@]}"; do says "$file:"; done

# examples and expressions are told all; what is right is not
cat >c.yaml <<'EOF'
rules:
  - id: one
    rev: 1
    marks: M1
    class: mark
    regex: big
    examples: [Squishmallows, big Squishmallows]
    negative_examples: [big, Squishmallows big]
EOF
check 1 c.yaml --marks marks.tsv
diff - err <<'EOF' || fail "examples"
c.yaml:7:16: error: rule one does not find this example
c.yaml:8:30: error: rule one finds this negative example
EOF
sed -e 's/big$/(?!big)/' c.yaml >d.yaml
check 1 d.yaml --marks marks.tsv
says 'd.yaml:6:12: error: regex: the engine refuses it: '

# rules that can never speak, and words that nobody uses
cat >e.yaml <<'EOF'
terms:
  copy: mirror
  idle: [lone]
  tiny: "5a"
rules:
  - {id: all, rev: 1, marks: all, class: counterfeit, examples: [Acmeplush], negative_examples: [x]}
  - {id: late, rev: 1, marks: M1, class: mark, any: [tiny], examples: [Squishmallows 5A],
     negative_examples: [x]}
  - id: never
    rev: 1
    marks: M1
    class: counterfeit
    any: [copy]
    none: [copy, tiny]
    examples: [Squishmallows]
    negative_examples: [x]
EOF
check 1 e.yaml --marks marks.tsv
says 'e.yaml:7:6: error: the rule can never speak: rule all always goes before it'
says 'e.yaml:13:5: error: the rule can never hold: none denies what this asks for'
says 'e.yaml:3:3: warning: idle is used by no rule'
says 'e.yaml:4:9: warning: 5a is short'

# usage
check 2
says 'name files of rules, or --marks'
check 2 missing.yaml
says 'cannot read missing.yaml'
code=0
"$NOTICECTL" rules chek a.yaml 2>err || code=$?
[ "$code" = 2 ] || fail "exit $code of an unknown word"
