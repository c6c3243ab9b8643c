#!/usr/bin/env python3
"""Listings as rows that a C test can read: matcher_rows.py FILE.ndjson[.xz].

Fields end with byte 0x1F, rows with 0x1E: title, description, kind, technique, generic, cue, marks
(ids, or the one name of a row of examples).
"""
import json
import lzma
import sys

path = sys.argv[1]
opener = lzma.open if path.endswith(".xz") else open
with opener(path, "rb") as lines:
    for line in lines:
        row = json.loads(line)
        cells = [row.get("title", row.get("text", "")), row.get("description") or "",
                 row.get("kind", row.get("label", "")),
                 row.get("technique", ""), str(row.get("generic_mark", 0)), row.get("cue") or "",
                 ",".join(row.get("expect_marks", [row.get("mark") or ""])), row.get("expect", "")]
        text = "\x1f".join(c.replace("\x1e", " ").replace("\x1f", " ") for c in cells)
        sys.stdout.buffer.write(text.encode() + b"\x1f\x1e")
