# noticectl rules check: what it says, where, and its exit codes.
# check: uring asan
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
grep -q '^6 rules, .* examples: good$' out || fail "$(cat out)"
grep -q 'are other spellings of marks (variants)$' out || fail "$(cat out)"
[ "$(grep -c ': note: the expression takes [0-9]* ns/KB, [0-9]* ms to compile, [0-9]* bytes' err)" = 2 ] ||
    fail "costs: $(cat err)"
check 0 "$ROOT/daemon/rules.example.yaml"
grep -q '^without --marks' out || fail "$(cat out)"

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
a.yaml:5:12: error: class: must be counterfeit, mark or mention
a.yaml:4:17: error: marks: no mark has the id M9
b.yaml:3:53: error: conditions: there are no terms of the name copi
EOF

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
says 'name the files of rules'
check 2 missing.yaml
says 'cannot read missing.yaml'
code=0
"$NOTICECTL" rules chek a.yaml 2>err || code=$?
[ "$code" = 2 ] || fail "exit $code of an unknown word"
