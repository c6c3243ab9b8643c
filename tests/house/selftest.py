"""Each house check can fail: a tree with one bad file gets exactly the named complaint."""
import contextlib
import io
import os
import subprocess
import sys
import tempfile

import layers
import tidy

FOLDERS = ("matcher", "io", "daemon/ledger", "daemon/knowledge", "bench", "tests")
HOUSE = os.path.dirname(os.path.abspath(__file__))


def shell(root):
    """tests/tidy.sh, which also asks clang-format."""
    with open(os.path.join(HOUSE, "../../.clang-format"), encoding="utf-8") as f:
        write(root, ".clang-format", f.read())
    done = subprocess.run(["bash", os.path.join(HOUSE, "../tidy.sh"), root], capture_output=True,
                          text=True)
    print(done.stdout, done.stderr)
    return done.returncode


CHECKS = {"layers": layers.main, "tidy": tidy.main, "tidy.sh": shell}
passed = failed = 0


def write(root, path, text):
    os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
    with open(os.path.join(root, path), "w", encoding="utf-8") as f:
        f.write(text)


def run(check, path, text, beside=()):
    """What the check says of a tree with this file in it, and its exit code."""
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as root, contextlib.redirect_stdout(said):
        for folder in FOLDERS:
            os.makedirs(os.path.join(root, folder))
        for other, content in beside:
            write(root, other, content)
        write(root, path, text)
        code = CHECKS[check](root)
    return code, said.getvalue()


def count(holds, words, said):
    global passed, failed
    passed, failed = passed + holds, failed + (not holds)
    if not holds:
        print("FAIL", words, said, sep="\n")


def bad(check, path, complaint, text, *beside):
    """The check must refuse the file, naming it and the complaint."""
    code, said = run(check, path, text, beside)
    told = any(line.startswith(path + ":") and complaint in line for line in said.split("\n"))
    count(code == 1 and told, f"{check} does not say \"{complaint}\" of {path}:", said)


def good(check, path, text):
    code, said = run(check, path, text)
    count(code == 0, f"{check} refuses a good {path}:", said)


def function_of(body):
    return "int f(int a)\n{\n" + body + "}\n"


def nest(depth):
    opens = "".join("    " * i + "if (a) {\n" for i in range(1, depth + 1))
    ends = "".join("    " * i + "}\n" for i in range(depth, 0, -1))
    return function_of(opens + "    " * (depth + 1) + "a++;\n" + ends)


bad("layers", "matcher/a.c", "matcher knows only itself", '#include "io/stream.h"\n')
bad("layers", "matcher/a.c", "matcher knows only itself", '#include "daemon/arena.h"\n')
for name in ("liburing.h", "sys/socket.h", "fcntl.h", "unistd.h", "syslog.h", "time.h"):
    bad("layers", "matcher/a.c", "matcher knows no file, socket, clock or log",
        f"#include <{name}>\n")
bad("layers", "io/a.c", "io knows only itself", '#include "matcher/matcher.h"\n')
bad("layers", "io/a.c", "io knows only itself", '#include "daemon/arena.h"\n')
bad("layers", "io/a.c", "no pattern engine", "#include <hs.h>\n")
bad("layers", "daemon/ledger/a.c", "neither io nor matcher", '#include "io/journal.h"\n')
bad("layers", "daemon/knowledge/a.c", "neither io nor matcher", '#include "matcher/matcher.h"\n')
bad("layers", "daemon/knowledge/a.c", "no clock, no I/O", "#include <sys/stat.h>\n")
bad("layers", "daemon/a.c", "liburing is used in io/ only", "#include <liburing.h>\n")
bad("layers", "daemon/a.c", "Hyperscan is used in matcher/ only", "#include <hs.h>\n")
bad("layers", "daemon/a.c", "does not include what measures", '#include "tests/fakes/sink.h"\n')
bad("layers", "daemon/a.c", "include paths are from the root", '#include "arena.h"\n')
bad("layers", "daemon/ledger/a.c", "reaches io/backend.h through daemon/writer.h",
    '#include "daemon/writer.h"\n', ("daemon/writer.h", '#include "io/backend.h"\n'))
bad("layers", "daemon/a.h", "include cycle", '#include "daemon/b.h"\n',
    ("daemon/b.h", '#include "daemon/a.h"\n'))
bad("layers", "io/a.c", 'the first include is not "io/a.h"',
    '#include <stddef.h>\n\n#include "io/a.h"\n', ("io/a.h", ""))
for name in ("clock_gettime", "gettimeofday", "time", "adjtimex", "getrandom", "rand"):
    bad("layers", "daemon/a.c", f"calls {name}(): only io/backend_*.c", f"int a = {name}(0);\n")
good("layers", "io/backend_poll.c", "int a = clock_gettime(0, 0);\n")
good("layers", "daemon/a.c", '/* time(0) */\nconst char *a = "rand()";\nint b = ops->time(0);\n')
good("layers", "daemon/a.c", '#include "io/stream.h"\n#include "matcher/matcher.h"\n')

bad("tidy", "daemon/a.c", "has 401 lines, more than 400", "int a;\n" * 401)
good("tidy", "daemon/a.c", "int a;\n" * 400)
bad("tidy", "daemon/a.c", "f() has 71 lines, more than 70", function_of("    a++;\n" * 68))
good("tidy", "daemon/a.c", function_of("    a++;\n" * 67))
bad("tidy", "daemon/a.c", "f() nests 5 deep, more than 4", nest(5))
good("tidy", "daemon/a.c", nest(4))
bad("tidy", "daemon/a.c", "f() takes 8 parameters, more than 7",
    "int f(int a, int b, int c, int d, int e, int g, int h, int i)\n{\n    return 0;\n}\n")
bad("tidy", "daemon/a.c", "101 columns, more than 100", "/* " + "x" * 95 + " */\n")
for name in ("strcpy", "strcat", "sprintf", "strtok", "atoi", "alloca"):
    bad("tidy", "daemon/a.c", f"{name}() is banned: use", f"int a = {name}(b);\n")
bad("tidy", "daemon/a.c", "signal() with a handler is banned", "int a = signal(SIGTERM, on_term);\n")
good("tidy", "daemon/a.c", "int a = signal(SIGTERM, SIG_DFL);\n")
bad("tidy", "matcher/a.c", "printf() in a leaf", 'int a = printf("b");\n')
bad("tidy", "io/a.c", "exit() in a leaf", "int a = exit(1);\n")
good("tidy", "daemon/a.c", 'int a = printf("strcpy(b)");\n')
bad("tidy", "daemon/a.c", "write strcmp() == 0", "int a = !strcmp(b, c);\n")
bad("tidy", "daemon/a.h", "no typedef for a struct", "typedef struct a a;\n")
bad("tidy", "io/a.c", "at offset -1", "int a = io_uring_prep_write(b, c, d, e, -1);\n")
bad("tidy", "daemon/a.c", "jumps backwards",
    "int f(int a)\n{\nagain:\n    if (a++ < 3)\n        goto again;\n    return a;\n}\n")
for word in ("FIX" "ME", "TO" "DO", "XX" "X"):
    bad("tidy", "daemon/a.c", f"{word} is left over", f"/* {word} later */\n")
bad("tidy", "daemon/a.c", "blanks at the end", "int a; \n")
bad("tidy", "daemon/a.h", "f() is exported without a contract", "int f(int a);\n")
bad("tidy", "daemon/a.h", "g() is exported without a contract",
    "/* Says f. */\nint f(int a);\n\nint g(int a,\n      int b);\n")
good("tidy", "daemon/a.h", "/* Says f and g. */\nint f(int a);\nint g(int a);\n")
good("tidy", "daemon/a.h", "int f(int a); /* says f */\n")
bad("tidy.sh", "daemon/a.c", "not formatted", "int  a;\n")
good("tidy.sh", "daemon/a.c", "int a;\n")

print(f"selftest: {passed} passed, {failed} failed")
sys.exit(failed > 0)
