"""slowperception-nano as a policy: figures, answered in the published writing. Axis letter: e keypoints."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from numpy.random import Generator
from torch import Tensor

from ocr2.decoder.generate import PointerVocabulary
from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.pointing import prompt_parts
from ocr2.slowperception.config import PRESETS
from ocr2.slowperception.grammar import Writing, rounded, write_figure
from ocr2.slowperception.nano.ink import ink_of
from ocr2.slowperception.nano.keypoints import Keypoint, read_keypoints
from ocr2.slowperception.nano.network import FigureNano
from ocr2.slowperception.nano.output_language import (
    FIRST_KEYPOINT,
    IDS,
    KEYPOINT_IDS,
    read_sketch,
    ruler_id,
    to_writing,
)
from ocr2.slowperception.nano.reader import keypoint_tensors
from ocr2.synth.geometry.records import FigureRecord
from ocr2.synth.geometry.targets import rounds_of
from ocr2.synth.groups import decode
from ocr2.train.pointing import IGNORE, embed_rows, pointer_logits, to_device
from ocr2.train.pools import Drawn
from ocr2.train.posttraining.nano_policy import NanoPolicy
from ocr2.train.posttraining.pictures import read_pictures
from ocr2.train.posttraining.pointing_policy import pointed_log_probs
from ocr2.train.posttraining.policy import Answer, LogProbs
from ocr2.train.slowperception_nano import answer_losses, make_batch
from ocr2.vision.encoder import EncoderOutput

RULER = math.inf  # model units: strokes are not split


@dataclass(frozen=True, slots=True)
class EncodedFigure:
    """A figure as the decoder is given it."""

    picture: EncoderOutput  # b = 1
    ink: Tensor  # (1, 1, side, side)
    keypoints: list[Keypoint]


class FigurePolicy(NanoPolicy[Drawn[FigureRecord], EncodedFigure]):
    """slowperception-nano: the keypoint encoder, the projector and the decoder learn.

    The picture's encoder and the dense heads on it do not: the keypoints of a figure stay as they are.
    """

    def __init__(self, network: FigureNano, *, name: str = "slowperception-nano") -> None:
        heads = [network.cell_head, network.letter_head, network.mark_head, network.writing_head]
        super().__init__(network, name=name, frozen=[network.multimodal.encoders, *heads])

    @property
    def nano(self) -> FigureNano:
        """The network."""
        assert isinstance(self.network, FigureNano)
        return self.network

    @property
    def skeleton(self) -> MultimodalModel:
        """The encoder and decoder."""
        return self.nano.multimodal

    @property
    def end_id(self) -> int:
        """Id of the end of an answer."""
        return IDS["end"]

    def max_new_tokens(self, encoded: EncodedFigure) -> int:
        """Return the most tokens of an answer."""
        return self.nano.config.max_new_tokens

    @torch.no_grad()
    def encode(self, sample: Drawn[FigureRecord], /) -> EncodedFigure:
        """Encode a figure and find its keypoints; see `Policy`."""
        self.skeleton.encoders.eval()
        ink = ink_of(decode(sample[0]), self.nano.config.side)
        pixels = ink[None].to(self.device)
        (picture,) = self.skeleton.encode([pixels])
        cells = self.nano.predict_keypoints(picture.patches)[0].float().sigmoid().cpu().numpy()
        return EncodedFigure(picture, pixels, read_keypoints(cells, ink[0].numpy()))

    def truth(self, sample: Drawn[FigureRecord], /) -> str:
        """Return the figure in the published writing: segments and circles, arcs as the circles they are part of."""
        record = sample[1]
        strokes = tuple(((rounded(a), rounded(b)), (rounded(c), rounded(d))) for a, b, c, d in record["segments"])
        return write_figure(Writing(strokes, tuple((x, y, r) for x, y, r, _, _ in rounds_of(record))))

    def _elements(self, encoded: EncodedFigure) -> tuple[Tensor, Tensor]:
        """Return image tokens (v, hidden) and keypoints (e, hidden) under the current weights."""
        features = self.nano.image_tokens(encoded.picture, (encoded.ink.shape[2], encoded.ink.shape[3]))
        places, radii = keypoint_tensors(encoded.keypoints, self.device)
        valid = torch.ones(1, len(encoded.keypoints), dtype=torch.bool, device=self.device)
        seen = self.nano.encode_keypoints(
            places[None], radii[None], valid, encoded.picture.patches, features, encoded.ink
        )
        return features[0], seen.vectors[0]

    def prompt(self, encoded: EncodedFigure) -> tuple[Tensor, PointerVocabulary | None]:
        """Return image tokens, keypoints and the ruler; see `NanoPolicy`."""
        features, elements = self._elements(encoded)
        return prompt_parts(self.nano, features, elements, ids=KEYPOINT_IDS, asked=ruler_id(RULER), dtype=torch.float32)

    def log_probs(self, encoded: EncodedFigure, answers: Sequence[Answer]) -> LogProbs:
        """Return the log-probabilities of answers; see `Policy`."""
        features, elements = self._elements(encoded)
        return pointed_log_probs(self.nano, features, elements, answers, first=FIRST_KEYPOINT, asked=ruler_id(RULER))

    def decode(self, encoded: EncodedFigure, answer: Answer) -> str:
        """Return an answer in the published writing."""
        return write_figure(to_writing(read_sketch(answer.ids), encoded.keypoints, RULER).writing)

    def supervised_loss(self, samples: Sequence[Drawn[FigureRecord]], rng: Generator) -> Tensor:
        """Return the losses of the answer of the model's training, with its noise and all rulers; see `Policy`."""
        self.skeleton.encoders.eval()
        nano, batch = self.nano, to_device(make_batch(samples, rng), self.device)
        patches, features = nano.encode_picture(batch.ink)
        seen = nano.encode_keypoints(batch.places, batch.radii, batch.valid, patches, features, batch.ink)
        pointers, heads = nano.pointers(seen.vectors)
        hidden = nano.multimodal.hidden_states(embed_rows(nano, features, pointers, batch.answers, batch.sources))
        logits = pointer_logits(nano, hidden, heads, batch.labels, batch.valid, first=FIRST_KEYPOINT)
        return torch.stack(list(answer_losses(logits, batch.labels[batch.labels != IGNORE]).values())).sum()


def build_figures(preset: str) -> FigurePolicy:
    """Return a policy with random weights."""
    return FigurePolicy(FigureNano(PRESETS[preset]), name=preset)


def read_figures(paths: Sequence[Path], *, limit: int, seed: int) -> list[Drawn[FigureRecord]]:
    """Return at most so many figures of pools; see `read_pictures`."""
    return read_pictures(paths, limit=limit, seed=seed)
