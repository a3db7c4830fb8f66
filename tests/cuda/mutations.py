#!/usr/bin/env python3
"""Shows that the tests of cuda/ can fail: takes out each wait, event and stream dependency in turn,
and says which schedule of the emulator notices, and in which test.

usage: mutations.py [--list] [--only NAME]...

Works on a copy of the sources, in build/mutations; the build there is kept. Exit status 1 if a
mutation survives, if a text to replace is no longer there, or if the tests fail without mutations.
"""

import argparse
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "mutations"
COPY = WORK / "source"
BUILD = WORK / "build"
LOG = WORK / "last.log"
PROGRAM = BUILD / "tests" / "cuda" / "warmstart_cuda_tests"

SCHEDULES = ["eager", "lazy", "async", "random:1", "random:2", "random:3", "random:4"]

# Tests that count calls notice that one is gone, not what it is for.
FILTER = "--gtest_filter=-runtime/cuda_faults.*"

BACKEND = "cuda/cuda_backend.cpp"
DEVICE = "cuda/cuda_device.cpp"
REMAINDERS = "cuda/remainder_list.cpp"
PIPELINE = "src/engine/pipeline.cpp"
ENGINE = "src/engine/load_engine.cpp"
STAGING = "src/engine/staging_pool.cpp"
RUN = "src/calls/run_initializers.cpp"
VERIFY = "src/calls/verify.cpp"
READ_BACK = "src/calls/read_back.cpp"
JOB = "src/calls/load_job.cpp"
DLPACK = "src/variables/dlpack.cpp"
VARIABLES = "src/variables/variable_state.cpp"

DONE = "cudaSuccess"  # in place of a call


@dataclasses.dataclass(frozen=True)
class Mutation:
    name: str
    file: str
    find: str  # occurs once
    replace: str
    why: str


MUTATIONS = [
    # Tickets: when a slot may be filled again.
    Mutation("record: no event", BACKEND,
             "cudaEventRecord(event.get(), by_kernels ? kernels_.get() : uploads_.get())", DONE,
             "a ticket is done at once"),
    Mutation("record: always of uploads", BACKEND,
             "by_kernels ? kernels_.get() : uploads_.get()", "uploads_.get()",
             "a kernel still reads the slot"),
    Mutation("record: always of kernels", BACKEND,
             "by_kernels ? kernels_.get() : uploads_.get()", "kernels_.get()",
             "an upload still reads the slot"),
    Mutation("record: kernels do not wait for uploads", BACKEND,
             "    if (by_kernels) kernels_wait_for_uploads();\n", "",
             "an upload after the last kernel still reads the slot"),
    Mutation("record: kernels that read slots are forgotten", BACKEND,
             "      kernels_read_slots_ = true;\n", "",
             "the ticket is one of uploads"),
    Mutation("done: no query", BACKEND,
             "cudaEventQuery(marks_.front().get())", DONE,
             "every ticket is done at once"),
    Mutation("pipeline: slots are free at once", PIPELINE,
             "!devices_[held.device]->done(held.mark)", "false",
             "readers fill slots that devices read"),

    # Between the two streams.
    Mutation("kernels wait for uploads: no event", BACKEND,
             "cudaEventRecord(uploaded_.get(), uploads_.get())", DONE,
             "kernels run before what they read has arrived"),
    Mutation("kernels wait for uploads: no wait", BACKEND,
             "cudaStreamWaitEvent(kernels_.get(), uploaded_.get(), 0)", DONE,
             "kernels run before what they read has arrived"),
    Mutation("scatter: the kernel does not wait for uploads", BACKEND,
             "    kernels_wait_for_uploads();\n    timed(kernels_", "    timed(kernels_",
             "the kernel runs before list and mirror have arrived"),
    Mutation("scatter: no list", BACKEND,
             "    upload(commands.list_copy, commands.list.data(), list.bytes);\n", "",
             "the kernel reads the list of another chunk, or none"),
    Mutation("scatter: nothing staged", BACKEND,
             "      upload(commands.mirror + range.begin, commands.slot.data() + range.begin, size);\n",
             "",
             "the kernel reads bytes of another chunk, or none"),
    Mutation("scatter: mirrors are reused at once", BACKEND,
             "      wait_for_kernel_of(commands.mirror);\n",
             "      scattered_[commands.mirror] = make_event();\n",
             "uploads overwrite what the last kernel still reads"),
    Mutation("scatter: no wait for the mirror's event", BACKEND,
             "cudaStreamWaitEvent(uploads_.get(), scattered.get(), 0)", DONE,
             "uploads overwrite what the last kernel still reads"),
    Mutation("scatter: no event of the mirror", BACKEND,
             "cudaEventRecord(scattered_[commands.mirror].get(), kernels_.get())", DONE,
             "uploads overwrite what the last kernel still reads"),

    # Between devices.
    Mutation("take: does not wait for the source", BACKEND,
             "cudaStreamWaitEvent(here_from.stream.get(), ready.get(), 0)", DONE,
             "bytes are taken before the source has them"),
    Mutation("take: no event of the source", BACKEND,
             "cudaEventRecord(came_.get(), stream->get())", DONE,
             "bytes are taken before the source has them"),
    Mutation("take: the source's uploads do not count", BACKEND,
             "      kernels_wait_for_uploads();\n    }\n    if (!came_)", "    }\n    if (!came_)",
             "bytes are taken before they were uploaded to the source"),
    Mutation("take: the source's relays do not count", BACKEND,
             "      stream = &inbound_.at(static_cast<const cuda_backend*>(by))->stream;\n",
             "      (void)by;\n",
             "bytes are taken before the source has taken them"),
    Mutation("take: no event", BACKEND,
             "cudaEventRecord(here_from.taken.get(), here_from.stream.get())", DONE,
             "the call returns before replicas have their bytes"),

    # The caller's streams.
    Mutation("begin_after: no event", BACKEND,
             "cudaEventRecord(begun_.get(), static_cast<cudaStream_t>(stream))", DONE,
             "the load begins before the caller's stream is done"),
    Mutation("begin_after: uploads do not wait", BACKEND,
             "cudaStreamWaitEvent(uploads_.get(), event, 0)", DONE,
             "copies begin before the caller's stream is done"),
    Mutation("begin_after: kernels do not wait", BACKEND,
             "cudaStreamWaitEvent(kernels_.get(), event, 0)", DONE,
             "fills begin before the caller's stream is done"),
    Mutation("begin_after: known relays do not wait", BACKEND,
             "cudaStreamWaitEvent(from->stream.get(), event, 0)", DONE,
             "relays of a later load begin before the caller's stream is done"),
    Mutation("begin_after: new relays do not wait", BACKEND,
             "cudaStreamWaitEvent(made->stream.get(), begun_.get(), 0)", DONE,
             "relays begin before the caller's stream is done"),
    Mutation("end_before: kernels do not wait for uploads", BACKEND,
             "    kernels_wait_for_uploads();\n    const cuda_event", "    const cuda_event",
             "the caller's stream goes on before copies are done"),
    Mutation("end_before: no event", BACKEND,
             "cudaEventRecord(event.get(), kernels_.get()));\n    const auto given",
             "cudaSuccess);\n    const auto given",
             "the caller's stream goes on before the load is done"),
    Mutation("end_before: no wait", BACKEND,
             "cudaStreamWaitEvent(given, event.get(), 0)", DONE,
             "the caller's stream goes on before the load is done"),
    Mutation("end_before: no wait for relays", BACKEND,
             "cudaStreamWaitEvent(given, relay.taken.get(), 0)", DONE,
             "the caller's stream changes what another device still takes"),
    Mutation("engine: begins without the caller's streams", ENGINE,
             "one.on->begin_after(one.stream);", "(void)one;",
             "the load begins before the caller's stream is done"),
    Mutation("engine: ends without the caller's streams", ENGINE,
             "ordered.on->end_before(ordered.stream);", "(void)ordered;",
             "the caller's stream goes on before the load is done"),

    # The end of a load, of an engine, of a failure.
    Mutation("finish: uploads are not awaited", BACKEND,
             "WARMSTART_CUDA_CHECK(cudaStreamSynchronize(uploads_.get()))", "",
             "the call returns before copies are done"),
    Mutation("finish: kernels are not awaited", BACKEND,
             "WARMSTART_CUDA_CHECK(cudaStreamSynchronize(kernels_.get()));\n    for", "for",
             "the call returns before kernels are done"),
    Mutation("finish: relays are not awaited", BACKEND,
             "WARMSTART_CUDA_CHECK(cudaEventSynchronize(relay.taken.get()));", "(void)relay;",
             "the call returns before replicas have their bytes"),
    Mutation("pipeline: devices do not finish", PIPELINE,
             "target->finish();", "continue;", "the call returns before the bytes are there"),
    Mutation("pipeline: slots are left to streams", PIPELINE,
             "    if (chunks_left_ != in_flight_.size()) return;\n", "",
             "slots are free at once while there is something left to read"),
    Mutation("drain: uploads are not awaited", BACKEND,
             "cuda_ignore(cudaStreamSynchronize(uploads_.get()))", "",
             "copies of a failed load come later"),
    Mutation("drain: kernels are not awaited", BACKEND,
             "cuda_ignore(cudaStreamSynchronize(kernels_.get()))", "",
             "kernels of a failed load come later"),
    Mutation("drain: relays are not awaited", BACKEND,
             "cuda_ignore(cudaStreamSynchronize(relay.stream.get()));", "(void)relay;",
             "relays of a failed load come later"),
    Mutation("drain: only relays with an event are awaited", BACKEND,
             "cuda_ignore(cudaStreamSynchronize(relay.stream.get()));",
             "cuda_ignore(cudaEventSynchronize(relay.taken.get()));",
             "a relay comes later whose event could not be recorded"),
    Mutation("pipeline: a failed load is not drained", PIPELINE,
             "  for (backend* target : devices_) target->drain();\n", "",
             "commands of a failed load come later"),
    Mutation("backend: goes without a drain", BACKEND,
             "  ~cuda_backend() override { drain(); }\n", "",
             "commands come after their backend has gone"),
    Mutation("engine: a failed load is not drained", ENGINE,
             "    drain();  // fills before it, too\n", "",
             "fills of a failed run come later"),
    Mutation("engine: staging memory counts as read", ENGINE,
             "  lease_->keep_until(std::move(readers));\n", "",
             "the next load writes to slots that streams still read"),
    Mutation("staging: memory that is read is lent again", STAGING,
             "kept_.use_count() > 1 || kept_->is_read()", "kept_.use_count() > 1",
             "the next load writes to slots that streams still read"),

    # When values have arrived.
    Mutation("mark: no event", BACKEND,
             "cudaEventRecord(event.get(), kernels_.get()));\n    return", "cudaSuccess);\n    return",
             "values count as arrived at once"),
    Mutation("mark: uploads and relays do not count", BACKEND,
             "    kernels_wait_for_all();\n    cuda_event event", "    cuda_event event",
             "values count as arrived before they have"),
    Mutation("wait_for: nothing waits", BACKEND,
             "    all_wait_for(marked->event());\n", "",
             "verify and later loads do not wait for an ordered load"),
    Mutation("run: rows are not marked", RUN,
             "row.replica->ready = one.done;", "(void)one;",
             "values count as arrived at once"),
    Mutation("run: earlier loads are not awaited", RUN,
             "target.wait_for(*earlier);", "(void)target;",
             "the values of an ordered load overwrite those of a later one"),
    Mutation("verify: does not wait", VERIFY,
             "      target.wait_for(*replica.ready);\n", "",
             "bytes are compared before they have arrived"),
    Mutation("read_back: does not wait", READ_BACK,
             "    if (ready) target.wait_for(*ready);\n", "",
             "bytes are read before they have arrived"),
    Mutation("dlpack: does not wait", DLPACK,
             "  if (from.ready) from.ready->wait();\n", "",
             "a tensor is exported before its values have arrived"),
    Mutation("memory: given back while a load writes to it", VARIABLES,
             "    replica.ready->wait();\n", "",
             "a load writes to memory that was given back"),
    Mutation("links: devices without a stream take from those with one", JOB,
             "has_stream_of(link.first.first) != has_stream_of(link.first.second)", "false",
             "a load waits for a stream that stands still"),
    Mutation("engine: fills do not finish", ENGINE,
             "if (!has_stream(streams, target)) target->finish();", "(void)target;",
             "the call returns before fills are done"),
    Mutation("engine: failed fills are not drained", ENGINE,
             "  for (backend* target : devices) target->drain();\n", "",
             "fills of a failed run come later"),

    # Answers.
    Mutation("remainders: kernels do not wait for uploads", BACKEND,
             "    kernels_wait_for_all();\n    compute_remainders", "    compute_remainders",
             "checksums of bytes that have not arrived"),
    Mutation("remainders: no list", REMAINDERS,
             "cudaMemcpyAsync(to, from, size_bytes, cudaMemcpyHostToDevice, stream)", DONE,
             "the kernel reads what happens to be there"),
    Mutation("remainders: answers are not awaited", REMAINDERS,
             "cudaStreamSynchronize(stream)", DONE,
             "answers are read before they are there"),
    Mutation("read_back: kernels do not wait for uploads", BACKEND,
             "    kernels_wait_for_all();\n    if (!bounce_)", "    if (!bounce_)",
             "bytes are read before they have arrived"),
    Mutation("read_back: the copy is not awaited", BACKEND,
             "WARMSTART_CUDA_CHECK(cudaStreamSynchronize(kernels_.get()));\n      std::memcpy",
             "std::memcpy",
             "bytes are read before they are there"),

    # Memory.
    Mutation("allocate: the pool's stream is not awaited", DEVICE,
             "const cudaError_t failed = cudaStreamSynchronize(stream_.get())",
             "const cudaError_t failed = cudaSuccess",
             "other streams use memory that is not there yet"),
]


def write_if_changed(path, contents):
    """Keeps the time of a file that stays the same, and so what was built of it."""
    if path.exists() and path.read_bytes() == contents:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contents)


def copy_sources():
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = {name for name in listed.split("\0") if (ROOT / name).is_file()}
    for name in files:
        write_if_changed(COPY / name, (ROOT / name).read_bytes())
        shutil.copymode(ROOT / name, COPY / name)
    for path in COPY.rglob("*"):
        if path.is_file() and str(path.relative_to(COPY)) not in files:
            path.unlink()


def logged(command, **options):
    """Exit status of a command."""
    with LOG.open("wb") as log:
        return subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False,
                              **options).returncode


def build():
    return logged(["cmake", "--build", BUILD, "-j2", "--target", "warmstart_cuda_tests", "cudaemu"])


def configure():
    compiler = os.environ.get("CUDACXX") or subprocess.run(
        [ROOT / "scripts" / "cuda-compiler"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return logged(["cmake", "-S", COPY, "--preset", "release", "-B", BUILD, "-DWARMSTART_BENCH=OFF",
                   "-DWARMSTART_WERROR=OFF"], env={**os.environ, "CUDACXX": compiler.strip()})


def first_failure(schedule, timeout):
    """What fails first in a schedule; None if nothing does."""
    libraries = [str(BUILD / "tests" / "cudaemu" / "lib"), os.environ.get("LD_LIBRARY_PATH", "")]
    environment = {**os.environ, "CUDAEMU_SCHEDULE": schedule, "CUDAEMU_DEVICES": "3",
                   "CUDAEMU_LEAK_CHECK": "1", "LD_LIBRARY_PATH": ":".join(filter(None, libraries))}
    try:
        status = logged([PROGRAM, "--gtest_fail_fast", FILTER], env=environment, timeout=timeout)
    except subprocess.TimeoutExpired:
        status = "does not end"
    if status == 0:
        return None
    log = LOG.read_text(errors="replace")
    if failed := re.search(r"^\[  FAILED  \] ([^\s,]+)", log, re.MULTILINE):
        return failed[1]
    last = re.findall(r"^\[ RUN      \] (\S+)|^\[  PASSED  \]", log, re.MULTILINE)
    return f"{last[-1] if last and last[-1] else 'at exit'} ({status})"


def measure():
    """Seconds that the tests take without a mutation, by schedule."""
    times = {}
    for schedule in SCHEDULES:
        begin = time.monotonic()
        failed = first_failure(schedule, timeout=600)
        if failed:
            sys.exit(f"mutations.py: without a mutation, {schedule} fails in {failed} ({LOG})")
        times[schedule] = time.monotonic() - begin
    return times


def caught_by(mutation, times):
    """Schedule and test that notice the mutation; None if none does."""
    path = COPY / mutation.file
    original = path.read_bytes()
    path.write_bytes(original.replace(mutation.find.encode(), mutation.replace.encode()))
    try:
        if build() != 0:
            sys.exit(f"mutations.py: '{mutation.name}' does not compile ({LOG})")
        for schedule in SCHEDULES:
            test = first_failure(schedule, timeout=30 + 4 * times[schedule])
            if test:
                return schedule, test
        return None
    finally:
        path.write_bytes(original)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--list", action="store_true", help="print the mutations and end")
    parser.add_argument("--only", action="append", metavar="NAME", default=[],
                        help="this mutation; may be repeated")
    arguments = parser.parse_args()

    gone = [m.name for m in MUTATIONS if (ROOT / m.file).read_text().count(m.find) != 1]
    if gone:
        sys.exit("mutations.py: the text to replace is not there, or not once: " + "; ".join(gone))
    chosen = [m for m in MUTATIONS if not arguments.only or m.name in arguments.only]
    width = max(len(m.name) for m in MUTATIONS)
    if arguments.list:
        for m in chosen:
            print(f"{m.name:{width}}  {m.why}")
        return 0
    if len(chosen) < len(set(arguments.only)):
        sys.exit("mutations.py: no such mutation; --list names them")

    copy_sources()
    if configure() != 0 or build() != 0:
        sys.exit(f"mutations.py: the build without a mutation fails ({LOG})")
    times = measure()
    print(f"without a mutation: {sum(times.values()):.0f} s in {len(times)} schedules", flush=True)
    survivors = 0
    for m in chosen:
        found = caught_by(m, times)
        survivors += found is None
        schedule, test = found or ("-", "SURVIVES")
        print(f"{m.name:{width}}  {schedule:8}  {test}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} mutations caught")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
