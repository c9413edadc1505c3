"""Vary-tiny (Wei et al. 2023, arXiv 2312.06109): the document vocabulary under OPT-125M, as it was released.

Source: docs/models/vary.md, "Vary-tiny".
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ocr2.decoder.bpe import clean_reply
from ocr2.decoder.generate import GenerationConfig, Request, Scheduler
from ocr2.decoder.gpt2 import GPT2Tokenizer
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.layout import Layout
from ocr2.linear import Quantize
from ocr2.multimodal import published
from ocr2.multimodal.clip_sam.views import document_view, pixels_from_views
from ocr2.multimodal.config import MultimodalConfig
from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.published import reading_runtime
from ocr2.multimodal.sam_opt import (
    ADDED,
    END,
    IMAGE_PAD,
    MERGES,
    OPT_125M,
    RULES,
    TIED,
    TINY_OPT,
    VOCABULARY,
    load_tokenizer,
    open_prompt,
)
from ocr2.reader import Answer, Question
from ocr2.vision.config import SAM_B, TINY_SAM

ARCHITECTURES = ("varyOPTForCausalLM", "MMGPTOPTForCausalLM")
LAYOUTS = (Layout("original", RULES, TIED),)
CONFIG = "config.json"
ANSWER = " ASSISTANT:"  # behind the question
SLOTS = {"cpu": 8, "cuda": 32}  # pictures at a time; elsewhere one


@dataclass(frozen=True, slots=True, kw_only=True)
class TinyConfig:
    """One Vary-tiny."""

    skeleton: MultimodalConfig
    side: int  # pixels of the square that a picture is squashed to
    max_new_tokens: int

    @property
    def num_image_tokens(self) -> int:
        """Image tokens of a picture."""
        return self.skeleton.document.num_tokens((self.side, self.side))


PRESETS = {
    # The released checkpoint, 223,165,440 parameters.
    "vary-tiny": TinyConfig(
        skeleton=MultimodalConfig(encoders=(SAM_B,), decoder=OPT_125M, image_token_id=IMAGE_PAD),
        side=1024,
        max_new_tokens=4096,
    ),
    # For tests: the published tensor names and ids.
    "vary-tiny-mini": TinyConfig(
        skeleton=MultimodalConfig(encoders=(TINY_SAM,), decoder=TINY_OPT, image_token_id=IMAGE_PAD),
        side=128,
        max_new_tokens=4096,
    ),
}


class TinyModel(nn.Module):
    """Vary-tiny: nothing but the skeleton."""

    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        self.config = config
        self.skeleton = MultimodalModel(config.skeleton)

    def encode(self, document: Tensor) -> Tensor:
        """Encode pictures (b, 3, side, side) into decoder features (b, v, hidden_size)."""
        return self.skeleton.project(self.skeleton.encode([document]))

    def forward(self, input_ids: Tensor, document: Tensor) -> Tensor:
        """Return logits (b, t, vocab_size) of prompts (b, t) that hold the pictures' slots."""
        return self.skeleton.decode(self.skeleton.embed(input_ids, self.encode(document)))


Published = published.Published[TinyModel, GPT2Tokenizer]


def load_published(
    folder: Path,
    *,
    config: TinyConfig = PRESETS["vary-tiny"],
    device: torch.device | None = None,
    dtype: torch.dtype = torch.float32,
) -> Published:
    """Load a released checkpoint.

    Args:
        folder: Holds `config.json`, weights as safetensors, `vocab.json` and `merges.txt`.
        config: Dimensions that the checkpoint must have.
        device: Where to put it.
        dtype: Of the parameters.

    Raises:
        CheckpointError: If the folder is another model's, or weights or tokenizer are missing, damaged or of
            another shape.
    """
    return published.load_checkpoint(
        folder,
        lambda: TinyModel(config),
        load_tokenizer,
        architectures=ARCHITECTURES,
        layouts=LAYOUTS,
        device=device,
        dtype=dtype,
    )


def tiny_prompt(question: str, tokenizer: Tokenizer, *, num_tokens: int) -> list[int]:
    """Return the ids of a question about a picture.

    A line end stood between picture and question in training, which the tokenizer of that time took away.

    Args:
        question: Special names inside it stay text.
        tokenizer: Of the checkpoint.
        num_tokens: Image tokens of the picture.
    """
    return [*open_prompt(tokenizer, num_tokens=num_tokens), *tokenizer.encode(question + ANSWER)]


class TinyAsker:
    """Vary-tiny with weights: reads pages, finds things.

    Args:
        published: The checkpoint in memory.
        name: Name of the model.
        quantize: Keep the decoder's matrices in fewer bits.
        consume: Take the weights out of `published` as they are brought into the form that reading needs.
    """

    teaches: tuple[str, ...] = ("detect",)

    def __init__(
        self, published: Published, *, name: str = "vary-tiny", quantize: Quantize = "none", consume: bool = False
    ) -> None:
        self.model = published.model
        self.tokenizer = published.tokenizer
        self.name = name
        self.weights_sha256 = published.sha256
        parameter = next(self.model.skeleton.projectors.parameters())
        self.dtype, self.device = parameter.dtype, parameter.device
        self.runtime = reading_runtime(self.model, quantize=quantize, consume=consume)

    def answer(self, questions: Sequence[Question], *, max_new_tokens: int | None = None) -> list[Answer]:
        """Answer questions about one picture each, several at a time, in order.

        Raises:
            ValueError: If a question has no picture or several, or leaves no room for an answer.
        """
        prompts = [self._prompt(question) for question in questions]
        answers: dict[int, Answer] = {}
        slots = min(SLOTS.get(self.device.type, 1), max(1, len(questions)))
        requests = self._requests(questions, prompts, max_new_tokens)
        for request, generated in Scheduler(self.runtime, slots=slots).run(requests):
            text = clean_reply(self.tokenizer.decode(generated.ids), end=END)
            sure = tuple(float(np.exp(p)) for p in generated.log_probs)
            answers[request.number] = Answer(text, generated.stop, sure)
        return [answers[i] for i in range(len(questions))]

    def _prompt(self, question: Question) -> list[int]:
        if len(question.pictures) != 1:
            raise ValueError(f"{self.name} looks at one picture a question, got {len(question.pictures)}")
        ids = tiny_prompt(question.text, self.tokenizer, num_tokens=self.model.config.num_image_tokens)
        context = self.model.config.skeleton.decoder.max_position_embeddings
        if len(ids) >= context:
            raise ValueError(f"a question of {len(question.text)} characters leaves no room in {context} tokens")
        return ids

    def _requests(
        self, questions: Sequence[Question], prompts: Sequence[list[int]], asked: int | None
    ) -> Iterator[Request]:
        """Encode pictures one by one, each when there is room for it."""
        config = self.model.config
        context = config.skeleton.decoder.max_position_embeddings
        for i, (question, ids) in enumerate(zip(questions, prompts, strict=True)):
            most = min(asked or config.max_new_tokens, context - len(ids))
            yield Request(
                inputs_embeds=self._embed(question, ids),
                config=GenerationConfig(end_ids=(self.tokenizer.special(END),), max_new_tokens=most),
                number=i,
            )

    @torch.inference_mode()
    def _embed(self, question: Question, ids: Sequence[int]) -> Tensor:
        pixels = pixels_from_views([document_view(question.pictures[0], self.model.config.side)])
        features = self.model.encode(pixels.to(self.device, self.dtype))
        return self.model.skeleton.embed(torch.tensor([ids], device=self.device), features)[0]


def write_companions(source: Path, target: Path, layout: str, dtype: str) -> list[str]:
    """Copy config and tokenizer, the number type of the weights brought up to date; no code is copied.

    Args:
        source: The checkpoint that was converted.
        target: Folder to write to.
        layout: Name of the layout of the weights; there is one.
        dtype: Number type of the weights.

    Returns:
        What a user should know of these files: nothing.
    """
    values = json.loads((source / CONFIG).read_text(encoding="utf-8")) if (source / CONFIG).is_file() else {}
    values.pop("auto_map", None)
    (target / CONFIG).write_text(json.dumps({**values, "torch_dtype": dtype}, indent=2) + "\n", encoding="utf-8")
    for name in (VOCABULARY, MERGES, ADDED):
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)
    return []
