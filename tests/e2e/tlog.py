"""A transparency log derived from the specifications alone: hashlib, and openssl for signatures.

tlog.py seal LEDGER [SIZE]  signs the ledger's first SIZE records (all) with a fixed key: tiles,
                            checkpoint, checkpoints.log, key.vkey
tlog.py check TREE          accepts an exported tree: signature, every bundle and tile, no other
                            file, and for every record by itself its inclusion proof
tlog.py request LEDGER OLD.SIZE[.fork]...
                            writes requests to a witness, for a tree of SIZE records that had OLD, to
                            files named r.OLD.SIZE[.fork]; fork: with its last record changed
tlog.py cosigned VKEY REQUEST ANSWER...
                            accepts each answer as the cosignature of its request's checkpoint
"""
import base64
import functools
import hashlib
import os
import subprocess
import sys
import tempfile

NAME = "noticed.test/e2e"
SEED = bytes(range(32))
DER_SECRET = bytes.fromhex("302e020100300506032b657004220420")
DER_PUBLIC = bytes.fromhex("302a300506032b6570032100")


def sha(data):
    return hashlib.sha256(data).digest()


def node(left, right):
    return sha(b"\x01" + left + right)


def root(hashes):
    """RFC 6962, 2.1, over leaf hashes or over full tiles' roots."""
    if not hashes:
        return sha(b"")
    stack = []  # (leaves, hash)
    for item in hashes:
        stack.append((1, item))
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            (n, right), (_, left) = stack.pop(), stack.pop()
            stack.append((2 * n, node(left, right)))
    top = stack.pop()[1]
    while stack:
        top = node(stack.pop()[1], top)
    return top


def tiles_of(leaves):
    """{path: bytes} of all tiles of the tree, full ones and those of its edge."""
    files, level, row = {}, 0, leaves
    while row:
        for n in range(0, len(row), 256):
            part = row[n:n + 256]
            files[name("tile/%d" % level, n // 256, len(part))] = b"".join(part)
        row = [root(row[n:n + 256]) for n in range(0, len(row) - 255, 256)]
        level += 1
    return files


def name(folder, index, width):
    digits = "%03d" % index
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    path = "/".join([folder] + ["x" + g for g in groups[:-1]] + [groups[-1]])
    return path if width == 256 else "%s.p/%d" % (path, width)


def openssl(*args, data=b""):
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return subprocess.run(("openssl",) + args + ("-in", file.name), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)


def temporary(data):
    file = tempfile.NamedTemporaryFile()
    file.write(data)
    file.flush()
    return file


def sign(message):
    with temporary(DER_SECRET + SEED) as key:
        done = openssl("pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", key.name,
                       data=message)
    assert done.returncode == 0, done.stderr
    return done.stdout


def verified(public, message, signature):
    with temporary(DER_PUBLIC + public) as key, temporary(signature) as file:
        done = openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey",
                       key.name, "-sigfile", file.name, data=message)
    return done.returncode == 0


@functools.lru_cache(None)
def public_key():
    with temporary(DER_SECRET + SEED) as key:
        done = openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER",
                       data=DER_SECRET + SEED)
    assert done.returncode == 0, done.stderr
    return done.stdout[len(DER_PUBLIC):]


def key_id(name_, public):
    return sha(name_.encode() + b"\n\x01" + public)[:4]


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def leaves_of(ledger):
    feed = os.path.join(ledger, "feed")
    lines = b"".join(read(os.path.join(feed, n)) for n in sorted(os.listdir(feed))
                     if n.endswith(".jsonl")).split(b"\n")[:-1]
    return [sha(b"\0" + line) for line in lines]


def note(leaves):
    body = "%s\n%d\n%s\n" % (NAME, len(leaves), base64.b64encode(root(leaves)).decode())
    signature = base64.b64encode(key_id(NAME, public_key()) + sign(body.encode())).decode()
    return ("%s\n\u2014 %s %s\n" % (body, NAME, signature)).encode()


def seal(ledger, size=None):
    leaves = leaves_of(ledger)
    leaves = leaves[:int(size)] if size else leaves
    for path, data in tiles_of(leaves).items():
        write(os.path.join(ledger, path), data)
    public = public_key()
    checkpoint = note(leaves)
    write(os.path.join(ledger, "checkpoint"), checkpoint)
    with open(os.path.join(ledger, "checkpoints.log"), "ab") as file:
        file.write(checkpoint + b"\n")
    vkey = "%s+%s+%s" % (NAME, key_id(NAME, public).hex(),
                         base64.b64encode(b"\x01" + public).decode())
    write(os.path.join(ledger, "key.vkey"), vkey.encode())


def consistency(old, leaves, whole=True):
    """RFC 6962, 2.1.2: SUBPROOF."""
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    middle = 1 << ((len(leaves) - 1).bit_length() - 1)
    if old <= middle:
        return consistency(old, leaves[:middle], whole) + [root(leaves[middle:])]
    return consistency(old - middle, leaves[middle:], False) + [root(leaves[:middle])]


def request(ledger, *wanted):
    all_leaves, notes = leaves_of(ledger), {}
    for word in wanted:
        old, size, *fork = word.split(".")
        old, leaves = int(old), all_leaves[:int(size)]
        if fork:
            leaves[-1] = sha(b"\0fork")
        tree = (size, *fork)
        notes[tree] = notes.get(tree) or note(leaves)
        lines = consistency(old, leaves) if 0 < old <= len(leaves) else []
        write("./r." + word, b"old %d\n" % old + b"".join(base64.b64encode(h) + b"\n" for h in lines) +
              b"\n" + notes[tree])


def cosigned(vkey, *pairs):
    name_, id_, matter = vkey.split("+", 2)
    matter = base64.b64decode(matter, validate=True)
    assert matter[0] == 4 and sha(name_.encode() + b"\n" + matter)[:4].hex() == id_, "the key's id"
    for path, answer in zip(pairs[::2], pairs[1::2]):
        dash, signer, payload = read(answer).decode().rstrip("\n").split(" ")
        payload = base64.b64decode(payload, validate=True)
        assert dash == "\u2014" and signer == name_ and payload[:4].hex() == id_
        text = read(path).split(b"\n\n")[1] + b"\n"
        message = b"cosignature/v1\ntime %d\n" % int.from_bytes(payload[4:12], "big") + text
        assert verified(matter[1:], message, payload[12:]), "the cosignature"


def proof(index, size, hashes_at):
    """The inclusion proof, from the tiles: hashes_at(level, index) is a perfect subtree's root."""
    def over(begin, end):
        parts = []
        while begin < end:
            level = (end - begin).bit_length() - 1
            parts.append(hashes_at(level, begin >> level))
            begin += 1 << level
        top = parts.pop()
        while parts:
            top = node(parts.pop(), top)
        return top
    begin, end, path = 0, size, []
    while end - begin > 1:
        middle = begin + (1 << ((end - begin - 1).bit_length() - 1))
        if index < middle:
            path.append(over(middle, end))
            end = middle
        else:
            path.append(over(begin, middle))
            begin = middle
    return path[::-1]


def included(index, size, leaf, path, wanted):
    """RFC 9162, 2.1.3.2."""
    node_at, last, value = index, size - 1, leaf
    for item in path:
        if last == 0:
            return False
        if node_at & 1 or node_at == last:
            value = node(item, value)
            while not node_at & 1 and node_at:
                node_at >>= 1
                last >>= 1
        else:
            value = node(value, item)
        node_at >>= 1
        last >>= 1
    return last == 0 and value == wanted


def check(tree):
    vkey = read(os.path.join(tree, "key.vkey")).decode().strip()
    name_, id_, matter = vkey.split("+", 2)
    matter = base64.b64decode(matter, validate=True)
    assert matter[0] == 1 and key_id(name_, matter[1:]).hex() == id_, "the key's id"
    note = read(os.path.join(tree, "checkpoint")).decode()
    body, signatures = note.rsplit("\n\n", 1)
    body += "\n"
    origin, size, top = body.split("\n")[:3]
    size, top = int(size), base64.b64decode(top, validate=True)
    dash, signer, payload = signatures.split("\n")[0].split(" ")
    payload = base64.b64decode(payload, validate=True)
    assert dash == "\u2014" and signer == name_ == origin and payload[:4].hex() == id_
    assert verified(matter[1:], body.encode(), payload[4:]), "the signature"

    leaves, wanted = [], {"checkpoint": None, "key.vkey": None}
    for n in range(0, size, 256):
        width = min(256, size - n)
        path = name("tile/entries", n // 256, width)
        bundle, at, count = read(os.path.join(tree, path)), 0, 0
        while at < len(bundle):
            length = int.from_bytes(bundle[at:at + 2], "big")
            assert at + 2 + length <= len(bundle), "a bundle's length"
            leaves.append(sha(b"\0" + bundle[at + 2:at + 2 + length]))
            at, count = at + 2 + length, count + 1
        assert count == width, "a bundle's width"
        wanted[path] = None
    assert len(leaves) == size and root(leaves) == top, "the root"
    for path, data in tiles_of(leaves).items():
        assert read(os.path.join(tree, path)) == data, path
        wanted[path] = None
    there = {os.path.relpath(os.path.join(f, n), tree) for f, _, ns in os.walk(tree) for n in ns}
    assert there == set(wanted), "other files: %s" % (there ^ set(wanted))

    known = {}

    def hashes_at(level, index):
        if (level, index) not in known:
            tile_level, above = level // 8, level % 8
            first = index << above
            full = (size >> 8 * tile_level) // 256
            width = 256 if first // 256 < full else (size >> 8 * tile_level) % 256
            tile = read(os.path.join(tree, name("tile/%d" % tile_level, first // 256, width)))
            at = first % 256
            known[level, index] = root([tile[32 * i:32 * i + 32] for i in range(at, at + (1 << above))])
        return known[level, index]
    for index, leaf in enumerate(leaves):
        assert included(index, size, leaf, proof(index, size, hashes_at), top), index
    print(size)


if __name__ == "__main__":
    {"seal": seal, "check": check, "request": request, "cosigned": cosigned}[sys.argv[1]](*sys.argv[2:])
