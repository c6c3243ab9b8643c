# noticectl export bundle: a reader without noticectl verifies it, by every command of README-VERIFY.txt
# and by verify.py; whatever is altered, added or removed is found; a part proves each of its records.
# check: uring long:asan
# limit: 600
. "$(dirname "$0")/lib.sh"

tlog() { python3 "$ROOT/tests/e2e/tlog.py" "$@"; }
hand() { python3 "$ROOT/tests/e2e/noticectl_ledger.py" "$@"; }
export_bundle() { "$NOTICECTL" export bundle "$@" >sum 2>err; }
refused() { # WORDS OPTIONS...: exit 2, the words are said, and nothing is left behind
    local words=$1 code=0
    shift
    export_bundle "$@" || code=$?
    [ "$code" = 2 ] || fail "exit $code of export bundle $*: $(cat err)"
    grep -qF -e "$words" err || fail "no \"$words\" in: $(cat err)"
    ls -d -- *.unfinished 2>/dev/null && fail "something is left of: $*"
}
# The commands are the indented lines of section 3.
commands() { sed '1,/^3\. STEPS/d' "$1/README-VERIFY.txt" | sed -n 's/^    //p'; }
by_hand() { (cd "$1" && commands . >../commands && sh -eu ../commands) >steps 2>&1; }
by_python() { python3 "$1/verify.py" >found 2>&1; }
verified() {
    by_hand "$1" || fail "the steps of $1/README-VERIFY.txt: $(cat steps)"
    by_python "$1" || fail "verify.py of $1: $(cat found)"
}

# --- a real ledger, signed by a real sealer, with events and hostile text
mkdir keys
"$NOTICECTL" setup-keys --origin e2e.test/bundle keys >/dev/null || fail "setup-keys"
write_config "seal: {key: \"$PWD/keys/noticed.key\"}" "notice: {socket: notice.sock}"
start_daemon || fail "no start"
python3 - >lines <<'PY'
import json
for i in range(60):
    print(json.dumps({"platform": "shop", "listing_id": "l%d" % i, "seller_id": "s%d" % (i % 5),
                      "title": "replica Squishmallows \u001b]52;c;x\u0007 \u202e \u0000 \" \\ }{ %d" % i}))
PY
"$NOTICECTL" send --socket crawl.sock lines 2>/dev/null || fail "send"
cat >events <<'EOF'
{"id":"N1","type":"notice.sent","notice":"N1","platform":"shop","listings":["l1"],"at":"2026-11-30T10:00:00Z"}
{"id":"N1r","type":"notice.received","notice":"N1","platform":"shop","at":"2026-11-30T10:01:00Z"}
{"id":"N2","type":"notice.sent","notice":"N2","platform":"shop","listings":["l2"],"at":"2026-11-30T10:00:00Z"}
EOF
"$NOTICECTL" send --socket notice.sock events 2>err || fail "events: $(cat err)"
stop_daemon || fail "stop: $?"
count="$(feed_lines | wc -l)"
[ "$(sed -n 2p ledger/checkpoint)" = "$count" ] || fail "not all is signed"
export_bundle ledger all --rules "$ROOT/daemon/marks.example.tsv" --item E-1 --by "A. Person" --why "case 1" ||
    fail "export: $(cat err)"
[ "$(cat sum)" = "$(sha256sum <all/manifest.sha256 | cut -c1-64)" ] || fail "the sum that is told: $(cat sum)"
verified all
[ "$(wc -l <all/records.jsonl)" = "$count" ] || fail "not all records"
feed_lines | cmp - all/records.jsonl || fail "not the lines of the feed"
while IFS= read -r line; do printf %s "$line" | sha256sum | cut -c1-64; done <all/blobs.jsonl >hashes
jq -r 'select(.blob_kept) | .blob | ltrimstr("sha256:")' all/records.jsonl | sort -u | cmp - hashes ||
    fail "blobs.jsonl is not what the records name"
[ -s hashes ] || fail "no bytes were kept"
jq -e . all/records.jsonl all/*.json all/*.jsonl >/dev/null || fail "something is no JSON"
[ "$(ls all/proofs | wc -l)" = "$count" ] || fail "not a proof each"
jq -e '.item == "E-1" and .who == "A. Person" and .why == "case 1"' all/custody.jsonl >/dev/null || fail "custody"
jq -e '.starts[0].exe_sha256 | test("^sha256:")' all/software.json >/dev/null || fail "software.json"
cmp all/ruleset/sources/01-marks.example.tsv "$ROOT/daemon/marks.example.tsv" || fail "the source"
grep -q '^listings 60$' all/coverage.txt || fail "coverage: $(cat all/coverage.txt)"
jq -e --arg at "$PWD/ledger" '.from == $at' all/custody.jsonl >/dev/null || fail "custody: whence"
grep -q '________ (signature)' all/declaration.txt || fail "declaration"
grep -qE '@[A-Z]+@' all/declaration.txt all/README-VERIFY.txt && fail "a word is not put in"
[ "$(tlog check all/tlog)" = "$count" ] || fail "tlog/ is not accepted by another reader"
verify="$("$NOTICECTL" verify all/tlog --vkey all/key.vkey)" || fail "verify: $verify"
python3 all/verify.py --vkey "$(cat keys/noticed.vkey)" >found || fail "with the key from elsewhere: $(cat found)"
python3 all/verify.py --vkey noticed.test/log0+b0c75d7f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4 >found &&
    fail "another key is taken"

# --- a part: the merchant of l1, and the notice about it, not the other one
export_bundle ledger part --merchant shop/s1 || fail "export: $(cat err)"
verified part
jq -es 'map(.event.notice // empty) | index("N1") and (index("N2") | not)' part/records.jsonl >/dev/null ||
    fail "notices: $(grep notice part/records.jsonl)"
jq -es 'map(select(.kind == "sighting").merchant) | length == 12 and (unique == ["shop/s1"])' part/records.jsonl \
    >/dev/null || fail "sightings of others"
[ ! -e part/tlog ] || fail "a part has a whole tree"
here="$(wc -l <part/records.jsonl)"
grep -q "^all $count $here $((count - here))\$" part/counts.txt || fail "counts: $(cat part/counts.txt)"
export_bundle ledger range --from 10 --to 19 || fail "export: $(cat err)"
verified range
jq -es 'map(.seq) | index(10) and index(19) and (index(20) | not)' range/records.jsonl >/dev/null || fail "the range"

# --- what is refused
refused 'is there already' ledger all
refused 'is past the checkpoint' ledger x --from "$count"
refused 'is past the checkpoint' ledger x --to "$count"
refused 'is before --from' ledger x --from 5 --to 4
refused 'no number' ledger x --to 4x
refused 'none of the files that the ruleset records name' ledger x --rules lines
refused 'cannot read missing' ledger x --rules missing
printf 'log noticed.test/log0+b0c75d7f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4\nquorum none\n' >policy
refused 'no checkpoint of ledger satisfies policy' ledger x --policy policy
printf 'nonsense\n' >policy
refused 'policy:1: ' ledger x --policy policy
refused 'is no ledger' keys x
mkdir x.unfinished
code=0
export_bundle ledger x || code=$?
[ "$code" = 2 ] && grep -q 'x.unfinished is there' err || fail "over an unfinished one: $(cat err)"
rmdir x.unfinished
hand unsigned begin records 3 durable
refused 'noticectl setup-keys' unsigned x
cp -r ledger damaged
sed -i '20s/"platform":"s/"platform":"t/' damaged/feed/*.jsonl
refused 'see `noticectl verify`' damaged x
rm -r damaged && cp -r ledger damaged
for tile in damaged/tile/0/*.p/*; do printf x | dd of="$tile" bs=1 seek=40 conv=notrunc 2>/dev/null; done
refused 'do not prove' damaged x

# --- time-stamps, and records past the checkpoint
hand stamped begin records 30
# minutes of which nothing says that the programme ran, and a clock that was set
python3 - stamped/feed/*.jsonl <<'PY'
import re, sys
lines = open(sys.argv[1]).read().split("\n")
for seq, kind, body in ((20, "heartbeat", '"listings":7,"rejected":2'), (26, "heartbeat", '"listings":1,"rejected":0'),
                        (27, "clock", '"cause":"step","synced":false')):
    lines[seq] = re.sub('"kind":"sighting"', '"kind":"%s"' % kind, re.sub('"run":0,.*', '"run":0,%s}' % body, lines[seq]))
lines[25:-1] = [re.sub('"b":"', '"b":"2000000000', line) for line in lines[25:-1]]
open(sys.argv[1], "w").write("\n".join(lines))
PY
hand stamped durable
authority() {
    openssl req -x509 -newkey ed25519 -nodes -keyout ca.key -subj /CN=root -days 3650 -out ca.pem 2>/dev/null
    openssl ecparam -name prime256v1 -genkey -noout -out tsa.key
    openssl req -new -key tsa.key -subj /CN=tsa -out tsa.csr
    printf 'extendedKeyUsage=critical,timeStamping\n' >ext
    openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile ext -out tsa.pem 2>/dev/null
    printf '[tsa]\ndefault_tsa=t\n[t]\nserial=%s\nsigner_cert=%s\nsigner_key=%s\nsigner_digest=sha256\n' \
        "$PWD/serial" "$PWD/tsa.pem" "$PWD/tsa.key" >tsa.cnf
    printf 'default_policy=1.2.3\ndigests=sha256\ness_cert_id_alg=sha256\n' >>tsa.cnf
    echo 01 >serial
}
authority
for size in 12 20; do
    tlog seal stamped $size || fail "seal"
    mkdir -p stamped/anchors/$size
    cp stamped/checkpoint stamped/anchors/$size/
    openssl ts -query -data stamped/checkpoint -sha256 -cert -out stamped/anchors/$size/query.tsq 2>/dev/null
    openssl ts -reply -config tsa.cnf -queryfile stamped/anchors/$size/query.tsq -out stamped/anchors/$size/t.tsr \
        2>/dev/null || fail "no time-stamp"
    cat tsa.pem ca.pem >stamped/anchors/$size/t.pem
done
tlog seal stamped 30 || fail "seal"
export_bundle stamped anchored || fail "export: $(cat err)"
grep -q '^noticectl: 2 newer records are left out' err || fail "newer records are not told: $(cat err)"
verified anchored
printf '%s\n' 'from 2026-11-24T15:00:00.000000001Z' 'to 2026-11-24T15:00:27.000000001Z' 'runs 1' 'recorded 0 ms of 27000 ms' \
    'uptime 0.000 %' 'listings 8' 'rejected 2' 'clock_records 2' 'clock_unsynchronised 1' 'clock_steps 1' 'gaps 0' \
    'silences 1' 'silence 26 from 2026-11-24T15:00:20.000000001Z to 2026-11-24T15:00:26.000000001Z ms 200000' |
    cmp - anchored/coverage.txt || fail "coverage: $(cat anchored/coverage.txt)"
[ "$(ls anchored/consistency)" = "$(printf '12-20\n20-30')" ] || fail "consistency: $(ls anchored/consistency)"
grep -c '^time-stamp: ' found | grep -qx 2 || fail "time-stamps: $(cat found)"
grep -q 'anchors/20/t.tsr: ' steps || fail "time-stamps by hand: $(cat steps)"
grep -qF 'time-stamp: "CN=tsa" says that anchors/12/checkpoint existed at ' found || fail "who says it: $(cat found)"
grep -q 'give those that you trust with --ca' found || fail "whose certificates these are: $(cat found)"
# certificates from elsewhere: those of the authority, and those of another one
python3 anchored/verify.py --ca ca.pem >found || fail "with the right certificate: $(cat found)"
grep -q 'give those that you trust' found && fail "certificates that were given are doubted: $(cat found)"
openssl req -x509 -newkey ed25519 -nodes -keyout other.key -subj /CN=root -days 3650 -out other.pem 2>/dev/null
python3 anchored/verify.py --ca other.pem >found && fail "by an authority that is not trusted: $(cat found)"
grep -q 'the certificates of --ca do not lead to' found || fail "why it is not trusted: $(cat found)"
(cd anchored && commands . >../commands && CA=../ca.pem sh -eu ../commands) >steps 2>&1 || fail "steps with CA: $(cat steps)"
rm -r stamped/anchors/12 # to make what follows short
export_bundle stamped stamped_part --from 25 || fail "export: $(cat err)"
verified stamped_part

# --- many records of which each has its proof in tlog/ only
hand many begin records 1
python3 - many/feed/*.jsonl <<'PY'
import sys
line = open(sys.argv[1]).read().split("\n")[2]
with open(sys.argv[1], "a") as feed:
    feed.writelines(line.replace('"seq":2,', '"seq":%d,' % seq, 1) + "\n" for seq in range(3, 10100))
PY
hand many durable
for size in 300 5000 ""; do
    tlog seal many $size || fail "seal"
done
export_bundle many full || fail "export: $(cat err)"
verified full
[ "$(ls full/proofs)" = 0.tlog-proof ] || fail "proofs: $(ls full/proofs | head)"

# --- a ledger that was stored long ago, with a time-stamp and a witness's signature
tar -xzf "$ROOT/tests/ledgers/v1.tar.gz"
export_bundle v1/ledger old --policy v1/policy || fail "export: $(cat err)"
python3 old/verify.py --ca v1/ca.pem >found || fail "verify.py: $(cat found)"
for words in '"CN=stored tsa,O=Example" says that anchors/414/checkpoint existed at Nov 30' \
    'the witness witness.test/stored says that it saw anchors/415/checkpoint at 2026-11-30T13:17:48Z' \
    'policy: those whom it asks for have signed the tree of the first 415 records' 'record 414 holds the hash of '; do
    grep -qF "$words" found || fail "no \"$words\" in: $(cat found)"
done

# --- every file altered, removed and cut, one added: the manifest's step and verify.py each find it; and
# what is signed or follows from it is found, too, when whoever alters it makes the manifest anew
exec python3 - <<'PY'
import contextlib, hashlib, importlib.util, io, json, os, shutil, subprocess, sys


def load(path):
    spec = importlib.util.spec_from_file_location("verify", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(folder, *options, says=None):
    """As the command, without what it costs to start Python each time."""
    here, out = os.getcwd(), io.StringIO()
    sys.argv, verifier.faults[:] = ["verify.py", *options, folder], []
    with contextlib.redirect_stdout(out):
        code = verifier.main()
    os.chdir(here)
    assert says is None or says in out.getvalue(), "%s not in: %s" % (says, out.getvalue())
    return code


def steps(folder):
    text = open("base/README-VERIFY.txt").read()  # as the reader has it printed
    lines = [l[4:] for l in text.split("3. STEPS", 1)[1].split("\n") if l.startswith("    ")]
    return subprocess.run(["sh", "-euc", "\n".join(lines[:3])], cwd=folder, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode


def files(folder):
    return sorted(os.path.relpath(os.path.join(f, n), folder) for f, _, ns in os.walk(folder) for n in ns)


def manifest(folder):
    def sums(paths):
        return [(p, os.path.getsize(os.path.join(folder, p)),
                 hashlib.sha256(open(os.path.join(folder, p), "rb").read()).hexdigest()) for p in paths]
    paths = [p for p in files(folder) if p not in ("manifest.json", "manifest.sha256")]
    with open(folder + "/manifest.json", "w") as out:
        json.dump({"v": 1, "files": [{"path": p, "bytes": n, "sha256": s} for p, n, s in sums(paths)]}, out)
    with open(folder + "/manifest.sha256", "w") as out:
        out.writelines("%s  %s\n" % (s, p) for p, _, s in sums(sorted(paths + ["manifest.json"])))


sys.dont_write_bytecode = True
verifier = load("stamped_part/verify.py")
shutil.copytree("stamped_part", "base")
assert run("base") == 0 and steps("base") == 0
shutil.copytree("base", "t")
tampers = again = 0
FREE = ("README-VERIFY.txt", "declaration.txt", "custody.jsonl", "verify.py", "manifest.json", "manifest.sha256",
        "scope.json", "query.tsq", ".pem")  # nothing signed says what stands in these


def each(base, path):
    data = open(os.path.join(base, path), "rb").read()
    middle = len(data) // 2
    lines = data.split(b"\n")
    yield "altered", data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1:] if data else b"x"
    if path.endswith((".jsonl", ".log", ".sha256", ".txt")) and len(lines) > 2:
        yield "without a line", b"\n".join(lines[1:])
        yield "with a line twice", b"\n".join(lines[:1] + lines)
    yield "removed", None


def put(path, data):
    if data is None:
        os.remove(path)
    else:
        with open(path, "wb") as out:
            out.write(data)


def check(base):
    global tampers, again
    for path in files(base):
        if path.startswith("proofs/") and path not in ("proofs/0.tlog-proof", "proofs/27.tlog-proof"):
            continue
        for what, data in each(base, path):
            full = os.path.join("t", path)
            put(full, data)
            assert steps("t") != 0, "the steps do not find %s %s" % (path, what)
            if path != "verify.py":
                assert run("t") == 1, "verify.py does not find %s %s" % (path, what)
            tampers += 1
            if not path.endswith(FREE) and not (path.endswith(".tsr") and what == "removed"):
                manifest("t")
                got = run("t")
                assert got == 1, "with a new manifest verify.py does not find %s %s" % (path, what)
                again += 1
                for name in ("manifest.json", "manifest.sha256"):
                    shutil.copy(os.path.join(base, name), os.path.join("t", name))
            shutil.copy(os.path.join(base, path), full)
    assert run("t") == 0, "what was put back is not whole"


check("base")
# what the log of checkpoints tells of another tree, however well it is signed
sys.path.insert(0, os.environ["ROOT"] + "/tests/e2e")
import tlog
leaves = tlog.leaves_of("many")[:5000]
log = open("full/checkpoints.log", "rb").read()
good = tlog.note(leaves)
leaves[4321] = tlog.sha(b"another")
assert log.count(good) == 1
put("full/checkpoints.log", log.replace(good, tlog.note(leaves)))
manifest("full")
assert run("full", says="the root at size 5000 is not that of the records") == 1
put("full/checkpoints.log", log.replace(good, good[:-10] + (b"A" if good[-10:-9] != b"A" else b"B") + good[-9:]))
manifest("full")
assert run("full", says="checkpoints.log, after 1 checkpoints: its signature is not good") == 1
# its signatures are those of RFC 8032 (7.1, tests 1 and 2), of either width of its tables
for bits in (4, 8):
    for key, message, signature in (
            ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", b"",
             "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595"
             "bbe24655141438e7a100b"),
            ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", b"\x72",
             "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4"
             "302aeeb00d291612bb0c00")):
        curve, signature = verifier.Ed25519(bytes.fromhex(key), bits), bytes.fromhex(signature)
        assert curve.verify(message, signature) and not curve.verify(message + b"x", signature)
        again = int.from_bytes(signature[32:], "little") + curve.L  # a second form of it is none (5.1.7)
        assert not curve.verify(message, signature[:32] + again.to_bytes(32, "little"))
for make in (os.mkfifo, lambda path: os.symlink("/dev/zero", path), os.mkdir):
    os.remove("t/counts.txt")
    make("t/counts.txt")
    assert steps("t") != 0 and run("t") == 1, "something else in the place of a file"
    os.rmdir("t/counts.txt") if os.path.isdir("t/counts.txt") else os.remove("t/counts.txt")
    shutil.copy("base/counts.txt", "t")
for extra in ("new", "proofs/99.tlog-proof", ".hidden"):
    open("t/" + extra, "w").close()
    assert steps("t") != 0 and run("t") == 1, extra
    os.remove("t/" + extra)
shutil.rmtree("t")
shutil.copytree("all", "t")
os.remove("t/tlog/" + [p for p in files("t/tlog") if "entries" in p][0])
manifest("t")
assert run("t") == 1, "a bundle of tlog/ that is missing"
shutil.copy("all/records.jsonl", "t/records.jsonl")
print("%d tampers found, %d of them with a new manifest" % (tampers, again))
PY

# --- bytes that are erased behind the checkpoint of a bundle: it says so, and is whole
cp ledger/checkpoint ledger/checkpoints.log .
start_daemon || fail "no start"
# what is held is not; of others it is, once the feed says whose it is
blob() { "$NOTICECTL" blob "$@" --socket control.sock --authority 'case 1' >held 2>err; }
gone="sha256:$(head -n 1 hashes)"
merchant="$(jq -r --arg gone "$gone" 'select(.blob == $gone).merchant' all/records.jsonl | head -n 1)"
for scope in "--all" "--merchant=$merchant"; do
    blob hold "$scope" || fail "hold: $(cat err)"
    code=0
    blob erase --ledger ledger "$gone" || code=$?
    [ "$code" = 1 ] && grep -q 'held' err || fail "exit $code of an erase of what is held by $scope: $(cat err)"
    blob release "$scope" || fail "release: $(cat err)"
done
blob hold --merchant other/one || fail "hold: $(cat err)"
"$NOTICECTL" blob erase --socket control.sock --ledger ledger --authority 'request 7' "sha256:$(head -n 1 hashes)" \
    >erase 2>err || fail "erase: $(cat err)"
stop_daemon || fail "stop: $?"
export_bundle ledger newest || fail "export: $(cat err)"
verified newest
grep -q 'newer than this checkpoint' found && fail "a record that is there is missed"
grep -q "sha256:$(head -n 1 hashes) erased by record" newest/erased.txt || fail "erased.txt"
# a part that ends before the erase has its record all the same
export_bundle ledger newest_part --to 60 || fail "export: $(cat err)"
verified newest_part
grep -q "sha256:$(head -n 1 hashes) erased by record" newest_part/erased.txt || fail "erased.txt of a part"
# nor does it want the packs of what was erased, once they are gone
cp -r ledger before
start_daemon || fail "no start"
mapfile -t all <hashes
"$NOTICECTL" blob erase --socket control.sock --ledger ledger --authority 'request 8' "${all[@]/#/sha256:}" \
    >erase 2>err || fail "erase of all: $(cat err)"
stop_daemon || fail "stop: $?"
rm ledger/blobs/*.pack
"$NOTICECTL" verify ledger >verified || fail "verify: $(cat verified)"
export_bundle ledger gone || fail "export: $(cat err)"
verified gone
[ ! -s gone/blobs.jsonl ] && [ "$(grep -c ' erased by record' gone/erased.txt)" = "${#all[@]}" ] ||
    fail "not all is erased: $(head -n 3 gone/erased.txt)"
rm -r ledger && mv before ledger
mv ledger/blobs packs && mkdir ledger/blobs
refused 'are missing or damaged' ledger x
rmdir ledger/blobs && mv packs ledger/blobs
# nobody takes bytes out of it by saying that they were erased
python3 - newest_part <<'PY'
import hashlib, json, os, sys
os.chdir(sys.argv[1])
lines = open("blobs.jsonl", "rb").read().split(b"\n")
seq = [json.loads(r)["seq"] for r in open("records.jsonl", "rb")][0]
gone = hashlib.sha256(lines.pop(0)).hexdigest()
open("blobs.jsonl", "wb").write(b"\n".join(lines))
open("erased.txt", "a").write("sha256:%s erased by record %d\n" % (gone, seq + 1))
PY
by_python newest_part && fail "bytes that are missing"
grep -q 'does not say that' found || fail "whose erase no record tells: $(cat found)"
cp checkpoint checkpoints.log ledger/
export_bundle ledger late || fail "export: $(cat err)"
grep -q 'kept bytes of 1 listings were erased by such newer records' err || fail "not told: $(cat err)"
by_hand late || fail "the steps: $(cat steps)"
by_python late && fail "bytes are missing, and nothing shows why: $(cat found)"
[ "$(grep -c WRONG found)" = 1 ] && grep -q 'newer than this checkpoint' found || fail "what is newer: $(cat found)"
