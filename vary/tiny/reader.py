"""Vary-tiny's one path: page -> square view -> pixels -> prompt -> ids -> text.

Source: docs/models/vary.md, "Vary-tiny".
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from ocr2.decoder.bpe import clean_reply
from ocr2.decoder.generate import GenerationConfig, Request, Scheduler
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.models.protocols import Answer, Question, RegionReading
from ocr2.multimodal.families.clip_sam.views import RGB, document_view, pixels_from_views
from ocr2.multimodal.families.sam_opt import END, open_prompt
from ocr2.multimodal.named_boxes import find_by_asking
from ocr2.multimodal.published import reading_runtime
from ocr2.options import Quantize
from ocr2.vary.tiny.checkpoint import Published

ANSWER = " ASSISTANT:"  # behind the question
SLOTS = {"cpu": 8, "cuda": 32}  # pictures at a time; elsewhere one


def tiny_prompt(question: str, tokenizer: Tokenizer, *, num_tokens: int) -> list[int]:
    """Return the ids of a question about a picture.

    A line end stood between picture and question in training, which the tokenizer of that time took away.

    Args:
        question: Special names inside it stay text.
        tokenizer: Of the checkpoint.
        num_tokens: Image tokens of the picture.
    """
    return [*open_prompt(tokenizer, num_tokens=num_tokens), *tokenizer.encode(question + ANSWER)]


class TinyReader:
    """Vary-tiny with weights: reads pages, finds things.

    Args:
        published: The checkpoint in memory.
        name: Name of the model.
        quantize: Keep the decoder's matrices in fewer bits.
        consume: Take the weights out of `published` as they are brought into the form that reading needs.
    """

    region_kinds: tuple[str, ...] = ()
    writes_answers = True

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

    def find_regions(
        self, pictures: Sequence[RGB], names: Sequence[str] = (), *, max_new_tokens: int | None = None
    ) -> list[RegionReading]:
        """Find named things in pictures (height, width, 3), or all that the model knows."""
        return find_by_asking(self, pictures, names, max_new_tokens=max_new_tokens)

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
