"""Encoders as timm backbones, and timm's SAM as an independent reference for ours."""

from pathlib import Path

import pytest
import torch

from ocr2.errors import CheckpointError
from ocr2.got.config import PRESETS
from ocr2.vision.config import TINY_SAM
from ocr2.vision.encoder import VisionEncoder
from tests.got.test_published import original_state, random_model, write_checkpoint

timm = pytest.importorskip("timm")
models = pytest.importorskip("ocr2.timm_models")


def timm_names(name: str) -> str:
    """Return what timm calls one of our tensors."""
    for ours, theirs in (("patch_embed.0.", "patch_embed.proj."), (".lin1.", ".fc1."), (".lin2.", ".fc2.")):
        name = name.replace(ours, theirs)
    return name


def test_our_encoder_gives_the_features_of_timms_sam() -> None:
    torch.manual_seed(0)
    ours = VisionEncoder(TINY_SAM).eval()
    for parameter in ours.parameters():
        parameter.data = torch.randn_like(parameter) * 0.2  # positions and norms too
    theirs = timm.models.vision_transformer_sam.VisionTransformerSAM(
        img_size=128,
        patch_size=16,
        embed_dim=TINY_SAM.embed_dim,
        depth=TINY_SAM.depth,
        num_heads=TINY_SAM.num_heads,
        mlp_ratio=TINY_SAM.mlp_dim / TINY_SAM.embed_dim,
        window_size=TINY_SAM.window_size[0],
        global_attn_indexes=TINY_SAM.global_attn_indexes,
        use_rel_pos=True,
        neck_chans=TINY_SAM.neck[0].out_chans,
        num_classes=0,
    ).eval()
    shared = {timm_names(k): v for k, v in ours.state_dict().items() if not k.startswith(("neck.4", "neck.5"))}
    theirs.load_state_dict(shared)
    pixels = torch.randn(2, 3, 128, 128)
    with torch.no_grad():
        patches = ours(pixels).patches.permute(0, 3, 1, 2)
        torch.testing.assert_close(ours.neck[:4](patches), theirs.forward_features(pixels), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["got_ocr2_vit_base", "vary_vit_base"])
def test_encoders_are_created_by_timm(name: str) -> None:
    model = timm.create_model(name, config=TINY_SAM, num_classes=5)
    pixels = torch.randn(1, 3, 128, 128)
    assert model.forward_features(pixels).shape == (1, 32, 2, 2)
    assert model(pixels).shape == (1, 5)
    model.reset_classifier(0)
    assert model(pixels).shape == (1, model.num_features)
    assert timm.is_model(name)


def test_an_encoder_takes_the_published_weights(tmp_path: Path) -> None:
    published = random_model()
    folder = write_checkpoint(tmp_path / "got", original_state(published))
    model = timm.create_model("got_ocr2_vit_base", config=TINY_SAM, weights=folder)
    expected = published.skeleton.encoders[0].state_dict()
    found = model.encoder.state_dict()
    assert set(found) == set(expected)
    assert all(torch.allclose(found[name].float(), expected[name].float(), atol=1e-2) for name in expected)


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "got", original_state(random_model()))
    with pytest.raises(CheckpointError, match="is none of the known layouts"):
        timm.create_model("vary_vit_base", config=TINY_SAM, weights=folder)
    with pytest.raises(CheckpointError, match="does not fit the model"):
        timm.create_model("got_ocr2_vit_base", config=PRESETS["got-tiny"].skeleton.encoders[0], weights=folder)
    with pytest.raises(CheckpointError, match="nothing is downloaded unasked"):
        timm.create_model("got_ocr2_vit_base", pretrained=True, config=TINY_SAM)
    with pytest.raises(TypeError, match="got img_size"):
        timm.create_model("got_ocr2_vit_base", config=TINY_SAM, img_size=64)
