"""How the published OneChart checkpoint names its tensors; docs/models/onechart.md, "Tensor names"."""

from ocr2.layout import Layout, Rename
from ocr2.multimodal.sam_opt import RULES, TIED

LAYOUTS = (Layout("original", (*RULES, Rename("num_decoder.", "num_decoder.")), TIED),)
