"""PyTorch's modules: in place, tied weights, buffers, the meta device, memory of every kind."""

from __future__ import annotations

import doctest
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import warmstart as ws
from conftest import ROOT, float32, write_safetensors
from torch import nn

Make = Callable[..., str]


def numbers(*shape: int, start: float = 0) -> torch.Tensor:
    return torch.arange(int(np.prod(shape)), dtype=torch.float32).reshape(shape) + start


def file_of(path: Path, state: dict[str, torch.Tensor]) -> str:
    """A file of torch.save with these tensors."""
    torch.save(state, path / "model.pt")
    return str(path / "model.pt")


def model_file(path: Path, module: nn.Module, **changes: torch.Tensor | None) -> tuple[str, dict[str, torch.Tensor]]:
    """A file with random values for a module's state; `changes` replace tensors, or leave them out."""
    state: dict[str, torch.Tensor] = {}
    for name, tensor in module.state_dict().items():
        shape = tuple(tensor.shape)
        state[name] = torch.randn(shape) if tensor.is_floating_point() else torch.randint(9, shape)
    state.update({name.replace("__", "."): tensor for name, tensor in changes.items()})
    state = {name: tensor for name, tensor in state.items() if tensor is not None}
    return file_of(path, state), state


def is_filled(module: nn.Module, state: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(tensor, state[name]) for name, tensor in module.state_dict().items())


def refused(module: nn.Module, path: str, *arguments: object, **options: object) -> ws.Error:
    """The error of a load, which must not change the module."""
    before = {name: tensor.clone() for name, tensor in module.state_dict().items() if not tensor.is_meta}
    with pytest.raises(ws.Error) as caught:
        ws.torch.load_into(module, path, *arguments, **options)
    after = module.state_dict()
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())
    return caught.value


class Tied(nn.Module):
    """A head that shares the embedding's weight."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(5, 3)
        self.layer = nn.Linear(3, 3)
        self.head = nn.Linear(3, 5, bias=False)
        self.head.weight = self.embedding.weight


class Rotary(nn.Module):
    """A buffer that is stored, and one that is not."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("scale", torch.ones(2))
        self.register_buffer("frequencies", torch.full((3,), 7.0), persistent=False)


def test_parameters_and_buffers_are_filled_in_place(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Sequential(nn.Linear(3, 2)))
    path, state = model_file(tmp_path, module)
    addresses = {name: tensor.data_ptr() for name, tensor in module.state_dict().items()}
    seen: list[tuple[int, int]] = []
    result = ws.torch.load_into(module, path, progress=lambda done, total: seen.append((done, total)))
    assert is_filled(module, state)
    assert {name: tensor.data_ptr() for name, tensor in module.state_dict().items()} == addresses
    assert (result.missing_keys, result.unexpected_keys, result.mismatched_keys) == ([], [], {})
    assert {row.variable for row in result.report.rows} == set(state)
    assert seen[-1][0] == seen[-1][1]
    assert all(parameter.requires_grad for parameter in module.parameters())


def test_an_open_checkpoint_is_not_read_again(tmp_path: Path) -> None:
    module = nn.Linear(4, 3)
    path, state = model_file(tmp_path, module)
    with ws.open(path) as source:
        Path(path).rename(tmp_path / "elsewhere")
        with pytest.raises(ws.NotFoundError, match="removed after the checkpoint was opened"):
            ws.torch.load_into(module, source)
        (tmp_path / "elsewhere").rename(path)
        ws.torch.load_into(module, source)
        assert is_filled(module, state)
        assert torch.equal(source["bias"].torch(), state["bias"])
    with pytest.raises(ws.InvalidArgumentError, match="closed"):
        ws.torch.load_into(module, source)


def test_everything_that_does_not_fit_is_told_at_once(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    path, state = model_file(tmp_path, module, **{"0__bias": None, "1__weight": torch.zeros(5, 3), "2__w": numbers(2)})
    error = refused(module, path)
    found = [(one.code, one.variable, one.tensor) for one in error.problems]
    assert found == [("not_found", "0.bias", ""), ("mismatch", "1.weight", ""), ("not_found", "", "2.w")]
    assert "Sequential cannot be loaded from" in str(error)
    assert "missing: 0.bias: tensor 0.bias is not found" in str(error)
    assert "expected shape [2,3], found [5,3]" in str(error)
    assert "unexpected: tensor 2.w has no place in the module" in str(error)
    assert [one.variable for one in refused(module, path, strict=False).problems] == ["1.weight"]
    assert [one.code for one in refused(module, path, ignore_mismatched=True).problems] == ["not_found"] * 2

    before = module.state_dict()["1.weight"].clone()
    result = ws.torch.load_into(module, path, strict=False, ignore_mismatched=True)
    assert (result.missing_keys, result.unexpected_keys) == (["0.bias"], ["2.w"])
    assert list(result.mismatched_keys) == ["1.weight"]
    assert torch.equal(module[1].weight, before)
    assert torch.equal(module[0].weight, state["0.weight"])


def test_a_new_head_is_left_alone(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    path, state = model_file(tmp_path, module, **{"1__weight": torch.zeros(5, 3), "1__bias": torch.zeros(5)})
    before = module.state_dict()["1.bias"].clone()
    result = ws.torch.load_into(module, path, ignore_mismatched=True)  # strict: the old head is not unexpected
    assert list(result.mismatched_keys) == ["1.weight", "1.bias"]
    assert ws.torch.load_into(module, path, except_=["1."])[:3] == ([], [], {})
    assert torch.equal(module[1].bias, before)
    assert torch.equal(module[0].bias, state["0.bias"])
    with pytest.raises(ws.InvalidArgumentError, match=r"no parameter or buffer 2\."):
        ws.torch.load_into(module, path, except_=["2."])


def test_dtypes_are_cast_on_request(tmp_path: Path) -> None:
    module = nn.Linear(4, 3).to(torch.bfloat16)
    path, state = model_file(tmp_path, nn.Linear(4, 3))
    assert "expected dtype bfloat16, found float32 (use the option 'cast' to convert it)" in str(refused(module, path))
    ws.torch.load_into(module, path, cast=True)
    assert torch.equal(module.weight, state["weight"].to(torch.bfloat16))


@pytest.mark.parametrize("stored", ["embedding.weight", "head.weight", "both"])
def test_tied_weights_are_stored_once_under_any_name(stored: str, tmp_path: Path) -> None:
    module, weight = Tied(), numbers(5, 3)
    state = {"layer.weight": numbers(3, 3, start=50), "layer.bias": numbers(3, start=90)}
    state |= {name: weight for name in ("embedding.weight", "head.weight") if stored in (name, "both")}
    result = ws.torch.load_into(module, file_of(tmp_path, state))
    assert torch.equal(module.head.weight, weight)
    assert torch.equal(module.layer.bias, state["layer.bias"])
    assert module.head.weight is module.embedding.weight
    assert len(result.report.rows) == 3


def test_tied_weights_without_a_tensor_are_one_problem(tmp_path: Path) -> None:
    path = file_of(tmp_path, {"layer.weight": numbers(3, 3), "layer.bias": numbers(3)})
    assert [one.variable for one in refused(Tied(), path).problems] == ["embedding.weight"]


def test_weights_that_share_memory_are_tied(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False))
    module[1].weight.data = module[0].weight.data
    ws.torch.load_into(module, file_of(tmp_path, {"1.weight": numbers(3, 3)}))
    assert torch.equal(module[0].weight, numbers(3, 3))


def test_buffers_that_are_not_persistent_are_left_alone(tmp_path: Path) -> None:
    module = Rotary()
    path = file_of(tmp_path, {"scale": numbers(2)})
    assert ws.torch.load_into(module, path)[:3] == ([], [], {})
    assert torch.equal(module.scale, numbers(2))
    assert torch.equal(module.frequencies, torch.full((3,), 7.0))
    stored = file_of(tmp_path, {"scale": numbers(2), "frequencies": numbers(3)})
    assert [one.tensor for one in refused(module, stored).problems] == ["frequencies"]


def test_maps_have_patterns_transforms_prefixes_and_parameters(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2), nn.Linear(2, 2, bias=False))
    stored = {
        "net/layer_0/kernel": numbers(4, 3),
        "net/layer_0/bias": numbers(3, start=20),
        "net/layer_1/kernel": numbers(3, 2, start=30),
        "net/layer_1/bias": numbers(2, start=40),
        "last": numbers(2, 2, start=50),
    }
    path = file_of(tmp_path, stored)
    entries = [
        ("net/layer_{n}/kernel", ws.Entry("{n}.weight", transpose=(1, 0))),
        ("net/layer_{n}/bias", "{n}.bias"),
        ("last", module[2].weight),
    ]
    with pytest.raises(ws.NotFoundError, match="net/layer_2/kernel"):
        ws.torch.load_into(module, path, entries[:2])
    entries[0] = ("net/layer_{n}/kernel", ws.Entry("{n}.weight", transpose=(1, 0)))
    ws.torch.load_into(module[:2], path, entries[:2], strict=False)
    assert torch.equal(module[0].weight, stored["net/layer_0/kernel"].t())
    assert torch.equal(module[1].bias, stored["net/layer_1/bias"])

    inner = {name: numbers(*tensor.shape) for name, tensor in module[0].state_dict().items()}
    path = file_of(tmp_path, {"model." + name: tensor for name, tensor in inner.items()})
    result = ws.torch.load_into(module, path, {"model.": "0."}, strict=False)
    assert result.missing_keys == ["1.weight", "1.bias", "2.weight"]
    assert is_filled(module[0], inner)
    module[0].weight.data.zero_()
    ws.torch.load_into(module[0], path, {"model/": ""})
    assert is_filled(module[0], inner)
    for wrong, why in (
        ({"model": "0."}, "'model.' or 'model/' instead of 'model'"),
        ({"model.": "7."}, r"no parameter in 7\."),
        ({"model.weight": "0.kernel"}, "there is no variable 0.kernel"),
        ({"model.weight": torch.zeros(3, 4)}, "a tensor that the module does not have"),
        ({"model.weight": 3}, "the target of tensor model.weight is 3"),
    ):
        assert why.replace("\\", "") in str(refused(module, path, wrong, strict=False))


def test_an_entry_of_its_own_wins_over_a_prefix(tmp_path: Path) -> None:
    module = nn.Linear(2, 2)
    path = file_of(tmp_path, {"m.weight": numbers(2, 2), "m.bias": numbers(2), "a": numbers(2, start=9)})
    ws.torch.load_into(module, path, {"m.": "", "a": "bias"}, strict=False)
    assert torch.equal(module.bias, numbers(2, start=9))


def test_names_that_only_look_like_ones_are_suggested(tmp_path: Path) -> None:
    path = file_of(tmp_path, {"weigth": numbers(2, 2), "bias": numbers(2)})
    assert "missing: weight: tensor weight is not found" in str(refused(nn.Linear(2, 2), path))
    assert "weigth" in str(refused(nn.Linear(2, 2), path, strict=True)).split("unexpected")[0]


@pytest.mark.parametrize("order", [(1, 0), (0, 2, 1), (2, 0, 1), (0, 2, 3, 1), (3, 1, 0, 2)])
def test_memory_in_another_order_of_dimensions(order: tuple[int, ...], tmp_path: Path) -> None:
    shape = (3, 2, 4, 5)[: len(order)]
    stored = numbers(*shape)
    module = nn.Module()
    inverse = [order.index(d) for d in range(len(order))]
    module.weight = nn.Parameter(torch.zeros([shape[d] for d in order]).permute(inverse))
    assert not module.weight.is_contiguous()
    strides = module.weight.stride()
    ws.torch.load_into(module, file_of(tmp_path, {"weight": stored}))
    assert torch.equal(module.weight, stored)
    assert module.weight.stride() == strides
    turned = tuple(reversed(range(len(order))))
    path = file_of(tmp_path, {"weight": stored.permute(turned).contiguous() + 1})
    ws.torch.load_into(module, path, [("weight", ws.Entry("weight", transpose=turned))])
    assert torch.equal(module.weight, stored + 1)


def test_channels_last(tmp_path: Path) -> None:
    module = nn.Conv2d(3, 4, 2).to(memory_format=torch.channels_last)
    path, state = model_file(tmp_path, module)
    ws.torch.load_into(module, path)
    assert is_filled(module, state)
    assert module.weight.is_contiguous(memory_format=torch.channels_last)


def test_rows_are_remapped_in_transposed_memory(tmp_path: Path) -> None:
    module = nn.Module()
    module.weight = nn.Parameter(torch.full((2, 3), -1.0).t())
    path = file_of(tmp_path, {"weight": numbers(4, 2)})
    ws.torch.load_into(module, path, {"weight": ws.Entry("weight", rows=[3, -1, 0])})
    assert module.weight.tolist() == [[6, 7], [-1, -1], [0, 1]]
    module.weight = nn.Parameter(torch.zeros(2, 5, 4).permute(2, 0, 1))
    path = file_of(tmp_path, {"weight": numbers(4, 2, 5)})
    with pytest.raises(ws.UnsupportedError, match="parameter weight lies in memory in the order"):
        ws.torch.load_into(module, path, {"weight": ws.Entry("weight", columns=[1, 0], rows=[0, 1, 2, 3])})


def test_scalars_and_empty_tensors(tmp_path: Path) -> None:
    module = nn.Module()
    module.scale, module.empty = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(0, 3))
    ws.torch.load_into(module, file_of(tmp_path, {"scale": torch.tensor(5.0), "empty": torch.zeros(0, 3)}))
    assert module.scale.item() == 5
    path = file_of(tmp_path, {"scale": torch.tensor(5.0), "empty": torch.zeros(0, 4)})
    assert [one.variable for one in refused(module, path).problems] == ["empty"]


DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64",
          "complex128", "uint16", "uint32", "float8_e4m3fn", "float8_e5m2"]  # fmt: skip


@pytest.mark.parametrize("dtype", [name for name in DTYPES if hasattr(torch, name)])
def test_dtypes(dtype: str, tmp_path: Path) -> None:
    stored = torch.tensor([[1, 0, 1], [0, 1, 0]]).to(getattr(torch, dtype))
    module = nn.Module()
    module.register_buffer("table", torch.zeros(2, 3).to(stored.dtype))
    path = file_of(tmp_path, {"table": stored})
    ws.torch.load_into(module, path)
    with ws.open(path) as source:
        for read in (module.table, source["table"].torch(), source.read_many(like=torch)["table"]):
            assert read.dtype == stored.dtype
            assert torch.equal(read.to(torch.float64 if not dtype.startswith("c") else read.dtype), stored.to(
                torch.float64 if not dtype.startswith("c") else stored.dtype))  # fmt: skip


@pytest.mark.filterwarnings("ignore:(torch.quantize|Lazy modules)")  # deprecated, and new
def test_what_cannot_be_filled_is_refused_by_name(tmp_path: Path) -> None:
    path = file_of(tmp_path, {"weight": numbers(2, 3)})
    quantized = torch.quantize_per_tensor(numbers(2, 3), 0.1, 0, torch.qint8)
    for tensor, why in (
        (torch.zeros(3).expand(2, 3), "buffer weight is expanded: several elements of shape [2, 3] share memory"),
        (torch.zeros(2, 6)[:, ::2], "buffer weight is not dense: shape [2, 3] has strides [6, 2]"),
        (numbers(2, 3).to_sparse(), "buffer weight is sparse"),
        (quantized, "buffer weight is quantized: expected a plain dtype, found torch.qint8"),
        (torch.zeros(2, 3, dtype=torch.complex64).conj(), "buffer weight is a conjugated"),
    ):
        module = nn.Module()
        module.register_buffer("weight", tensor)
        with pytest.raises(ws.InvalidArgumentError) as caught:
            ws.torch.load_into(module, path)
        assert why in str(caught.value)
        assert caught.value.problems[0].variable == "weight"
        with pytest.raises(ws.InvalidArgumentError, match="variable v: the tensor"):
            ws.VariableStore("cpu:0").wrap("v", tensor)
    with pytest.raises(ws.InvalidArgumentError, match="parameter weight is lazy"):
        ws.torch.load_into(nn.LazyLinear(3), path)
    with pytest.raises(ws.InvalidArgumentError, match=r"a dict is no torch\.nn\.Module"):
        ws.torch.load_into({}, path)


def on_meta(module: nn.Module) -> nn.Module:
    """The module with its tensors on the meta device. Tied weights stay tied."""
    made: dict[int, torch.Tensor] = {}
    for owner in module.modules():
        for tensors in (owner._parameters, owner._buffers):
            for key, tensor in tensors.items():
                if tensor is None:
                    continue
                kind = nn.Parameter if tensors is owner._parameters else torch.Tensor.detach
                tensors[key] = made.setdefault(id(tensor), kind(tensor.to("meta")))
    return module


def test_modules_on_the_meta_device_are_made_real(tmp_path: Path) -> None:
    path, state = model_file(tmp_path, Tied())
    module = on_meta(Tied())
    state.pop("head.weight")
    path = file_of(tmp_path, state)
    ws.torch.load_into(module, path, device="cpu")
    assert {tensor.device.type for tensor in module.state_dict().values()} == {"cpu"}
    assert torch.equal(module.embedding.weight, state["embedding.weight"])
    assert module.head.weight is module.embedding.weight
    assert isinstance(module.head.weight, nn.Parameter)
    assert module.head.weight.requires_grad


def test_what_stays_on_the_meta_device_is_an_error_or_reset(tmp_path: Path) -> None:
    path = file_of(tmp_path, {"0.weight": numbers(3, 4), "0.bias": numbers(3)})
    make = lambda: on_meta(nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2)))  # noqa: E731
    error = refused(make(), path, strict=False)
    assert [one.variable for one in error.problems] == ["1.weight", "1.bias"]
    assert "parameter 1.weight is on the meta device, and the checkpoint does not fill it" in str(error)
    assert {one.variable for one in refused(make(), path, unfilled="reset_parameters").problems} == {
        "1.weight",
        "1.bias",
    }
    module = make()
    module.add_module("2", nn.Linear(2, 2))
    kept = module[2].weight.clone()
    ws.torch.load_into(module, path, strict=False, unfilled="reset_parameters")
    assert torch.equal(module[0].weight, numbers(3, 4))
    assert 0 < module[1].weight.abs().max() <= 3**-0.5  # what Linear draws
    assert torch.equal(module[2].weight, kept)
    with pytest.raises(ws.InvalidArgumentError, match="expected 'error' or 'reset_parameters'"):
        ws.torch.load_into(module, path, unfilled="zeros")


def test_a_wrong_option_changes_nothing(tmp_path: Path) -> None:
    module = on_meta(nn.Linear(2, 2))
    path = file_of(tmp_path, {"weight": numbers(2, 2), "bias": numbers(2)})
    with pytest.raises(TypeError, match="budget"):
        ws.torch.load_into(module, path, budget=3)
    assert module.weight.is_meta
    module.weight = nn.Parameter(torch.zeros(2, 2, 2, device="meta").permute(0, 2, 1))
    path = file_of(tmp_path, {"weight": numbers(2, 2, 2), "bias": numbers(2)})
    with pytest.raises(ws.UnsupportedError, match="cannot be remapped"):
        ws.torch.load_into(module, path, [("weight", ws.Entry("weight", columns=[1, 0])), ("bias", "bias")])
    assert module.weight.is_meta


def test_of_many_problems_the_message_has_some(tmp_path: Path) -> None:
    module = nn.ParameterList([nn.Parameter(torch.zeros(2)) for _ in range(60)])
    error = refused(module, file_of(tmp_path, {"0": numbers(2)}))
    assert len(error.problems) == 59
    assert str(error).endswith("... and 19 more (`problems` has all)")


def test_a_buffer_on_the_meta_device_needs_its_module(tmp_path: Path) -> None:
    class Resettable(Rotary):
        def reset_parameters(self) -> None:
            self.frequencies.fill_(7)
            self.scale.fill_(7)

    path = file_of(tmp_path, {"scale": numbers(2)})
    error = refused(on_meta(Rotary()), path, unfilled="reset_parameters")
    assert "buffer frequencies is on the meta device" in str(error)
    assert "nor has its module a reset_parameters method" in str(error)
    assert [one.variable for one in refused(on_meta(Resettable()), path).problems] == ["frequencies"]
    module = on_meta(Resettable())
    ws.torch.load_into(module, path, unfilled="reset_parameters")
    assert torch.equal(module.frequencies, torch.full((3,), 7.0))
    assert torch.equal(module.scale, numbers(2))


def test_a_load_between_forward_and_backward_is_torchs_error(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    module[1].weight = nn.Parameter(torch.zeros(2, 2).t())
    path, _ = model_file(tmp_path, module)
    output = module(torch.ones(1, 2)).sum()
    ws.torch.load_into(module, path)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        output.backward()
    module(torch.ones(1, 2)).sum().backward()


def test_a_load_takes_its_place_in_torchs_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    from warmstart import _torch_memory

    monkeypatch.setattr(torch.cuda, "current_stream", lambda index: f"stream of {index}")
    places = [torch.device("cuda", 1), torch.device("cpu"), torch.device("cuda", 0), torch.device("cuda", 1)]
    streams = _torch_memory.current_streams([SimpleNamespace(device=one) for one in places])
    assert streams == {"cuda:0": "stream of 0", "cuda:1": "stream of 1"}


def test_a_state_dict(tmp_path: Path, trained: str) -> None:
    path, state = model_file(tmp_path, Tied(), flags=torch.tensor([True, False]))
    read = ws.torch.state_dict(path)
    assert read.keys() == state.keys()
    assert all(torch.equal(tensor, state[name]) for name, tensor in read.items())
    Path(path).unlink()  # its memory is its own
    read["flags"].zero_()
    assert torch.equal(read["layer.weight"], state["layer.weight"])
    with ws.open(trained) as source:
        some = ws.torch.state_dict(source, ["net/w"])
        assert np.array_equal(some["net/w"].numpy(), source["net/w"].numpy())
        assert set(ws.torch.state_dict(source)) == set(source)


def test_dtypes_that_torch_does_not_have(tmp_path: Path) -> None:
    with ws.open(ROOT / "tests/data/tensorflow/checkpoints/dtypes/model.ckpt") as source:
        quantized = next(one for one in source.values() if one.dtype == "qint8")
        assert quantized.torch().dtype == torch.int8
        small = next(one for one in source.values() if one.dtype == "int4")
        with pytest.raises(ws.UnsupportedError, match="has no dtype int4"):
            small.torch()


def test_tensors_are_read_into(tmp_path: Path) -> None:
    stored = write_safetensors(tmp_path / "a.safetensors", {"b": ("BOOL", (2, 2), b"\1\0\0\1")})
    into = torch.zeros(2, dtype=torch.bool)
    with ws.open(stored) as source:
        source.read_into([(source["b"][1], into)])
        assert into.tolist() == [False, True]
        assert source["b"].read(out=torch.zeros(2, 2, dtype=torch.bool)).tolist() == [[True, False], [False, True]]


def test_damage_bumps_versions_too(tmp_path: Path, trained: str) -> None:
    for one in Path(trained).iterdir():
        content = bytearray(one.read_bytes())
        if ".data-" in one.name:
            content = bytearray(byte ^ 1 for byte in content)
        (tmp_path / one.name).write_bytes(content)
    module = nn.Module()
    module.register_buffer("embedding", torch.zeros(20, 6))
    version = module.embedding._version
    with pytest.raises(ws.CorruptError):
        ws.torch.load_into(module, tmp_path / "model.ckpt-3", {"net/embedding": "embedding"}, strict=False)
    assert module.embedding._version > version


def test_the_package_imports_without_torch() -> None:
    code = "import sys, warmstart; assert 'torch' not in sys.modules; warmstart.torch; assert 'torch' in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    with pytest.raises(AttributeError, match="has no attribute 'tensorflow'"):
        ws.tensorflow  # noqa: B018


def test_many_parameters_are_one_pass(tmp_path: Path, make_file: Make) -> None:
    count = 300
    module = nn.ParameterList([nn.Parameter(torch.zeros(5)) for _ in range(count)])
    path = make_file(**{str(i): float32(5) + i for i in range(count)})
    result = ws.torch.load_into(module, path)
    assert all(torch.equal(one, numbers(5, start=i)) for i, one in enumerate(module))
    assert result.report.bytes_read == count * 20


def google_bert(path: Path) -> tuple[str, dict[str, torch.Tensor]]:
    """A BERT with the names and kernels of Google's, and its tensors as Hugging Face's libraries name and lay them."""
    sys.path.insert(0, str(ROOT / "tests/data/bert"))
    import make_bert

    names = [hugging_face for hugging_face, *_ in make_bert.weights()]
    theirs = ws.torch.state_dict(ROOT / "tests/data/bert/checkpoints/model.safetensors", names)
    state = {"global_step": torch.tensor(7), "cls/predictions/output_bias": numbers(60)}
    for hugging_face, google, _, is_transposed in make_bert.weights():
        state[google] = theirs[hugging_face].t().contiguous() if is_transposed else theirs[hugging_face]
    return file_of(path, state), theirs


def test_the_example_of_googles_bert_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sys.path.insert(0, str(ROOT / "python/examples"))
    import bert_torch

    path, theirs = google_bert(tmp_path)
    bert_torch.main(path)
    assert "199 tensors loaded, 0 missing, 2 left in the checkpoint" in capsys.readouterr().out
    with ws.open(path) as source:
        bert = bert_torch.make_bert(source)
        ws.torch.load_into(bert, source, bert_torch.FROM_GOOGLE, strict=False)
    assert torch.equal(bert.layers[11].up.weight, theirs["bert.encoder.layer.11.intermediate.dense.weight"])
    assert torch.equal(bert.layers[3].attention.key.weight, theirs["bert.encoder.layer.3.attention.self.key.weight"])
    assert torch.equal(bert.layers[3].norm.bias, theirs["bert.encoder.layer.3.output.LayerNorm.bias"])
    assert torch.equal(bert.types.weight, theirs["bert.embeddings.token_type_embeddings.weight"])


def test_what_the_document_shows_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    monkeypatch.chdir(tmp_path)
    document = (ROOT / "docs/python.md").read_text().split("\n## PyTorch\n")[1].split("\n## ")[0]
    blocks = [one.split("```")[0] for one in document.split("```python\n")[1:] if one.startswith(">>>")]
    session = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "docs/python.md", None, 0)
    printed: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(session, out=printed.append)
    assert runner.summarize(verbose=False).attempted > 10
    assert not printed, "".join(printed)
