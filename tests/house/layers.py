"""Which part may know which: include directions, the one door to time and chance, cycles."""
import os
import re
import sys

import source

# folder, what its files may not include (nor reach through our own headers), and why
DENY = [
    ("matcher/", r"^(io|daemon|bench|tests)/", "matcher knows only itself"),
    ("matcher/", r"^(liburing|sys/socket|fcntl|unistd|syslog|time)(\.h|/|$)",
     "matcher knows no file, socket, clock or log"),
    ("io/", r"^(matcher|daemon|bench|tests)/", "io knows only itself"),
    ("io/", r"^(hs\.h|hs/|simdjson)", "io knows no pattern engine and no JSON"),
    ("daemon/ledger/", r"^(io|matcher)/", "the ledger is pure: it includes neither io nor matcher"),
    ("daemon/ledger/", r"^(liburing|hs\.h|syslog)", "the ledger is pure"),
    ("daemon/knowledge/", r"^(io|matcher)/", "knowledge is pure: neither io nor matcher"),
    ("daemon/knowledge/", r"^(liburing|hs\.h|syslog|time\.h|unistd\.h|fcntl\.h|sys/)",
     "knowledge is a pure function of records: no clock, no I/O"),
    ("daemon/", r"^(bench|tests)/", "what ships does not include what measures or tests it"),
    ("bench/", r"^tests/", "the bench does not include tests"),
]
# liburing and Hyperscan stand behind one folder each, simdjson behind one file.
ONLY = [
    (r"^liburing", ("io/",), "liburing is used in io/ only"),
    (r"^hs(_\w+)?\.h$|^hs/", ("matcher/",), "Hyperscan is used in matcher/ only"),
    (r"^simdjson", ("daemon/json.cc",), "simdjson is used in daemon/json.cc only"),
]
# A tool that runs at build time is no part of the matcher that ships.
BUILD_TOOLS = ("matcher/unicode/", "matcher/words/")

CLOCK = re.compile(r"(?<![\w.>])(clock_gettime|clock_settime|gettimeofday|time|ftime|clock|"
                   r"adjtimex|ntp_adjtime|getrandom|getentropy|rand|rand_r|srand|random|"
                   r"srandom|drand48|"
                   r"arc4random\w*|timespec_get)\s*\(")
# Who else may ask: programs for people that measure their own progress, and what is not shipped.
CLOCK_ALLOWED = [
    (r"^io/backend_[^/]*\.c$", "the one door"),
    (r"^bench/", "measures time"),
    (r"^tests/", "bounds its waiting and draws seeds"),
    (r"^daemon/ctl/stopwatch\.c$", "noticectl: rate and time left of its progress bar"),
]


def reach(path, graph, root):
    """All quoted includes that path reaches, each with the file that led there."""
    seen, todo = {}, [(name, path) for name in graph.get(path, ())]
    while todo:
        name, via = todo.pop()
        if name not in seen:
            seen[name] = via
            todo += [(n, name) for n in graph.get(name, ())]
    return seen


def cycle_from(path, graph):
    trail = []

    def visit(at):
        if at in trail:
            return trail[trail.index(at):] + [at]
        trail.append(at)
        for name in graph.get(at, ()):
            found = visit(name)
            if found:
                return found
        trail.pop()
        return None
    return visit(path)


def check_includes(path, found, graph, root, complain):
    for folder, denied, why in DENY:
        if not path.startswith(folder) or path.startswith(BUILD_TOOLS):
            continue
        for line, _, name in found:
            if re.search(denied, name):
                complain(path, line, f"includes {name}: {why}")
        for name, via in sorted(reach(path, graph, root).items()):
            if via != path and re.search(denied, name):
                complain(path, 1, f"reaches {name} through {via}: {why}")
    for pattern, homes, why in ONLY:
        for line, _, name in found:
            if re.search(pattern, name) and not path.startswith(homes + ("tests/", "bench/")):
                complain(path, line, f"includes {name}: {why}")
    for line, kind, name in found:
        if kind == '"' and "/" not in name and not name.startswith("fold_tables"):
            complain(path, line, f'includes "{name}": include paths are from the root ("dir/x.h")')
    own = re.sub(r"\.(c|cc)$", ".h", path)
    if own != path and os.path.exists(os.path.join(root, own)):
        if not found or found[0][2] != own:
            complain(path, found[0][0] if found else 1, f'the first include is not "{own}"')


def main(root):
    bad = []

    def complain(path, line, text):
        bad.append(f"{path}:{line}: {text}")
    texts = {path: source.read(root, path) for path in source.files(root)}
    found = {path: source.includes(text) for path, text in texts.items()}
    graph = {path: [n for _, kind, n in list_ if kind == '"'] for path, list_ in found.items()}
    cycles = set()
    for path, text in texts.items():
        check_includes(path, found[path], graph, root, complain)
        cycle = cycle_from(path, graph)
        if cycle and frozenset(cycle) not in cycles:
            cycles.add(frozenset(cycle))
            complain(path, 1, "include cycle: " + " -> ".join(cycle))
        if any(re.search(allowed, path) for allowed, _ in CLOCK_ALLOWED):
            continue
        bare = source.blank(text)
        for match in CLOCK.finditer(bare):
            complain(path, bare.count("\n", 0, match.start()) + 1,
                     f"calls {match.group(1)}(): only io/backend_*.c asks for time or chance; "
                     "take it as an argument")
    for line in bad:
        print(line)
    print(f"layers: {len(texts)} files, {len(bad)} complaints")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
