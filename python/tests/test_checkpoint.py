"""Checkpoints: names, tensors, slices, dtypes."""

from __future__ import annotations

from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
import warmstart as ws
from conftest import ROOT, float32, write_safetensors
from hypothesis import given, settings
from hypothesis import strategies as st

DTYPES = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": ml_dtypes.bfloat16,
    "F8_E4M3": ml_dtypes.float8_e4m3fn, "F8_E5M2": ml_dtypes.float8_e5m2, "F8_E8M0": ml_dtypes.float8_e8m0fnu,
    "I64": np.int64, "I32": np.int32, "I16": np.int16, "I8": np.int8,
    "U64": np.uint64, "U32": np.uint32, "U16": np.uint16, "U8": np.uint8, "BOOL": np.bool_, "C64": np.complex64,
}  # fmt: skip


def test_a_checkpoint_is_a_mapping(trained: str) -> None:
    with ws.open(trained) as ckpt:
        assert ckpt.format == "tensor_bundle"
        assert len(ckpt) == len(list(ckpt)) == 10
        assert "net/w" in ckpt
        assert "net/nothing" not in ckpt
        assert ckpt.get("net/nothing") is None
        assert dict(ckpt).keys() == set(ckpt)
        tensor = ckpt["net/embedding"]
        assert (tensor.name, tensor.dtype, tensor.shape, tensor.nbytes) == ("net/embedding", "float32", (20, 6), 480)
        assert [Path(one).name for one in tensor.files] == ["model.ckpt-3.data-00000-of-00001"]
        assert tensor.stored_slices[1] == ((5, 5), (0, 6))
        assert ckpt.verify().damage == []
    with pytest.raises(ws.InvalidArgumentError, match="closed"):
        tensor.numpy()


def test_names_of_tensorflow_2_are_found() -> None:
    with ws.open(ROOT / "tests/data/tensorflow/checkpoints/object_based") as ckpt:
        named = [one for one in ckpt.values() if one.full_name]
        assert named
        for one in named:
            assert one.full_name in ckpt
            assert ckpt[one.full_name].full_name == one.full_name
            assert ckpt[one.name.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE")].name == one.name


def test_the_newest_checkpoint_of_a_directory(trained: str) -> None:
    newest = ws.latest_checkpoint(trained)
    assert newest is not None
    assert newest.endswith("model.ckpt-3")
    assert ws.latest_checkpoint(ROOT / "tests") is None


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_is_read_as_written(dtype: str, tmp_path: Path) -> None:
    if dtype == "BOOL":
        stored = np.array([[True, False, True], [False, True, True]])
    else:
        stored = np.array([[1, 2, 4], [8, 0.5, 1]]).astype(DTYPES[dtype])
    path = write_safetensors(tmp_path / "one.safetensors", {"t": (dtype, stored.shape, stored.tobytes())})
    with ws.open(path) as ckpt:
        for read in (ckpt["t"].numpy(), ckpt.read_many()["t"], ckpt["t"].read(out=np.empty_like(stored))):
            assert read.dtype == stored.dtype
            assert read.tobytes() == stored.tobytes()
        assert ckpt["t"][1].numpy().tobytes() == stored[1].tobytes()


def test_all_dtypes_of_tensorflow() -> None:
    with ws.open(ROOT / "tests/data/tensorflow/checkpoints/dtypes/model.ckpt") as ckpt:
        everything = ckpt.read_many()
        assert {ckpt[name].dtype for name in everything} >= {"int4", "uint4", "qint8", "bfloat16", "complex128"}
        for name, array in everything.items():
            one_by_one = ckpt[name].numpy()
            assert array.dtype == one_by_one.dtype
            assert array.tobytes() == one_by_one.tobytes()
        assert {array.dtype for array in everything.values()} >= {np.dtype(ml_dtypes.int4), np.dtype(ml_dtypes.uint4)}


def test_strings_are_bytes_objects() -> None:
    with ws.open(ROOT / "tests/data/tensorflow/checkpoints/dtypes/model.ckpt") as ckpt:
        values = ckpt["s/strings"].numpy()
        assert values.shape == (2, 2)
        assert all(isinstance(one, bytes) for one in values.flat)
        assert (ckpt["s/strings"][:1].numpy() == values[:1]).all()
        assert "s/strings" not in ckpt.read_many()


indices = st.lists(
    st.one_of(st.integers(-6, 6), st.just(Ellipsis), st.builds(slice, *[st.one_of(st.none(), st.integers(-7, 7))] * 2)),
    max_size=4,
).map(tuple)


@pytest.fixture(scope="module")
def cube(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("cube") / "cube.safetensors"
    return write_safetensors(path, {"cube": ("F32", (5, 4, 3), float32(5, 4, 3).tobytes())})


@settings(max_examples=300, deadline=None)
@given(first=indices, second=indices)
def test_slices_are_numpys(cube: str, first: tuple, second: tuple) -> None:
    with ws.open(cube) as ckpt:
        tensor, array = ckpt["cube"], float32(5, 4, 3)
        for index in (first, second):
            try:
                expected = array[index]
            except IndexError:
                with pytest.raises(IndexError):
                    tensor[index]
                return
            array, tensor = expected, tensor[index]
        assert tensor.shape == np.shape(array)
        assert np.array_equal(tensor.numpy(), array)
        into = np.empty(tensor.shape, np.float32)
        ckpt.read_into([(tensor, into)])
        assert np.array_equal(into, array)


def test_what_is_no_slice_is_refused(cube: str) -> None:
    with ws.open(cube) as ckpt:
        for index in (slice(0, 4, 2), 5, -6, (0, 0, 0, 0), (..., ...), "name", None, True, 1.0):
            with pytest.raises(IndexError):
                ckpt["cube"][index]


def test_several_tensors_are_read_in_one_pass(trained: str) -> None:
    seen: list[tuple[int, int]] = []
    with ws.open(trained) as ckpt:
        everything = ckpt.read_many(progress=lambda done, total: seen.append((done, total)))
        assert set(everything) == set(ckpt)
        assert all(np.array_equal(array, ckpt[name].numpy()) for name, array in everything.items())
        assert set(ckpt.read_many(["net/w"])) == {"net/w"}
    assert seen[-1][0] == seen[-1][1] == sum(one.nbytes for one in everything.values())


def test_an_array_of_the_callers_is_read_into(make_file: object) -> None:
    stored = float32(300, 1000)
    with ws.open(make_file(t=stored)) as ckpt:
        out = np.zeros_like(stored)
        address = out.ctypes.data
        assert ckpt["t"].read(out=out) is out
        assert out.ctypes.data == address
        assert np.array_equal(out, stored)
        columns = np.asfortranarray(out)
        for wrong in (np.zeros((300, 999), np.float32), np.zeros(stored.shape, np.int32), columns, out[:, :500]):
            with pytest.raises(ws.Error):
                ckpt["t"].read(out=wrong)
        out.flags.writeable = False
        with pytest.raises(ws.InvalidArgumentError, match="read-only"):
            ckpt["t"].read(out=out)


def test_frameworks_take_a_tensor_as_an_array(trained: str) -> None:
    import jax

    with ws.open(trained) as ckpt:
        tensor = ckpt["net/w"]
        assert np.array_equal(np.asarray(tensor), tensor.numpy())
        assert np.asarray(tensor, np.float64).dtype == np.float64
        assert np.array_equal(np.from_dlpack(tensor), tensor.numpy())
        assert np.array_equal(jax.dlpack.from_dlpack(tensor), tensor.numpy())


def test_damage_is_an_error(tmp_path: Path, trained: str) -> None:
    for one in Path(trained).iterdir():
        content = bytearray(one.read_bytes())
        if ".data-" in one.name:
            content[len(content) // 2] ^= 1
        (tmp_path / one.name).write_bytes(content)
    with ws.open(tmp_path / "model.ckpt-3") as ckpt:
        damaged = ckpt.verify().damage
        assert [one.code for one in damaged] == ["corrupt"]
        with pytest.raises(ws.CorruptError) as caught:
            ckpt.read_many()
        bad = caught.value.problems[0]
        assert bad.tensor == damaged[0].tensor
        assert ".data-" in bad.file
        assert bad.offset is not None
        assert bad.expected.startswith("crc32c 0x")
        assert bad.found.startswith("0x")
        ckpt.read_many(checksums=False)
