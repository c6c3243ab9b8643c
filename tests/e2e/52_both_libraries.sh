#!/usr/bin/env bash
# Hyperscan and Vectorscan give the same answers, byte by byte: TEXTS (100,000) texts made of whole, cut,
# joined, repeated and nearly right names, and as many listings as a crawler sends them, with sets of 3
# to 10,000 marks, and cues.
# check: uring
# limit: 600
. "$(dirname "$0")/lib.sh"

corpus="${CORPUS:-$ROOT/build/release/bench/corpus}"
for at in "$ROOT/build" "$ROOT/build/release-vectorscan"; do
    [ -x "$at/noticectl" ] || skip "only one of the two libraries is built"
done
engine() { "$1" --version | grep -oE '(hyperscan|vectorscan) [0-9.]+'; }
one="$ROOT/build/noticectl" two="$ROOT/build/release-vectorscan/noticectl"
echo "$(engine "$one") and $(engine "$two")"
[[ "$(engine "$one")" = hyperscan* ]] || fail "build/noticectl runs $(engine "$one")"
[[ "$(engine "$two")" = vectorscan* ]] || fail "build/release-vectorscan/noticectl runs $(engine "$two")"
commit() { "$1" --version | sed 's/.*commit \([^;]*\);.*/\1/'; }
[ "$(commit "$one")" = "$(commit "$two")" ] || fail "they are of $(commit "$one") and $(commit "$two")"

export TEXTS="${TEXTS:-100000}"
"$corpus" --list 10000 >m10000
"$corpus" --cues >cues
"$corpus" --count "$TEXTS" --seed 11 --marked 500 --marks m10000 >listings
python3 - <<'PYTHON'
import json, os, random
rng = random.Random(5)
names = [r.split('\t')[1] for r in open('m10000', encoding='utf8')][1:]
cues = [r.split('\t')[2] for r in open('cues', encoding='utf8')][1:]
def piece():
    # short sets need short names often: half of all draws are among the first
    name = names[rng.randrange((3, 100, 1000, 10000)[rng.randrange(4)])]
    cut = rng.randrange(1, len(name))
    return rng.choice((
        lambda: name, lambda: name.upper(), lambda: name[:-1], lambda: name[1:], lambda: name[:cut],
        lambda: name[cut:], lambda: name * 2, lambda: name.replace(' ', ''), lambda: name + name[-1],
        lambda: name[:cut] + ' ' + name[cut:], lambda: name[0] * rng.randrange(1, 70), lambda: rng.choice(cues),
        lambda: name[:cut] + rng.choice('-.\u200b\u0301*0') + name[cut:], lambda: '\u8d85' + name + '\u8d85'))()
joints = (' ', ' ', ' ', '', '-', '\n', '  ', '&nbsp;')
text = lambda n: ''.join(piece() + rng.choice(joints) for _ in range(rng.randrange(n)))
with open('texts', 'w', encoding='utf8') as f:
    for i in range(int(os.environ['TEXTS'])):
        row = {'platform': 'p', 'listing_id': str(i), 'title': text(8), 'description': text(16)}
        f.write(json.dumps(row, ensure_ascii=i % 2 == 0) + '\n')
PYTHON

for marks in 3 100 700 10000; do
    head -n "$((marks + 1))" m10000 >marks
    for binary in "$one" "$two"; do
        "$binary" scan --marks marks --cues cues texts listings >"$(engine "$binary" | cut -d ' ' -f 1)" &
    done
    wait %1 || fail "$marks marks: hyperscan exits with $?"
    wait %2 || fail "$marks marks: vectorscan exits with $?"
    cmp hyperscan vectorscan || fail "$marks marks: the results differ"
    found="$(wc -l <hyperscan)"
    [ "$found" -gt "$((TEXTS / 8))" ] || fail "$marks marks: only $found texts match, which proves little"
    echo "$marks marks: $((2 * TEXTS)) texts, $found match, the same"
done
