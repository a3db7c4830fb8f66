"""Variable stores, assignment maps, reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import warmstart as ws
from conftest import ROOT, float32
from warmstart import _warmstart

Make = Callable[..., str]


def test_a_map_names_who_gets_what(trained: str) -> None:
    store = ws.VariableStore("cpu:0")
    w = store.get_variable("encoder/w", (5, 4))
    table = store.get_variable("encoder/embedding", (20, 6), partitioner=ws.fixed_size_partitioner(3))
    step = store.get_variable("step", (), "int64")
    resolved = store.init_from_checkpoint(trained, {"net/": "encoder/", "global_step": step})
    assert [row.tensor for row in resolved.rows] == ["net/w", *["net/embedding"] * 3, "global_step"] or {
        row.variable for row in resolved.rows
    } == {"encoder/w", "step", *(f"encoder/embedding/part_{i}" for i in range(3))}
    assert not w.is_initialized()
    report = store.run_initializers()
    assert len(report.rows) == 5
    assert all(row.checked for row in report.rows)
    assert report.bytes_needed == 5 * 4 * 4 + 20 * 6 * 4 + 8
    assert "encoder/w" in str(report)
    assert "encoder/w" in str(resolved)
    with ws.open(trained) as ckpt:
        assert np.array_equal(w.numpy(), ckpt["net/w"].numpy())
        assert np.array_equal(table.numpy(), ckpt["net/embedding"].numpy())
        assert np.array_equal(table.parts[1].numpy(), ckpt["net/embedding"][7:14].numpy())
        assert step.numpy() == ckpt["global_step"].numpy()
    assert table.parts[1].slice == ((7, 7), (0, 6))
    assert (table.parts[1].full_name, table.parts[1].full_shape) == ("encoder/embedding", (20, 6))
    assert store.verify().complete


def test_targets_of_every_kind(make_file: Make) -> None:
    stored = float32(4, 3)
    path = make_file(a=stored, b=stored + 1, c=stored + 2, d=stored + 3)
    store = ws.VariableStore("cpu:0")
    by_name = store.get_variable("x", (4, 3))
    parts = store.get_variable("y", (4, 3), partitioner=lambda shape, dtype: [2, 1])
    in_two = store.get_variable("z", (4, 3), partitioner=ws.explicit_partitioner([2, 1]))
    array = np.zeros((4, 3), np.float32)
    store.init_from_checkpoint(path, [("a", "x"), ("b", parts.parts), ("c", ["z/part_0", "z/part_1"]), ("d", array)])
    store.run_initializers()
    assert np.array_equal(by_name.numpy(), stored)
    assert np.array_equal(parts.numpy(), stored + 1)
    assert np.array_equal(in_two.numpy(), stored + 2)
    assert np.array_equal(array, stored + 3)
    assert store["d"].data_ptr() == array.ctypes.data


def test_slices_are_parts_that_others_complete(make_file: Make) -> None:
    stored = float32(8, 6)
    store = ws.VariableStore("cpu:0")
    corners = store.get_variable("corners", (8, 6), slices=[((0, 2), (3, 3)), ((7, 1), (0, -1))])
    store.init_from_checkpoint(make_file(a=stored), {"a": corners})
    assert store.run_initializers().bytes_needed == (2 * 3 + 6) * 4
    assert [one.slice for one in corners.parts] == [((0, 2), (3, 3)), ((7, 1), (0, 6))]
    assert np.array_equal(corners.parts[0].numpy(), stored[:2, 3:])
    assert np.array_equal(corners.parts[1].numpy(), stored[7:])
    with pytest.raises(ws.MismatchError, match="variable v: slice 0,9:0,6 exceeds"):
        store.get_variable("v", (8, 6), slices=[((0, 9), (0, 6))])


def test_entries_transform(make_file: Make, tmp_path: Path) -> None:
    stored = float32(4, 3)
    (tmp_path / "old.txt").write_text("a\nb\nc\nd\n")
    (tmp_path / "new.txt").write_text("d\nx\na\n")
    store = ws.VariableStore("cpu:0")
    transposed = store.get_variable("transposed", (3, 4))
    sliced = store.get_variable("sliced", (2, 3))
    cast = store.get_variable("cast", (12,), "float64")
    rows = store.get_variable("rows", (3, 3), initializer=ws.constant(7))
    columns = store.get_variable("columns", (4, 2))
    vocabulary = ws.Remap(old_vocabulary=tmp_path / "old.txt", new_vocabulary=tmp_path / "new.txt")
    pairs = [
        ("t", ws.Entry(transposed, transpose=(1, 0))),
        ("t", ws.Entry(sliced, slice=[slice(1, 3), (0, -1)])),
        ("t", ws.Entry(cast, reshape=(-1,), cast=True)),
        ("t", ws.Entry(rows, rows=vocabulary)),
        ("t", ws.Entry(columns, columns=[2, 0])),
    ]
    store.init_from_checkpoint(make_file(t=stored), pairs)
    store.run_initializers()
    assert np.array_equal(transposed.numpy(), stored.T)
    assert np.array_equal(sliced.numpy(), stored[1:3])
    assert np.array_equal(cast.numpy(), stored.reshape(-1).astype(np.float64))
    assert np.array_equal(rows.numpy(), [stored[3], [7, 7, 7], stored[0]])
    assert np.array_equal(columns.numpy(), stored[:, [2, 0]])


def test_an_open_checkpoint_initializes_variables(trained: str, monkeypatch: pytest.MonkeyPatch) -> None:
    w, again = np.zeros((5, 4), np.float32), np.zeros((5, 4), np.float32)
    with ws.open(trained) as ckpt:
        monkeypatch.setattr(_warmstart.Checkpoint, "open", None)  # it is not opened again
        store = ws.VariableStore("cpu:0")
        resolved = store.init_from_checkpoint(ckpt, {"net/w": w})
        assert resolved.checkpoint == ckpt.path
        store.run_initializers()
        ckpt.read_into([("net/w", again)])
        assert np.array_equal(w, ckpt["net/w"].numpy())
        assert np.array_equal(again, w)
        with pytest.raises(ws.InvalidArgumentError, match="is open: its format"):
            store.init_from_checkpoint(ckpt, {"net/w": w}, format="npy")
    with pytest.raises(ws.InvalidArgumentError, match="closed"):
        store.init_from_checkpoint(ckpt, {"net/w": w})


def test_what_does_not_fit_is_kept_on_request(make_file: Make) -> None:
    path = make_file(a=float32(2), b=float32(3))
    store = ws.VariableStore("cpu:0")
    for name, size in (("m/a", 2), ("m/b", 4), ("m/c", 2), ("m/d", 2)):
        store.get_variable(name, (size,), initializer=ws.ones())
    with pytest.raises(ws.Error) as caught:
        store.init_from_checkpoint(path, {"/": "m/"}, except_=["m/d"])
    assert {(one.code, one.variable) for one in caught.value.problems} == {("mismatch", "m/b"), ("not_found", "m/c")}
    mismatch = next(one for one in caught.value.problems if one.code == "mismatch")
    assert mismatch.expected.startswith("shape [")
    assert mismatch.found.startswith("[")
    assert mismatch.file
    assert mismatch.offset is None
    resolved = store.init_from_checkpoint(path, {"/": "m/"}, missing="keep", mismatched="keep", except_=[store["m/d"]])
    assert {one.variable: bool(one.reason) for one in resolved.kept} == {"m/b": True, "m/c": False}
    report = store.run_initializers()
    assert {one.variable for one in report.kept} == {"m/b", "m/c"}
    assert store["m/a"].numpy().tolist() == [0, 1]
    assert store["m/d"].numpy().tolist() == [1, 1]
    with pytest.raises(ws.InvalidArgumentError, match="missing"):
        store.init_from_checkpoint(path, {}, missing="ignore")


def test_a_refused_map_leaves_no_variables_of_its_arrays(make_file: Make) -> None:
    store = ws.VariableStore("cpu:0")
    with pytest.raises(ws.NotFoundError):
        store.init_from_checkpoint(
            make_file(a=float32(2)), {"a": np.zeros(2, np.float32), "b": np.zeros(2, np.float32)}
        )
    assert store.variables == []


def test_scopes_have_names_and_defaults() -> None:
    store = ws.VariableStore("cpu:0")
    with store.scope("encoder", initializer=ws.zeros()) as encoder, encoder.scope("layer_0") as layer:
        kernel = layer.get_variable("kernel", (2, 2))
    assert (layer.name, kernel.name) == ("encoder/layer_0", "encoder/layer_0/kernel")
    with pytest.raises(ws.InvalidArgumentError):
        layer.get_variable("kernel", (2, 2))
    assert store.scope("encoder/layer_0", reuse="reuse").get_variable("kernel", (2, 2)) == kernel
    store.run_initializers()
    assert not kernel.numpy().any()
    assert "encoder/layer_0/kernel" in store
    store.erase(kernel)
    assert "encoder/layer_0/kernel" not in store
    with pytest.raises(KeyError):
        store["encoder/layer_0/kernel"]


def test_initializers_are_reproducible() -> None:
    def drawn(**options: object) -> np.ndarray:
        store = ws.VariableStore("cpu:0")
        made = store.get_variable("v", (30, 20), initializer=ws.truncated_normal(0, 2, seed=5), **options)
        store.run_initializers()
        return made.numpy()

    whole = drawn()
    assert np.array_equal(whole, drawn(partitioner=ws.fixed_size_partitioner(4)))
    assert 1 < whole.std() < 3
    assert abs(whole).max() <= 4


def test_a_plan_counts_and_moves_nothing(make_file: Make) -> None:
    store = ws.VariableStore("cuda:0")
    store.get_variable("a", (1000,))
    store.init_from_checkpoint(make_file(a=float32(1000)), {"a": "a"})
    plan = store.plan()
    assert (plan.bytes_needed, plan.devices[0].device, plan.devices[0].memory_bytes) == (4000, "cuda:0", 4000)
    assert [one.bytes for one in plan.files] == [4000]


def test_a_trace_is_written(make_file: Make, tmp_path: Path) -> None:
    store = ws.VariableStore("cpu:0")
    store.init_from_checkpoint(make_file(a=float32(1000)), {"a": np.zeros(1000, np.float32)})
    store.run_initializers(trace=tmp_path / "trace.json")
    assert "traceEvents" in (tmp_path / "trace.json").read_text()


def test_all_of_a_checkpoint_is_loaded_without_a_map() -> None:
    path = ROOT / "tests/data/tensorflow/checkpoints/dtypes/model.ckpt"
    model = ws.load_checkpoint(path, "cpu:0")
    assert set(model.left_out) == {"s/empty", "s/scalar", "s/strings"}
    assert "string" in model.left_out["s/scalar"]
    with ws.open(path) as ckpt:
        assert {one.name for one in model.variables.variables} == set(ckpt) - set(model.left_out)
        for one in model.variables.variables:
            assert one.numpy().tobytes() == ckpt[one.name].numpy().tobytes()
    assert model.report.bytes_unchecked == 0


def test_damage_in_memory_is_found(trained: str) -> None:
    store = ws.VariableStore("cpu:0")
    array = np.zeros((5, 4), np.float32)
    store.init_from_checkpoint(trained, {"net/w": array})
    store.run_initializers()
    assert store.verify().complete
    array[2, 2] += 1
    report = store.verify()
    assert not report.complete
    assert [one.variable for one in report.damage] == ["net/w"]


def test_errors_are_built_in_ones_too(make_file: Make, trained: str) -> None:
    path = make_file(a=float32(2))
    for kind, built_in, action in (
        (ws.NotFoundError, FileNotFoundError, lambda: ws.open("/nothing/here")),
        (ws.NotFoundError, KeyError, lambda: ws.open(path)["b"]),
        (ws.MismatchError, ValueError, lambda: ws.open(path).read_into([("a", np.zeros(2, "i4"))])),
        (ws.InvalidArgumentError, ValueError, lambda: ws.VariableStore("cpu:0").get_variable("v", (-1,))),
        (ws.InvalidArgumentError, ValueError, lambda: ws.VariableStore("cpu:0").get_variable("v", (1,), "float31")),
        (ws.InvalidArgumentError, ValueError, lambda: ws.VariableStore("gpu")),
        (ws.CorruptError, ValueError, lambda: ws.open(path, format="npy")),
    ):  # fmt: skip
        with pytest.raises(kind) as caught:
            action()
        assert isinstance(caught.value, built_in)
        assert isinstance(caught.value, ws.Error)
        assert caught.value.problems[0].message in str(caught.value)


def test_too_much_memory_is_a_memory_error() -> None:
    store = ws.VariableStore("cpu:0")
    store.get_variable("v", (1 << 50,), initializer=ws.uninitialized())
    with pytest.raises(MemoryError) as caught:
        store.run_initializers()
    assert isinstance(caught.value, ws.OutOfMemoryError)
