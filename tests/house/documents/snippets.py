"""Checks the code in documents. Directives above a block:

    <!-- from: FILE -->       its lines are in FILE, one after another; `...` leaves some out
    <!-- given: C++ -->       declarations that the code needs

C++ without `from` is compiled. A block with a `main` is a program; all others are compiled as one file,
each as the body of a function that has a `ws::variable_store& vars` and a `const std::string& path`.
JSON is parsed.
"""

import json
import re
import subprocess

ELISION = re.compile(r"^\s*(//|#)?\s*\.\.\.$")
PREAMBLE = """\
#include <iostream>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>
#include <warmstart/testing/compare.hpp>
#include <warmstart/testing/memory.hpp>
#include <warmstart/testing/poison.hpp>
#include <warmstart/warmstart.hpp>
namespace ws = warmstart;
"""


def dedented(lines):
    depths = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    return [line[min(depths, default=0):].rstrip() for line in lines]


def find_run(wanted, lines, begin):
    """The position behind `wanted` in `lines`, whatever the indentation, or None."""
    wanted = dedented(wanted)
    for first in range(begin, len(lines) - len(wanted) + 1):
        if dedented(lines[first:first + len(wanted)]) == wanted:
            return first + len(wanted)
    return None


def is_part_of(block_lines, file_lines):
    """Whether a file has the lines of a block."""
    runs = [[]]
    for line in block_lines:
        if ELISION.match(line):
            runs.append([])
        else:
            runs[-1].append(line)
    position = 0
    for run in runs:
        position = find_run(run, file_lines, position)
        if position is None:
            return False
    return True


def check_origin(root, block):
    for origin in block.values("from"):
        if not (root / origin).exists():
            yield f"{block.place}: there is no {origin}"
        elif not is_part_of(block.lines, (root / origin).read_text().split("\n")):
            yield f"{block.place}: {origin} does not have these lines"


def check_json(block):
    try:
        json.loads("\n".join(block.lines))
    except ValueError as bad:
        yield f"{block.place}: not valid JSON: {bad}"


def as_function(number, block):
    hoisted = [line for line in block.lines if re.match(r"\s*(#include|namespace ws =)", line)]
    body = [line if line not in hoisted else "" for line in block.lines]
    return "\n".join(
        [line for line in hoisted if "#include" in line] +
        [f"[[maybe_unused]] static void block_{number}(ws::variable_store& vars, const std::string& path) {{",
         "(void)vars; (void)path;", *block.values("given"), "{",
         f'#line {block.begin + 1} "{block.path}"', *body, "}", "}"])


def as_program(block):
    return "\n".join([f'#line {block.begin + 1} "{block.path}"', *block.lines, ""])


def compile_source(root, compiler, source):
    done = subprocess.run(
        [compiler, "-x", "c++", "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
         "-Wno-unused", f"-I{root}/include", "-"],
        input=source, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        yield "C++ in documents does not compile:\n" + done.stdout


def compile_blocks(root, compiler, blocks):
    programs = [one for one in blocks if any(line.startswith("int main(") for line in one.lines)]
    for one in programs:
        yield from compile_source(root, compiler, as_program(one))
    bodies = [as_function(n, one) for n, one in enumerate(blocks) if one not in programs]
    if bodies:
        yield from compile_source(root, compiler, PREAMBLE + "\n".join(bodies) + "\n")


def check_snippets(root, compiler, documents):
    compiled = []
    for block in (block for one in documents for block in one.blocks):
        if block.values("from"):
            yield from check_origin(root, block)
        elif block.language == "json":
            yield from check_json(block)
        elif block.language == "cpp":
            compiled.append(block)
    yield from compile_blocks(root, compiler, compiled)
