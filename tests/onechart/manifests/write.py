"""Write `original.json`: names, shapes and number type of the published OneChart, from its table of tensors.

    python tests/onechart/manifests/write.py

The table is that of docs/models/onechart.md, "Tensor names"; nothing of ocr2 is used.
"""

import json
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).with_name("original.json")
DEPTH, GLOBAL = 12, (2, 5, 8, 11)
WIDTH, MLP, VOCABULARY, POSITIONS = 768, 3072, 50_269, 4098
TOWER, DECODER = "model.vision_tower.", "model.decoder."

Entry = tuple[str, list[int]]


def both(name: str, *shape: int) -> Iterator[Entry]:
    """A weight and its bias."""
    yield f"{name}.weight", list(shape)
    yield f"{name}.bias", [shape[0]]


def tower() -> Iterator[Entry]:
    yield f"{TOWER}pos_embed", [1, 64, 64, WIDTH]
    yield from both(f"{TOWER}patch_embed.proj", WIDTH, 3, 16, 16)
    for i in range(DEPTH):
        block = f"{TOWER}blocks.{i}."
        table = 127 if i in GLOBAL else 27
        yield from both(f"{block}norm1", WIDTH)
        yield f"{block}attn.rel_pos_h", [table, 64]
        yield f"{block}attn.rel_pos_w", [table, 64]
        yield from both(f"{block}attn.qkv", 3 * WIDTH, WIDTH)
        yield from both(f"{block}attn.proj", WIDTH, WIDTH)
        yield from both(f"{block}norm2", WIDTH)
        yield from both(f"{block}mlp.lin1", MLP, WIDTH)
        yield from both(f"{block}mlp.lin2", WIDTH, MLP)
    yield f"{TOWER}neck.0.weight", [256, WIDTH, 1, 1]
    yield from both(f"{TOWER}neck.1", 256)
    yield f"{TOWER}neck.2.weight", [256, 256, 3, 3]
    yield from both(f"{TOWER}neck.3", 256)
    yield f"{TOWER}net_2.weight", [512, 256, 3, 3]
    yield f"{TOWER}net_3.weight", [1024, 512, 3, 3]


def decoder() -> Iterator[Entry]:
    yield f"{DECODER}embed_tokens.weight", [VOCABULARY, WIDTH]
    yield f"{DECODER}embed_positions.weight", [POSITIONS, WIDTH]
    for i in range(DEPTH):
        layer = f"{DECODER}layers.{i}."
        for name in ("k_proj", "v_proj", "q_proj", "out_proj"):
            yield from both(f"{layer}self_attn.{name}", WIDTH, WIDTH)
        yield from both(f"{layer}self_attn_layer_norm", WIDTH)
        yield from both(f"{layer}fc1", MLP, WIDTH)
        yield from both(f"{layer}fc2", WIDTH, MLP)
        yield from both(f"{layer}final_layer_norm", WIDTH)
    yield from both(f"{DECODER}final_layer_norm", WIDTH)


def tensors() -> Iterator[Entry]:
    """Yield names and shapes, part by part."""
    yield from tower()
    yield from both("model.mm_projector", WIDTH, 1024)
    yield from decoder()
    yield from both("num_decoder.0", 384, WIDTH)
    yield from both("num_decoder.2", 384, 384)
    yield from both("num_decoder.4", 256, 384)
    yield "lm_head.weight", [VOCABULARY, WIDTH]


def manifest() -> str:
    """Return the file's text, one tensor a line."""
    lines = [f"  {json.dumps(name)}: {json.dumps({'dtype': 'BF16', 'shape': shape})}" for name, shape in tensors()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(manifest(), encoding="utf-8")
