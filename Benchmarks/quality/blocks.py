"""Reads weights in Hayloft's int8 and int4 blocks, whose layout Kernels/include/kernels.h gives."""

import json

import numpy as np

PANEL, GROUP = 16, 32
BLOCK_BYTES = {"int8": 544, "int4": 304}


def dequantize(data, kind, rows, columns):
    """The matrix [rows, columns] in f32 that lies in `data`, bytes of blocks."""
    panels, groups = -(-rows // PANEL), -(-columns // GROUP)
    blocks = np.frombuffer(data, np.uint8).reshape(panels, groups, BLOCK_BYTES[kind])
    scales = np.ascontiguousarray(blocks[..., :32]).view("<f2").astype(np.float32)  # [panels, groups, 16]
    if kind == "int8":
        # [8][16][4]: values 4 q + i of output c.
        levels = blocks[..., 32:].view(np.int8).reshape(panels, groups, 8, PANEL, 4).astype(np.float32)
    else:
        # [4][16][4]: the low halves are values 4 q + i, the high halves 16 + 4 q + i; zero points are in eighths.
        pairs = blocks[..., 48:].reshape(panels, groups, 4, PANEL, 4)
        levels = np.concatenate([pairs & 15, pairs >> 4], axis=2).astype(np.float32)
        levels -= blocks[..., 32:48].astype(np.float32)[:, :, None, :, None] / 8
    values = levels * scales[:, :, None, :, None]
    matrix = values.transpose(0, 3, 1, 2, 4).reshape(panels * PANEL, groups * GROUP)
    return matrix[:rows, :columns]


def read(path):
    """The matrices in blocks of a safetensors file, in f32 by name."""
    data = np.memmap(path, np.uint8, "r")
    size = int(data[:8].view("<u8")[0])
    header = json.loads(bytes(data[8 : 8 + size]))
    metadata = header.pop("__metadata__", {})
    assert metadata.get("hayloft_blocks") == "1", f"{path} has no blocks of version 1"
    matrices = {}
    for name, entry in header.items():
        if name in metadata:
            kind, rows, columns = metadata[name].split()
            begin, end = (8 + size + offset for offset in entry["data_offsets"])
            matrices[name] = dequantize(data[begin:end], kind, int(rows), int(columns))
    return matrices
