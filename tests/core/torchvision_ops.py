"""A pytest plugin: torchvision built for another torch can be imported, without its operators.

timm imports torchvision for its transforms alone; a torchvision from PyPI beside a CPU build of torch fails at import,
since it registers shapes for operators that its library could not load.
"""

import re
import sys

import torch

LIBRARY = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
MOST = 40  # operators


def import_torchvision() -> None:
    """Import torchvision, naming one missing operator after the other."""
    for _ in range(MOST):
        try:
            import torchvision  # noqa: F401
        except RuntimeError as error:
            missing = re.search(r"operator torchvision::(\w+) does not exist", str(error))
            if missing is None:
                raise
            LIBRARY.define(f"{missing[1]}(Tensor x) -> Tensor")  # type: ignore[no-untyped-call]
            for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
                del sys.modules[name]
        else:
            return


import_torchvision()
