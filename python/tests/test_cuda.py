"""Memory of GPUs, by DLPack. ctest runs this on the emulator (scripts/emulated)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import warmstart as ws
from conftest import float32

Make = Callable[..., str]


def on_gpu(device: str, shape: tuple[int, ...], dtype: str = "float32") -> ws.Variable:
    """Memory of a GPU, as an array of another framework would have it."""
    store = ws.VariableStore(device)
    made = store.get_variable("memory", shape, dtype, initializer=ws.zeros())
    store.run_initializers()
    return made


class Exporter:
    """A GPU's array that records how it was asked for."""

    def __init__(self, memory: ws.Variable) -> None:
        self.memory = memory
        self.stream: object = "never asked"

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.memory.__dlpack_device__()

    def __dlpack__(self, **options: object) -> object:
        self.stream = options["stream"]
        return self.memory.__dlpack__(**options)


def test_there_are_gpus() -> None:
    assert [one.name for one in ws.devices()] == ["cpu:0", "cuda:0", "cuda:1"]
    assert ws.VariableStore().get_variable("v", (1,)).devices == ["cuda:0"]


@pytest.mark.parametrize("device", ["cuda:0", "cuda:1"])
def test_an_array_on_a_gpu_is_written_in_place(device: str, make_file: Make) -> None:
    array = on_gpu(device, (300, 20))
    exporter = Exporter(array)
    store = ws.VariableStore("cpu:0")
    wrapped = store.wrap("v", exporter, stream=1)
    assert exporter.stream == 1
    assert (wrapped.devices, wrapped.data_ptr()) == ([device], array.data_ptr())
    store.init_from_checkpoint(make_file(a=float32(300, 20)), {"a": wrapped})
    store.run_initializers()
    assert np.array_equal(array.numpy(), float32(300, 20))
    assert store.verify().complete


def test_a_variable_on_a_gpu_is_shared_or_copied_to_the_host(make_file: Make) -> None:
    v = on_gpu("cuda:1", (3, 2))
    assert v.__dlpack_device__() == (2, 1)
    again = ws.VariableStore("cpu:0").wrap("again", v)
    assert again.data_ptr() == v.data_ptr()
    copied = np.from_dlpack(v, device="cpu")
    assert copied.shape == (3, 2)
    for options in ({"dl_device": (1, 0), "copy": False}, {"dl_device": (2, 0)}, {"copy": True}):
        with pytest.raises(BufferError):
            v.__dlpack__(**options)


def test_slices_go_to_arrays_on_gpus_in_one_pass(make_file: Make) -> None:
    stored = float32(6, 4)
    first, second = on_gpu("cuda:0", (2, 4)), on_gpu("cuda:1", (4,), "float64")
    host = np.zeros((6,), np.float32)
    with ws.open(make_file(a=stored)) as ckpt:
        tensor = ckpt["a"]
        ckpt.read_into([(tensor[1:3], first), (tensor[5], second), (tensor[:, 2], host)], cast=True)
    assert np.array_equal(first.numpy(), stored[1:3])
    assert np.array_equal(second.numpy(), stored[5])
    assert np.array_equal(host, stored[:, 2])


def test_parts_and_replicas_on_several_gpus(make_file: Make) -> None:
    stored = float32(7, 3)
    store = ws.VariableStore("cuda:0")
    cut = store.get_variable("cut", (7, 3), partitioner=ws.fixed_size_partitioner(2), devices=["cuda:0", "cuda:1"])
    everywhere = store.get_variable("everywhere", (7, 3), devices=["cuda:0", "cuda:1", "cpu:0"], replicated=True)
    store.init_from_checkpoint(make_file(a=stored), [("a", cut), ("a", everywhere)])
    store.run_initializers()
    assert [part.devices for part in cut.parts] == [["cuda:0"], ["cuda:1"]]
    assert np.array_equal(cut.numpy(), stored)
    assert all(np.array_equal(everywhere.numpy(replica), stored) for replica in range(3))


def test_a_load_takes_its_place_in_a_stream(make_file: Make) -> None:
    class Stream:
        cuda_stream = 0  # the legacy default stream

    array = on_gpu("cuda:0", (300, 20))
    store = ws.VariableStore("cuda:0")
    v = store.wrap("v", array)
    for stream in (0, Stream()):
        store.init_from_checkpoint(make_file(a=float32(300, 20)), {"a": v})
        store.run_initializers(streams={"cuda:0": stream})
        assert v.is_initialized()
        v.wait()
        assert v.is_ready()
        assert np.array_equal(v.numpy(), float32(300, 20))
    with pytest.raises(ws.InvalidArgumentError, match="no CUDA stream"):
        store.run_initializers(streams={"cuda:0": "stream"})


def test_a_gpu_that_is_not_there_is_a_device_error(make_file: Make) -> None:
    store = ws.VariableStore("cuda:7")
    store.get_variable("v", (3,))
    with pytest.raises(ws.DeviceError) as caught:
        store.run_initializers()
    assert isinstance(caught.value, RuntimeError)
