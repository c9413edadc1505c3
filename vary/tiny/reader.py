"""Vary-tiny's one path: page -> square view -> pixels -> prompt -> ids -> text.

Source: docs/models/vary.md, "Vary-tiny".
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ocr2.decoder.bpe import clean_reply
from ocr2.decoder.generate import Generated, GenerationConfig
from ocr2.decoder.gpt2 import GPT2Tokenizer
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.models.protocols import Answer, Question
from ocr2.multimodal.families.clip_sam.views import document_view, pixels_from_views
from ocr2.multimodal.families.sam_opt import END, open_prompt
from ocr2.multimodal.published_reader import AskedReader
from ocr2.vary.tiny.network import TinyModel

ANSWER = " ASSISTANT:"  # behind the question


def tiny_prompt(question: str, tokenizer: Tokenizer, *, num_tokens: int) -> list[int]:
    """Return the ids of a question about a picture.

    A line end stood between picture and question in training, which the tokenizer of that time took away.

    Args:
        question: Special names inside it stay text.
        tokenizer: Of the checkpoint.
        num_tokens: Image tokens of the picture.
    """
    return [*open_prompt(tokenizer, num_tokens=num_tokens), *tokenizer.encode(question + ANSWER)]


class TinyReader(AskedReader[TinyModel, GPT2Tokenizer]):
    """Vary-tiny with weights: reads pages, finds things.

    Args:
        published: The checkpoint in memory.
        options: As of `ReaderOptions`.
    """

    default_name = "vary-tiny"

    def prompt(self, question: Question) -> list[int]:
        """Return the ids of a question; errors as of `answer`."""
        if len(question.pictures) != 1:
            raise ValueError(f"{self.name} looks at one picture a question, got {len(question.pictures)}")
        ids = tiny_prompt(question.text, self.tokenizer, num_tokens=self.model.config.num_image_tokens)
        context = self.model.config.skeleton.decoder.max_position_embeddings
        if len(ids) >= context:
            raise ValueError(f"a question of {len(question.text)} characters leaves no room in {context} tokens")
        return ids

    def generation(self, prompt: Sequence[int], asked: int | None) -> GenerationConfig:
        """Return how an answer is written, of at most `asked` tokens."""
        config = self.model.config
        room = config.skeleton.decoder.max_position_embeddings - len(prompt)
        most = min(asked or config.max_new_tokens, room)
        return GenerationConfig(end_ids=(self.tokenizer.special(END),), max_new_tokens=most)

    def read_answer(self, generated: Generated) -> Answer:
        """Return the answer that was written."""
        text = clean_reply(self.tokenizer.decode(generated.ids), end=END)
        return Answer(text, generated.stop, tuple(float(np.exp(p)) for p in generated.log_probs))

    @torch.inference_mode()
    def embed_question(self, question: Question, ids: Sequence[int]) -> Tensor:
        """Return a prompt's embeddings (t, hidden_size), the picture in its slots."""
        pixels = pixels_from_views([document_view(question.pictures[0], self.model.config.side)])
        return self.embed(ids, self.model.encode(pixels.to(self.device, self.dtype)))
