#!/usr/bin/env python3
"""Shows that the tests of cuda/ can fail: takes out each wait, event and owner in turn, and says which
schedule of the emulator notices first, and in which test.

usage: mutations.py [--list] [--only NAME]... [--share K/N | --rotate N] [--build DIR]

Compiles the changed source, and links the tests with it, beside a release build (default:
build/release), whose sources and programs stay as they are. Exit status 1 if a mutation survives, if
a text to replace is not there any more, or if the tests fail without mutations.
"""

import argparse
import concurrent.futures
import dataclasses
import datetime
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True  # not among the sources
import mutants  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]

BACKEND = "cuda/cuda_backend.cpp"
BLOCKS = "cuda/block_allocator.cpp"
DEVICE = "cuda/cuda_device.cpp"
MEMORY = "cuda/device_memory.cpp"
REMAINDERS = "cuda/remainder_list.cpp"
TIMER = "cuda/stream_timer.cpp"
PIPELINE = "src/engine/pipeline.cpp"
ENGINE = "src/engine/load_engine.cpp"
STAGING = "src/engine/staging_pool.cpp"
RUN = "src/load/initializer_run.cpp"
VERIFY = "src/load/verification.cpp"
READ_BACK = "src/api/read_back.cpp"
JOB = "src/load/load_job.cpp"
DLPACK = "src/variables/dlpack.cpp"
VARIABLE = "src/variables/variable.cpp"
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
    Mutation("take: the source does not know who takes", BACKEND,
             "    source.outbound_.push_back(made);\n", "",
             "the caller's stream changes what another device still takes"),
    Mutation("relays: begin with their first chunk", PIPELINE,
             "    if (--relay_chunks_left_[number] > 0) continue;\n",
             "    if (std::exchange(relay_chunks_left_[number], 0) == 0) continue;\n",
             "bytes are taken before the rest of them was given to the source"),
    Mutation("relays: of relays wait for uploads", PIPELINE,
             "what.after == relay::host ? nullptr : request_.backends[plan_.relays[what.after].from]",
             "nullptr",
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
             "one.backend->begin_after(one.stream);", "(void)one;",
             "the load begins before the caller's stream is done"),
    Mutation("engine: ends without the caller's streams", ENGINE,
             "ordered.backend->end_before(ordered.stream);", "(void)ordered;",
             "the caller's stream goes on before the load is done"),

    Mutation("is_idle: every stream is", BACKEND,
             "cudaStreamQuery(static_cast<cudaStream_t>(stream))", DONE,
             "a load that needs the stream to go on is not refused"),
    Mutation("wait_for_stream: does not wait", BACKEND,
             "cudaStreamSynchronize(static_cast<cudaStream_t>(stream))", DONE,
             "a load that may wait for the stream is refused"),
    Mutation("run: loads that need the stream to go on are not refused", RUN,
             "    refuse_too_few_slots();\n", "",
             "the call waits for what the caller does after it"),
    Mutation("pipeline: devices keep to their shares of the slots", PIPELINE,
             "waiting_.lift_shares(staging_.slot_count());", ";",
             "the call waits for what the caller does after it"),

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
    Mutation("backend: goes without a drain", BACKEND,
             "  ~cuda_backend() override { drain(); }\n", "",
             "commands come after their backend has gone"),
    Mutation("engine: goes without a drain", ENGINE,
             "    drain();\n    lease_.reset();\n    staging_", "    lease_.reset();\n    staging_",
             "slots go while streams read them"),
    Mutation("engine: readers are not awaited", ENGINE,
             "    one.drive();\n    readers_.wait();\n", "    one.drive();\n",
             "readers of a failed load go on in a load that has gone"),
    Mutation("engine: a failed load is not drained", ENGINE,
             "    drain();  // earlier fills included\n", "",
             "commands of a failed load come later"),
    Mutation("engine: staging memory counts as read", ENGINE,
             "  lease_->keep_until(std::move(readers));\n", "",
             "the next load writes to slots that streams still read"),
    Mutation("staging: memory that is read is lent again", STAGING,
             "kept_.use_count() > 1 || kept_->is_read()", "kept_.use_count() > 1",
             "the next load writes to slots that streams still read"),

    Mutation("staging: memory that is read goes when another load needs more", STAGING,
             "if (in_use || replaced) retired_.push_back(std::move(kept_));",
             "if (in_use || replaced) kept_.reset();",
             "slots go while streams read them"),
    Mutation("staging: replaced memory goes while it is read", STAGING,
             "return !lease->is_read();", "return true;",
             "slots go while streams read them"),
    Mutation("staging: memory is freed beside streams that stand still", STAGING,
             "!may_free && !kept_->suffices(plan, source.device())", "false",
             "to free pinned memory waits for all streams"),
    Mutation("run: memory is freed beside streams that stand still", RUN,
             "engine_.prepare(job_.plan, backends_, busy_.empty());",
             "engine_.prepare(job_.plan, backends_, true);",
             "to free pinned memory waits for all streams"),

    # When values have arrived.
    Mutation("mark: no event", BACKEND,
             "cudaEventRecord(event.get(), kernels_.get()));\n    return", "cudaSuccess);\n    return",
             "values count as arrived at once"),
    Mutation("mark: uploads and relays do not count", BACKEND,
             "    kernels_wait_for_all();\n    cuda_event event", "    cuda_event event",
             "values count as arrived before they have"),
    Mutation("kernels wait for all: relays do not count", BACKEND,
             "cudaStreamWaitEvent(kernels_.get(), relay.taken.get(), 0)", DONE,
             "values count as arrived before they have"),
    Mutation("completion: done at once", BACKEND,
             "done = answer != cudaErrorNotReady;", "done = true;",
             "values count as arrived before they have"),
    Mutation("completion: asks once", BACKEND,
             "while (!done()) std::this_thread::sleep_for(WAIT_INTERVAL);", "",
             "who waits for values is told that the device failed"),
    Mutation("completion: does not keep its device", BACKEND,
             "on_(std::move(on))", "on_(on.get(), [](cuda_device*) {})",
             "values are waited for after the last engine has gone"),
    Mutation("wait_for: nothing waits", BACKEND,
             "    all_wait_for(marked->event());\n", "",
             "verify and later loads do not wait for an ordered load"),
    Mutation("run: rows are not marked", RUN,
             "row.replica->ready = one.done;", "(void)one;",
             "values count as arrived at once"),
    Mutation("run: loads do not wait for earlier loads", RUN,
             "wait(job_.loads.rows[i], *backends_[i]);", ";",
             "the values of an ordered load overwrite those of a later one"),
    Mutation("run: fills do not wait for earlier loads", RUN,
             "wait(job_.fills.rows[i], *fill_backends_[i]);", ";",
             "the values of an ordered load overwrite those of a later fill"),
    Mutation("variable: wait does not wait", VARIABLE,
             "  if (one.ready) one.ready->wait();\n", "",
             "values are used before they have arrived"),
    Mutation("variable: is ready at once", VARIABLE,
             "one.initialized && (!one.ready || one.ready->done())", "one.initialized",
             "values are used before they have arrived"),
    Mutation("verify: does not wait", VERIFY,
             "      target.wait_for(*replica.ready);\n", "",
             "bytes are compared before they have arrived"),
    Mutation("read_back: does not wait", READ_BACK,
             "  if (ready) target.wait_for(*ready);\n", "",
             "bytes are read before they have arrived"),
    Mutation("dlpack: does not wait", DLPACK,
             "  if (from.ready) from.ready->wait();\n", "",
             "a tensor is exported before its values have arrived"),
    Mutation("memory: given back while a load writes to it", VARIABLES,
             "    replica.ready->wait();\n", "",
             "a load writes to memory that was given back"),
    Mutation("dlpack: a tensor does not keep its variable", DLPACK,
             "  made->keep = variable_access::share(v);\n", "",
             "an exported tensor's memory goes with its store"),
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
    Mutation("device: its thread is not awaited", DEVICE,
             "  changed_.wait(lock, [&] { return done; });\n", "",
             "callers go on before the device's thread has done what they asked for"),
    Mutation("memory: does not keep its device", MEMORY,
             "const std::shared_ptr<cuda_device> from = cuda_device::of(device.index());",
             "cuda_device* const from = cuda_device::of(device.index()).get();",
             "memory is given back to a device that has gone"),
    Mutation("blocks: go back with their first piece", BLOCKS,
             "if (--found->second.pieces > 0) return;", "--found->second.pieces;",
             "variables use memory that was given back"),

    # Traces.
    Mutation("timer: its clock is not awaited", TIMER,
             "cudaEventSynchronize(event.get())", DONE,
             "what devices did is told at other times"),
    Mutation("timer: ends are not awaited", TIMER,
             "cudaEventSynchronize(one.end.get())", DONE,
             "the trace is taken before it is there"),
]


def git(*arguments):
    return subprocess.run(["git", "-C", ROOT, *arguments], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout.strip()


def turn():
    """A number that changes from commit to commit and is the same for each, and what it is."""
    try:
        head = git("rev-parse", "HEAD")
        if git("rev-parse", "--is-shallow-repository") == "true":
            return int(head[:8], 16), f"the clone is shallow; the hash of HEAD begins with {head[:8]}"
        count = int(git("rev-list", "--count", "HEAD"))
        return count, f"HEAD, {head[:8]}, is commit number {count}"
    except (OSError, subprocess.CalledProcessError):
        today = datetime.date.today()
        return today.toordinal(), f"there is no git; today is {today}"


def parse_share(text):
    number, count = (int(part) for part in text.split("/"))
    if not 0 <= number < count:
        raise ValueError
    return number, count


def choose(arguments):
    """The mutations to look at."""
    if arguments.only:
        known = {m.name for m in MUTATIONS}
        if unknown := set(arguments.only) - known:
            sys.exit(f"mutations.py: no such mutation: {'; '.join(unknown)}; --list names them")
        return [m for m in MUTATIONS if m.name in arguments.only]
    number, count = arguments.share or (0, 1)
    if arguments.rotate:
        now, why = turn()
        number, count = now % arguments.rotate, arguments.rotate
        print(f"share {number}/{count}: {why}")
    return MUTATIONS[number::count]  # each share has some of every kind


def mutated(mutation):
    return (ROOT / mutation.file).read_text().replace(mutation.find, mutation.replace)


def look_at(build, mutation, timeout):
    """Whether the mutation is caught; the schedule and the test that notice it."""
    try:
        program = build.program_with(mutation.name, mutation.file, mutated(mutation))
    except mutants.BuildFailed as failure:
        return False, "-", str(failure)
    for schedule in mutants.SCHEDULES:
        if test := build.first_failure(program, schedule, timeout):
            build.forget(mutation.name)
            return True, schedule, test
    return False, "-", f"SURVIVES: {mutation.why}"


def run(chosen, folder):
    """How many are not caught."""
    build = mutants.Build(ROOT, folder)
    file = chosen[0].file
    unchanged = build.program_with("unchanged", file, (ROOT / file).read_text())
    seconds = build.seconds_of(unchanged)
    build.forget("unchanged")
    print(f"without a mutation: {seconds:.0f} s in schedule {mutants.SCHEDULES[0]}", flush=True)
    missed = 0
    width = max(len(m.name) for m in chosen)
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        answers = pool.map(lambda m: look_at(build, m, timeout=15 + 5 * seconds), chosen)
        for m, (caught, schedule, test) in zip(chosen, answers):
            missed += not caught
            print(f"{m.name:{width}}  {schedule:8}  {test}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} mutations caught")
    return missed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--list", action="store_true", help="print the mutations and end")
    parser.add_argument("--only", action="append", metavar="NAME", default=[],
                        help="this mutation; may be repeated")
    parser.add_argument("--share", type=parse_share, metavar="K/N", help="the K-th of N shares, from 0")
    parser.add_argument("--rotate", type=int, metavar="N",
                        help="one of N shares, another one with each commit")
    parser.add_argument("--build", type=pathlib.Path, metavar="DIR", default=ROOT / "build" / "release")
    arguments = parser.parse_args()

    gone = [m.name for m in MUTATIONS if (ROOT / m.file).read_text().count(m.find) != 1]
    if gone:
        sys.exit("mutations.py: the text to replace is not there, or not once: " + "; ".join(gone))
    chosen = choose(arguments)
    if arguments.list:
        width = max(len(m.name) for m in chosen)
        for m in chosen:
            print(f"{m.name:{width}}  {m.why}")
        return 0
    try:
        return 1 if run(chosen, arguments.build.resolve()) else 0
    except mutants.BuildFailed as failure:
        sys.exit(f"mutations.py: {failure}")


if __name__ == "__main__":
    sys.exit(main())
