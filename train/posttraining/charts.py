"""onechart-nano as a policy: charts whose text is known, answered as JSON. Axis letters: e elements, v image tokens."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ocr2.decoder.generate import PointerVocabulary
from ocr2.models.protocols import TextBox
from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.pointing import prompt_parts
from ocr2.onechart.config import PRESETS
from ocr2.onechart.nano.answer import AnswerBuilder
from ocr2.onechart.nano.data_points import Place, read_points
from ocr2.onechart.nano.network import ChartNano
from ocr2.onechart.nano.output_language import ELEMENT_IDS, FIRST_ELEMENT, IDS, read_sketch
from ocr2.onechart.nano.parts import NanoParts
from ocr2.onechart.nano.reader import pixels_from_picture
from ocr2.onechart.nano.text_lines import batch_lines
from ocr2.synth.charts.records import ChartRecord
from ocr2.synth.charts.targets import lines_of
from ocr2.synth.groups import decode
from ocr2.train.onechart_nano import MOST_TOKENS, make_batch
from ocr2.train.pointing import IGNORE, embed_rows, pointer_logits, to_device
from ocr2.train.pools import Drawn
from ocr2.train.posttraining.nano_policy import NanoPolicy
from ocr2.train.posttraining.pictures import read_pictures
from ocr2.train.posttraining.pointing_policy import pointed_log_probs
from ocr2.train.posttraining.policy import Answer, LogProbs
from ocr2.vision.encoder import EncoderOutput

MAX_NEW_TOKENS = 600  # as the training's evaluation


@dataclass(frozen=True, slots=True)
class EncodedChart:
    """A chart as the decoder is given it."""

    picture: EncoderOutput  # b = 1
    pixels: Tensor  # (1, 3, side, side)
    drawn: NDArray[np.uint8]  # (height, width, 3)
    lines: list[TextBox]
    points: list[Place]
    entries: NDArray[np.float32]  # (e, e): probability that an element belongs to the series that another names


class ChartPolicy(NanoPolicy[Drawn[ChartRecord], EncodedChart]):
    """onechart-nano: the element encoder, the projector and the decoder learn.

    The picture's encoder, the head that finds data points and what ships beside the network do not.
    """

    def __init__(self, network: NanoParts, *, name: str = "onechart-nano") -> None:
        nano = network.nano
        # The auxiliary token's head has no part in the answer.
        beside = [part for part in network.children() if part is not nano]
        frozen = [nano.multimodal.encoders, nano.mark_head, nano.model.num_decoder, *beside]
        super().__init__(network, name=name, frozen=frozen)

    @property
    def nano(self) -> ChartNano:
        """The network of charts."""
        assert isinstance(self.network, NanoParts)
        return self.network.nano

    @property
    def skeleton(self) -> MultimodalModel:
        """The encoder and decoder."""
        return self.nano.multimodal

    @property
    def end_id(self) -> int:
        """Id of the end of an answer."""
        return IDS["end"]

    def max_new_tokens(self, encoded: EncodedChart) -> int:
        """Return the most tokens of an answer."""
        return min(MAX_NEW_TOKENS, self.nano.config.max_new_tokens)

    @torch.no_grad()
    def encode(self, sample: Drawn[ChartRecord], /) -> EncodedChart:
        """Encode a chart with its true text, and find its data points; see `Policy`."""
        self.skeleton.encoders.eval()
        drawn, lines = decode(sample[0]), [line.text for line in lines_of(sample[1])]
        pixels = pixels_from_picture(drawn, self.nano.config.image_side)[None].to(self.device)
        (picture,) = self.skeleton.encode([pixels])
        points = read_points(self.nano.predict_points(picture.patches)[0].float().sigmoid().cpu().numpy())
        nothing = np.zeros((0, 0), np.float32)
        encoded = EncodedChart(picture, pixels, drawn, lines, points, nothing)
        entries = self._elements(encoded)[2].float().softmax(dim=-1).cpu().numpy()
        return EncodedChart(picture, pixels, drawn, lines, points, entries)

    def truth(self, sample: Drawn[ChartRecord], /) -> str:
        """Return the chart as JSON."""
        return json.dumps(sample[1]["answer"], ensure_ascii=False)

    def _elements(self, encoded: EncodedChart) -> tuple[Tensor, Tensor, Tensor]:
        """Return image tokens (v, hidden), elements (e, hidden) and logits (e, e) of the series they belong to."""
        nano, count = self.nano, len(encoded.lines) + len(encoded.points)
        height, width = encoded.drawn.shape[:2]
        features = nano.image_tokens(encoded.picture, (encoded.pixels.shape[2], encoded.pixels.shape[3]))
        written = batch_lines([(encoded.lines, width, height)]).to(self.device)
        places = torch.tensor(encoded.points, device=self.device).reshape(1, len(encoded.points), 2)
        own = (
            nano.embed_lines(written, encoded.pixels),
            nano.embed_points(places, encoded.picture.patches, encoded.pixels),
        )
        valid = torch.ones(1, count, dtype=torch.bool, device=self.device)
        vectors, entries = nano.encode_elements(own, valid, features)
        return features[0], vectors[0], entries[0]

    def prompt(self, encoded: EncodedChart) -> tuple[Tensor, PointerVocabulary | None]:
        """Return image tokens and elements; see `NanoPolicy`."""
        features, elements, _ = self._elements(encoded)
        return prompt_parts(self.nano, features, elements, ids=ELEMENT_IDS, dtype=torch.float32)

    def log_probs(self, encoded: EncodedChart, answers: Sequence[Answer]) -> LogProbs:
        """Return the log-probabilities of answers; see `Policy`."""
        features, elements, _ = self._elements(encoded)
        return pointed_log_probs(self.nano, features, elements, answers, first=FIRST_ELEMENT)

    def decode(self, encoded: EncodedChart, answer: Answer) -> str:
        """Return an answer as JSON."""
        sketch = read_sketch(answer.ids)
        return AnswerBuilder(sketch, encoded.lines, encoded.points, encoded.drawn, encoded.entries).to_json()

    def supervised_loss(self, samples: Sequence[Drawn[ChartRecord]], rng: Generator) -> Tensor:
        """Return the cross-entropy of the answer's tokens, with the noise of the model's training; see `Policy`."""
        self.skeleton.encoders.eval()
        nano, batch = self.nano, to_device(make_batch(samples, rng), self.device)
        patches, features = nano.encode_picture(batch.pixels)
        own = nano.embed_lines(batch.lines, batch.pixels), nano.embed_points(batch.marks, patches, batch.pixels)
        vectors, _ = nano.encode_elements(own, batch.valid, features)
        pointers, heads = nano.pointers(vectors)
        hidden = nano.multimodal.hidden_states(embed_rows(nano, features, pointers, batch.answers, batch.sources))
        logits = pointer_logits(nano, hidden, heads, batch.labels, batch.valid, first=FIRST_ELEMENT)
        return F.cross_entropy(logits, batch.labels[batch.labels != IGNORE])


def build_charts(preset: str) -> ChartPolicy:
    """Return a policy with random weights."""
    return ChartPolicy(NanoParts(preset), name=preset)


def read_charts(paths: Sequence[Path], *, limit: int, seed: int) -> list[Drawn[ChartRecord]]:
    """Return at most so many charts of pools, none that is very long; see `read_pictures`."""
    return read_pictures(paths, limit=limit, seed=seed, fits=_fits)


def _fits(record: ChartRecord) -> bool:
    image = PRESETS["onechart-nano"].num_image_tokens
    return image + len(record["texts"]) + 5 * len(record["points"]) < MOST_TOKENS
