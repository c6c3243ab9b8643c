#!/usr/bin/env python3
"""Derives han.txt of this folder from the dictionary of Debian's python3-jieba 0.42.1-3.

Usage: extract_han.py DICT (usr/lib/python3/dist-packages/jieba/dict.txt of the package). Takes
words of two Han characters that occur at least 200 times there and of three that occur at least
30 times, names of people and of firms left out, each also in traditional characters
(uconv of ICU, package icu-devtools).
"""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
LEAST = {2: 200, 3: 30}
WIDTH = 48  # characters, most of three bytes

words = set()
for line in open(sys.argv[1], encoding="utf-8"):
    word, count, kind = line.split()
    if re.fullmatch("[\u4e00-\u9fff]{2,3}", word) and int(count) >= LEAST[len(word)] \
            and kind not in ("nr", "nrt", "nrfg", "nz"):
        words.add(word)
plain = " ".join(sorted(words))
other = subprocess.run(["uconv", "-x", "Simplified-Traditional"], input=plain, text=True,
                       stdout=subprocess.PIPE, check=True).stdout
words |= {word for word in other.split() if re.fullmatch("[\u4e00-\u9fff]{2,3}", word)}
lines = ["# Derived from python3-jieba 0.42.1-3 by extract_han.py; do not edit.",
         "# Copyright 2012-2017 Sun Junyi; Expat. See LICENSE-JIEBA in this folder.", ""]
for word in sorted(words):
    if len(lines[-1]) + 1 + len(word) <= WIDTH:
        lines[-1] += (" " if lines[-1] else "") + word
    else:
        lines.append(word)
(HERE / "han.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
