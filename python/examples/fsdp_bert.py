"""BERT in the shards of FSDP2: the model is made on the meta device, and each process reads the bytes of its shards.

usage: torchrun --nproc-per-node 2 fsdp_bert.py CHECKPOINT
"""

from __future__ import annotations

import sys

import torch
import torch.distributed as dist
import warmstart as ws
from bert_torch import FROM_GOOGLE, make_bert
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard


def main(path: str) -> None:
    kind = "cuda" if torch.cuda.is_available() else "cpu"
    dist.init_process_group("nccl" if kind == "cuda" else "gloo")
    rank, processes = dist.get_rank(), dist.get_world_size()
    if kind == "cuda":
        torch.cuda.set_device(rank % torch.cuda.device_count())
    mesh = init_device_mesh(kind, (processes,))
    with ws.open(path) as checkpoint:
        with torch.device("meta"):
            model = make_bert(checkpoint)
        for layer in model.layers:
            fully_shard(layer, mesh=mesh)
        fully_shard(model, mesh=mesh)
        result = ws.torch.load_into(model, checkpoint, FROM_GOOGLE, strict=False, group=dist.group.WORLD)

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss = model(torch.tensor([[1, 2, 3]], device=kind)).square().sum()
    loss.backward()
    optimizer.step()
    for turn in range(processes):
        if turn == rank:
            print(f"process {rank}: {result.report.bytes_needed} bytes in shards, loss {loss.item():.4f}", flush=True)
        dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
