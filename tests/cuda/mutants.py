"""Test programs with one changed source, linked beside those of a build, which stays as it is."""

import json
import os
import re
import shlex
import shutil
import subprocess
import threading
import time

TARGET = "tests/cuda/warmstart_cuda_tests"

# Those that notice most come first.
SCHEDULES = ["lazy", "async", "random:1", "random:2", "eager", "random:3", "random:4"]

# Tests that count calls notice that one is gone, not what it is for. Golden jobs and repeated loads look
# at values, slowly.
FILTER = "--gtest_filter=-runtime/cuda_faults.*:*golden_job_on_cuda*:repeated_loads.*"


class BuildFailed(Exception):
    pass


class Build:
    """A release build by Ninja. Its sources are below `root`."""

    def __init__(self, root, folder):
        self.root = root
        self.folder = folder
        self.scratch = folder / "mutations"
        self._run(["cmake", "--build", folder, "--target", "warmstart_cuda_tests", "cudaemu"],
                  self._log_of("without_mutations"))
        commands = json.loads((folder / "compile_commands.json").read_text())
        self._compile = {entry["file"]: shlex.split(entry["command"]) for entry in commands}
        self._link = subprocess.run(["ninja", "-C", folder, "-t", "commands", "-s", TARGET], check=True,
                                    stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]
        self._compiler_cache = [found] if (found := shutil.which("ccache")) else []
        self._linking = threading.Lock()  # takes much memory

    def program_with(self, name, file, text):
        """The test program where `text` is in place of a source. An object that comes before an archive
        keeps the archive's own out."""
        log = self._log_of(name)
        source = log.with_name(file.rsplit("/", 1)[-1])
        source.write_text(text)
        made = source.with_suffix(".o")
        command = list(self._compile[str(self.root / file)])
        command[command.index("-o") + 1] = str(made)
        command[command.index("-c") + 1] = str(source)
        self._run([*self._compiler_cache, *command, "-w"], log)
        program = log.with_name("tests")
        output = f" -o {TARGET} "
        if self._link.count(output) != 1:
            raise BuildFailed(f"no{output}in: {self._link}")
        with self._linking:
            self._run(["sh", "-c", self._link.replace(output, f" -o {program} {made} ")], log)
        return program

    def forget(self, name):
        shutil.rmtree(self._log_of(name).parent)

    def first_failure(self, program, schedule, timeout):
        """What fails first in a schedule; None if nothing does."""
        libraries = [str(self.folder / "tests/cudaemu/lib"), os.environ.get("LD_LIBRARY_PATH", "")]
        environment = {**os.environ, "CUDAEMU_SCHEDULE": schedule, "CUDAEMU_DEVICES": "3",
                       "CUDAEMU_LEAK_CHECK": "1", "LD_LIBRARY_PATH": ":".join(filter(None, libraries))}
        path = program.with_name("log")
        with path.open("wb") as log:
            try:
                status = subprocess.run([program, "--gtest_fail_fast", FILTER], stdout=log,
                                        stderr=subprocess.STDOUT, env=environment, timeout=timeout,
                                        check=False).returncode
            except subprocess.TimeoutExpired:
                status = "does not end"
        if status == 0:
            return None
        text = path.read_text(errors="replace")
        if failed := re.search(r"^\[  FAILED  \] ([^\s,]+)", text, re.MULTILINE):
            return failed[1]
        last = re.findall(r"^\[ RUN      \] (\S+)|^\[  PASSED  \]", text, re.MULTILINE)
        return f"{last[-1] if last and last[-1] else 'at exit'} ({status})"

    def seconds_of(self, program):
        """How long the tests take in the first schedule; they have to pass."""
        begin = time.monotonic()
        if failed := self.first_failure(program, SCHEDULES[0], timeout=600):
            raise BuildFailed(f"without a mutation, {SCHEDULES[0]} fails in {failed} "
                              f"({program.with_name('log')})")
        return time.monotonic() - begin

    def _log_of(self, name):
        folder = self.scratch / re.sub(r"\W+", "_", name)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / "log"

    def _run(self, command, log):
        with log.open("wb") as out:
            status = subprocess.run(command, cwd=self.folder, stdout=out,
                                    stderr=subprocess.STDOUT, check=False).returncode
        if status != 0:
            raise BuildFailed(f"{log.parent.name} does not build ({log})")
