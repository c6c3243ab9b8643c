#!/usr/bin/env python3
"""Derives the committed .tsv files of this folder from the Unicode Character Database.

Usage: extract.py [UCD] (default /usr/share/unicode, Debian's package unicode-data 15.0.0).
Nothing of our own taste is in them: which marks are stripped, which scripts have no word spaces
and the like stands in make_tables.c.
"""
import html.entities
import pathlib
import sys

UCD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode")
HERE = pathlib.Path(__file__).resolve().parent
TERMS = "Copyright (c) 1991-2022 Unicode, Inc. See LICENSE-UNICODE in this folder."


def rows(name):
    for line in (UCD / name).read_text(encoding="utf-8").splitlines():
        line = line.split("#", 1)[0].strip()
        if line:
            yield [cell.strip() for cell in line.split(";")]


def span(cell):
    first, _, last = cell.partition("..")
    return int(first, 16), int(last or first, 16)


def name_of(first, last):
    return f"{first:04X}" if first == last else f"{first:04X}..{last:04X}"


def write(name, source, columns, lines):
    head = [f"# Derived from Unicode 15.0.0 {source} by extract.py; do not edit.", f"# {TERMS}",
            "# " + columns]
    (HERE / name).write_text("\n".join(head + lines) + "\n", encoding="utf-8")


def ranges(values):
    """Joins neighbours with equal values; values is {code point: value}."""
    first = last = value = None
    for cp in sorted(values):
        if first is not None and cp == last + 1 and values[cp] == value:
            last = cp
            continue
        if first is not None:
            yield first, last, value
        first = last = cp
        value = values[cp]
    if first is not None:
        yield first, last, value


def unicode_data():
    data, begin = {}, None
    for row in rows("UnicodeData.txt"):
        cp = int(row[0], 16)
        if row[1].endswith(", First>"):
            begin = cp
            continue
        for one in range(begin if row[1].endswith(", Last>") else cp, cp + 1):
            data[one] = (row[2], int(row[3]), row[5])
    return data


def main():
    data = unicode_data()
    script, excluded, mapping = {}, set(), {}
    for row in rows("Scripts.txt"):
        first, last = span(row[0])
        for cp in range(first, last + 1):
            script[cp] = row[1]
    for row in rows("DerivedNormalizationProps.txt"):
        first, last = span(row[0])
        if row[1] == "Full_Composition_Exclusion":
            excluded.update(range(first, last + 1))
        if row[1] == "NFKC_CF":
            for cp in range(first, last + 1):
                tag = data[cp][2].split(" ")[0] if cp in data else ""
                tag = tag[1:-1] if tag.startswith("<") else "-"
                mapping[cp] = (row[2], tag)
    write("nfkc_casefold.tsv", "DerivedNormalizationProps.txt (NFKC_CF), UnicodeData.txt",
          "code points, mapping (empty: removed), tag of the compatibility decomposition",
          [f"{name_of(a, b)}\t{v[0]}\t{v[1]}" for a, b, v in ranges(mapping)])
    write("canonical.tsv", "UnicodeData.txt, DerivedNormalizationProps.txt",
          "code point, canonical decomposition (one step), + if NFC composes it",
          [f"{cp:04X}\t{v[2]}\t{'-' if cp in excluded else '+'}" for cp, v in sorted(data.items())
           if v[2] and not v[2].startswith("<")])
    classes = {cp: ("Lm" if v[0] == "Lm" else v[0][0], script.get(cp, "Unknown"))
               for cp, v in data.items() if v[0][0] in "LMN"}
    write("classes.tsv", "UnicodeData.txt, Scripts.txt",
          "code points, general category (L, Lm, M, N; others are left out), script",
          [f"{name_of(a, b)}\t{v[0]}\t{v[1]}" for a, b, v in ranges(classes)])
    write("ccc.tsv", "UnicodeData.txt", "code points, canonical combining class (not 0)",
          [f"{name_of(a, b)}\t{v}"
           for a, b, v in ranges({cp: v[1] for cp, v in data.items() if v[1]})])
    write("casefold.tsv", "CaseFolding.txt", "code point, full case folding (status C and F)",
          [f"{row[0]}\t{row[2]}" for row in rows("CaseFolding.txt") if row[1] in "CF"])
    names = html.entities.html5
    by_name = sorted(names.items(), key=lambda item: item[0].rstrip(";"))
    lines = [f"{name[:-1]}\t{ord(text):04X}\t{'+' if name[:-1] in names else '-'}"
             for name, text in by_name if name.endswith(";") and len(text) == 1]
    (HERE / "entities.tsv").write_text("\n".join(
        ["# Named character references of HTML (one code point each), from Python's html.entities",
         "# by extract.py; do not edit.",
         "# name, code point, + if HTML also reads it without the semicolon"] + lines) + "\n")


main()
