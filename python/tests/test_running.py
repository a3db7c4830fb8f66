"""Loads beside the program: threads, signals, callbacks, asyncio, fork; what is kept from one load to the next."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import warmstart as ws
from conftest import float32

Make = Callable[..., str]
COPIES = 128
BYTES = 64 << 20


@pytest.fixture(scope="module")
def big_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One tensor of 64 MiB, without data on the disk."""
    path = tmp_path_factory.mktemp("big") / "big.safetensors"
    header = f'{{"t": {{"dtype": "F32", "shape": [{BYTES // 4}], "data_offsets": [0, {BYTES}]}}}}'.encode()
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + BYTES)
    return str(path)


def long_load(path: str) -> ws.VariableStore:
    """A load of a second or so, all into the same memory."""
    store = ws.VariableStore("cpu:0")
    array = np.zeros(BYTES // 4, np.float32)
    store.init_from_checkpoint(path, [("t", store.wrap(f"v{i}", array)) for i in range(COPIES)])
    return store


def run_slowly(store: ws.VariableStore, **options: object) -> None:
    with ws.Engine(reader_threads=1) as engine:
        store.run_initializers(engine=engine, **options)


def is_untouched(store: ws.VariableStore) -> bool:
    return not any(one.is_initialized() for one in store.variables) and store.plan().bytes_needed == BYTES


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def threads() -> int:
    return len(os.listdir("/proc/self/task"))


def test_another_thread_works_during_a_load(big_file: str) -> None:
    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.001)

    other = threading.Thread(target=tick)
    store = long_load(big_file)
    other.start()
    run_slowly(store)
    done.set()
    other.join()
    assert ticks > 20


def test_control_c_cancels_within_a_second(big_file: str) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs of shells start without it
    store = long_load(big_file)
    sent = 0.0

    def interrupt() -> None:
        nonlocal sent
        sent = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.05, interrupt)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run_slowly(store)
    assert time.monotonic() - sent < 1
    timer.join()
    assert is_untouched(store)


def test_a_callback_runs_on_the_callers_thread_and_can_stop_the_load(big_file: str) -> None:
    store = long_load(big_file)

    def stop(done: int, total: int) -> None:
        assert threading.current_thread() is threading.main_thread()
        assert 0 <= done <= total
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        run_slowly(store, progress=stop)
    assert is_untouched(store)


def test_a_load_can_be_awaited_beside_others(big_file: str) -> None:
    async def both() -> tuple[ws.LoadReport, int]:
        load = long_load(big_file).start(engine=ws.Engine(reader_threads=1))
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while not load.done:
                ticks += 1
                await asyncio.sleep(0.001)

        report, _ = await asyncio.gather(load, tick())
        return report, ticks

    report, ticks = asyncio.run(both())
    assert report.bytes_needed == BYTES
    assert ticks > 20


def test_a_cancelled_task_cancels_its_load(big_file: str) -> None:
    store = long_load(big_file)

    async def give_up() -> None:
        await asyncio.wait_for(store.start(engine=ws.Engine(reader_threads=1)), 0.05)

    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(give_up())
    assert is_untouched(store)


def test_a_load_can_be_cancelled(big_file: str) -> None:
    store = long_load(big_file)
    load = store.start()
    with pytest.raises(ws.InvalidArgumentError, match="a load uses this store"):
        store.get_variable("another", (1,))
    load.cancel()
    with pytest.raises(ws.CancelledError):
        load.result()
    assert load.done
    assert is_untouched(store)


def test_a_load_that_nobody_waits_for_ends_with_its_handle(big_file: str) -> None:
    store = long_load(big_file)
    load = store.start()
    begin = time.monotonic()
    del load
    assert time.monotonic() - begin < 1
    assert is_untouched(store)


def test_a_thousand_loads_take_no_more_memory_or_threads(make_file: Make) -> None:
    path = make_file(a=float32(64, 1024), b=float32(7))

    def load_once() -> None:
        store = ws.VariableStore("cpu:0")
        store.init_from_checkpoint(path, {"a": np.empty((64, 1024), np.float32), "b": np.empty(7, np.float32)})
        store.run_initializers()
        with ws.open(path) as ckpt:
            ckpt["a"].numpy()

    for _ in range(100):
        load_once()
    memory, count = resident_bytes(), threads()
    for _ in range(1000):
        load_once()
    assert resident_bytes() - memory < 8 << 20
    assert threads() <= count


@pytest.mark.filterwarnings("ignore:os.fork")  # of JAX, which another test has imported
def test_loads_work_in_a_forked_child(make_file: Make) -> None:
    path = make_file(a=float32(1 << 20))
    own = ws.Engine()

    def read(engine: ws.Engine | None = None) -> np.ndarray:
        with ws.open(path) as ckpt:
            return ckpt["a"].read(engine=engine)

    read()
    read(own)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            assert np.array_equal(read(), float32(1 << 20))
            with pytest.raises(ws.InvalidArgumentError, match="forked"):
                read(own)
            del own
            status = 0
        finally:
            os._exit(status)
    assert wait_for(child, seconds=30) == 0
    read(own)


def wait_for(child: int, seconds: float) -> int:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise TimeoutError("the child hangs")


def test_a_child_process_ends_by_itself(make_file: Make) -> None:
    path = make_file(a=float32(1 << 20))
    code = f"""
import os, warmstart as ws
own = ws.Engine()
with ws.open({path!r}) as ckpt:
    ckpt["a"].read(engine=own), ckpt["a"].numpy()
    if os.fork() == 0:
        ckpt["a"].numpy()
    else:
        assert os.wait()[1] == 0
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


def test_an_engine_of_ones_own(make_file: Make) -> None:
    path = make_file(a=float32(1 << 20))
    with ws.open(path) as ckpt, ws.Engine(reader_threads=2) as engine:
        assert np.array_equal(ckpt["a"].read(engine=engine), float32(1 << 20))
    with pytest.raises(ws.InvalidArgumentError, match="closed"):
        ws.open(path)["a"].read(engine=engine)
    with pytest.raises(ws.InvalidArgumentError):
        ws.Engine(-1)


class Terminal:
    def __init__(self, is_watched: bool) -> None:
        self.text = ""
        self.is_watched = is_watched

    def isatty(self) -> bool:
        return self.is_watched

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


@pytest.mark.parametrize("is_watched", [True, False])
def test_a_bar_is_shown_to_those_who_watch(is_watched: bool, big_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(is_watched)
    monkeypatch.setattr(sys, "stderr", terminal)
    with ws.open(big_file) as ckpt:
        ckpt["t"].read(progress=True)
    if is_watched:
        assert "100%  64.0 MiB of 64.0 MiB" in terminal.text
        assert "GB/s" in terminal.text
        assert terminal.text.endswith("\n")
    else:
        assert terminal.text == ""
