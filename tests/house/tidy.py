"""How the code looks, as far as a line-based program can tell. STYLE gives the reasons."""
import re
import sys
import unicodedata

import source

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
NESTING_MAX = 4
PARAMETERS_MAX = 7
# A function that a library calls takes what the library gives.
PARAMETERS_GIVEN = {("daemon/web/server.c", "answer")}  # libmicrohttpd
COLUMNS_MAX = 100
SCRIPT_COLUMNS_MAX = 140  # of what is not C: a jq filter or a configured path may be long

# call -> what to use; the tests and the bench too
BANNED = {
    "strcpy": "memcpy with a checked length", "strcat": "a bounded writer (daemon/ledger/text.h)",
    "strncpy": "memcpy with a checked length", "strncat": "a bounded writer",
    "stpcpy": "memcpy with a checked length", "sprintf": "snprintf", "vsprintf": "vsnprintf",
    "strtok": "memchr", "strtok_r": "memchr", "atoi": "strtol with its end checked",
    "atol": "strtol with its end checked", "atoll": "strtoll with its end checked",
    "atof": "strtod with its end checked", "gets": "fgets", "alloca": "the arena or a fixed array",
    "mktemp": "mkostemp", "tmpnam": "mkostemp", "tempnam": "mkostemp",
    "system": "posix_spawn", "popen": "posix_spawn", "sleep": "waiting for the event itself",
    "usleep": "waiting for the event itself", "strerror": "strerrorname_np or strerror_r",
    "localtime": "daemon/time_text.h", "gmtime": "daemon/time_text.h",
    "ctime": "daemon/time_text.h",
    "asctime": "daemon/time_text.h", "bcopy": "memmove", "bzero": "memset",
    "setjmp": "an error code", "longjmp": "an error code", "select": "poll",
    "hs_compile_lit": "hs_compile_multi (the literal API of 5.4.0 loses matches)",
    "hs_compile_lit_multi": "hs_compile_multi (the literal API of 5.4.0 loses matches)",
}
TESTS_MAY = ("popen", "system")  # to call the reference that a result is compared with
LEAVES = ("matcher/", "io/", "daemon/ledger/", "daemon/knowledge/")
LEAF_TOOLS = ("matcher/unicode/", "matcher/words/")
LEAF_BANNED = ("printf", "fprintf", "vfprintf", "puts", "fputs", "putchar", "perror", "syslog",
               "exit", "_exit", "quick_exit", "abort", "err", "errx", "warn", "warnx", "dprintf")
LEFT = re.compile(r"\b(" + "|".join(("FIX" + "ME", "TO" + "DO", "XX" + "X", "HA" + "CK")) + r")\b")
SHAPES = [
    (re.compile(r"!\s*(strn?cmp|memcmp|strcasecmp)\s*\("), "write {0}() == 0, not !{0}()"),
    (re.compile(r"\btypedef\s+(struct|union|enum)\b"), "no typedef for a {0}: its tag is its name"),
    (re.compile(r"(?<![\w.>])(signal)\s*\(\s*\w+\s*,(?!\s*SIG_(?:IGN|DFL))"),
     "{0}() with a handler is banned: use sigaction"),
    (re.compile(r"\b(NDEBUG)\b"), "{0} is never defined: asserts stay"),
    (re.compile(r"\bio_uring_(prep_writev?\w*)\s*\([^;]*,\s*-\s*1\s*[,)]"),
     "io_uring_{0} at offset -1 overwrites after a short write: give the offset"),
]


def call(names):
    return re.compile(r"(?<![\w.>])(" + "|".join(map(re.escape, names)) + r")\s*\(")


BANNED_CALL, LEAF_CALL = call(BANNED), call(LEAF_BANNED)


def columns(line):
    """As a terminal counts, but for wide letters: what combines takes no column."""
    if line.isascii():
        return len(line)
    return sum(unicodedata.category(c) not in ("Mn", "Me", "Cf") for c in line)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def nesting(body):
    """The deepest block of statements in a function; braces of initialisers are no blocks."""
    stack, deepest, before = [], 0, ""
    for char in "\n".join(body):
        if char == "{":
            stack.append(before in (")", ";", "", ":", "}", "e", "o", "{"))
            deepest = max(deepest, sum(stack))
        elif char == "}" and stack:
            stack.pop()
        if not char.isspace():
            before = char
    return deepest


def check_functions(path, bare, complain):
    for function in source.functions(bare):
        length = function.last - function.first + 1
        if length > FUNCTION_LINES_MAX:
            complain(path, function.first, f"{function.name}() has {length} lines, more than "
                                           f"{FUNCTION_LINES_MAX}: split it by meaning")
        depth = nesting(function.body)
        if depth > NESTING_MAX:
            complain(path, function.first, f"{function.name}() nests {depth} deep, more than "
                                           f"{NESTING_MAX}: leave early or make a helper")
        count = source.parameters(function.head)
        if count > PARAMETERS_MAX and (path, function.name) not in PARAMETERS_GIVEN:
            complain(path, function.first, f"{function.name}() takes {count} parameters, more than "
                                           f"{PARAMETERS_MAX}: make a struct")
        labels = {}
        for number, line in enumerate(function.body, function.opens + 1):
            label = re.match(r"^\s*(\w+):\s*$", line)
            if label and label.group(1) != "default":
                labels[label.group(1)] = number
            jump = re.search(r"\bgoto\s+(\w+)", line)
            if jump and jump.group(1) in labels:
                complain(path, number, f"goto {jump.group(1)} jumps backwards: write a loop")


PROTOTYPE = re.compile(r"^(?!typedef|struct \w+;|#|static_assert|extern \"C\")[A-Za-z_][\w\s\*]*?"
                       r"\b(\w+)\s*\(")


def check_header(path, text, complain):
    """Each prototype has a comment directly above it or beside it, or follows one that has."""
    lines, bare = text.split("\n"), source.blank(text).split("\n")
    covered, number = False, 0
    while number < len(bare):
        line, above = bare[number], lines[number - 1].strip() if number else ""
        start = number
        if not line.strip():
            covered = covered and lines[number].strip() != ""
            number += 1
            continue
        match = PROTOTYPE.match(line)
        while match and number + 1 < len(bare) and not re.search(r"[;{]\s*$", bare[number]):
            number += 1
        if match and bare[number].rstrip().endswith(";"):
            covered = covered or above.endswith("*/") or lines[number].rstrip().endswith("*/")
            if not covered:
                complain(path, start + 1, f"{match.group(1)}() is exported without a contract: "
                                          "say what it promises in a comment directly above")
        else:
            covered = False
        number += 1


def check_c(path, text, complain):
    lines = text.split("\n")
    bare = source.blank(text)
    count = len(lines) - (lines[-1] == "")
    if not path.endswith(".h") and count > FILE_LINES_MAX:
        complain(path, count, f"has {count} lines, more than {FILE_LINES_MAX}: split it by meaning")
    for match in BANNED_CALL.finditer(bare):
        name = match.group(1)
        if name in TESTS_MAY and path.startswith("tests/"):
            continue
        complain(path, line_of(bare, match.start()), f"{name}() is banned: use {BANNED[name]}")
    if path.startswith(LEAVES) and not path.startswith(LEAF_TOOLS):
        for match in LEAF_CALL.finditer(bare):
            complain(path, line_of(bare, match.start()),
                     f"{match.group(1)}() in a leaf: leaves do not log, print or exit; return an "
                     "error")
    for pattern, words in SHAPES:
        for match in pattern.finditer(bare):
            complain(path, line_of(bare, match.start()), words.format(match.group(1)))
    check_functions(path, bare, complain)
    if path.endswith(".h") and not path.startswith("tests/"):
        check_header(path, text, complain)


def main(root):
    bad = []

    def complain(path, line, text):
        bad.append(f"{path}:{line}: {text}")
    paths = source.files(root, source.C_ENDS + (".sh", ".py", ".service", ".socket", ".example"))
    for path in paths:
        text = source.read(root, path)
        limit = COLUMNS_MAX if path.endswith(source.C_ENDS) else SCRIPT_COLUMNS_MAX
        for number, line in enumerate(text.split("\n"), 1):
            if columns(line) > limit:
                complain(path, number, f"{columns(line)} columns, more than {limit}")
            if LEFT.search(line):
                complain(path, number, f"{LEFT.search(line).group(1)} is left over: do it, or open "
                                       "an issue")
            if line != line.rstrip():
                complain(path, number, "blanks at the end of the line")
        if path.endswith(source.C_ENDS):
            check_c(path, text, complain)
    for line in bad:
        print(line)
    print(f"tidy: {len(paths)} files, {len(bad)} complaints")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
