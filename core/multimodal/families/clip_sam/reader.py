"""The family's one path: pictures and a question -> two views each -> prompt -> ids -> text.

Source: docs/models/vary.md, "Image preprocessing", "Generation".
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from ocr2.decoder.bpe import clean_reply
from ocr2.decoder.generate import GenerationConfig, Request, Scheduler
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.models.protocols import Answer, Question, RegionReading
from ocr2.multimodal.families.clip_sam.checkpoint import Published
from ocr2.multimodal.families.clip_sam.views import RGB, ClipResize, document_view, natural_view, pixels_from_views
from ocr2.multimodal.families.qwen_chat import END_TOKENS, system_turn, user_turn
from ocr2.multimodal.named_boxes import find_by_asking
from ocr2.multimodal.published import reading_runtime
from ocr2.options import Quantize
from ocr2.vision.config import ClipConfig

SLOTS = {"cpu": 4, "cuda": 16}  # questions at a time; elsewhere one


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


class ClipSamReader:
    """Vary-toy, or Fox of the same layout, with weights: answers questions, finds named things.

    Args:
        published: The checkpoint in memory.
        name: Name of the model.
        clip_resize: How CLIP's view is made: "center_crop" as Vary-toy does, "squash" as Fox does.
        quantize: Keep the decoder's matrices in fewer bits.
        consume: Take the weights out of `published` as they are brought into the form that reading needs.
    """

    region_kinds: tuple[str, ...] = ()
    writes_answers = True

    def __init__(
        self,
        published: Published,
        *,
        name: str = "vary-toy",
        clip_resize: ClipResize = "center_crop",
        quantize: Quantize = "none",
        consume: bool = False,
    ) -> None:
        self.model = published.model
        self.tokenizer = published.tokenizer
        self.name = name
        self.weights_sha256 = published.sha256
        self.clip_resize = clip_resize
        natural = self.model.config.skeleton.encoders[0]
        assert isinstance(natural, ClipConfig)
        self.clip_side = natural.side
        parameter = next(self.model.skeleton.projectors.parameters())
        self.dtype, self.device = parameter.dtype, parameter.device
        self.runtime = reading_runtime(self.model, quantize=quantize, consume=consume)

    def answer(self, questions: Sequence[Question], *, max_new_tokens: int | None = None) -> list[Answer]:
        """Answer questions, several at a time, in order; greedy, so that two runs agree.

        Args:
            questions: With their pictures.
            max_new_tokens: Of an answer; never more than the context leaves.

        Raises:
            ValueError: If a prompt leaves no room for an answer.
        """
        prompts = [self._prompt(question) for question in questions]
        answers: dict[int, Answer] = {}
        slots = min(SLOTS.get(self.device.type, 1), max(1, len(questions)))
        for request, generated in Scheduler(self.runtime, slots=slots).run(
            self._requests(questions, prompts, max_new_tokens)
        ):
            text = clean_reply(self.tokenizer.decode(generated.ids), end=END_TOKENS[0])
            sure = tuple(float(torch.tensor(p).exp()) for p in generated.log_probs)
            answers[request.number] = Answer(text, generated.stop, sure)
        return [answers[i] for i in range(len(questions))]

    def find_regions(
        self, pictures: Sequence[RGB], names: Sequence[str] = (), *, max_new_tokens: int | None = None
    ) -> list[RegionReading]:
        """Find named things in pictures (height, width, 3), or all that the model knows."""
        return find_by_asking(self, pictures, names, max_new_tokens=max_new_tokens)

    def _prompt(self, question: Question) -> list[int]:
        tokens, context = self.model.config.num_image_tokens, self.model.config.context
        ids = question_prompt(question.text, self.tokenizer, num_tokens=tokens, pictures=len(question.pictures))
        if len(ids) >= context:
            raise ValueError(
                f"{len(question.pictures)} pictures and a question of {len(question.text)} characters make "
                f"{len(ids)} tokens; {self.name} takes {context}, the answer included"
            )
        return ids

    def _requests(
        self, questions: Sequence[Question], prompts: Sequence[list[int]], asked: int | None
    ) -> Iterator[Request]:
        """Encode questions one by one, each when there is room for it."""
        config = self.model.config
        ends = tuple(self.tokenizer.special(name) for name in END_TOKENS)
        for i, (question, ids) in enumerate(zip(questions, prompts, strict=True)):
            most = min(asked or config.max_new_tokens, config.context - len(ids))
            yield Request(
                inputs_embeds=self._embed(question, ids),
                config=GenerationConfig(end_ids=ends, max_new_tokens=most),
                number=i,
            )

    @torch.inference_mode()
    def _embed(self, question: Question, ids: Sequence[int]) -> Tensor:
        """Return a prompt's embeddings (t, hidden_size), the pictures in their slots."""
        input_ids = torch.tensor([ids], device=self.device)
        if not question.pictures:
            embedded: Tensor = self.model.skeleton.embed_tokens(input_ids)[0]
            return embedded
        features = [self._encode(picture) for picture in question.pictures]  # one by one: memory stays that of one
        return self.model.skeleton.embed(input_ids, torch.cat(features))[0]

    def _encode(self, picture: RGB) -> Tensor:
        natural = pixels_from_views([natural_view(picture, self.clip_side, self.clip_resize)])
        document = pixels_from_views([document_view(picture, self.model.config.side)])
        return self.model.encode(natural.to(self.device, self.dtype), document.to(self.device, self.dtype))
