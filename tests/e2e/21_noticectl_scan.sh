# noticectl scan: fields, exit codes, line numbers, rejected and huge lines, several files, pipes.
# check: uring asan
. "$(dirname "$0")/lib.sh"

{
    printf 'mark_id\tmark\tcategory\tgeneric\taliases\n'
    printf 'M1\tSquishmallows\ttoys\t0\tSquishmallow\nM2\tAcmeplush\ttoys\t0\t\n'
} >marks.tsv
printf 'cue_id\tlang\tphrase\tstrength\nC1\ten\treplica\t3\n' >cues.tsv
scan() { "$NOTICECTL" scan --marks marks.tsv --cues cues.tsv "$@"; }
listing() { printf '{"platform":"shop","listing_id":"%s","title":"%s"}' "$1" "$2"; }

# a clean file: exit 0, the members and their order
listing A1 'Squishmallows replica cow' >one
echo >>one
scan one >out 2>err || fail "exit $?: $(cat err)"
[ -s err ] && fail "stderr without a terminal: $(cat err)"
grep -q '^{"line":1,"listing":"A1","class":"counterfeit","hits":\[{"mark":"M1","rule":"' out ||
    fail "members: $(cat out)"
jq -e '.hits[0] | .field == "title" and .from == 0 and .to == 13 and .stage == "plain" and
    .text == "Squishmallows" and .cue.id == "C1"' out >/dev/null || fail "hit: $(cat out)"
jq -e '.scan == "ok" and .platform == "shop" and (has("file") | not)' out >/dev/null ||
    fail "$(cat out)"

# what was not examined to its end is told, and is never "no match"
{
    printf '{"platform":"shop","listing_id":"C1","title":"'
    for _ in $(seq 600); do printf 'n1.k.e.x '; done
    printf 'r0lex"}\n'
} >many
"$NOTICECTL" scan --marks "$ROOT/daemon/marks.example.tsv" many >out || fail "exit $?"
jq -e '.scan == "cut" and .class == "none" and .n_hits == 0' out >/dev/null || fail "$(cat out)"

# numbers count blank lines, CRLF and rejected ones; the last line needs no newline
{
    printf '\n'                                   # 1
    listing A2 'nothing here'; printf '\r\n'      # 2
    printf '   \r\n'                              # 3
    listing A4 'an Acmeplush bear'; printf '\r\n' # 4
    printf '{"platform":"shop"\n'                 # 5: not JSON
    printf '{"platform":"shop","listing_id":"A6"}\n' # 6: no title
    printf '[1]\n'                                # 7
    printf '{"platform":"shop","listing_id":"A8","title":"\xff"}\n' # 8
    listing A9 'squishmallow'                     # 9
} >mixed
code=0
scan mixed >out 2>err || code=$?
[ "$code" = 4 ] || fail "exit $code with rejected lines: $(cat err)"
[ "$(jq -c '[.line,.listing,.class]' out | tr '\n' ' ')" = '[4,"A4","mark"] [9,"A9","mark"] ' ] ||
    fail "lines: $(cat out)"
[ "$(sed 's/^\([^ ]* [^ ]*\).*/\1/' err | tr '\n' ' ')" = \
    'mixed:5: bad_json: mixed:6: missing_field: mixed:7: bad_type: mixed:8: bad_utf8: ' ] ||
    fail "rejected: $(cat err)"
grep -q '^mixed:6: missing_field: title' err || fail "the field is not named: $(cat err)"

# the same from standard input, with and without -
for dash in "" -; do
    code=0
    scan $dash <mixed >out2 2>err2 || code=$?
    [ "$code" = 4 ] || fail "exit $code from stdin"
    cmp -s out out2 || fail "stdin gives something else"
    grep -q '^-:5: bad_json' err2 || fail "stdin is not named -: $(cat err2)"
done

# 256 KiB is a line, one byte more is not, and the line after it is read normally
python3 - <<'PY'
def line(total, title):
    head = '{"platform":"shop","listing_id":"H%d","title":"%s","x":"' % (total, title)
    return head + "a" * (total - len(head) - 2) + '"}\n'
with open("huge", "w") as out:
    for total in (262143, 262144, 262145, 3000000):
        out.write(line(total, "Squishmallows"))
    out.write('{"platform":"shop","listing_id":"after","title":"Squishmallows"}\n')
PY
code=0
scan huge >out 2>err || code=$?
[ "$code" = 4 ] || fail "exit $code with huge lines: $(cat err)"
[ "$(jq -r .listing out | tr '\n' ' ')" = 'H262143 H262144 after ' ] ||
    fail "huge: $(cut -c1-200 out)"
[ "$(cut -d: -f2,3 err | tr '\n' ' ')" = '3: too_long 4: too_long ' ] || fail "huge: $(cat err)"
grep -q 3000000 err || fail "the true length is not told: $(cat err)"

# several files: numbers begin anew, each object names its file, one that is missing is exit 2
scan one one >out 2>err || fail "exit $?"
[ "$(jq -c '[.line,.file]' out | sort | uniq -c | tr -s ' ')" = ' 2 [1,"one"]' ] ||
    fail "$(cat out)"
code=0
scan one missing mixed >out 2>err || code=$?
[ "$code" = 2 ] || fail "exit $code with a missing file"
grep -q 'cannot open missing: No such file' err || fail "$(cat err)"
[ "$(jq -r '.file + "/" + .listing' out | tr '\n' ' ')" = 'one/A1 mixed/A4 mixed/A9 ' ] ||
    fail "$(cat out)"
code=0
scan . >out 2>err || code=$?
[ "$code" = 2 ] || fail "a folder is read: exit $code"

# what a slow pipe brings is shown before the pipe ends
mkfifo pipe
scan pipe >out 2>err &
reader=$!
exec 7>pipe
cat one >&7
wait_for 20 test -s out || fail "nothing is shown while the pipe is open"
exec 7>&-
wait "$reader" || fail "exit $? after a pipe"

# output to nowhere is an error; empty input is none
[ -w /dev/full ] && { scan one >/dev/full 2>err && fail "a full disk is a success"; }
: >empty
scan empty >out 2>err || fail "exit $? for an empty file"
[ -s out ] && fail "an empty file gives: $(cat out)"

# gzip and zstd, by their bytes: several members, from a pipe, damaged and cut ones
python3 - one mixed <<'PYTHON'
import gzip, sys
with open('packed', 'wb') as out:
    for name in sys.argv[1:]:
        out.write(gzip.compress(open(name, 'rb').read()))
with open('bomb', 'wb') as out:
    out.write(gzip.compress(b'x' * (256 << 20) + b'\n', 1))
PYTHON
cat one mixed >plain
for pack in packed "$(command -v zstd >/dev/null && zstd -q plain -o plain.zst && echo plain.zst)"; do
    [ -n "$pack" ] || continue
    code=0
    scan plain 2>/dev/null >want || true
    scan "$pack" >out 2>err || code=$?
    [ "$code" = 4 ] && cmp -s out want || fail "$pack: exit $code: $(cat out err)"
    code=0
    scan <"$pack" >out 2>err || code=$?
    [ "$code" = 4 ] && cmp -s out want || fail "$pack from stdin: exit $code"
    head -c $(($(stat -c %s "$pack") - 5)) "$pack" >cut
    code=0
    scan cut >out 2>err || code=$?
    [ "$code" = 2 ] && grep -q 'cannot read cut: its packed bytes are damaged, or end' err || fail "cut: exit $code: $(cat err)"
done
code=0
([ "$MODE" = asan ] || ulimit -v 4000000; scan bomb) >out 2>err || code=$?
[ "$code" = 4 ] && grep -q '^bomb:1: too_long: line of 268435456 bytes' err || fail "bomb: exit $code: $(cat err)"

# a JSON array is a line for each element, over lines or not, packed or not; a bad element is told by its number
python3 - <<'PYTHON'
import gzip, json
ok = [{'platform': 'shop', 'listing_id': 'E%d' % i, 'title': 'Acmeplush'} for i in (1, 2)]
text = '[\n' + json.dumps(ok[0], indent=2) + ',\n{"platform":"shop"},{"x":\n1]},' + json.dumps(ok[1]) + ']'
open('array', 'w').write(text)
open('array.gz', 'wb').write(gzip.compress(text.encode()))
open('array.cut', 'w').write(text[:-1])
PYTHON
for array in array array.gz; do
    code=0
    scan "$array" >out 2>err || code=$?
    [ "$code" = 4 ] && [ "$(jq -c '[.line,.listing]' out | tr '\n' ' ')" = '[1,"E1"] [4,"E2"] ' ] ||
        fail "$array: exit $code: $(cat out err)"
    [ "$(cut -d: -f1-3 err | tr '\n' ' ')" = "$array:2: missing_field $array:3: bad_json " ] || fail "$array: $(cat err)"
done
code=0
scan array.cut >out 2>err || code=$?
[ "$code" = 2 ] && grep -q 'cannot read array.cut: it ends in the middle of its JSON' err || fail "exit $code: $(cat err)"

# a folder is Crawlee's dataset: a file an item, in their order, written for people to read
mkdir -p storage/datasets/default
for i in 1 2 3; do
    printf '{\n  "url": "https://shop.example/%s",\n  "title": "Acmeplush",\n  "a": [\n    "}"\n  ]\n}' $i \
        >storage/datasets/default/00000000$i.json
done
printf '{\n"itemCount": 3\n}' >storage/datasets/default/__metadata__.json
printf '{\n"half' >storage/datasets/default/.000000004.json
scan --map crawlee storage/datasets/default >out 2>err || fail "exit $?: $(cat err)"
[ "$(jq -r '"\(.line) \(.listing) \(.file)"' out)" = "$(for i in 1 2 3; do
    echo "1 https://shop.example/$i storage/datasets/default/00000000$i.json"
done)" ] || fail "a dataset: $(cat out)"
"$NOTICECTL" map test --map crawlee storage/datasets/default | grep -q '^3 lines: 3 would be taken' || fail "map test of a folder"

# lines of another shape: by a built-in map, word by word, by a map of a configuration; test says what filled what
{
    echo '{"url":"https://www.Shop.example/1","name":"Squishmallow replica","sku":5,"tags":["x","Acme"],"brand":"plush"}'
    echo '{"url":"https://shop.example/2","title":"Acmeplush"}'
    echo '{"url":"https://shop.example/3"}'
} >items
code=0
scan --map scrapy items >out 2>err || code=$?
[ "$code" = 4 ] && grep -q '^items:3: missing_field: title: missing: map scrapy finds nothing at /title, /name' err ||
    fail "exit $code: $(cat err)"
[ "$(jq -c '[.line,.platform,.listing,[.hits[].mark]]' out | tr '\n' ' ')" = \
    '[1,"shop.example","5",["M1"]] [2,"shop.example","https://shop.example/2",["M2"]] ' ] || fail "mapped: $(cat out)"
code=0
scan --map /name=title --map scrapy --map =mine=platform items >out 2>err || code=$?
[ "$code" = 4 ] && [ "$(jq -c '[.line,.platform]' out)" = '[1,"mine"]' ] || fail "words and a name: $(cat out err)"
printf 'ledger: {path: l}\nmarks: [marks.tsv]\nmaps:\n  shop: {base: scrapy, description: /tags/*}\n' >n.yaml
code=0
scan --config n.yaml --map shop items >out 2>err || code=$?
[ "$code" = 4 ] && [ "$(wc -l <out)" = 2 ] || fail "a map of a configuration: $(cat out err)"
printf '  two: {title: /a, gone: b}\n' >>n.yaml
code=0
scan --config n.yaml --map shop items >out 2>err || code=$?
[ "$code" = 2 ] && grep -q '^n.yaml:5:26: maps.two.gone: must be a pointer' err || fail "exit $code: $(cat err)"
grep -q '^ *two: {title: /a, gone: b}$' err && ! grep -q 'u{' err || fail "the place is not shown as it is written: $(cat err)"
for wrong in nope /name=titel name=title '/name=title' '/a~x=title'; do
    code=0
    scan --map "$wrong" items >out 2>err || code=$?
    [ "$code" = 2 ] && grep -q -e '--map' err || fail "--map $wrong: exit $code: $(cat err)"
done
code=0
"$NOTICECTL" map test --map scrapy items >out 2>err || code=$?
[ "$code" = 4 ] && grep -q '^items:3: missing_field' err || fail "map test: exit $code: $(cat err)"
grep -q '^3 lines: 2 would be taken, 1 refused$' out && grep -q '^title  *33.3%  /title  *1  Acmeplush$' out &&
    grep -q '^  *//*name  *1  Squishmallow replica$' out && grep -q '^currency  *100.0%  nothing$' out &&
    grep -q '^platform  *0.0%  host:/url  *3  shop.example$' out || fail "map test: $(cat out)"
# a text where others write a list, and a list where others write a text; what no word can take is told
{
    echo '{"url":"https://shop.example/1","title":"a","description":["Squishmallow replica"],"tags":"x"}'
    echo '{"url":"https://shop.example/2","title":"b","brand":["Acmeplush"],"attributes":[{"name":"c","value":"d"}]}'
    echo '{"url":"https://shop.example/3","title":"c","brand":{"name":"e"},"features":[{"f":1}],"desc":["g"]}'
} >lists
scan --map scrapy lists >out 2>err || fail "lists: $(cat out err)"
[ "$(jq -c '[.line,[.hits[].mark]]' out | tr '\n' ' ')" = '[1,["M1"]] [2,["M2"]] ' ] || fail "lists: $(cat out)"
"$NOTICECTL" map test --map scrapy lists >out || fail "map test of lists: $(cat out)"
[ "$(sed -n 's/^ *\(.*\)  *\([0-9]\)  not taken: /\1 \2 /p' out | tr -s ' ')" = '/desc 1 an array
/features/* 1 an object' ] || fail "map test does not say what it could not take: $(cat out)"
"$NOTICECTL" map test --map scrapy --map '/sku/*=description' items >out || true
grep -q '^  */sku/\*  *1  not taken: no array or object$' out || fail "map test of a text with *: $(cat out)"
"$NOTICECTL" map show --map scrapy | sed 's/^  scrapy:/  copy:/' >copy.yaml
printf 'ledger: {path: l}\nmarks: [marks.tsv]\n' >>copy.yaml
"$NOTICECTL" map show --config copy.yaml --map copy | sed 's/^  copy:/  scrapy:/' >again
"$NOTICECTL" map show --map scrapy | diff - again || fail "a map that is shown is not the map"
"$NOTICECTL" map list --config copy.yaml | grep -qx copy || fail "map list"

# a wrong list: file and line, exit 2
printf 'mark_id\tmark\nM1\n' >broken.tsv
code=0
"$NOTICECTL" scan --marks broken.tsv one >out 2>err || code=$?
[ "$code" = 2 ] || fail "exit $code with a broken list"
grep -q 'broken.tsv:2' err || fail "no line: $(cat err)"

# lists add up
printf 'mark_id\tmark\nM3\tcow\n' >more.tsv
"$NOTICECTL" scan --marks marks.tsv --marks more.tsv one | jq -e '[.hits[].mark] == ["M1","M3"]' \
    >/dev/null || fail "two lists"

# names with controls are escaped on stderr and in JSON
name="$(printf 'a\033[31m')"
printf '{x\n' >"$name"
code=0
scan "$name" one >out 2>err || code=$?
[ "$code" = 4 ] || fail "exit $code"
grep -q "$(printf '\033')" err && fail "a raw escape on stderr"
exit 0
