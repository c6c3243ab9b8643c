#!/usr/bin/env python3
"""Verifies this evidence bundle: python3 verify.py [--vkey KEY] [--ca FILE] [FOLDER]

Standard library of Python 3.8 or later, and the openssl command for time-stamps and for a second look at
the signature of the checkpoint. Derives everything anew, in one pass over the records: the manifest, the
hash of each record and its proof, the whole tree where all records are there, every signed checkpoint, the
copies and numbers that were made of the records, what witnesses signed, and the time-stamps. KEY is the
log's public key as you have it from elsewhere; without it, the bundle's own is used, and only the bundle's
agreement with itself is shown. FILE holds the certificates (PEM) of the time-stamp authorities that you
trust; without it, a time-stamp is held to the certificates that lie beside it, which whoever made the
bundle has chosen. Exit code 0: nothing is wrong. 1: something is; each line on standard output says what.
2: it cannot be asked so.
"""
import argparse
import base64
import datetime
import hashlib
import json
import os
import stat
import subprocess
import sys
import tempfile

faults = []
DER_PUBLIC = bytes.fromhex("302a300506032b6570032100")
TILE = 256
SOON = 700 * 250  # bytes of checkpoints.log from where larger tables pay


class Stop(Exception):
    """What is wrong leaves nothing else to be looked at."""


def say(text):
    """One line without controls, whatever a file's name holds."""
    print("".join(c if " " <= c <= "~" else c.encode("unicode_escape", "surrogatepass").decode()
                  for c in text))


def fault(text):
    faults.append(text)
    if len(faults) <= 50:
        say("WRONG: " + text)


def sha(data):
    return hashlib.sha256(data).digest()


def node(left, right):
    return sha(b"\x01" + left + right)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def hash_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            digest.update(part)
    return digest.hexdigest()


def unbase64(text):
    return base64.b64decode(text, validate=True)


def files_below(folder):
    """Paths of whatever is no folder, links to folders too."""
    found = set()
    for at, folders, names in os.walk(folder):
        links = [n for n in folders if os.path.islink(os.path.join(at, n))]
        found.update(os.path.relpath(os.path.join(at, n), folder) for n in names + links)
    return found


def tile_name(folder, index, width):
    digits = "%03d" % index
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    path = "/".join([folder] + ["x" + g for g in groups[:-1]] + [groups[-1]])
    return path if width == TILE else "%s.p/%d" % (path, width)


class Tree:
    """A Merkle tree (RFC 9162, 2.1) to which one leaf after the other is added; no leaf is looked at twice.

    Level n holds the hashes of the tile of that level which is not full yet, and the roots of the perfect
    trees that these make up. tile(level, index, hashes) is told of each tile.
    """

    def __init__(self, tile):
        self.rows, self.tile = [], tile

    def push(self, value):
        level = 0
        while True:
            if level == len(self.rows):
                self.rows.append(([], []))
            hashes, roots = self.rows[level]
            n = len(hashes)
            hashes.append(value)
            while n & 1:
                value = node(roots.pop(), value)
                n >>= 1
            roots.append(value)
            if len(hashes) < TILE:
                return
            self.tile(level, b"".join(hashes))
            value = roots[0]
            self.rows[level] = ([], [])
            level += 1

    def root(self):
        roots = [r for _, row in reversed(self.rows) for r in row]
        if not roots:
            return sha(b"")
        top = roots.pop()
        while roots:
            top = node(roots.pop(), top)
        return top

    def end(self):
        for level, (hashes, _) in enumerate(self.rows):
            if hashes:
                self.tile(level, b"".join(hashes))


def included(index, size, leaf, path, top):
    """RFC 9162, 2.1.3.2."""
    at, last, value = index, size - 1, leaf
    for item in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            value = node(item, value)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            value = node(value, item)
        at, last = at >> 1, last >> 1
    return last == 0 and value == top


def consistent(old, old_root, size, top, path):
    """RFC 9162, 2.1.4.2."""
    if old == size:
        return not path and old_root == top
    if old == 0:
        return not path
    if old & (old - 1) == 0:
        path = [old_root] + path
    if not path:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    one = other = path[0]
    for item in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            one, other = node(item, one), node(item, other)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            other = node(other, item)
        at, last = at >> 1, last >> 1
    return last == 0 and one == old_root and other == top


class Ed25519:
    """Signatures by one key (RFC 8032, 5.1.7), many of them: sums of points from tables, for each run of
    `bits` bits of a factor and each value of it. A point of a table is (y + x, y - x, 2dxy)."""
    P = 2**255 - 19
    L = 2**252 + 27742317777372353535851937790883648493
    D = -121665 * pow(121666, -1, P) % P
    BASE = bytes.fromhex("58" + 31 * "66")

    def __init__(self, public, bits):
        self.public, self.bits = public, bits
        x, y = self.point(public)
        self.tables = self.table(*self.point(self.BASE)), self.table(self.P - x, y)

    def point(self, data):
        """RFC 8032, 5.1.3. The one root that is asked for is tried in both signs."""
        p = self.P
        y, sign = int.from_bytes(data, "little") & (1 << 255) - 1, data[31] >> 7
        square = (y * y - 1) * pow(self.D * y * y + 1, -1, p) % p
        x = pow(square, (p + 3) // 8, p)
        if x * x % p != square:
            x = x * pow(2, (p - 1) // 4, p) % p
        if y >= p or x * x % p != square or (x == 0 and sign):
            raise ValueError("no key of Ed25519")
        return (p - x if x & 1 != sign else x), y

    def table(self, x, y):
        p, points = self.P, []
        step = (x, y, 1, x * y % p)
        for _ in range(0, 256, self.bits):
            slim, at, row = self.slim([step])[0], (0, 1, 1, 0), []
            for _ in range(1, 1 << self.bits):
                at = self.add(at, slim)
                row.append(at)
            step = self.add(at, slim)
            points += row
        points = self.slim(points)
        width = (1 << self.bits) - 1
        return [points[i:i + width] for i in range(0, len(points), width)]

    def slim(self, points):
        """With one inversion for all (Montgomery)."""
        p, products = self.P, [1]
        for point in points:
            products.append(products[-1] * point[2] % p)
        inverse, made = pow(products[-1], -1, p), []
        for point, before in zip(reversed(points), reversed(products[:-1])):
            z, inverse = inverse * before % p, inverse * point[2] % p
            x, y = point[0] * z % p, point[1] * z % p
            made.append(((y + x) % p, (y - x) % p, 2 * self.D * x * y % p))
        return made[::-1]

    def add(self, point, slim):
        """RFC 8032, 5.1.4, with Z2 = 1."""
        p = self.P
        x, y, z, t = point
        a, b, c, d = (y - x) * slim[1] % p, (y + x) * slim[0] % p, t * slim[2] % p, 2 * z
        e, f, g, h = b - a, d - c, d + c, b + a
        return e * f % p, g * h % p, f * g % p, e * h % p

    def verify(self, message, signature):
        if len(signature) != 64:
            return False
        start, factor = signature[:32], int.from_bytes(signature[32:], "little")
        if factor >= self.L:
            return False
        challenge = hashlib.sha512(start + self.public + message).digest()
        sum_, mask = (0, 1, 1, 0), (1 << self.bits) - 1
        for table, n in zip(self.tables, (factor, int.from_bytes(challenge, "little") % self.L)):
            for row in table:
                if n & mask:
                    sum_ = self.add(sum_, row[(n & mask) - 1])
                n >>= self.bits
        inverse = pow(sum_[2], -1, self.P)
        x, y = sum_[0] * inverse % self.P, sum_[1] * inverse % self.P
        return (y | (x & 1) << 255).to_bytes(32, "little") == start


class Key:
    """Of a log (type 1) or of a witness (type 4): C2SP signed-note, tlog-cosignature."""

    def __init__(self, text, kind=1, bits=4):
        self.text = text.strip()
        self.name, self.id, matter = self.text.split("+", 2)
        matter = unbase64(matter)
        if len(matter) != 33 or matter[0] != kind or \
                sha(self.name.encode() + b"\n" + matter)[:4].hex() != self.id:
            raise ValueError("not the key of a %s: %s" % ("log" if kind == 1 else "witness", text))
        self.public = matter[1:]
        self.curve = Ed25519(self.public, bits)

    def payload(self, signatures):
        """What the key's own line of these holds; None: there is none."""
        for line in signatures.split("\n"):
            parts = line.split(" ")
            if len(parts) == 3 and parts[0] == "\u2014" and parts[1] == self.name:
                payload = unbase64(parts[2])
                if payload[:4].hex() == self.id:
                    return payload[4:]
        return None

    def verified_by_openssl(self, body, signature):
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, n) for n in ("key", "body", "signature")]
            for path, data in zip(paths, (DER_PUBLIC + self.public, body, signature)):
                with open(path, "wb") as file:
                    file.write(data)
            return openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", paths[0],
                           "-in", paths[1], "-sigfile", paths[2])[0]


def openssl(*arguments):
    """(it went well, what it said)."""
    done = subprocess.run(("openssl",) + arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    return done.returncode == 0, done.stdout.decode("utf-8", "replace")


def checkpoint_of(note, key, twice=False):
    """(size, root) of a checkpoint that the key has signed; ValueError says what is wrong."""
    text = note.decode("utf-8")
    body, blank, signatures = text.partition("\n\n")
    lines = body.split("\n")
    if not blank or len(lines) < 3 or lines[0] != key.name:
        raise ValueError("it is no checkpoint of " + key.name)
    payload, body = key.payload(signatures), (body + "\n").encode()
    if payload is None:
        raise ValueError("the key has not signed it")
    if not key.curve.verify(body, payload) or (twice and not key.verified_by_openssl(body, payload)):
        raise ValueError("its signature is not good")
    return int(lines[1]), unbase64(lines[2])


def check_manifest():
    """What is there, each a plain file as listed, or nothing else is looked at."""
    there = files_below(".") - {"manifest.sha256"}
    for path in sorted(there | {"manifest.sha256"}):
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise Stop("%s is no plain file" % path)
    listed = {}
    for line in read("manifest.sha256").decode().splitlines():
        if line[66:] in listed:
            fault("%s is twice in manifest.sha256" % line[66:])
        listed[line[66:]] = line[:64]
    for path in sorted(there - set(listed)):
        fault("%s is there and not in manifest.sha256" % path)
    for path in sorted(set(listed) - there):
        fault("%s is in manifest.sha256 and not there" % path)
    for path in sorted(there & set(listed)):
        if hash_of(path) != listed[path]:
            fault("%s is not the file of manifest.sha256" % path)
    entries = json.loads(read("manifest.json"))["files"]
    paths = [e["path"] for e in entries]
    if paths != sorted(paths, key=str.encode) or set(paths) != set(listed) - {"manifest.json"}:
        fault("manifest.json and manifest.sha256 do not list the same files")
    for entry in entries:
        path = entry["path"]
        if entry["sha256"] != listed.get(path) or (path in there and os.path.getsize(path) != entry["bytes"]):
            fault("%s is not as manifest.json says" % path)
    return there


def check_proof(path, seq, leaf, size, top, checkpoint):
    head, _, rest = read(path).partition(b"\n\n")
    lines = head.decode().split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1" or lines[1] != "index %d" % seq:
        return fault("%s is no proof of record %d" % (path, seq))
    if rest != checkpoint:
        return fault("%s rests on another checkpoint" % path)
    if not included(seq, size, leaf, [unbase64(line) for line in lines[2:]], top):
        fault("%s does not prove record %d" % (path, seq))


class TlogFolder:
    """tlog/: every tile and bundle of entries of the whole tree, and nothing else."""

    def __init__(self):
        self.there = files_below("tlog")
        self.counts, self.entries, self.lines, self.bundles = [], [], 0, 0
        for name in ("checkpoint", "key.vkey"):
            self.hold(name, read(name))

    def hold(self, path, data):
        if path not in self.there:
            return fault("tlog/%s is missing, or is there twice" % path)
        self.there.remove(path)
        if read(os.path.join("tlog", path)) != data:
            fault("tlog/%s is not that of the records" % path)

    def tile(self, level, data):
        if level == len(self.counts):
            self.counts.append(0)
        width = len(data) // 32
        self.hold(tile_name("tile/%d" % level, self.counts[level], width), data)
        self.counts[level] += 1

    def entry(self, line):
        self.entries.append(len(line).to_bytes(2, "big") + line)
        if len(self.entries) == TILE:
            self.bundle()

    def bundle(self):
        if self.entries:
            self.hold(tile_name("tile/entries", self.bundles, len(self.entries)),
                      b"".join(self.entries))
            self.bundles, self.entries = self.bundles + 1, []

    def end(self):
        self.bundle()
        for path in sorted(self.there):
            fault("tlog/%s does not belong there" % path)


def time_ns(text):
    seconds, fraction = text[:19], text[20:29]
    then = datetime.datetime.strptime(seconds, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    return int(then.timestamp()) * 10**9 + int(fraction)


class Coverage:
    """coverage.txt of the records that tell of it, one after the other."""
    SILENCE_NS = 120 * 10**9  # of a run without any such record: nothing says that it ran

    def __init__(self):
        self.runs, self.gaps, self.clocks, self.silences, self.first_t, self.last = [], [], [], 0, None, None

    def take(self, r):
        kind = r["kind"]
        if kind == "coverage":
            return
        if self.last is None:
            self.first_t = r["t"]
        if self.last is None or self.last["run"] != r["run"]:
            self.runs.append({"last": int(r["b"]), "t": r["t"], "up": 0, "whole": kind == "start",
                              "listings": 0, "rejected": 0})
        run, self.last = self.runs[-1], {"t": r["t"], "run": r["run"]}
        passed = max(0, int(r["b"]) - run["last"])
        if passed <= self.SILENCE_NS:
            run["up"] += passed
        else:
            self.silences += 1
            self.gaps.append("silence %d from %s to %s ms %d\n" % (r["seq"], run["t"], r["t"], passed // 10**6))
        run["last"], run["t"] = run["last"] + passed, r["t"]
        if kind == "clock":
            self.clocks.append((r.get("synced") is False, r.get("cause") == "step"))
        for name in ("listings", "rejected"):
            if kind == "heartbeat":
                run[name] += r.get(name, 0)
            if kind == "stop" and run["whole"]:
                run[name] = r["counters"].get(name, 0)
        if kind == "gap":
            line = "gap %d" % r["seq"]
            for name, member in (("cause", "cause"), ("from", "from_t"), ("to", "to_t"), ("count", "count")):
                if member in r:
                    line += " %s %s" % (name, r[member])
            self.gaps.append(line + "\n")

    def text(self):
        if self.last is None:
            return "There is no record in the range that tells of coverage.\n"
        up = sum(run["up"] for run in self.runs) // 10**6
        whole = max(0, time_ns(self.last["t"]) - time_ns(self.first_t)) // 10**6
        text = "from %s\nto %s\nruns %d\nrecorded %d ms of %d ms\n" % (
            self.first_t, self.last["t"], len(self.runs), up, whole)
        if whole > 0 and up <= whole:
            text += "uptime %d.%03d %%\n" % (up * 100 // whole, up * 100000 // whole % 1000)
        else:
            text += "uptime not computable: the wall clock was set, see clock.jsonl\n"
        for name in ("listings", "rejected"):
            text += "%s %d\n" % (name, sum(run[name] for run in self.runs))
        text += "clock_records %d\nclock_unsynchronised %d\nclock_steps %d\n" % (
            len(self.clocks), sum(c[0] for c in self.clocks), sum(c[1] for c in self.clocks))
        text += "gaps %d\nsilences %d\n" % (len(self.gaps) - self.silences, self.silences)
        return text + "".join(self.gaps)


class Copies:
    """What was made of the records, held to them."""
    COVERS = ("start", "stop", "heartbeat", "gap", "coverage")
    MEMBERS = ("seq", "t", "host", "version", "commit", "exe_sha256", "libs", "kernel", "machine", "cpu",
               "config_sha256")
    FILES = {"clock.jsonl": (("clock",), True), "coverage.jsonl": (COVERS, True),
             "ruleset/rulesets.jsonl": (("ruleset",), False)}  # kinds, and whether of the range only

    def __init__(self, scope):
        self.scope, self.coverage, self.starts, self.sources, self.kinds = scope, Coverage(), [], set(), {}
        self.digests = {path: hashlib.sha256() for path in self.FILES}
        self.kept, self.erases, self.anchors = set(), {}, []

    def take(self, line, r):
        kind, ranged = r["kind"], self.scope["from"] <= r["seq"] < self.scope["to"]
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        for path, (kinds, of_range) in self.FILES.items():
            if kind in kinds and (ranged or not of_range):
                self.digests[path].update(line + b"\n")
        if ranged and kind in self.COVERS + ("clock",):
            self.coverage.take(r)
        if kind == "start":
            self.starts.append({m: r[m] for m in self.MEMBERS if m in r})
        elif kind == "ruleset":
            self.sources.update(s["sha256"].split(":")[1] for s in r.get("sources", []))
        elif kind == "sighting" and r.get("blob_kept"):
            self.kept.add(bytes.fromhex(r["blob"].split(":")[1]))
        elif kind == "erase":
            self.erases[r["seq"]] = set(r["blobs"])
        elif kind == "anchor":
            self.anchors.append({m: r.get(m) for m in ("seq", "size", "root", "type", "token_sha256", "file")})

    def check(self, full):
        for path, digest in self.digests.items():
            if hash_of(path) != digest.hexdigest():
                fault("%s is not a copy of those records" % path)
        if read("coverage.txt").decode() != self.coverage.text():
            fault("coverage.txt does not follow from the records")
        if json.loads(read("software.json"))["starts"] != self.starts:
            fault("software.json does not follow from the start records")
        kinds = dict(self.kinds, all=sum(self.kinds.values()))
        for line in read("counts.txt").decode().splitlines()[1:-1]:
            kind, whole, there, left = line.split(" ")
            if int(there) != kinds.pop(kind, 0) or int(whole) != int(there) + int(left) or (full and int(left)):
                fault("counts.txt does not follow from the records: " + line)
        if kinds:
            fault("counts.txt leaves out " + ", ".join(sorted(kinds)))
        folder = "ruleset/sources"
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if hash_of(os.path.join(folder, name)) not in self.sources:
                fault("%s/%s is not a source that a ruleset record names" % (folder, name))

    def check_blobs(self, size):
        if not self.kept:
            if os.path.exists("blobs.jsonl"):
                fault("blobs.jsonl holds bytes that no record here names")
            return
        gone = {}
        erased = read("erased.txt").decode().split("\n")
        if erased[0] != "kept bytes of listings that are not here, as they were erased:" or erased.pop() != "":
            fault("erased.txt is not of this form")
        for line in erased[1:]:
            name, _, _, _, seq = line.split(" ")
            gone[bytes.fromhex(name.split(":")[1])] = int(seq)
        wanted, whole = iter(sorted(self.kept - set(gone))), True
        with open("blobs.jsonl", "rb") as file:
            for line in file:
                whole = whole and line[-1:] == b"\n" and sha(line[:-1]) == next(wanted, None)
        if not whole or next(wanted, None) is not None:
            fault("blobs.jsonl does not hold the bytes that the records name")
        if not set(gone) <= self.kept:
            fault("erased.txt names bytes that no record here names")
        for name, seq in gone.items():
            if seq >= size:
                fault("%s is not here, and nothing here shows that it was erased: record %d, which is said to tell, "
                      "is newer than this checkpoint; a bundle under a newer one holds it" % (name.hex(), seq))
            elif "sha256:" + name.hex() not in self.erases.get(seq, ()):
                fault("record %d does not say that %s was erased" % (seq, name.hex()))


class Log:
    """checkpoints.log, walked beside the records: each note's signature, order, and, of a whole tree, root."""

    def __init__(self, key, size, top, full):
        self.key, self.size, self.top, self.full = key, size, top, full
        self.notes, self.count, self.at, self.next = self.parts(), 0, 0, None
        self.step()

    def parts(self):
        """Each note: a block of lines that are signed, and one of signatures; an empty line ends each."""
        with open("checkpoints.log", "rb") as file:
            blocks, block = [], []
            for line in file:
                if line != b"\n":
                    block.append(line)
                    continue
                blocks, block = blocks + [b"".join(block)], []
                if len(blocks) == 2:
                    yield b"\n".join(blocks)
                    blocks = []
            if blocks or block:
                raise ValueError("it ends inside a checkpoint")

    def step(self):
        try:
            note = next(self.notes, None)
            self.next = note and checkpoint_of(note, self.key)
        except ValueError as error:
            fault("checkpoints.log, after %d checkpoints: %s" % (self.count, error))
            self.notes, self.next = iter(()), None
            return
        if self.next is not None and (self.next[0] < self.at or self.next[0] > self.size):
            fault("checkpoints.log: size %d is out of place" % self.next[0])
            self.next = None
        if self.next is not None:
            self.count, self.at = self.count + 1, self.next[0]

    def hold(self, tree, count):
        """The tree has so many records now; None: it is not all here."""
        while self.next is not None and self.next[0] <= count:
            at, their = self.next
            if (at == self.size and their != self.top) or (tree is not None and tree.root() != their):
                fault("checkpoints.log: the root at size %d is not that of the records" % at)
            self.step()

    def end(self):
        self.hold(None, self.size)
        if self.at != self.size:
            fault("checkpoints.log does not end with the checkpoint")


class Policy:
    """Who has to have signed (C2SP tlog-policy)."""

    def __init__(self, own):
        self.witnesses, self.groups, self.quorum, logs = {}, {}, "none", []
        for words in (line.split() for line in read("policy").decode().splitlines()):
            if words[:1] == ["log"]:
                logs.append(words[1])
            elif words[:1] == ["witness"]:
                self.witnesses[words[1]] = Key(words[2], 4)
            elif words[:1] == ["group"]:
                members = words[3:]
                need = {"any": 1, "all": len(members)}.get(words[2]) or int(words[2])
                if not set(members) <= set(self.witnesses) | set(self.groups):
                    raise ValueError("policy: a group of unknown names")
                self.groups[words[1]] = need, members
            elif words[:1] == ["quorum"]:
                self.quorum = words[1]
        if own not in logs:
            fault("policy does not name the key of key.vkey")

    def of_key(self, name):
        return next(((n, key) for n, key in self.witnesses.items() if key.name == name), (None, None))

    def satisfied(self, signed, name):
        if name in self.groups:
            need, members = self.groups[name]
            return sum(self.satisfied(signed, m) for m in members) >= need
        return name in signed


class Anchors:
    """anchors/: what others have signed over checkpoints of the log. roots: {size: root}."""

    def __init__(self, key, size, top, policy, ca):
        self.policy, self.ca, self.roots, self.sizes, self.tokens, self.own = policy, ca, {size: top}, [], {}, False
        for name in sorted(os.listdir("anchors"), key=lambda n: (len(n), n)) if os.path.isdir("anchors") else []:
            folder = "anchors/" + name
            try:
                anchored, their = checkpoint_of(read(folder + "/checkpoint"), key)
            except (ValueError, OSError) as error:
                fault("%s/checkpoint: %s" % (folder, error))
                continue
            if str(anchored) != name or anchored > size or self.roots.get(anchored, their) != their:
                fault("%s/checkpoint is not one of these records" % folder)
            self.roots[anchored] = their
            self.sizes.append(anchored)

    def hold(self, tree, count):
        if count in self.roots and tree.root() != self.roots[count]:
            fault("anchors/%d/checkpoint is not one of these records" % count)

    def check(self, records):
        signed = {max(self.roots): self.cosigned("checkpoint", read("checkpoint").partition(b"\n\n")[2], True)}
        for size in self.sizes:
            folder = "anchors/%d" % size
            checkpoint = folder + "/checkpoint"
            by = self.cosigned(checkpoint, read(checkpoint).partition(b"\n\n")[2], True) | signed.get(size, set())
            for file in sorted(os.listdir(folder)):
                path = folder + "/" + file
                if file.endswith((".tsr", ".cosig")):
                    self.tokens[path] = hash_of(path)
                if file.endswith(".tsr"):
                    self.stamp(path, checkpoint)
                elif file.endswith(".cosig"):
                    by |= self.cosigned(checkpoint, read(path), False)
            signed[size] = by
        self.judge(signed)
        for r in records:
            path, size = r["file"], r["size"]
            if not path.startswith("anchors/%d/" % size) or self.roots.get(size, b"").hex() != r["root"][7:] or \
                    "sha256:" + self.tokens.get(path, "") != r["token_sha256"]:
                fault("record %d tells of %s, which is missing or another one" % (r["seq"], path))
            elif r["type"] == "rfc3161":
                say("  record %d holds the hash of %s: it and what follows were written after that time" %
                    (r["seq"], path))
        if self.own:
            say("note: whose time-stamps these are is told by certificates that lie in this bundle, chosen by "
                "whoever made it; give those that you trust with --ca FILE")

    def judge(self, signed):
        quorum = self.policy.quorum
        sizes = [size for size, by in signed.items() if self.policy.satisfied(by, quorum)]
        if quorum != "none" and not sizes:
            fault("no checkpoint here is signed by those whom policy asks for")
        elif quorum != "none":
            say("policy: those whom it asks for have signed the tree of the first %d records" % max(sizes))

    def cosigned(self, checkpoint, lines, with_log):
        """The policy's names of the witnesses who have signed it by these lines."""
        text, names = lines.decode(), set()
        for witness in sorted({line.split(" ")[1] for line in text.splitlines() if line.count(" ") == 2}):
            name, key = self.policy.of_key(witness)
            payload = key.payload(text) if key else None
            if payload is None:
                if not with_log:
                    say("note: policy does not name %s, whose signature of %s is not judged" % (witness, checkpoint))
                continue
            time = int.from_bytes(payload[:8], "big")
            body = read(checkpoint).partition(b"\n\n")[0] + b"\n"
            if not key.curve.verify(b"cosignature/v1\ntime %d\n" % time + body, payload[8:]):
                fault("what %s has signed is not %s" % (witness, checkpoint))
                continue
            then = datetime.datetime.fromtimestamp(time, datetime.timezone.utc)
            say("cosignature: the witness %s says that it saw %s at %s" %
                (witness, checkpoint, then.strftime("%Y-%m-%dT%H:%M:%SZ")))
            names.add(name)
        return names

    def stamp(self, path, checkpoint):
        chain = path[:-4] + ".pem"
        text = openssl("ts", "-reply", "-in", path, "-text")[1].splitlines()
        times = [line[12:].strip() for line in text if line.startswith("Time stamp:")]
        if len(times) != 1:
            return fault("%s is no time-stamp" % path)
        beside = ("-untrusted", chain) if os.path.exists(chain) else ()
        trusted = self.ca or chain
        if not self.ca and not beside:
            return say("note: whose time-stamp %s is cannot be judged: its certificates are not there; give those "
                       "that you trust with --ca FILE" % path)
        words = times[0].replace(" GMT", "").split()
        then = datetime.datetime.strptime(" ".join([words[0], words[1], words[2].split(".")[0], words[3]]),
                                          "%b %d %H:%M:%S %Y").replace(tzinfo=datetime.timezone.utc)
        when = ("-attime", str(int(then.timestamp())))
        if not openssl("ts", "-verify", "-data", checkpoint, "-in", path, "-CAfile", trusted, *beside, *when)[0]:
            if self.ca and beside and openssl("ts", "-verify", "-data", checkpoint, "-in", path, "-CAfile", chain,
                                              *when)[0]:
                return fault("%s is a time-stamp of %s by an authority that the certificates of --ca do not lead to" %
                             (path, checkpoint))
            return fault("%s is not a time-stamp of %s%s" % (
                path, checkpoint, " by an authority of --ca" if self.ca else ""))
        self.own = self.own or not self.ca
        say("time-stamp: %s says that %s existed at %s (%s)" %
            (authority_of(path, beside[1:]), checkpoint, times[0], path))


def authority_of(path, chain):
    """The name in the certificate whose key has signed the token."""
    with tempfile.TemporaryDirectory() as folder:
        token, signer = os.path.join(folder, "token"), os.path.join(folder, "signer")
        openssl("ts", "-reply", "-in", path, "-token_out", "-out", token)
        openssl("cms", "-verify", "-inform", "DER", "-in", token, "-noverify", "-signer", signer, "-out", os.devnull,
                *(("-certfile",) + tuple(chain) if chain else ()))
        name = openssl("x509", "-in", signer, "-noout", "-subject", "-nameopt", "RFC2253")[1].strip()
    return '"%s"' % name[len("subject="):] if name.startswith("subject=") else "an authority without a name"


def check_consistency(found):
    sizes = sorted(found)
    for old, new in zip(sizes, sizes[1:]):
        path = "consistency/%d-%d" % (old, new)
        if not os.path.exists(path):
            fault("%s is missing" % path)
            continue
        head = read(path).partition(b"\n\n")[0].decode().split("\n") if old else ["old 0"]
        if head[0] != "old %d" % old or not consistent(
                old, found[old], new, found[new], [unbase64(h) for h in head[1:]]):
            fault("%s does not show that the smaller tree begins the larger" % path)


class Records:
    """records.jsonl, once from front to back. Of a whole bundle each signed root is met on the way."""

    def __init__(self, there, size, top, scope):
        self.there, self.size, self.top, self.full = there, size, top, not scope["partial"]
        self.copies, self.checkpoint = Copies(scope), read("checkpoint")
        self.count = self.proved = 0

    def walk(self, log, anchors):
        folder = TlogFolder() if self.full else None
        tree = Tree(folder.tile) if self.full else None
        last = -1
        with open("records.jsonl", "rb") as file:
            for line in file:
                if line[-1:] != b"\n":
                    fault("records.jsonl has no end")
                line = line.rstrip(b"\n")
                r, leaf = json.loads(line), sha(b"\0" + line)
                seq = r["seq"]
                if seq <= last or seq >= self.size or (self.full and seq != last + 1):
                    raise Stop("records.jsonl is out of order at record %d" % seq)
                last, self.count = seq, self.count + 1
                self.prove(seq, leaf)
                self.copies.take(line, r)
                if self.full:
                    folder.entry(line)
                    tree.push(leaf)
                    log.hold(tree, self.count)
                    anchors.hold(tree, self.count)
        if self.full:
            tree.end()
            folder.end()
            if self.count != self.size or tree.root() != self.top:
                fault("records.jsonl is not all that was signed")
        if self.proved != sum(path.startswith("proofs/") for path in self.there):
            fault("there are proofs of records that are not here")

    def prove(self, seq, leaf):
        path = "proofs/%d.tlog-proof" % seq
        if path in self.there:
            check_proof(path, seq, leaf, self.size, self.top, self.checkpoint)
            self.proved += 1
        elif not self.full:
            fault("%s is missing" % path)


def arguments():
    parser = argparse.ArgumentParser(description="Verifies an evidence bundle.", allow_abbrev=False)
    parser.add_argument("--vkey", metavar="KEY", help="the log's public key, as you have it from elsewhere")
    parser.add_argument("--ca", metavar="FILE", help="certificates of the time-stamp authorities that you trust")
    parser.add_argument("folder", nargs="?", metavar="FOLDER", help="the bundle (where this file is)",
                        default=os.path.dirname(os.path.abspath(__file__)))
    given = parser.parse_args()
    if given.ca is not None:
        given.ca = os.path.abspath(given.ca)
        if not os.path.isfile(given.ca):
            parser.error("there is no file " + given.ca)
    if not os.path.isdir(given.folder):
        parser.error("there is no folder " + given.folder)
    return given


def check(given):
    there = check_manifest()
    own = read("key.vkey").decode().strip()
    if given.vkey is not None and own != given.vkey.strip():
        fault("key.vkey is not the key that was given")
    key = Key(given.vkey or own, bits=8 if os.path.getsize("checkpoints.log") >= SOON else 4)
    size, top = checkpoint_of(read("checkpoint"), key, twice=True)
    scope = json.loads(read("scope.json"))
    records = Records(there, size, top, scope)
    log, anchors = Log(key, size, top, records.full), Anchors(key, size, top, Policy(own), given.ca)
    if records.full:
        log.hold(Tree(None), 0)
    records.walk(log, anchors)
    log.end()
    records.copies.check(records.full)
    records.copies.check_blobs(size)
    anchors.check(records.copies.anchors)
    check_consistency(anchors.roots)
    if faults:
        return
    say("nothing is wrong: %d records of %d, signed by %s, %d proofs, %d signed checkpoints, %d files" %
        (records.count, size, key.name, records.proved, log.count, len(there) + 1))
    if not records.full:
        say("note: it is a part: that the %d earlier checkpoints are of the same tree is shown for those in anchors/ "
            "only; counts.txt says what is left out" % max(0, log.count - 1))
    if given.vkey is None:
        say("note: the key is the bundle's own; compare it with the one you have from elsewhere:")
        say("  " + own)


def main():
    given = arguments()
    os.chdir(given.folder)
    try:
        check(given)
    except Stop as error:
        fault(str(error))
    except Exception as error:  # whatever a file may hold, it is told and never a success
        fault("%s: %s" % (type(error).__name__, error))
    if len(faults) > 50:
        say("WRONG: and %d more" % (len(faults) - 50))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
