"""The family's one path: pictures and a question -> two views each -> prompt -> ids -> text.

Source: docs/models/vary.md, "Image preprocessing", "Generation".
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Unpack

import torch
from torch import Tensor

from ocr2.decoder.bpe import clean_reply
from ocr2.decoder.generate import Generated, GenerationConfig
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.models.protocols import Answer, Question
from ocr2.multimodal.families.clip_sam.checkpoint import Published
from ocr2.multimodal.families.clip_sam.network import ClipSamModel
from ocr2.multimodal.families.clip_sam.views import RGB, ClipResize, document_view, natural_view, pixels_from_views
from ocr2.multimodal.families.qwen_chat import END_TOKENS, system_turn, user_turn
from ocr2.multimodal.published_reader import AskedReader, ReaderOptions
from ocr2.vision.config import ClipConfig


def question_prompt(question: str, tokenizer: Tokenizer, *, num_tokens: int, pictures: int = 1) -> list[int]:
    """Return the ids of the turns around pictures and a question.

    Args:
        question: Special names inside it stay text.
        tokenizer: Of the checkpoint.
        num_tokens: Image tokens of one picture.
        pictures: In front of the question.
    """
    asked = user_turn(question, tokenizer, num_tokens=num_tokens * pictures, images=max(1, pictures))
    return [*system_turn(tokenizer), *asked]


class ClipSamReader(AskedReader[ClipSamModel, Tokenizer]):
    """Vary-toy, or Fox of the same layout, with weights: answers questions, finds named things.

    Args:
        published: The checkpoint in memory.
        clip_resize: How CLIP's view is made: "center_crop" as Vary-toy does, "squash" as Fox does.
        options: As of `ReaderOptions`.
    """

    default_name = "vary-toy"
    slots: ClassVar[Mapping[str, int]] = {"cpu": 4, "cuda": 16}

    def __init__(
        self, published: Published, *, clip_resize: ClipResize = "center_crop", **options: Unpack[ReaderOptions]
    ) -> None:
        super().__init__(published, **options)
        self.clip_resize = clip_resize
        natural = self.model.config.skeleton.encoders[0]
        assert isinstance(natural, ClipConfig)
        self.clip_side = natural.side

    def prompt(self, question: Question) -> list[int]:
        """Return the ids of a question; errors as of `answer`."""
        tokens, context = self.model.config.num_image_tokens, self.model.config.context
        ids = question_prompt(question.text, self.tokenizer, num_tokens=tokens, pictures=len(question.pictures))
        if len(ids) >= context:
            raise ValueError(
                f"{len(question.pictures)} pictures and a question of {len(question.text)} characters make "
                f"{len(ids)} tokens; {self.name} takes {context}, the answer included"
            )
        return ids

    def generation(self, prompt: Sequence[int], asked: int | None) -> GenerationConfig:
        """Return how an answer is written, of at most `asked` tokens."""
        config = self.model.config
        ends = tuple(self.tokenizer.special(name) for name in END_TOKENS)
        most = min(asked or config.max_new_tokens, config.context - len(prompt))
        return GenerationConfig(end_ids=ends, max_new_tokens=most)

    def read_answer(self, generated: Generated) -> Answer:
        """Return the answer that was written."""
        text = clean_reply(self.tokenizer.decode(generated.ids), end=END_TOKENS[0])
        return Answer(text, generated.stop, tuple(float(torch.tensor(p).exp()) for p in generated.log_probs))

    @torch.inference_mode()
    def embed_question(self, question: Question, ids: Sequence[int]) -> Tensor:
        """Return a prompt's embeddings (t, hidden_size), the pictures in their slots."""
        if not question.pictures:
            embedded: Tensor = self.model.skeleton.embed_tokens(torch.tensor([ids], device=self.device))[0]
            return embedded
        features = [self._encode(picture) for picture in question.pictures]  # one by one: memory stays that of one
        return self.embed(ids, torch.cat(features))

    def _encode(self, picture: RGB) -> Tensor:
        natural = pixels_from_views([natural_view(picture, self.clip_side, self.clip_resize)])
        document = pixels_from_views([document_view(picture, self.model.config.side)])
        return self.model.encode(natural.to(self.device, self.dtype), document.to(self.device, self.dtype))
