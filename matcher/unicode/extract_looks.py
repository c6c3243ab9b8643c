#!/usr/bin/env python3
"""Derives confusables.tsv: which code points look like ASCII letters and digits.

Usage: extract_looks.py [UCD] (default /usr/share/unicode, Debian's package unicode-data 15.0.0).
Needs ICU 72 (Debian's libicu72), whose spoof checker holds the confusables of UTS 39 for Unicode 15
and gives the skeleton of any text; two texts look alike if their skeletons are equal.
Nothing of our own taste is in the result: what Unicode does not say stands in looks_own.tsv.
"""
import ctypes
import pathlib
import re
import sys

UCD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode")
HERE = pathlib.Path(__file__).resolve().parent
LETTERS_MAX = 4
I18N = ctypes.CDLL("libicui18n.so.72")
UC = ctypes.CDLL("libicuuc.so.72")

# What a letter's name says of its shape and position, before the letter itself.
SHAPES = ("SMALL CAPITAL|TURNED|REVERSED|SIDEWAYS|OPEN|CLOSED|DOTLESS|INSULAR|SCRIPT|BARRED|"
          "BLACKLETTER|STIRRUP|LENIS|REVERSED OPEN|CLOSED REVERSED OPEN|EGYPTOLOGICAL")
NAME = re.compile(
    r"^(?:LATIN(?: SUBSCRIPT| SMALL| CAPITAL)? LETTER|MODIFIER LETTER(?: SMALL| CAPITAL)?|"
    r"NEGATIVE (?:SQUARED|CIRCLED) LATIN CAPITAL LETTER|REGIONAL INDICATOR SYMBOL LETTER|"
    r"CROSSED NEGATIVE SQUARED LATIN CAPITAL LETTER)"
    r"(?: (?:%s))* ([A-Z])(?: WITH .*| DIGRAPH)?$" % SHAPES)

# Scripts whose letters may be read as Latin ones by a line of looks_own.tsv.
AKIN = re.compile("(LATIN|GREEK|COPTIC|CYRILLIC|ARMENIAN|GEORGIAN|CHEROKEE|LISU|DIGIT|N-ARY|PARTIAL|"
                  "INCREMENT|MICRO) ")


class Icu:
    def __init__(self):
        error = ctypes.c_int(0)
        I18N.uspoof_open_72.restype = ctypes.c_void_p
        self.spoof = ctypes.c_void_p(I18N.uspoof_open_72(ctypes.byref(error)))
        self.form = {}
        for name in ("NFD", "NFKC"):
            instance = getattr(UC, f"unorm2_get{name}Instance_72")
            instance.restype = ctypes.c_void_p
            self.form[name] = ctypes.c_void_p(instance(ctypes.byref(error)))
        assert error.value <= 0

    def skeleton(self, text):
        raw = text.encode()
        error = ctypes.c_int(0)
        out = ctypes.create_string_buffer(1024)
        count = I18N.uspoof_getSkeletonUTF8_72(self.spoof, 0, raw, len(raw), out, len(out),
                                               ctypes.byref(error))
        assert error.value <= 0
        return out.raw[:count].decode()

    def normal(self, form, text):
        raw = text.encode("utf-16-le")
        error = ctypes.c_int(0)
        out = ctypes.create_string_buffer(256)
        count = UC.unorm2_normalize_72(self.form[form], raw, len(raw) // 2, out, 128,
                                       ctypes.byref(error))
        assert error.value <= 0
        return out.raw[:2 * count].decode("utf-16-le")


def unicode_data():
    """{code point: (name, category)} of the assigned ones that have a name of their own."""
    data = {}
    for line in (UCD / "UnicodeData.txt").read_text(encoding="utf-8").splitlines():
        row = line.split(";")
        if not row[1].startswith("<") or row[1] == "<control>":
            data[int(row[0], 16)] = (row[1], row[2])
    return data


def is_ascii_word(text):
    return 0 < len(text) <= LETTERS_MAX and all(c.isascii() and c.isalnum() for c in text)


def main():
    icu, data = Icu(), unicode_data()
    by_name = {chr(cp): found.group(1).lower() for cp, (name, _) in data.items()
               if cp >= 0x80 and (found := NAME.match(name))}

    def bare(text):
        """Without marks and the apostrophes that skeletons have for hooks."""
        kept = [c for c in text if data.get(ord(c), ("", "Lo"))[1] not in ("Mn", "Me", "Cf")]
        return "".join(kept).rstrip("'")

    # The skeletons of m and the like are two letters; such a one alone is the letter itself.
    back = {bare(icu.skeleton(c)): c for c in map(chr, range(0x21, 0x7F))
            if c.isalnum() and len(icu.skeleton(c)) > 1}

    def look(text):
        skeleton = bare(icu.skeleton(text))
        return back.get(skeleton, skeleton)

    def through(text):
        """The code points to look at instead: the letter without its accents, the NFKC form, or
        the skeleton, whichever comes first and is another one, of a script akin to Latin."""
        for other in (bare(icu.normal("NFD", text)), bare(icu.normal("NFKC", text)), look(text)):
            if other != text and 0 < len(other) <= LETTERS_MAX:
                kin = all(AKIN.match(data.get(ord(c), ("", ""))[0]) for c in other)
                return "=" + " ".join(f"{ord(c):04X}" for c in other) if kin else None
        return None

    lines = []
    for cp, (_, category) in sorted(data.items()):
        text = chr(cp)
        if cp < 0x80 or category[0] in "CZ" or category in ("Mn", "Me"):
            continue
        if is_ascii_word(look(text)):
            lines.append(f"{cp:04X}\t{look(text)}\tskeleton")
        elif text in by_name:
            lines.append(f"{cp:04X}\t{by_name[text]}\tname")
        elif (other := through(text)) is not None:
            lines.append(f"{cp:04X}\t{other}\tthrough")
    head = ["# Derived from ICU 72 (UTS 39 confusables of Unicode 15) and Unicode 15.0.0 UnicodeData.txt",
            "# by extract_looks.py; do not edit.",
            "# Copyright (c) 1991-2022 Unicode, Inc. See LICENSE-UNICODE in this folder.",
            "# code point, what it looks like, how that is known: skeleton (UTS 39 says so), name (its",
            "# name says which letter it is a form of), through (as those code points do: the letter",
            "# without accents, the NFKC form or the skeleton)"]
    (HERE / "confusables.tsv").write_text("\n".join(head + lines) + "\n", encoding="utf-8")


main()
