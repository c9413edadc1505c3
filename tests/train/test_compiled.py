"""Layers that are compiled for training: which pass takes which way, and what happens without a compiler."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from ocr2.got.config import PRESETS
from ocr2.got.network import GOTModel
from ocr2.train import compiled


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[torch.Size]:
    """Shapes that went the compiled way, with a compiler that changes nothing."""
    seen: list[torch.Size] = []

    def compile_nothing(run: Callable[..., Tensor], **options: object) -> Callable[..., Tensor]:
        def counted(x: Tensor, **others: object) -> Tensor:
            seen.append(x.shape)
            return run(x, **others)

        return counted

    monkeypatch.setattr(torch, "compile", compile_nothing)
    return seen


def forward(model: GOTModel, width: int) -> Tensor:
    encoded = model.encode(torch.zeros(1, 1, 32, width))
    return model.skeleton.decode(encoded.image_features)


def test_training_goes_the_compiled_way_and_evaluation_the_plain_one(calls: list[torch.Size]) -> None:
    model = GOTModel(PRESETS["got-tiny"])
    layers = compiled.compile_layers(model)
    calls.clear()  # of the trial
    forward(model.train(), 128).sum().backward()  # type: ignore[no-untyped-call]
    assert len(calls) == layers > 1
    forward(model.eval(), 128)
    with torch.no_grad():
        forward(model.train(), 128)
    assert len(calls) == layers


def test_names_of_weights_stay_as_they_are(calls: list[torch.Size]) -> None:
    model = GOTModel(PRESETS["got-tiny"])
    before = list(model.state_dict())
    assert compiled.compile_layers(model) > 0
    assert list(model.state_dict()) == before


def test_shapes_beyond_the_first_run_plain(calls: list[torch.Size], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "MAX_SHAPES", 1)
    model = GOTModel(PRESETS["got-tiny"]).train()
    layers = compiled.compile_layers(model)
    calls.clear()
    for width in (128, 256, 128):
        forward(model, width)
    assert len(calls) == 2 * layers


def test_without_a_compiler_the_model_stays_as_it_is_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*args: object, **options: object) -> None:
        raise RuntimeError("no C++ compiler here\nand more")

    monkeypatch.setattr(torch, "compile", fails)
    model = GOTModel(PRESETS["got-tiny"])
    assert compiled.compile_layers(model) == 0
    assert "no C++ compiler here" in caplog.text
    assert all("forward" not in vars(layer) for layer in model.modules())


def test_a_model_without_such_layers_compiles_nothing(calls: list[torch.Size]) -> None:
    assert compiled.compile_layers(nn.Linear(2, 2)) == 0
    assert not calls


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # torch warns of its own code while it compiles
def test_compiled_layers_give_the_gradients_of_plain_ones() -> None:
    plain, fast = GOTModel(PRESETS["got-tiny"]).train(), GOTModel(PRESETS["got-tiny"]).train()
    fast.load_state_dict(plain.state_dict())
    if not compiled.compile_layers(fast):
        pytest.skip("no C++ compiler")
    for model in (plain, fast):
        forward(model, 128).square().mean().backward()  # type: ignore[no-untyped-call]
    for (name, a), b in zip(plain.named_parameters(), fast.parameters(), strict=True):
        if ".blocks." in name or ".layers." in name:  # biases before a batch norm have no gradient but noise
            assert a.grad is not None, name
            assert b.grad is not None, name
            torch.testing.assert_close(a.grad, b.grad, rtol=1e-3, atol=1e-6)
