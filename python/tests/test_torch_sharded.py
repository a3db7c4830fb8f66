"""DTensor, FSDP2 and tensor parallel, in several processes over gloo. Needs a newer PyTorch than Debian's."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing
import warmstart as ws
from conftest import ROOT
from test_torch import google_bert
from torch import nn
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, Partial, Placement, Replicate, Shard, distribute_tensor
from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module


class Block(nn.Module):
    """Sizes that divide by no number of processes; a buffer; tied weights."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 6)
        self.up = nn.Linear(6, 10)
        self.down = nn.Linear(10, 6, bias=False)
        self.small = nn.Linear(6, 3)  # of four processes, one has nothing of it
        self.head = nn.Linear(6, 11, bias=False)
        self.head.weight = self.embedding.weight
        self.register_buffer("scale", torch.ones(3))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        hidden = self.down(torch.relu(self.up(self.embedding(tokens))))
        return self.head(hidden).sum() + (self.small(hidden) * self.scale).sum()


def write(folder: Path) -> None:
    """The checkpoints that the cases load: single tensors, and a Block's state."""
    torch.manual_seed(1)
    tensors = {f"t{rows}_{columns}": torch.randn(rows, columns) for rows, columns in ((8, 6), (5, 3), (3, 7), (1, 4))}
    torch.save(tensors | {"cube": torch.randn(4, 5, 6), "flat": torch.randn(9)}, folder / "tensors.pt")
    state = {name: torch.randn(tensor.shape) for name, tensor in Block().state_dict().items()}
    torch.save({name: one for name, one in state.items() if name != "head.weight"}, folder / "block.pt")


def state_of(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "block.pt")


def check(module: nn.Module, state: dict[str, torch.Tensor]) -> None:
    for name, tensor in module.state_dict().items():
        whole = tensor.full_tensor() if isinstance(tensor, DTensor) else tensor
        assert torch.equal(whole, state[name if name != "head.weight" else "embedding.weight"]), name


def check_placements(folder: Path, mesh: DeviceMesh, placements: list[Placement]) -> None:
    stored = torch.load(folder / "tensors.pt")
    module = nn.Module()
    for name, tensor in stored.items():
        if all(not isinstance(one, Shard) or one.dim < tensor.dim() for one in placements):
            empty = distribute_tensor(torch.zeros(tensor.shape), mesh, placements)
            module.register_parameter(name, nn.Parameter(empty))
    result = ws.torch.load_into(module, folder / "tensors.pt", strict=False)
    local = [parameter.to_local() for parameter in module.parameters()]
    assert result.report.bytes_needed == sum(one.numel() * one.element_size() for one in local)
    assert result.missing_keys == []
    for name, parameter in module.named_parameters():
        assert torch.equal(parameter.full_tensor(), stored[name]), name


def shards_and_replicas(folder: Path) -> None:
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    for placement in (Shard(0), Shard(1), Shard(2), Replicate()):
        check_placements(folder, mesh, [placement])


def meshes_of_two_dimensions(folder: Path) -> None:
    mesh = init_device_mesh("cpu", (2, dist.get_world_size() // 2))
    for first in (Shard(0), Shard(1), Replicate()):
        for second in (Shard(0), Shard(1), Replicate()):
            check_placements(folder, mesh, [first, second])


def fsdp(folder: Path) -> None:
    block = Block()
    fully_shard(block.up)
    fully_shard(block)
    ws.torch.load_into(block, folder / "block.pt")
    check(block, state_of(folder))
    assert block.head.weight is block.embedding.weight
    plain = Block()
    ws.torch.load_into(plain, folder / "block.pt")
    tokens = torch.tensor([1, 5, 10])
    assert torch.allclose(block(tokens), plain(tokens), atol=1e-5)


def fsdp_from_the_meta_device(folder: Path) -> None:
    with torch.device("meta"):
        block = Block()
    fully_shard(block.up)
    fully_shard(block)
    ws.torch.load_into(block, folder / "block.pt")
    check(block, state_of(folder))
    plain = Block()
    ws.torch.load_into(plain, folder / "block.pt")
    tokens = torch.tensor([1, 5, 10])
    loss = block(tokens)
    assert torch.allclose(loss, plain(tokens), atol=1e-5)
    loss.backward()
    torch.optim.SGD(block.parameters(), 0.1).step()


def fsdp_with_whole_parameters(folder: Path) -> None:
    block = fully_shard(Block(), reshard_after_forward=False)
    block(torch.tensor([1]))
    assert not isinstance(block.up.weight, DTensor)
    ws.torch.load_into(block, folder / "block.pt")
    check(block, state_of(folder))
    plain = Block()
    ws.torch.load_into(plain, folder / "block.pt")
    assert torch.allclose(block(torch.tensor([2])), plain(torch.tensor([2])), atol=1e-5)


def parallel(block: nn.Module, mesh: DeviceMesh) -> nn.Module:
    return parallelize_module(block, mesh, {"up": ColwiseParallel(), "down": RowwiseParallel()})


def tensor_parallel(folder: Path) -> None:
    block = parallel(Block(), init_device_mesh("cpu", (dist.get_world_size(),)))
    ws.torch.load_into(block, folder / "block.pt")
    check(block, state_of(folder))


def fsdp_and_tensor_parallel(folder: Path) -> None:
    mesh = init_device_mesh("cpu", (2, dist.get_world_size() // 2), mesh_dim_names=("data", "model"))
    block = parallel(Block(), mesh["model"])
    fully_shard(block, mesh=mesh["data"])
    assert dist.get_world_size() == 2 or "StridedShard" in repr(block.up.weight.placements)
    ws.torch.load_into(block, folder / "block.pt")
    check(block, state_of(folder))


def transforms(folder: Path) -> None:
    stored = torch.load(folder / "tensors.pt")
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    module = nn.Module()
    shapes = {"turned": (6, 8), "cube": (6, 20), "rows": (7, 3), "cast": (8, 6)}
    for name, shape in shapes.items():
        dtype = torch.bfloat16 if name == "cast" else torch.float32
        empty = distribute_tensor(torch.full(shape, -1.0, dtype=dtype), mesh, [Shard(0)])
        module.register_parameter(name, nn.Parameter(empty))
    indices = [4, -1, 0, 3, 3, -1, 1]
    ws.torch.load_into(
        module,
        folder / "tensors.pt",
        [
            ("t8_6", ws.Entry("turned", transpose=(1, 0))),
            ("cube", ws.Entry("cube", reshape=(20, 6), transpose=(1, 0))),
            ("t5_3", ws.Entry("rows", rows=indices)),
            ("t8_6", ws.Entry("cast", cast=True)),
        ],
        strict=False,
    )
    unmapped = torch.full((3,), -1.0)
    assert torch.equal(module.turned.full_tensor(), stored["t8_6"].t())
    assert torch.equal(module.cube.full_tensor(), stored["cube"].reshape(20, 6).t())
    rows = torch.stack([unmapped if one < 0 else stored["t5_3"][one] for one in indices])
    assert torch.equal(module.rows.full_tensor(), rows)
    assert torch.equal(module.cast.full_tensor(), stored["t8_6"].bfloat16())


def shards_in_another_order_of_dimensions(folder: Path) -> None:
    stored = torch.load(folder / "tensors.pt")["t8_6"]
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    module = nn.Module()
    for dim in (0, 1):
        local = distribute_tensor(torch.zeros(8, 6), mesh, [Shard(dim)]).to_local()
        turned = torch.zeros(local.shape[1], local.shape[0]).t()
        sharded = DTensor.from_local(turned, mesh, [Shard(dim)], shape=torch.Size((8, 6)), stride=(6, 1))
        module.register_parameter(f"w{dim}", nn.Parameter(sharded))
    ws.torch.load_into(module, folder / "tensors.pt", [("t8_6", "w0"), ("t8_6", "w1")], strict=False)
    assert torch.equal(module.w0.full_tensor(), stored)
    assert torch.equal(module.w1.full_tensor(), stored)


def errors_are_the_same_everywhere(folder: Path) -> None:
    class Head(Block):
        def __init__(self) -> None:
            super().__init__()
            self.small = nn.Linear(6, 2)

    block = fully_shard(Head())
    with pytest.raises(ws.MismatchError) as caught:
        ws.torch.load_into(block, folder / "block.pt")
    assert [one.variable for one in caught.value.problems] == ["small.weight", "small.bias"]
    assert "expected shape [2,6], found [3,6]" in str(caught.value)
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    module = nn.Module()
    module.w = nn.Parameter(DTensor.from_local(torch.zeros(8, 6), mesh, [Partial()]))
    with pytest.raises(ws.InvalidArgumentError, match="parameter w is a DTensor with partial values"):
        ws.torch.load_into(module, folder / "tensors.pt")
    with pytest.raises(ws.InvalidArgumentError, match="variable v: the tensor is a DTensor"):
        ws.VariableStore("cpu:0").wrap("v", distribute_tensor(torch.zeros(8, 6), mesh, [Shard(0)]))


def a_failure_of_one_process_is_everybodys(folder: Path) -> None:
    block = fully_shard(Block())
    before = [parameter.to_local().detach().clone() for parameter in block.parameters()]
    path = folder / ("nothing.pt" if dist.get_rank() == 1 else "block.pt")
    with pytest.raises(ws.Error) as caught:
        ws.torch.load_into(block, path, group=dist.group.WORLD)
    if dist.get_rank() != 1:
        assert "process 1: PathNotFoundError:" in str(caught.value)
    assert all(torch.equal(one, parameter.to_local()) for one, parameter in zip(before, block.parameters()))
    ws.torch.load_into(block, folder / "block.pt", group=dist.group.WORLD)
    check(block, state_of(folder))


def versions_are_bumped(folder: Path) -> None:
    block = fully_shard(Block())
    versions = [(parameter._version, parameter.to_local()._version) for parameter in block.parameters()]
    ws.torch.load_into(block, folder / "block.pt")
    for parameter, (whole, local) in zip(block.parameters(), versions):
        assert parameter.to_local().numel() == 0 or parameter.to_local()._version > local
        assert parameter.to_local().numel() == 0 or parameter._version > whole


CASES: list[Callable[[Path], None]] = [
    shards_and_replicas,
    meshes_of_two_dimensions,
    fsdp,
    fsdp_from_the_meta_device,
    fsdp_with_whole_parameters,
    tensor_parallel,
    fsdp_and_tensor_parallel,
    transforms,
    shards_in_another_order_of_dimensions,
    errors_are_the_same_everywhere,
    a_failure_of_one_process_is_everybodys,
    versions_are_bumped,
]


def worker(rank: int, processes: int, folder: Path) -> None:
    """Runs all cases, and writes what went wrong: to start processes takes longer than the cases."""
    dist.init_process_group(
        "gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=processes, timeout=datetime.timedelta(0, 60)
    )
    failures = {}
    for case in CASES:
        torch.manual_seed(0)
        try:
            case(folder)
        except BaseException:
            failures[case.__name__] = traceback.format_exc()
    (folder / f"rank{rank}.json").write_text(json.dumps(failures))
    dist.destroy_process_group()


@pytest.fixture(scope="module", params=[2, 4], ids=["2_processes", "4_processes"])
def failures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """What went wrong in each process, by case."""
    folder = tmp_path_factory.mktemp("sharded")
    write(folder)
    torch.multiprocessing.spawn(worker, (request.param, folder), nprocs=request.param)
    return [json.loads((folder / f"rank{rank}.json").read_text()) for rank in range(request.param)]


@pytest.mark.parametrize("case", [case.__name__ for case in CASES])
def test_in_several_processes(case: str, failures: list[dict[str, str]]) -> None:
    failed = [f"process {rank}:\n{one[case]}" for rank, one in enumerate(failures) if case in one]
    assert not failed, "\n".join(failed)


def test_the_example_of_fsdp_runs(tmp_path: Path) -> None:
    path, theirs = google_bert(tmp_path)
    example = str(ROOT / "python/examples/fsdp_bert.py")
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run([*launcher, example, path], capture_output=True, text=True, timeout=120, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("process ")]
    assert len(lines) == 2, done.stderr
    assert lines[0].rpartition("loss")[2] == lines[1].rpartition("loss")[2]
    assert sum(int(line.split()[2]) for line in lines) == sum(4 * tensor.numel() for tensor in theirs.values())
