"""The document encoder beside timm's SAM ViT-B, on the same weights and picture, in turns.

    python benchmarks/timm_encoder.py [--side 1024] [--repeats 3]

Both run up to SAM's neck, which ours continues by two convolutions. timm is taken in its faster number type. Shares are
of this machine's matrix product in the type that each runs in. Where torchvision, which timm imports, was built for
another torch: `PYTHONPATH=FOLDER:. python -c "import tests.core.torchvision_ops, runpy; runpy.run_path(...)"`.
"""

import argparse
from pathlib import Path

import torch
from torch import nn

from ocr2.compute.roofline import measure_limits, seconds_in_turn
from ocr2.vision.config import SAM_B
from ocr2.vision.encoder import VisionEncoder

NAMES = (("patch_embed.0.", "patch_embed.proj."), (".lin1.", ".fc1."), (".lin2.", ".fc2."))


class Trunk(nn.Module):
    """Our encoder up to the end of SAM's neck."""

    def __init__(self, encoder: VisionEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Map (b, 3, height, width) to (b, 256, height / 16, width / 16)."""
        x = self.encoder.patch_embed(pixels).permute(0, 2, 3, 1).contiguous()
        assert self.encoder.pos_embed is not None
        x = x + self.encoder.pos_embed
        for block in self.encoder.blocks:
            x = block(x)
        features: torch.Tensor = self.encoder.neck[:4](x.permute(0, 3, 1, 2))
        return features


def timm_sam(encoder: VisionEncoder, side: int) -> nn.Module:
    """Return timm's model with the weights of ours."""
    import timm

    model: nn.Module = timm.create_model("samvit_base_patch16", img_size=side, num_classes=0)
    state = {}
    for name, value in encoder.state_dict().items():
        for ours, theirs in NAMES:
            name = name.replace(ours, theirs)
        if not name.startswith(("neck.4", "neck.5")):
            state[name] = value
    model.load_state_dict(state)
    return model.eval()


def flops(side: int) -> float:
    """Return the operations of the blocks' products: projections, MLPs, global and windowed attention."""
    tokens, dim = (side // 16) ** 2, SAM_B.embed_dim
    linear = 2 * tokens * (4 * dim * dim + 2 * dim * SAM_B.mlp_dim) * SAM_B.depth
    window = SAM_B.window_size[0] * SAM_B.window_size[1]
    spans = [tokens if i in SAM_B.global_attn_indexes else window for i in range(SAM_B.depth)]
    return float(linear + sum(4 * tokens * span * dim for span in spans))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    torch.manual_seed(0)
    encoder = VisionEncoder(SAM_B).eval()
    for parameter in encoder.parameters():
        parameter.data.normal_(0, 0.02)
    pixels = torch.randn(1, 3, args.side, args.side)
    theirs = {d: timm_sam(encoder, args.side).to(d) for d in (torch.float32, torch.bfloat16)}
    with torch.inference_mode():
        expected = Trunk(encoder)(pixels)
        worst = float((theirs[torch.float32].forward_features(pixels) - expected).abs().max())  # type: ignore[operator]
        encoder = encoder.to(torch.bfloat16)
        encoder.freeze()
        ours = Trunk(encoder)
        runs = {"ours bfloat16": lambda: ours(pixels.bfloat16())}
        for dtype, model in theirs.items():
            name = str(dtype).removeprefix("torch.")
            runs[f"timm {name}"] = lambda m=model, d=dtype: m.forward_features(pixels.to(d))  # type: ignore[misc]
        seconds = seconds_in_turn(runs, repeats=args.repeats)
    best = min(value for name, value in seconds.items() if name.startswith("timm"))
    print(f"{torch.get_num_threads()} threads, {args.side} px, {Path(__file__).name}")
    print(f"largest difference of features in float32: {worst:.2e}")
    for name, value in seconds.items():
        limits = measure_limits(getattr(torch, name.split()[1]))
        share = limits.gemm_share(flops(args.side), value)
        print(f"{name:15} {value:7.3f} s  {share:5.1%} of the product's rate ({limits.gemm_flops / 1e12:.2f} TFLOP/s)")
    print(f"timm's faster type over ours: {best / seconds['ours bfloat16']:.2f}")


if __name__ == "__main__":
    main()
