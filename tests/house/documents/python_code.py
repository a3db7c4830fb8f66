"""Runs the Python in documents, with the package of a build and where the examples and the test data are.

A `python` block with `>>> ` is a session, and so are a document's blocks together: what they print is compared,
`...` stands for any text. Another `python` block is a program of its own. Blocks with `from` are not run here, nor
those with `run by`, which names a test that runs them.
"""

import subprocess

from commands import Scratch


def python_blocks(document):
    return [one for one in document.blocks
            if one.language == "python" and not one.values("from") and not one.values("run by")]


def check_run_elsewhere(root, document):
    """Problems of blocks that another test runs: it has to name the document."""
    for block in document.blocks:
        for other in block.values("run by") if block.language == "python" else ():
            if not (root / other).exists():
                yield f"{block.place}: there is no {other}"
            elif document.path not in (root / other).read_text():
                yield f"{block.place}: {other} does not read {document.path}"


def is_python_session(block):
    return any(line.startswith(">>> ") for line in block.lines)


def session_text(document, blocks):
    """The blocks' lines where the document has them, so that line numbers are the document's."""
    lines = [""] * len(document.lines)
    for one in blocks:
        lines[one.begin:one.end] = one.lines
    return "\n".join(lines) + "\n"


def run_python(scratch, arguments, text):
    with open(f"{scratch.path}/block", "w", encoding="utf-8") as file:
        file.write(text)
    done = subprocess.run(["python", *arguments, "block"], cwd=scratch.path, env=scratch.environment, timeout=120,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return "" if done.returncode == 0 else done.stdout


def check_python(root, build, document):
    """Problems of a document's Python."""
    yield from check_run_elsewhere(root, document)
    blocks = python_blocks(document)
    if not blocks:
        return
    sessions = [one for one in blocks if is_python_session(one)]
    with Scratch(root, build) as scratch:
        for one in blocks:
            printed = "" if one in sessions else run_python(scratch, [], "\n".join(one.lines) + "\n")
            if printed:
                yield f"{one.place}: this Python fails:\n{printed}"
        if sessions:
            printed = run_python(scratch, ["-m", "doctest", "-o", "ELLIPSIS"], session_text(document, sessions))
            if printed:
                yield f"{document.path}: its Python prints something else:\n{printed}"
