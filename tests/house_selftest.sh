#!/usr/bin/env bash
# Each house check can fail: a tree with one bad file gets exactly the named complaint.
set -u
tests="$(cd "$(dirname "$0")" && pwd)"
tmp="$(mktemp -d)"
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

fresh() {
    rm -rf "$tmp/tree"
    mkdir -p "$tmp/tree"/{matcher,io,daemon/ledger,daemon/knowledge,bench,tests}
    cp "$tests/../.clang-format" "$tmp/tree/"
}

# bad CHECK PATH COMPLAINT <content: the check must name PATH and the complaint.
bad() {
    local check=$1 path=$2 complaint=$3 out
    mkdir -p "$tmp/tree/$(dirname "$path")"
    cat >"$tmp/tree/$path"
    if out="$(bash "$tests/$check.sh" "$tmp/tree")"; then
        echo "FAIL $check passes a file that it should refuse ($complaint)"
        failed=$((failed + 1))
    elif ! grep -qF "$path:" <<<"$out" || ! grep -qF -- "$complaint" <<<"$out"; then
        echo "FAIL $check does not say \"$complaint\" of $path:"
        echo "$out"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
    fresh
}

# good CHECK PATH <content: nothing is said.
good() {
    local check=$1 path=$2 out
    mkdir -p "$tmp/tree/$(dirname "$path")"
    cat >"$tmp/tree/$path"
    if out="$(bash "$tests/$check.sh" "$tmp/tree")"; then
        passed=$((passed + 1))
    else
        echo "FAIL $check refuses a good $path:"
        echo "$out"
        failed=$((failed + 1))
    fi
    fresh
}

function_of() { # name, then lines of body from stdin
    printf 'int %s(int a)\n{\n' "$1"
    cat
    printf '}\n'
}

fresh
bad layers matcher/a.c "matcher knows only itself" <<<'#include "io/stream.h"'
bad layers matcher/a.c "matcher knows only itself" <<<'#include "daemon/arena.h"'
for name in liburing.h sys/socket.h fcntl.h unistd.h syslog.h time.h; do
    bad layers matcher/a.c "matcher knows no file, socket, clock or log" <<<"#include <$name>"
done
bad layers io/a.c "io knows only itself" <<<'#include "matcher/matcher.h"'
bad layers io/a.c "io knows only itself" <<<'#include "daemon/arena.h"'
bad layers io/a.c "no pattern engine" <<<'#include <hs.h>'
bad layers daemon/ledger/a.c "neither io nor matcher" <<<'#include "io/journal.h"'
bad layers daemon/knowledge/a.c "neither io nor matcher" <<<'#include "matcher/matcher.h"'
bad layers daemon/knowledge/a.c "no clock, no I/O" <<<'#include <sys/stat.h>'
bad layers daemon/a.c "liburing is used in io/ only" <<<'#include <liburing.h>'
bad layers daemon/a.c "Hyperscan is used in matcher/ only" <<<'#include <hs.h>'
bad layers daemon/a.c "does not include what measures" <<<'#include "tests/fakes/sink.h"'
bad layers daemon/a.c "include paths are from the root" <<<'#include "arena.h"'
echo '#include "io/backend.h"' >"$tmp/tree/daemon/writer.h"
bad layers daemon/ledger/a.c "reaches io/backend.h through daemon/writer.h" \
    <<<'#include "daemon/writer.h"'
echo '#include "daemon/a.h"' >"$tmp/tree/daemon/b.h"
bad layers daemon/a.h "include cycle" <<<'#include "daemon/b.h"'
touch "$tmp/tree/io/a.h"
bad layers io/a.c 'the first include is not "io/a.h"' <<<$'#include <stddef.h>\n\n#include "io/a.h"'
for name in clock_gettime gettimeofday time adjtimex getrandom rand; do
    bad layers daemon/a.c "calls $name(): only io/backend_*.c" <<<"int a = $name(0);"
done
good layers io/backend_poll.c <<<'int a = clock_gettime(0, 0);'
good layers daemon/a.c <<<$'/* time(0) */\nconst char *a = "rand()";\nint b = ops->time(0);'
good layers daemon/a.c <<<$'#include "io/stream.h"\n#include "matcher/matcher.h"'

{ for _ in $(seq 401); do echo "int a;"; done; } |
    bad tidy daemon/a.c "has 401 lines, more than 400"
{ for _ in $(seq 400); do echo "int a;"; done; } | good tidy daemon/a.c
{ for _ in $(seq 68); do echo "    a++;"; done; } | function_of f |
    bad tidy daemon/a.c "f() has 71 lines, more than 70"
{ for _ in $(seq 67); do echo "    a++;"; done; } | function_of f | good tidy daemon/a.c
nest() {
    local depth=$1 i
    for i in $(seq "$depth"); do printf '%*sif (a) {\n' $((i * 4)) ''; done
    printf '%*sa++;\n' $((depth * 4 + 4)) ''
    for i in $(seq "$depth" -1 1); do printf '%*s}\n' $((i * 4)) ''; done
}
nest 5 | function_of f | bad tidy daemon/a.c "f() nests 5 deep, more than 4"
nest 4 | function_of f | good tidy daemon/a.c
bad tidy daemon/a.c "f() takes 8 parameters, more than 7" \
    <<<$'int f(int a, int b, int c, int d, int e, int g, int h, int i)\n{\n    return 0;\n}'
bad tidy daemon/a.c "101 columns, more than 100" <<<"/* $(printf '%95s' '' | tr ' ' x) */"
for name in strcpy strcat sprintf strtok atoi alloca; do
    bad tidy daemon/a.c "$name() is banned: use" <<<"int a = $name(b);"
done
bad tidy daemon/a.c "signal() with a handler is banned" <<<'int a = signal(SIGTERM, on_term);'
good tidy daemon/a.c <<<'int a = signal(SIGTERM, SIG_DFL);'
bad tidy matcher/a.c "printf() in a leaf" <<<'int a = printf("b");'
bad tidy io/a.c "exit() in a leaf" <<<'int a = exit(1);'
good tidy daemon/a.c <<<'int a = printf("strcpy(b)");'
bad tidy daemon/a.c "write strcmp() == 0" <<<'int a = !strcmp(b, c);'
bad tidy daemon/a.h "no typedef for a struct" <<<'typedef struct a a;'
bad tidy io/a.c "at offset -1" <<<'int a = io_uring_prep_write(b, c, d, e, -1);'
bad tidy daemon/a.c "jumps backwards" \
    <<<$'int f(int a)\n{\nagain:\n    if (a++ < 3)\n        goto again;\n    return a;\n}'
for word in FIX""ME TO""DO XX""X; do
    bad tidy daemon/a.c "$word is left over" <<<"/* $word later */"
done
bad tidy daemon/a.c "blanks at the end" <<<'int a; '
bad tidy daemon/a.h "f() is exported without a contract" <<<'int f(int a);'
bad tidy daemon/a.h "g() is exported without a contract" \
    <<<$'/* Says f. */\nint f(int a);\n\nint g(int a,\n      int b);'
good tidy daemon/a.h <<<$'/* Says f and g. */\nint f(int a);\nint g(int a);'
good tidy daemon/a.h <<<'int f(int a); /* says f */'
bad tidy daemon/a.c "not formatted" <<<'int  a;'

echo "house_selftest: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
