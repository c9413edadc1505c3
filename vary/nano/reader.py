"""vary-nano's one path: page -> small view of its ink -> cells -> candidates -> regions in reading order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ocr2.decoder.generate import GenerationConfig
from ocr2.models.protocols import RegionReading
from ocr2.multimodal.pointing import PointerPrompt, PointingReader, answer_prompts, prompt_parts
from ocr2.results.box import Box
from ocr2.results.region import REGION_KINDS, Region
from ocr2.vary.nano.candidates import (
    CANDIDATE_IDS,
    FIRST_CANDIDATE,
    IDS,
    MAX_CANDIDATES,
    Candidates,
    merge_cell_boxes,
    overlaps,
)
from ocr2.vary.nano.network import LayoutNano
from ocr2.vary.nano.snap import page_mask, snap_box
from ocr2.vary.nano.view import page_ink, squash_gray

Gray = NDArray[np.uint8]  # (height, width)
SLOTS = 16  # pages at a time
OVERLOOKED = 0.5  # probability from which a candidate that the decoder did not name is a region all the same
APART = 0.2  # overlap with others that it may have


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(PointerPrompt):
    """A page as the decoder is given it."""

    boxes: NDArray[np.float32]  # of its candidates (n, 4), normalised
    kinds: NDArray[np.float32]  # (n, KINDS): probabilities


def in_order(found: Candidates) -> Candidates:
    """Return candidates as the decoder is shown them: from top to bottom."""
    order = np.lexsort((found.boxes[:, 0], found.boxes[:, 1]))
    return Candidates(found.boxes[order], found.kinds[order], found.scores[order])


@torch.inference_mode()
def make_prompt(nano: LayoutNano, ink: Tensor, *, dtype: torch.dtype) -> Prompt:
    """Encode a page.

    Args:
        nano: The network.
        ink: (1, rows, columns), of `ocr2.vary.nano.view.page_ink`.
        dtype: Compute type.
    """
    device = nano.device
    with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        patches, features = nano.encode_picture(ink[None].to(device))
        kinds, sides, fits = nano.predict_cells(patches)
        found = in_order(
            merge_cell_boxes(
                kinds[0].float().softmax(dim=-1).cpu().numpy(),
                sides[0].float().cpu().numpy(),
                fits[0].float().sigmoid().cpu().numpy(),
            )
        )
        boxes, scores = (torch.from_numpy(a)[None].to(device) for a in (found.boxes, found.kinds))
        valid = torch.ones(1, len(found.scores), dtype=torch.bool, device=device)
        vectors, logits = nano.encode_candidates(boxes, scores, valid, patches, features)
        embeds, pointers = prompt_parts(
            nano, features[0], vectors[0], ids=CANDIDATE_IDS, asked=IDS["regions"], dtype=dtype
        )
    final = logits[0].float().softmax(dim=-1).cpu().numpy()
    return Prompt(embeds=embeds, pointers=pointers, boxes=found.boxes, kinds=final)


class NanoDetector(PointingReader[LayoutNano]):
    """vary-nano with weights."""

    region_kinds: tuple[str, ...] = REGION_KINDS
    writes_answers = False

    def find_regions(
        self, pictures: Sequence[NDArray[np.uint8]], names: Sequence[str] = (), *, max_new_tokens: int | None = None
    ) -> list[RegionReading]:
        """Find the regions of pages, in reading order; boxes in pixels of each page.

        Args:
            pictures: Pages (height, width), or in colour (height, width, 3).
            names: Kinds to look for; all if empty.
            max_new_tokens: Without effect: the decoder points at regions, each once.
        """
        grays = [
            page if page.ndim == 2 else np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.uint8)
            for page in pictures
        ]
        wanted = names or self.region_kinds
        return [RegionReading(tuple(r for r in found if r.kind in wanted)) for found in self._find(grays)]

    def _find(self, pages: Sequence[Gray]) -> list[list[Region]]:
        config = GenerationConfig(end_ids=(IDS["end"],), max_new_tokens=MAX_CANDIDATES + 1)
        inks = (page_ink(squash_gray(gray, self.nano.config.size)) for gray in pages)
        prompts = (make_prompt(self.nano, ink, dtype=self.dtype) for ink in inks)
        found: dict[int, list[Region]] = {}
        for i, prompt, generated in answer_prompts(self.runtime, prompts, config, slots=min(SLOTS, len(pages))):
            ink = page_mask(pages[i])
            found[i] = [
                replace(region, box=snap_box(region.box, ink, self.nano.cells))
                for region in read_regions(generated.ids, prompt, pages[i].shape)
            ]
        return [found[i] for i in range(len(pages))]


def read_regions(ids: Sequence[int], prompt: Prompt, shape: tuple[int, ...]) -> list[Region]:
    """Return the regions that an answer names, each once, and those that it overlooked.

    Args:
        ids: Of the answer.
        prompt: Of the page.
        shape: Of the page: (height, width).
    """
    numbers = [token - FIRST_CANDIDATE for token in ids]
    order = list(dict.fromkeys(number for number in numbers if 0 <= number < len(prompt.boxes)))
    confidence = 1 - prompt.kinds[:, 0] if len(prompt.boxes) else np.zeros(0, np.float32)
    for number in np.argsort(-confidence, kind="stable").tolist():
        if confidence[number] < OVERLOOKED:
            break
        if number not in order and not _lies_on(number, order, prompt.boxes):
            order.insert(_place(number, order, prompt.boxes), number)
    height, width = shape[:2]
    regions: list[Region] = []
    for number in order:
        left, top, right, bottom = (prompt.boxes[number] * [width, height, width, height]).tolist()
        box = Box(round(left), round(top), round(right), round(bottom)).clipped(width, height)
        kind = int(prompt.kinds[number, 1:].argmax())
        if box.width > 0 and box.height > 0:
            regions.append(Region(REGION_KINDS[kind], box, float(prompt.kinds[number, 1 + kind])))
    return regions


def _lies_on(number: int, others: Sequence[int], boxes: NDArray[np.float32]) -> bool:
    """Say whether a candidate overlaps another."""
    return bool(others) and bool((overlaps(boxes[number : number + 1], boxes[list(others)]) > APART).any())


def _place(number: int, order: Sequence[int], boxes: NDArray[np.float32]) -> int:
    """Return where a candidate belongs among others in reading order: behind the last one above it in its column."""
    left, top, right, _ = boxes[number]
    place = 0
    for i, other in enumerate(order):
        x0, y0, x1, _ = boxes[other]
        if y0 < top and min(x1, right) > max(x0, left):
            place = i + 1
    return place
