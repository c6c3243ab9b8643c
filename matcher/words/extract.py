#!/usr/bin/env python3
"""Derives common.txt and known.txt of this folder from Debian's word lists.

Usage: extract.py [DICT] (default /usr/share/dict, packages wamerican-small and wamerican, both
2020.12.07-2). Accents are stripped, letters made small, possessives and short words left out.
A word that only adds 1..4 letters to the last whole word is written as a dash and these letters.
"""
import pathlib
import re
import sys
import unicodedata

DICT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/dict")
HERE = pathlib.Path(__file__).resolve().parent
TERMS = "SCOWL: Copyright 2000-2011 by Kevin Atkinson. See LICENSE-SCOWL in this folder."
WIDTH = 100


def words(name, letters_min):
    text = unicodedata.normalize("NFKD", (DICT / name).read_text(encoding="utf-8"))
    text = "".join(c for c in text if not unicodedata.combining(c)).lower()
    return {w for w in text.split() if re.fullmatch("[a-z]{%d,20}" % letters_min, w)}


def write(name, source, chosen):
    tokens, whole = [], ""
    for word in sorted(chosen):
        if whole and word.startswith(whole) and len(word) - len(whole) <= 4:
            tokens.append("-" + word[len(whole):])
        else:
            tokens.append(word)
            whole = word
    lines = [f"# Derived from {source} 2020.12.07-2 by extract.py; do not edit.", f"# {TERMS}", ""]
    for token in tokens:
        if lines[-1] and len(lines[-1]) + 1 + len(token) <= WIDTH:
            lines[-1] += " " + token
        elif lines[-1]:
            lines.append(token)
        else:
            lines[-1] = token
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


common = words("american-english-small", 3)
write("common.txt", "wamerican-small", common)
write("known.txt", "wamerican", words("american-english", 4) - common)
