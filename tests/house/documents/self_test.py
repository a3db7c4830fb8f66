#!/usr/bin/env python3
"""Tests of the checks themselves: each finds its kind of mistake. usage: self_test.py [COMPILER]"""

import pathlib
import sys
import tempfile
import unittest

from check import check

COMPILER = "c++"


class CheckTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.directory.name)
        (self.root / "docs").mkdir()
        (self.root / "include").symlink_to(pathlib.Path(__file__).resolve().parents[3] / "include")

    def tearDown(self):
        self.directory.cleanup()

    def problems(self, text, update=False):
        (self.root / "a.md").write_text(text)
        return check(self.root, None, COMPILER, ["a.md"], update)

    def updated(self, text):
        self.problems(text, update=True)
        return (self.root / "a.md").read_text()

    def session(self, *lines, directives=""):
        return "\n".join([directives, "```", *lines, "```", ""])

    def test_output_is_compared(self):
        self.assertEqual(self.problems(self.session("$ echo one", "one")), [])
        self.assertEqual(len(self.problems(self.session("$ echo one", "two"))), 1)
        self.assertEqual(len(self.problems(self.session("$ echo one"))), 1)
        self.assertEqual(len(self.problems(self.session("$ true", "one"))), 1)

    def test_every_command_of_a_block_runs(self):
        self.assertEqual(self.problems(self.session("$ echo a > f", "$ cat f", "a", "$ rm f")), [])
        self.assertEqual(len(self.problems(self.session("$ echo a", "b", "$ echo c", "d"))), 2)

    def test_dots_stand_for_what_is_left_out(self):
        self.assertEqual(self.problems(self.session("$ seq 9", "1", "...", "5", "...", "9")), [])
        self.assertEqual(len(self.problems(self.session("$ seq 9", "1", "...", "8"))), 1)
        self.assertEqual(self.problems(self.session("$ echo one two three", "one ... three")), [])
        self.assertEqual(len(self.problems(self.session("$ echo one two three", "one ... four"))), 1)

    def test_times_are_not_compared(self):
        self.assertEqual(self.problems(self.session("$ echo read in 2.5 s", "read in 0.1 s")), [])
        self.assertEqual(len(self.problems(self.session("$ echo read in 2.5 s", "read in 2.5 h"))), 1)

    def test_a_command_that_fails_has_to_be_announced(self):
        self.assertEqual(len(self.problems(self.session("$ exit 3"))), 1)
        self.assertEqual(self.problems(self.session("$ exit 3", directives="<!-- status: 3 -->")), [])
        self.assertEqual(
            len(self.problems(self.session("$ exit 1", directives="<!-- status: 3 -->"))), 1)

    def test_files_can_be_written_and_prepared(self):
        written = "<!-- write: f -->\n```json\n{}\n```\n"
        self.assertEqual(self.problems(written + self.session("$ cat f", "{}")), [])
        setup = "<!-- setup: echo x > g -->"
        self.assertEqual(self.problems(self.session("$ cat g", "x", directives=setup)), [])
        self.assertEqual(len(self.problems(self.session("$ true", directives="<!-- setup: false -->"))), 1)

    def test_commands_may_run_elsewhere(self):
        (self.root / "other").write_text("make install\n")
        other = "<!-- run by: other -->"
        self.assertEqual(self.problems(self.session("$ make install", directives=other)), [])
        self.assertEqual(len(self.problems(self.session("$ make all", directives=other))), 1)
        spelled = "<!-- run by: other as make install -->"
        self.assertEqual(self.problems(self.session("$ make all", directives=spelled)), [])
        spelled = "<!-- run by: other as make none -->"
        self.assertEqual(len(self.problems(self.session("$ make all", directives=spelled))), 1)
        self.assertEqual(
            len(self.problems(self.session("$ make all", directives="<!-- run by: nobody -->"))), 1)

    def test_update_corrects_output(self):
        self.assertEqual(self.updated(self.session("$ echo one", "two")), self.session("$ echo one", "one"))
        both = self.session("$ echo one", "two") + "text\n" + self.session("$ seq 3")
        self.assertEqual(self.updated(both), self.session("$ echo one", "one") + "text\n" +
                         self.session("$ seq 3", "1", "2", "3"))

    def test_update_keeps_times_and_elisions(self):
        same = self.session("$ echo in 2 s", "in 7 s")
        self.assertEqual(self.updated(same), same)
        self.assertEqual(self.updated(self.session("$ seq 10 19", "9", "...", "15x", "...", "20")),
                         self.session("$ seq 10 19", "10", "...", "15", "...", "19"))

    def test_links_lead_somewhere(self):
        (self.root / "docs/b.md").write_text("# The title\n")
        self.assertEqual(self.problems("[b](docs/b.md), [self](#here), [web](https://a.b)\n\n## Here\n"), [])
        for wrong in ("docs/c.md", "#there", "b.md"):
            self.assertEqual(len(self.problems(f"[wrong]({wrong})")), 1)

    def test_code_is_that_of_a_file(self):
        (self.root / "x.cpp").write_text("int main() {\n  one();\n  two();\n  three();\n}\n")
        def block(*lines):
            return "\n".join(["<!-- from: x.cpp -->", "```cpp", *lines, "```"])
        self.assertEqual(self.problems(block("one();", "two();")), [])
        self.assertEqual(self.problems(block("one();", "...", "three();")), [])
        self.assertEqual(len(self.problems(block("one();", "three();"))), 1)
        self.assertEqual(len(self.problems(block("three();", "...", "one();"))), 1)

    def test_code_compiles(self):
        self.assertEqual(self.problems("```cpp\nvars.get_variable(\"v\", {2});\n```"), [])
        given = "<!-- given: int n = 2; -->\n"
        self.assertEqual(self.problems(given + "```cpp\nvars.get_variable(\"v\", {n});\n```"), [])
        wrong = self.problems("text\n\n```cpp\nvars.no_such_thing();\n```")
        self.assertEqual(len(wrong), 1)
        self.assertIn("a.md:4", wrong[0])
        program = "text\n\n```cpp\n#include <warmstart/error.hpp>\n\nint main() {\n  return %s;\n}\n```"
        self.assertEqual(self.problems(program % "0"), [])
        self.assertIn("a.md:7", self.problems(program % "none")[0])

    def test_every_header_is_listed(self):
        (self.root / "docs/api.md").write_text("`run.hpp`\n")
        found = check(self.root, None, COMPILER, ["docs/api.md"], False)
        self.assertIn("docs/api.md: plan.hpp is missing", found)
        self.assertNotIn("docs/api.md: run.hpp is missing", found)

    def test_python_runs(self):
        def block(*lines):
            return "\n".join(["```python", *lines, "```", ""])

        self.assertEqual(self.problems(block("import sys", "assert sys.version_info > (3,)")), [])
        self.assertEqual(len(self.problems(block("assert 1 == 2"))), 1)
        first = block(">>> a = [1, 2, 3]", ">>> a", "[1, ..., 3]")
        self.assertEqual(self.problems(first + "Text.\n" + block(">>> a[0]", "1")), [])
        self.assertEqual(len(self.problems(first + block(">>> a[0]", "2"))), 1)

    def test_python_may_run_elsewhere(self):
        block = "<!-- run by: {} -->\n```python\nassert 1 == 2\n```\n"
        (self.root / "one").write_text("runs the blocks of a.md\n")
        (self.root / "two").write_text("runs nothing\n")
        found = [len(self.problems(block.format(name))) for name in ("one", "two", "three")]
        self.assertEqual(found, [0, 1, 1])

    def test_json_is_parsed(self):
        self.assertEqual(self.problems("```json\n{\"a\": 1}\n```"), [])
        self.assertEqual(len(self.problems("```json\n{\"a\": 1,}\n```")), 1)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        COMPILER = sys.argv.pop()
    unittest.main()
