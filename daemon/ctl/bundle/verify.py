#!/usr/bin/env python3
"""Verifies this evidence bundle: python3 verify.py [--vkey KEY] [FOLDER]

Standard library and the openssl command only. Derives everything anew: the manifest, the signature of
the checkpoint, the hash of each record and its proof, the whole tree where all records are there, the
copies and numbers that were made of the records, and the time-stamps. KEY is the log's public key as you
have it from elsewhere; without it, the bundle's own is used, and only the bundle's agreement with itself
is shown. Exit code 0: nothing is wrong. 1: something is; each line on standard output says what.
"""
import base64
import datetime
import hashlib
import json
import os
import subprocess
import sys
import tempfile

faults = []
DER_PUBLIC = bytes.fromhex("302a300506032b6570032100")


def fault(text):
    faults.append(text)
    if len(faults) <= 50:
        print("WRONG: " + text)


def sha(data):
    return hashlib.sha256(data).digest()


def node(left, right):
    return sha(b"\x01" + left + right)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def root(hashes):
    stack = []
    for item in hashes:
        stack.append((1, item))
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            (n, right), (_, left) = stack.pop(), stack.pop()
            stack.append((2 * n, node(left, right)))
    if not stack:
        return sha(b"")
    top = stack.pop()[1]
    while stack:
        top = node(stack.pop()[1], top)
    return top


def tile_name(folder, index, width):
    digits = "%03d" % index
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    path = "/".join([folder] + ["x" + g for g in groups[:-1]] + [groups[-1]])
    return path if width == 256 else "%s.p/%d" % (path, width)


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


class Key:
    def __init__(self, text):
        self.name, self.id, matter = text.strip().split("+", 2)
        matter = base64.b64decode(matter, validate=True)
        self.public = matter[1:]
        if matter[0] != 1 or sha(self.name.encode() + b"\n" + matter)[:4].hex() != self.id:
            raise ValueError("not the key of a log: " + text)

    def signed(self, body, payload):
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, n) for n in ("key", "body", "signature")]
            for path, data in zip(paths, (DER_PUBLIC + self.public, body, payload)):
                with open(path, "wb") as file:
                    file.write(data)
            return subprocess.run(
                ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", paths[0],
                 "-in", paths[1], "-sigfile", paths[2]], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL).returncode == 0


def checkpoint_of(note, key):
    """(size, root) of a checkpoint that the key has signed; ValueError says what is wrong."""
    text = note.decode("utf-8")
    body, blank, signatures = text.partition("\n\n")
    lines = body.split("\n")
    if not blank or len(lines) < 3 or lines[0] != key.name:
        raise ValueError("it is no checkpoint of " + key.name)
    for line in signatures.split("\n"):
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or parts[1] != key.name:
            continue
        payload = base64.b64decode(parts[2], validate=True)
        if payload[:4].hex() != key.id:
            continue
        if not key.signed((body + "\n").encode(), payload[4:]):
            raise ValueError("its signature is not good")
        return int(lines[1]), base64.b64decode(lines[2], validate=True)
    raise ValueError("the key has not signed it")


def check_manifest():
    listed = {}
    for line in read("manifest.sha256").decode().splitlines():
        if line[66:] in listed:
            fault("%s is twice in manifest.sha256" % line[66:])
        listed[line[66:]] = line[:64]
    there = {os.path.relpath(os.path.join(folder, name), ".")
             for folder, _, names in os.walk(".") for name in names} - {"manifest.sha256"}
    for path in sorted(there - set(listed)):
        fault("%s is there and not in manifest.sha256" % path)
    for path in sorted(set(listed) - there):
        fault("%s is in manifest.sha256 and not there" % path)
    for path in sorted(there & set(listed)):
        if os.path.islink(path) or sha(read(path)).hex() != listed[path]:
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


def check_proof(path, seq, leaf, key, size, top):
    head, _, rest = read(path).partition(b"\n\n")
    lines = head.decode().split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1" or lines[1] != "index %d" % seq:
        return fault("%s is no proof of record %d" % (path, seq))
    if rest != read("checkpoint"):
        return fault("%s rests on another checkpoint" % path)
    if not included(seq, size, leaf, [base64.b64decode(line, validate=True) for line in lines[2:]], top):
        fault("%s does not prove record %d" % (path, seq))


def check_tree(leaves, lines, size, top, key):
    """tlog/: every tile and bundle of the whole tree, and nothing else."""
    wanted = {"checkpoint": read("checkpoint"), "key.vkey": read("key.vkey")}
    for n in range(0, size, 256):
        part = lines[n:n + 256]
        wanted[tile_name("tile/entries", n // 256, len(part))] = b"".join(
            len(line).to_bytes(2, "big") + line for line in part)
    level, row = 0, leaves
    while row:
        for n in range(0, len(row), 256):
            part = row[n:n + 256]
            wanted[tile_name("tile/%d" % level, n // 256, len(part))] = b"".join(part)
        row = [root(row[n:n + 256]) for n in range(0, len(row) - 255, 256)]
        level += 1
    there = {os.path.relpath(os.path.join(folder, name), "tlog")
             for folder, _, names in os.walk("tlog") for name in names}
    for path in sorted(there ^ set(wanted)):
        fault("tlog/%s is missing, or does not belong there" % path)
    for path in sorted(there & set(wanted)):
        if read(os.path.join("tlog", path)) != wanted[path]:
            fault("tlog/%s is not that of the records" % path)


def time_ns(text):
    seconds, fraction = text[:19], text[20:29]
    then = datetime.datetime.strptime(seconds, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    return int(then.timestamp()) * 10**9 + int(fraction)


def coverage_text(records):
    runs, gaps, last = [], [], None
    for r in records:
        kind = r["kind"]
        if kind == "coverage":
            continue
        if last is None:
            first_t = r["t"]
        if last is None or last["run"] != r["run"]:
            runs.append({"first": int(r["b"]), "last": int(r["b"]), "listings": 0, "whole": kind == "start"})
        last, run = r, runs[-1]
        run["last"] = max(run["last"], int(r["b"]))
        if kind == "heartbeat":
            run["listings"] += r.get("listings", 0)
        if kind == "stop" and run["whole"]:
            run["listings"] = r["counters"]["listings"]
        if kind == "gap":
            line = "gap %d" % r["seq"]
            for name, member in (("cause", "cause"), ("from", "from_t"), ("to", "to_t"), ("count", "count")):
                if member in r:
                    line += " %s %s" % (name, r[member])
            gaps.append(line + "\n")
    if last is None:
        return "There is no record in the range that tells of coverage.\n"
    up = sum(run["last"] - run["first"] for run in runs) // 10**6
    whole = max(0, time_ns(last["t"]) - time_ns(first_t)) // 10**6
    text = "from %s\nto %s\nruns %d\nrecorded %d ms of %d ms\n" % (first_t, last["t"], len(runs), up, whole)
    if whole > 0 and up <= whole:
        text += "uptime %d.%03d %%\n" % (up * 100 // whole, up * 100000 // whole % 1000)
    else:
        text += "uptime not computable: the wall clock was set, see clock.jsonl\n"
    return text + "listings %d\ngaps %d\n" % (sum(r["listings"] for r in runs), len(gaps)) + "".join(gaps)


def check_copies(lines, records, scope, full):
    covers = ("start", "stop", "heartbeat", "gap", "coverage")

    def of(kinds, ranged=True):
        return [(line, r) for line, r in zip(lines, records) if r["kind"] in kinds and
                (not ranged or scope["from"] <= r["seq"] < scope["to"])]
    for path, kinds, ranged in (("clock.jsonl", ("clock",), True), ("coverage.jsonl", covers, True),
                                ("ruleset/rulesets.jsonl", ("ruleset",), False)):
        if read(path) != b"".join(line + b"\n" for line, _ in of(kinds, ranged)):
            fault("%s is not a copy of those records" % path)
    if read("coverage.txt").decode() != coverage_text([r for _, r in of(covers + ("clock",))]):
        fault("coverage.txt does not follow from the records")
    members = ("seq", "t", "host", "version", "commit", "exe_sha256", "libs", "kernel", "machine", "cpu",
               "config_sha256")
    if json.loads(read("software.json"))["starts"] != [
            {m: r[m] for m in members if m in r} for _, r in of(("start",), False)]:
        fault("software.json does not follow from the start records")
    kinds = {}
    for r in records:
        kinds[r["kind"]] = kinds.get(r["kind"], 0) + 1
    kinds["all"] = len(records)
    for line in read("counts.txt").decode().splitlines()[1:-1]:
        kind, whole, there, left = line.split(" ")
        if int(there) != kinds.pop(kind, 0) or int(whole) != int(there) + int(left) or (full and int(left)):
            fault("counts.txt does not follow from the records: " + line)
    if kinds:
        fault("counts.txt leaves out " + ", ".join(sorted(kinds)))


def check_sources(records):
    known = {s["sha256"].split(":")[1] for r in records if r["kind"] == "ruleset"
             for s in r.get("sources", [])}
    folder = "ruleset/sources"
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if sha(read(os.path.join(folder, name))).hex() not in known:
            fault("%s/%s is not a source that a ruleset record names" % (folder, name))


def check_stamp(stamp, checkpoint):
    chain = stamp[:-4] + ".pem"
    done = subprocess.run(["openssl", "ts", "-reply", "-in", stamp, "-text"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    times = [line[12:].strip() for line in done.stdout.decode("utf-8", "replace").splitlines()
             if line.startswith("Time stamp:")]
    if done.returncode or len(times) != 1:
        return fault("%s is no time-stamp" % stamp)
    if not os.path.exists(chain):
        return print("note: whose time-stamp %s is cannot be judged: its certificates are not there" % stamp)
    text = times[0].split(".")[0].replace(" GMT", "") if "." in times[0] else times[0].replace(" GMT", "")
    year = times[0].replace(" GMT", "").split(" ")[-1]
    if not text.endswith(year):
        text += " " + year
    then = datetime.datetime.strptime(text, "%b %d %H:%M:%S %Y").replace(tzinfo=datetime.timezone.utc)
    done = subprocess.run(["openssl", "ts", "-verify", "-data", checkpoint, "-in", stamp, "-CAfile", chain,
                           "-attime", str(int(then.timestamp()))], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL)
    if done.returncode:
        return fault("%s is not a time-stamp of %s" % (stamp, checkpoint))
    print("time-stamp: %s existed at %s" % (checkpoint, times[0]))


def check_anchors(key, leaves, size, top):
    """{size: root} of the anchored checkpoints."""
    found = {size: top}
    for name in sorted(os.listdir("anchors"), key=lambda n: (len(n), n)) if os.path.isdir("anchors") else []:
        folder = os.path.join("anchors", name)
        try:
            anchored, their = checkpoint_of(read(os.path.join(folder, "checkpoint")), key)
        except (ValueError, OSError) as error:
            fault("%s/checkpoint: %s" % (folder, error))
            continue
        if str(anchored) != name or anchored > size or (leaves and root(leaves[:anchored]) != their):
            fault("%s/checkpoint is not one of these records" % folder)
        found[anchored] = their
        for file in sorted(os.listdir(folder)):
            if file.endswith(".tsr"):
                check_stamp(os.path.join(folder, file), os.path.join(folder, "checkpoint"))
    return found


def check_consistency(found):
    sizes = sorted(found)
    for old, new in zip(sizes, sizes[1:]):
        path = "consistency/%d-%d" % (old, new)
        if not os.path.exists(path):
            fault("%s is missing" % path)
            continue
        head = read(path).partition(b"\n\n")[0].decode().split("\n") if old else ["old 0"]
        if head[0] != "old %d" % old or not consistent(
                old, found[old], new, found[new], [base64.b64decode(h, validate=True) for h in head[1:]]):
            fault("%s does not show that the smaller tree begins the larger" % path)


def check_log(key, leaves, size, top):
    entries = [e for e in read("checkpoints.log").decode().split("\n\n") if e]
    notes = [a + "\n\n" + b + "\n" for a, b in zip(entries[::2], entries[1::2])]
    before = 0
    for text in notes:
        try:
            at, their = checkpoint_of(text.rstrip("\n").encode() + b"\n", key)
        except ValueError as error:
            return fault("checkpoints.log: %s" % error)
        if at < before or at > size or (at == size and their != top):
            return fault("checkpoints.log: size %d is out of place" % at)
        if leaves and root(leaves[:at]) != their:
            return fault("checkpoints.log: the root at size %d is not that of the records" % at)
        before = at
    if before != size:
        fault("checkpoints.log does not end with the checkpoint")


def check_blobs(records, size):
    wanted = sorted({r["blob"].split(":")[1] for r in records if r["kind"] == "sighting" and r.get("blob_kept")})
    if not wanted:
        return
    blobs = read("blobs.jsonl").split(b"\n")
    gone = {}
    erased = read("erased.txt").decode().split("\n")
    if erased[0] != "kept bytes of listings that are not here, as they were erased:" or erased.pop() != "":
        fault("erased.txt is not of this form")
    for line in erased[1:]:
        name, _, _, _, seq = line.split(" ")
        gone[name.split(":")[1]] = int(seq)
    if blobs.pop() != b"" or [sha(line).hex() for line in blobs] != [x for x in wanted if x not in gone]:
        fault("blobs.jsonl does not hold the bytes that the records name")
    if not set(gone) <= set(wanted):
        fault("erased.txt names bytes that no record here names")
    by_seq = {r["seq"]: r for r in records}
    for name, seq in gone.items():
        r = by_seq.get(seq)
        if seq >= size:
            fault("%s is not here, and nothing here shows that it was erased: record %d, which is said to tell, is newer "
                  "than this checkpoint; a bundle under a newer one holds it" % (name, seq))
        elif r is None or r["kind"] != "erase" or "sha256:" + name not in r["blobs"]:
            fault("record %d does not say that %s was erased" % (seq, name))


def main():
    arguments, vkey = sys.argv[1:], None
    if len(arguments) >= 2 and arguments[0] == "--vkey":
        vkey, arguments = arguments[1], arguments[2:]
    os.chdir(arguments[0] if arguments else os.path.dirname(os.path.abspath(__file__)))
    there = check_manifest()
    own = read("key.vkey").decode().strip()
    if vkey is not None and own != vkey.strip():
        fault("key.vkey is not the key that was given")
    key = Key(vkey or own)
    if "log " + own not in read("policy").decode().splitlines():
        fault("policy does not name the key of key.vkey")
    size, top = checkpoint_of(read("checkpoint"), key)
    scope = json.loads(read("scope.json"))
    lines = read("records.jsonl").split(b"\n")
    if lines.pop() != b"":
        fault("records.jsonl has no end")
    records = [json.loads(line) for line in lines]
    leaves = [sha(b"\0" + line) for line in lines]
    seqs = [r["seq"] for r in records]
    full = not scope["partial"]
    if seqs != sorted(set(seqs)) or (seqs and seqs[-1] >= size):
        fault("records.jsonl is out of order")
    if full and (seqs != list(range(size)) or root(leaves) != top):
        fault("records.jsonl is not all that was signed")
    if full:
        check_tree(leaves, lines, size, top, key)
    proved = 0
    for seq, leaf in zip(seqs, leaves):
        path = "proofs/%d.tlog-proof" % seq
        if path in there:
            check_proof(path, seq, leaf, key, size, top)
            proved += 1
        elif not full:
            fault("%s is missing" % path)
    if proved != sum(path.startswith("proofs/") for path in there):
        fault("there are proofs of records that are not here")
    check_copies(lines, records, scope, full)
    check_sources(records)
    check_blobs(records, size)
    all_leaves = leaves if full and not faults else None
    check_consistency(check_anchors(key, all_leaves, size, top))
    check_log(key, all_leaves, size, top)
    if not faults:
        print("nothing is wrong: %d records of %d, signed by %s, %d proofs, %d files" %
              (len(records), size, key.name, proved, len(there) + 1))
        if vkey is None:
            print("note: the key is the bundle's own; compare it with the one you have from elsewhere:\n  " + own)
    return 1 if faults else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ValueError, KeyError, TypeError, IndexError, OSError, RecursionError) as error:
        print("WRONG: %s: %s" % (type(error).__name__, error))
        sys.exit(1)
