#!/usr/bin/env python3
"""Runs what the documents show: commands with their output, code, links.

usage: python3 tests/house/documents/check.py --build DIR [--compiler CXX] [--update] [DOCUMENT...]

    --build DIR       a build with everything, such as build/release
    --compiler CXX    for C++ in documents (default: c++)
    --update          writes the output that commands have now into the documents
    DOCUMENT          default: README.md, CHANGELOG.md, CONTRIBUTING.md and docs/*.md
"""

import argparse
import pathlib
import sys

from commands import check_commands
from links import check_links
from markdown import Document
from python_code import check_python
from snippets import check_snippets

ROOT = pathlib.Path(__file__).resolve().parents[3]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("documents", nargs="*")
    return parser.parse_args()


def all_documents(root):
    named = [name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md") if (root / name).exists()]
    return named + sorted(str(path.relative_to(root)) for path in (root / "docs").glob("*.md"))


def check_headers(root, names):
    """Every public header is in the list of headers."""
    listing = "docs/api.md"
    if listing not in names:
        return
    text = (root / listing).read_text()
    for path in sorted((root / "include/warmstart").glob("*.hpp")):
        if path.name != "warmstart.hpp" and f"`{path.name}`" not in text:
            yield f"{listing}: {path.name} is missing"


def check(root, build, compiler, names, update):
    """One text for each problem; with `update`, commands' output is corrected instead."""
    documents = [Document(name, (root / name).read_text()) for name in names]
    problems = list(check_links(root, documents))
    problems += check_headers(root, names)
    problems += check_snippets(root, compiler, documents)
    for document in documents:
        found, text = check_commands(root, build, document)
        if update and text != "\n".join(document.lines):
            (root / document.path).write_text(text)
            print(f"{document.path}: output updated")
        problems += found
        problems += check_python(root, build, document)
    return problems


def main():
    given = parse_arguments()
    problems = check(ROOT, given.build.resolve(), given.compiler,
                     given.documents or all_documents(ROOT), given.update)
    for one in problems:
        print(one)
    print(f"{len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
