"""Google's BERT in PyTorch, without TensorFlow: an entry for each kind of weight. Kernels lie the other way round.

usage: python bert_torch.py CHECKPOINT
"""

from __future__ import annotations

import sys

import torch
import warmstart as ws
from torch import nn


class Attention(nn.Module):  # type: ignore[misc]
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.output, self.norm = nn.Linear(width, width), nn.LayerNorm(width, eps=1e-12)
        self.heads = heads

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        query, key, value = (self.split(part(states)) for part in (self.query, self.key, self.value))
        weights = (query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5).softmax(-1)
        attended = (weights @ value).transpose(-3, -2).flatten(-2)
        return self.norm(states + self.output(attended))

    def split(self, states: torch.Tensor) -> torch.Tensor:
        return states.unflatten(-1, (self.heads, states.shape[-1] // self.heads)).transpose(-3, -2)


class Layer(nn.Module):  # type: ignore[misc]
    def __init__(self, width: int, inner: int, heads: int) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.up, self.down, self.norm = nn.Linear(width, inner), nn.Linear(inner, width), nn.LayerNorm(width, eps=1e-12)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        states = self.attention(states)
        return self.norm(states + self.down(nn.functional.gelu(self.up(states))))


class Bert(nn.Module):  # type: ignore[misc]
    def __init__(self, tokens: int, positions: int, width: int, inner: int, layers: int, heads: int) -> None:
        super().__init__()
        self.words, self.positions = nn.Embedding(tokens, width), nn.Embedding(positions, width)
        self.types, self.norm = nn.Embedding(2, width), nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(width, inner, heads) for _ in range(layers))
        self.pooler = nn.Linear(width, width)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        where = torch.arange(tokens.shape[-1], device=tokens.device)
        states = self.norm(self.words(tokens) + self.positions(where) + self.types(torch.zeros_like(tokens)))
        for layer in self.layers:
            states = layer(states)
        return torch.tanh(self.pooler(states[..., 0, :]))


def dense(theirs: str, ours: str) -> list[tuple[str, ws.Entry]]:
    kernel = ws.Entry(f"{ours}.weight", transpose=(1, 0))
    return [(f"bert/{theirs}/kernel", kernel), (f"bert/{theirs}/bias", ws.Entry(f"{ours}.bias"))]


def norm(theirs: str, ours: str) -> list[tuple[str, ws.Entry]]:
    return [
        (f"bert/{theirs}/LayerNorm/gamma", ws.Entry(f"{ours}.weight")),
        (f"bert/{theirs}/LayerNorm/beta", ws.Entry(f"{ours}.bias")),
    ]


LAYER = "encoder/layer_{n}"
FROM_GOOGLE = [
    ("bert/embeddings/word_embeddings", ws.Entry("words.weight")),
    ("bert/embeddings/position_embeddings", ws.Entry("positions.weight")),
    ("bert/embeddings/token_type_embeddings", ws.Entry("types.weight")),
    *norm("embeddings", "norm"),
    *dense(f"{LAYER}/attention/self/query", "layers.{n}.attention.query"),
    *dense(f"{LAYER}/attention/self/key", "layers.{n}.attention.key"),
    *dense(f"{LAYER}/attention/self/value", "layers.{n}.attention.value"),
    *dense(f"{LAYER}/attention/output/dense", "layers.{n}.attention.output"),
    *norm(f"{LAYER}/attention/output", "layers.{n}.attention.norm"),
    *dense(f"{LAYER}/intermediate/dense", "layers.{n}.up"),
    *dense(f"{LAYER}/output/dense", "layers.{n}.down"),
    *norm(f"{LAYER}/output", "layers.{n}.norm"),
    *dense("pooler/dense", "pooler"),
]


def make_bert(checkpoint: ws.Checkpoint) -> Bert:
    """A BERT of the checkpoint's sizes."""
    tokens, width = checkpoint["bert/embeddings/word_embeddings"].shape
    positions = checkpoint["bert/embeddings/position_embeddings"].shape[0]
    inner = checkpoint["bert/encoder/layer_0/intermediate/dense/bias"].shape[0]
    layers = sum(name.endswith("/intermediate/dense/kernel") for name in checkpoint)
    return Bert(tokens, positions, width, inner, layers, heads=max(1, width // 64))


def main(path: str) -> None:
    with ws.open(path) as checkpoint:
        model = make_bert(checkpoint)
        # Not strict: there are weights of training tasks, and an optimizer's, which the model does not have.
        result = ws.torch.load_into(model, checkpoint, FROM_GOOGLE, strict=False, progress=True)
    print(f"{len(result.report.rows)} tensors loaded, {len(result.missing_keys)} missing, "
          f"{len(result.unexpected_keys)} left in the checkpoint")  # fmt: skip
    print("pooled:", model(torch.tensor([[1, 2, 3]]))[0, :4].tolist())


if __name__ == "__main__":
    main(*sys.argv[1:])
