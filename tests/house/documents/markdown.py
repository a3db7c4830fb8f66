"""Reads Markdown files: their fenced blocks with the directives above them, headings and links."""

import dataclasses
import re

FENCE = re.compile(r"^( *)(`{3,}|~{3,})([\w+-]*)\s*$")
DIRECTIVE = re.compile(r"^<!-- *([a-z ]+): *(.*?) *-->$")
LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.*?)\s*#*$")
INLINE_CODE = re.compile(r"`[^`]*`")


@dataclasses.dataclass
class Block:
    """A fenced block. `begin` and `end` are its lines' positions in the document, fences excluded.

    A directive is a comment above the block: `<!-- name: value -->`.
    """
    path: str
    language: str
    begin: int
    end: int
    lines: list
    directives: list  # of (name, value), from top to bottom

    def values(self, name):
        return [value for key, value in self.directives if key == name]

    @property
    def place(self):
        return f"{self.path}:{self.begin + 1}"


class Document:
    def __init__(self, path, text):
        self.path = path
        self.lines = text.split("\n")
        self.blocks = list(self._find_blocks())
        self._in_blocks = {n for one in self.blocks for n in range(one.begin - 1, one.end + 1)}

    def _find_blocks(self):
        directives = []
        number = 0
        while number < len(self.lines):
            line = self.lines[number]
            number += 1
            fence = FENCE.match(line)
            directive = DIRECTIVE.match(line)
            if directive:
                directives.append(directive.groups())
            elif fence:
                indent, mark, language = fence.groups()
                begin = number
                while number < len(self.lines) and self.lines[number].strip() != mark:
                    number += 1
                body = [one.removeprefix(indent) for one in self.lines[begin:number]]
                yield Block(self.path, language, begin, number, body, directives)
                directives = []
                number += 1
            elif line.strip():
                directives = []

    def _text(self):
        """(number, line) of what is not in a block."""
        return ((n + 1, line) for n, line in enumerate(self.lines) if n not in self._in_blocks)

    def links(self):
        """(line number, target)."""
        for number, line in self._text():
            for target in LINK.findall(INLINE_CODE.sub("``", line)):
                yield number, target

    def anchors(self):
        """What links to its headings may name."""
        headings = (HEADING.match(line) for _, line in self._text())
        return {slug(found.group(1)) for found in headings if found}


def slug(heading):
    words = re.sub(r"[^\w\- ]", "", heading.lower())
    return words.strip().replace(" ", "-")
