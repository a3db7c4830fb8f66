#!/usr/bin/env python3
"""Compares what the public headers declare with what the shared library exports.

usage: check_public_api.py LIBRARY CLANGXX INCLUDE_DIR

Every function that a header declares and does not define must be exported, and nothing else may be but
what belongs to the classes of the headers. What is not public is in namespace warmstart::detail. And every member of a public aggregate has an initializer, so
that designated initializers may leave it out without a warning of g++'s.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

FUNCTIONS = {"FunctionDecl", "CXXMethodDecl", "CXXConstructorDecl", "CXXDestructorDecl", "CXXConversionDecl"}
# GoogleTest's users compile it; it defines all that it declares.
LEFT_OUT = {"warmstart/testing/gtest.hpp"}


def headers(include_dir):
    names = (str(path.relative_to(include_dir)) for path in include_dir.rglob("*.hpp"))
    return sorted(name for name in names if name not in LEFT_OUT)


def declarations(clang, include_dir):
    """What clang makes of the headers: the declarations in namespace warmstart, as JSON."""
    with tempfile.NamedTemporaryFile("w", suffix=".cpp") as source:
        source.writelines(f'#include "{name}"\n' for name in headers(include_dir))
        source.flush()
        text = subprocess.run(
            [clang, "-std=c++20", f"-I{include_dir}", "-fsyntax-only", "-Xclang", "-ast-dump=json", "-Xclang",
             "-ast-dump-filter=warmstart", source.name], check=True, capture_output=True, text=True).stdout
    decoder = json.JSONDecoder()
    position = 0
    while position < len(text):
        node, position = decoder.raw_decode(text, position)
        yield node
        while position < len(text) and text[position].isspace():
            position += 1


def walk(node):
    """A declaration and those in it, but for templates: what is made of them belongs to those who do."""
    yield node
    for child in node.get("inner", []):
        kind = child.get("kind", "")
        if kind.endswith("Decl") and not kind.endswith("TemplateDecl"):
            yield from walk(child)


def is_defined(function):
    return (any(child.get("kind") == "CompoundStmt" for child in function.get("inner", []))
            or any(function.get(key) for key in ("explicitlyDeleted", "explicitlyDefaulted", "isImplicit", "pure")))


def demangled(names):
    """The names as programmers write them: the variants of a constructor have one."""
    text = subprocess.run(["c++filt"], input="\n".join(names), check=True, capture_output=True, text=True).stdout
    return set(text.splitlines())


def exported(library):
    lines = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    return demangled(line.split()[-1] for line in lines)


def misplaced(library, public):
    """Functions in namespace warmstart itself that no public header declares."""
    lines = subprocess.run(["nm", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    names = demangled(line.split()[-1] for line in lines.splitlines() if line.split()[-2] in "tT")
    function = re.compile(r"warmstart::(?!detail::|testkit::|\(anonymous namespace\)::)\w+\(")
    parts = ("{lambda(", "[clone ")  # of functions that are public
    return sorted(name for name in names - public
                  if function.match(name) and not any(part in name for part in parts))


def bare_members(nodes):
    """Members of aggregates that have no initializer."""
    for node in nodes:
        if node.get("kind") == "CXXRecordDecl" and node.get("definitionData", {}).get("isAggregate"):
            for field in node.get("inner", []):
                if field.get("kind") == "FieldDecl" and not field.get("hasInClassInitializer"):
                    yield f"{node['name']}::{field['name']}"


def main():
    library, clang, include_dir = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    nodes = [inner for node in declarations(clang, include_dir) for inner in walk(node)]
    functions = [node for node in nodes if node.get("kind") in FUNCTIONS and "mangledName" in node]
    required = demangled(node["mangledName"] for node in functions if not is_defined(node))
    allowed = demangled(node["mangledName"] for node in functions)
    found = exported(library)
    tables = {name for name in found if name.split(" for ")[0] in ("vtable", "typeinfo", "typeinfo name")}
    classes = {name.split("::~")[0] for name in allowed if "::~" in name}

    complaints = [f"not exported: {name}" for name in sorted(required - found)]
    complaints += [f"exported, and in no public header: {name}" for name in sorted(found - allowed - tables)]
    complaints += [f"exported, and of no public class: {name}"
                   for name in sorted(tables) if name.split(" for ")[1] not in classes]
    complaints += [f"not in a header, and not in warmstart::detail: {name}" for name in misplaced(library, allowed)]
    complaints += [f"has no initializer: {name}" for name in bare_members(nodes)]
    print("\n".join(complaints) or f"{len(found)} names are exported, {len(required)} of them declared only")
    return 1 if complaints or not required else 0


if __name__ == "__main__":
    sys.exit(main())
