"""`ocr2 doctor`: what this machine has and lacks."""

import importlib.metadata
import importlib.util
import platform
import shutil
import sys

from ocr2.cli.failures import ExitCode

REQUIRED = (
    "torch",
    "transformers",
    "safetensors",
    "numpy",
    "pillow",
    "opencv-python-headless",
    "pypdfium2",
    "rapidfuzz",
)
OPTIONAL = {
    "flash_attn": "faster attention on NVIDIA GPUs",
    "fontTools": "rendering training data",
    "nltk": "BLEU and METEOR in `ocr2 eval`",
    "jieba": "Chinese words in `ocr2 eval`",
}


def doctor() -> int:
    """Report versions, devices, optional helpers and whether the shipped weights load."""
    from ocr2 import __version__

    print(f"ocr2 {__version__}, Python {platform.python_version()} on {platform.platform()}")
    missing = [name for name in REQUIRED if not _show_version(name)]
    for module, use in OPTIONAL.items():
        print(f"{'found' if importlib.util.find_spec(module) else 'absent':<8} {module} (optional: {use})")
    print(f"{'found' if shutil.which('pdftoppm') else 'absent':<8} poppler (optional: --rasterizer poppler)")
    if missing:
        print(f"ocr2: missing {', '.join(missing)}; reinstall ocr2", file=sys.stderr)
        return ExitCode.ENVIRONMENT
    return _check_models()


def _show_version(name: str) -> bool:
    try:
        print(f"found    {name} {importlib.metadata.version(name)}")
    except importlib.metadata.PackageNotFoundError:
        print(f"MISSING  {name}")
        return False
    return True


def _check_models() -> int:
    import torch

    from ocr2.compute.device import choose_device, choose_dtype
    from ocr2.errors import OCR2Error
    from ocr2.models.registry import list_models, load

    device = choose_device("auto")
    dtype = str(choose_dtype("auto", device)).removeprefix("torch.")
    print(f"device   {device}, {dtype}, {torch.get_num_threads()} threads")
    for info in list_models():
        if info.shipped:
            try:
                load(info.name)
                print(f"loads    {info.name}")
            except OCR2Error as error:
                print(f"ocr2: {info.name}: {error}", file=sys.stderr)
                return ExitCode.ENVIRONMENT
    return ExitCode.OK
