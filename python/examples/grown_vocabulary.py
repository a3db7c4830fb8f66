"""Loads an embedding for a vocabulary that has grown: a token keeps its row, a new one gets the initializer's.

usage: python grown_vocabulary.py CHECKPOINT TENSOR OLD_VOCABULARY NEW_VOCABULARY
"""

from __future__ import annotations

import sys
from pathlib import Path

import warmstart as ws


def main(checkpoint: str, tensor: str, old: str, new: str) -> None:
    with ws.open(checkpoint) as stored:
        columns = stored[tensor].shape[1]
    tokens = Path(new).read_text().splitlines()
    store = ws.VariableStore("cpu:0")
    table = store.get_variable("table", (len(tokens), columns), initializer=ws.zeros())
    rows = ws.Remap(old_vocabulary=old, new_vocabulary=new)
    store.init_from_checkpoint(checkpoint, {tensor: ws.Entry(table, rows=rows)})
    store.run_initializers(progress=True)
    for token, row in zip(tokens, table.numpy(), strict=True):
        print(token, row[:2])


if __name__ == "__main__":
    main(*sys.argv[1:])
