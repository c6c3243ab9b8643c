#!/usr/bin/env python3
"""compile_commands.json for editors and clang-tidy: how each source is compiled, as clang reads it.

compile_commands.py FLAGS prints the JSON. Flags that only gcc knows are left out: gcc judges the
warnings in the build; clang needs the language, the include paths and the defines.
"""
import glob
import json
import os
import sys

C = ["clang-14", "-std=c17", "-Wall", "-Wextra", "-D_GNU_SOURCE"]
CXX = ["clang++-14", "-std=c++17", "-fno-exceptions", "-fno-rtti", "-Wall", "-Wextra",
       "-D_GNU_SOURCE"]


def main():
    flags = sys.argv[1].split()
    here = os.getcwd()
    rows = []
    for folder in ("matcher", "io", "daemon", "bench", "tests"):
        for path in sorted(glob.glob(folder + "/**/*.c*", recursive=True)):
            if path.endswith((".c", ".cc")):
                compiler = C if path.endswith(".c") else CXX
                rows.append({"directory": here, "file": path,
                             "arguments": compiler + flags + ["-c", path]})
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
