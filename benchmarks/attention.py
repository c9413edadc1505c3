"""Ways to compute SAM's attention with decomposed relative positions: time and exactness of one global block.

    python benchmarks/attention.py [--side 64] [--device cpu] [--dtype float32]

All are compared with explicit softmax attention. `ocr2.vision.attention` takes "products" for bfloat16 on a CPU and
"mask by heads" else.
"""

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from ocr2.vision.attention import attend_in_products, decomposed_bias, relative_table, relative_terms

HEADS, HEAD_DIM = 12, 64


def explicit(q: Tensor, k: Tensor, v: Tensor, h: Tensor, w: Tensor, side: int) -> Tensor:
    """Softmax over the whole matrix of logits."""
    logits = (q * HEAD_DIM**-0.5) @ k.mT + decomposed_bias(q, h, w, (side, side))
    out: Tensor = logits.softmax(-1) @ v
    return out


def mask_by_heads(q: Tensor, k: Tensor, v: Tensor, h: Tensor, w: Tensor, side: int) -> Tensor:
    """SDPA with the bias as an additive mask, one head at a time."""
    parts = []
    for i in range(q.shape[1]):
        part = slice(i, i + 1)
        bias = decomposed_bias(q[:, part], h, w, (side, side))
        parts.append(F.scaled_dot_product_attention(q[:, part], k[:, part], v[:, part], attn_mask=bias))
    return torch.cat(parts, dim=1)


def mask_at_once(q: Tensor, k: Tensor, v: Tensor, h: Tensor, w: Tensor, side: int) -> Tensor:
    """SDPA with the bias of all heads at once."""
    return F.scaled_dot_product_attention(q, k, v, attn_mask=decomposed_bias(q, h, w, (side, side)))


def extended(q: Tensor, k: Tensor, v: Tensor, h: Tensor, w: Tensor, side: int) -> Tensor:
    """SDPA without a mask: queries carry their row and column terms, keys one-hot rows and columns, v is padded."""
    b, n, t, d = q.shape
    rows, columns = relative_terms(q, h, w, (side, side))
    index = torch.arange(t)
    one_hot = torch.cat([F.one_hot(index // side, side), F.one_hot(index % side, side)], dim=-1).to(q)
    long_q = torch.cat([q * d**-0.5, rows, columns], dim=-1)
    long_k = torch.cat([k, one_hot.expand(b, n, t, 2 * side)], dim=-1)
    out = F.scaled_dot_product_attention(long_q, long_k, F.pad(v, (0, 2 * side)), scale=1.0)
    return out[..., :d]


def products(q: Tensor, k: Tensor, v: Tensor, h: Tensor, w: Tensor, side: int) -> Tensor:
    """Matrix products alone, a few hundred queries at a time."""
    return attend_in_products(q, k, v, *relative_terms(q, h, w, (side, side)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=64, help="patches along one side")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16"))
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    torch.manual_seed(0)
    dtype = getattr(torch, args.dtype)
    t = args.side**2
    q, k, v = (torch.randn(1, HEADS, t, HEAD_DIM, device=args.device, dtype=dtype) for _ in range(3))
    tables = [torch.randn(2 * args.side - 1, HEAD_DIM, device=args.device, dtype=dtype) * 0.1 for _ in range(2)]
    h, w = (relative_table(table, args.side) for table in tables)
    ways: list[Callable[..., Tensor]] = [explicit, mask_at_once, mask_by_heads, extended, products]
    with torch.inference_mode():
        reference = explicit(q.float(), k.float(), v.float(), h.float(), w.float(), args.side)
        slowest = 0.0
        for way in ways:
            way(q, k, v, h, w, args.side)
            seconds = []
            for _ in range(args.repeats):
                started = time.perf_counter()
                out = way(q, k, v, h, w, args.side)
                if args.device.startswith("cuda"):
                    torch.cuda.synchronize()
                seconds.append(time.perf_counter() - started)
            best = min(seconds)
            slowest = slowest or best
            error = float((out.float() - reference).abs().max() / reference.abs().max())
            print(f"{way.__name__:<16}{best:8.3f} s  {slowest / best:5.2f} x explicit  error {error:.1e}")


if __name__ == "__main__":
    main()
