"""Runs the commands of documents and compares what they print with what the documents show.

A block with lines that begin with `$ ` is a session: commands, each followed by its output, which
`...` shortens: alone on a line any number of lines, within a line any text. Times and speeds differ
from run to run, so they are not compared. Directives above a block:

    <!-- setup: COMMAND -->        runs first, and is not shown
    <!-- write: FILE -->           writes the block to a file, for the sessions after it
    <!-- status: N -->             the exit status of the block's last command; otherwise 0
    <!-- run by: FILE -->          another test runs the block's commands: FILE, which contains them
    <!-- run by: FILE as TEXT -->  the same, where they are spelled so
"""

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile

ELISION = "..."
VOLATILE = [
    (re.compile(r"\b\d+(\.\d+)?(e-?\d+)? (s|ms|us)\b"), "N s"),
    (re.compile(r"\b\d+(\.\d+)? [KMG]?i?B/s"), "N B/s"),
    (re.compile(r'("seconds": ?)[\d.e-]+'), r"\1N"),
]


def is_session(block):
    return any(line.startswith("$ ") for line in block.lines)


class Scratch:
    """A directory that looks like the project's root to commands: it has the examples, a link to the
    test data (which commands must not write to), and the programs of a build on PATH."""

    def __init__(self, root, build):
        self._directory = tempfile.TemporaryDirectory(prefix="warmstart-documents-")
        self.path = self._directory.name
        self._make(root, build)
        self.environment = {
            "PATH": f"{self.path}/bin:{os.environ['PATH']}",
            "HOME": self.path,
            "LC_ALL": "C.UTF-8",
        }

    def _make(self, root, build):
        for name in ("bin", "build", "bench", "scripts", "tests"):
            os.mkdir(f"{self.path}/{name}")
        os.symlink(root / "tests/data", f"{self.path}/tests/data")
        if (root / "examples").exists():
            shutil.copytree(root / "examples", f"{self.path}/examples")
        # With the package of the build, if that has it.
        python = build / "python/python" if build is not None else None
        os.symlink(python if python is not None and python.exists() else sys.executable, f"{self.path}/bin/python")
        if build is None:
            return
        # The script looks for the build beside it.
        shutil.copy(root / "scripts/emulated", f"{self.path}/scripts/emulated")
        os.symlink(build, f"{self.path}/build/release")
        programs = [build / "warmstart", *(build / "examples").glob("example_*")]
        for program in programs:
            if os.access(program, os.X_OK) and program.is_file():
                os.symlink(program, f"{self.path}/bin/{program.name}")
        # As bench/model, which builds it first.
        os.symlink(build / "bench/model_bench", f"{self.path}/bench/model")

    def run(self, command):
        """The exit status and the lines printed, standard error among them."""
        done = subprocess.run(["bash", "-c", command], cwd=self.path, env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, errors="replace")
        return done.returncode, [line.rstrip() for line in done.stdout.splitlines()]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._directory.cleanup()


def split_session(lines):
    """(lines of the command, the command, lines of its output) for each command."""
    exchanges = []
    for line in lines:
        if line.startswith("$ "):
            exchanges.append(([line], []))
        elif exchanges and exchanges[-1][0][-1].endswith("\\"):
            exchanges[-1][0].append(line)
        elif exchanges:
            exchanges[-1][1].append(line)
    return [(shown, "\n".join(shown)[2:], output) for shown, output in exchanges]


def masked(line):
    for pattern, instead in VOLATILE:
        line = pattern.sub(instead, line)
    return line.rstrip()


def matches(shown, printed):
    """Whether what a document shows is what a command printed."""
    pattern = ""
    for line in shown:
        if line.strip() == ELISION:
            pattern += r"(?:.*\n)*?"
        else:
            parts = [re.escape(part) for part in masked(line).split(ELISION)]
            pattern += ".*".join(parts) + r"\n"
    return re.fullmatch(pattern, "".join(masked(line) + "\n" for line in printed)) is not None


def shortened(printed, shown):
    """What was printed, with the elisions of what was shown before."""
    parts = [[]]
    for line in shown:
        if line.strip() == ELISION:
            parts.append([])
        else:
            parts[-1].append(line)
    if len(parts) == 1:
        return printed
    kept = printed[:len(parts[0])]
    position = len(kept)
    end = len(printed) - len(parts[-1])
    for part in parts[1:-1]:
        begin = most_similar(part[0], printed, position, end) if part else position
        kept += [ELISION] + printed[begin:begin + len(part)]
        position = begin + len(part)
    return kept + [ELISION] + (printed[max(end, position):] if parts[-1] else [])


def most_similar(line, printed, begin, end):
    def similarity(index):
        return difflib.SequenceMatcher(None, line, printed[index]).ratio()
    return max(range(begin, max(end, begin + 1)), key=similarity, default=begin)


def run_block(scratch, block, problems):
    """The block's lines with the output that its commands have now."""
    lines = []
    exchanges = split_session(block.lines)
    statuses = [0] * (len(exchanges) - 1) + [int((block.values("status") or ["0"])[0])]
    for (shown, command, output), expected_status in zip(exchanges, statuses):
        status, printed = scratch.run(command)
        if status != expected_status:
            problems.append(f"{block.place}: `{command}` has exit status {status}, expected "
                            f"{expected_status}; it printed:\n" + "\n".join(printed))
        lines += shown
        separator = [""] if output and output[-1] == "" and (not printed or printed[-1]) else []
        if matches(output[:-1] if separator else output, printed):
            lines += output
            continue
        now = shortened(printed, output)
        difference = difflib.unified_diff(output, now, "shown", "printed", lineterm="")
        problems.append(f"{block.place}: `{command}` prints something else:\n" +
                        "\n".join(difference))
        lines += now + separator
    return lines


def check_elsewhere(root, block):
    """Problems of a block whose commands another test runs."""
    for value in block.values("run by"):
        other, _, spelled = value.partition(" as ")
        if not (root / other).exists():
            yield f"{block.place}: there is no {other}"
            continue
        commands = [spelled] if spelled else [command for _, command, _ in split_session(block.lines)]
        text = (root / other).read_text()
        for command in commands:
            if command not in text:
                yield f"{block.place}: {other} does not contain `{command}`"


def check_commands(root, build, document):
    """Problems, and the document's text with the output that commands have now."""
    problems = []
    lines = list(document.lines)
    if not any(is_session(block) for block in document.blocks):
        return problems, "\n".join(lines)
    with Scratch(root, build) as scratch:
        changes = []
        for block in document.blocks:
            for command in block.values("setup"):
                status, printed = scratch.run(command)
                if status != 0:
                    problems.append(f"{block.place}: setup `{command}` fails:\n" + "\n".join(printed))
            for name in block.values("write"):
                with open(f"{scratch.path}/{name}", "w", encoding="utf-8") as file:
                    file.write("\n".join(block.lines) + "\n")
            if not is_session(block):
                continue
            if block.values("run by"):
                problems += check_elsewhere(root, block)
            else:
                changes.append((block, run_block(scratch, block, problems)))
        for block, now in reversed(changes):
            if now != block.lines:
                lines[block.begin:block.end] = now
    return problems, "\n".join(lines)
