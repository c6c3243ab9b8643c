"""C sources as the house checks see them: files of a tree, text without comments, functions."""
import os
import re

FOLDERS = ("matcher", "io", "daemon", "bench", "tests")
C_ENDS = (".c", ".h", ".cc")


def files(root, ends=C_ENDS, folders=FOLDERS):
    """Paths relative to root, sorted; build products and corpora are not sources."""
    found = []
    for folder in folders:
        for at, subfolders, names in os.walk(os.path.join(root, folder)):
            subfolders[:] = [s for s in subfolders if s not in ("corpus", "__pycache__")]
            found += [os.path.relpath(os.path.join(at, n), root) for n in names if n.endswith(ends)]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
        return f.read()


TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(text, strings=True):
    """text with comments (and the inside of strings) as spaces; lines stay where they are."""
    def hide(match):
        token = match.group(0)
        if token[0] == "/":
            return re.sub(r"[^\n]", " ", token)
        return token[0] + re.sub(r"[^\n]", " ", token[1:-1]) + token[-1] if strings else token
    return TOKEN.sub(hide, text)


INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def includes(text):
    """(line, '<' or '"', name) of each include."""
    bare = blank(text, strings=False)
    return [(bare.count("\n", 0, m.start()) + 1, m.group(1), m.group(2))
            for m in INCLUDE.finditer(bare)]


class Function:
    """A definition in our format: its braces stand alone in the first column."""

    def __init__(self, first, opens, last, lines):
        self.first, self.opens, self.last = first, opens, last  # line numbers from 1
        self.head = " ".join(lines[first - 1:opens - 1])
        self.body = lines[opens:last - 1]
        name = re.search(r"(\w+)\s*\(", self.head)
        self.name = name.group(1) if name else "?"


def functions(bare):
    lines = bare.split("\n")
    found, opens = [], 0
    for number, line in enumerate(lines, 1):
        if line == "{":
            opens = number
        elif line == "}" and opens:
            first = opens
            while first > 1 and lines[first - 2].strip() and not re.search(r"[;}#]\s*$|^#",
                                                                          lines[first - 2]):
                first -= 1
            found.append(Function(first, opens, number, lines))
            opens = 0
    return found


def parameters(head):
    """How many parameters the first parenthesis of a declaration holds."""
    at = head.find("(")
    depth, count, text = 0, 1, ""
    for char in head[at:]:
        depth += char in "([{"
        depth -= char in ")]}"
        count += char == "," and depth == 1
        text += char
        if depth == 0:
            break
    return 0 if text[1:-1].strip() in ("", "void") else count
