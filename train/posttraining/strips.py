"""got-nano as a policy: strips of text lines. Axis letters: n answers, v image tokens, t tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from ocr2.decoder.generate import PointerVocabulary
from ocr2.got.config import PRESETS
from ocr2.got.losses import next_token_loss
from ocr2.got.nano.reader import load_vocabulary, pixels_from_strips
from ocr2.got.network import GOTModel
from ocr2.multimodal.model import MultimodalModel
from ocr2.synth.pool import Bucket, read_group
from ocr2.train.got_nano import REPLACED_INPUTS, Batch, teacher_forcing
from ocr2.train.pointing import to_device
from ocr2.train.pools import find_groups
from ocr2.train.posttraining.nano_policy import NanoPolicy
from ocr2.train.posttraining.policy import Answer, LogProbs, chosen_log_probs, pad_ids
from ocr2.vision.encoder import EncoderOutput


@dataclass(frozen=True, slots=True)
class StripSample:
    """A strip and what it says."""

    pixels: NDArray[np.uint8]  # (height, width), of one of the reader's widths
    text: str


@dataclass(frozen=True, slots=True)
class EncodedStrip:
    """A strip as the decoder is given it."""

    picture: EncoderOutput  # b = 1
    columns: int  # patches along the strip


class StripPolicy(NanoPolicy[StripSample, EncodedStrip]):
    """got-nano: projector and decoder learn, the encoder and the draft head that reads off it do not."""

    def __init__(self, network: GOTModel, *, name: str = "got-nano") -> None:
        heads = [network.draft_head] if network.draft_head is not None else []
        super().__init__(network, name=name, frozen=[network.skeleton.encoders, *heads])
        self.tokenizer = load_vocabulary()

    @property
    def skeleton(self) -> MultimodalModel:
        """The encoder and decoder."""
        assert isinstance(self.network, GOTModel)
        return self.network.skeleton

    @property
    def end_id(self) -> int:
        """Id of the end of an answer."""
        return self.tokenizer.special("end")

    def max_new_tokens(self, encoded: EncodedStrip) -> int:
        """Return the most characters: one is at least a patch wide."""
        assert isinstance(self.network, GOTModel)
        return min(self.network.config.max_new_tokens, encoded.columns)

    @torch.no_grad()
    def encode(self, sample: StripSample, /) -> EncodedStrip:
        """Encode a strip; see `Policy`."""
        self.skeleton.encoders.eval()  # its norms do not measure anew
        (picture,) = self.skeleton.encode([pixels_from_strips(sample.pixels[None]).to(self.device)])
        return EncodedStrip(picture, sample.pixels.shape[1] // 4)

    def truth(self, sample: StripSample, /) -> str:
        """Return what the strip says."""
        return sample.text

    def prompt(self, encoded: EncodedStrip) -> tuple[Tensor, PointerVocabulary | None]:
        """Return image tokens and the task token; see `NanoPolicy`."""
        task = torch.tensor([[self.tokenizer.special("ocr")]], device=self.device)
        features = self.skeleton.project([encoded.picture])
        return torch.cat([features, self.skeleton.embed_tokens(task)], dim=1)[0], None

    def log_probs(self, encoded: EncodedStrip, answers: Sequence[Answer]) -> LogProbs:
        """Return the log-probabilities of answers; see `Policy`."""
        ids, valid = pad_ids(answers, self.device)
        prompt = self.prompt(encoded)[0].expand(len(ids), -1, -1)
        embeds = torch.cat([prompt, self.skeleton.embed_tokens(ids[:, :-1])], dim=1)
        return chosen_log_probs(self.skeleton.decode(embeds, logits_to_keep=ids.shape[1]), ids, valid)

    def decode(self, encoded: EncodedStrip, answer: Answer) -> str:
        """Return the text of an answer; special tokens show nothing."""
        return self.tokenizer.decode(list(answer.ids))

    def supervised_loss(self, samples: Sequence[StripSample], rng: Generator) -> Tensor:
        """Return the cross-entropy of a token, some inputs replaced; see `Policy`."""
        self.skeleton.encoders.eval()
        noise = torch.Generator().manual_seed(int(rng.integers(2**31)))
        total = sum(len(sample.text) + 1 for sample in samples)
        widths = sorted({sample.pixels.shape[1] for sample in samples})
        parts = [[sample for sample in samples if sample.pixels.shape[1] == width] for width in widths]
        return torch.stack([self._token_loss(part, noise, total) for part in parts]).sum()

    def _token_loss(self, samples: Sequence[StripSample], noise: torch.Generator, total: int) -> Tensor:
        """Return the cross-entropy of strips of one width, summed over their tokens, over a number of tokens."""
        pixels = pixels_from_strips(np.stack([sample.pixels for sample in samples]))
        rows = [torch.tensor(self.tokenizer.encode(sample.text), dtype=torch.long) for sample in samples]
        targets, lengths = pad_sequence(rows, batch_first=True), torch.tensor([len(row) for row in rows])
        batch = to_device(Batch(pixels, targets, lengths), self.device)
        inputs, labels = teacher_forcing(batch, replaced=REPLACED_INPUTS, rng=noise)
        features = self.skeleton.project(self.skeleton.encode([batch.pixels]))
        embeds = torch.cat([features, self.skeleton.embed_tokens(inputs)], dim=1)
        return next_token_loss(self.skeleton.decode(embeds, logits_to_keep=inputs.shape[1]), labels, count=total)


def build_strips(preset: str) -> StripPolicy:
    """Return a policy with random weights."""
    return StripPolicy(GOTModel(PRESETS[preset]), name=preset)


def read_strips(paths: Sequence[Path], *, limit: int, seed: int) -> list[StripSample]:
    """Return at most so many strips of pools, or of a user's records, in a random order.

    Args:
        paths: Folders of groups, or files of records; as many are taken of each.
        limit: Most strips.
        seed: Of the order.

    Raises:
        DocumentError: If records cannot be read.
        FileNotFoundError: If a folder holds no groups.
    """
    samples: list[StripSample] = []
    for path in paths:
        share = -(-limit // len(paths))
        samples += _of_pool(path, share, seed) if path.is_dir() else _of_records(path)
    order = np.random.default_rng(seed).permutation(len(samples))
    return [samples[int(i)] for i in order[:limit]]


def _of_pool(path: Path, limit: int, seed: int) -> list[StripSample]:
    samples: list[StripSample] = []
    for group in find_groups([path]):
        if len(samples) >= limit:
            break
        found = _of_group(read_group(group))
        order = np.random.default_rng(seed).permutation(len(found))
        samples += [found[int(i)] for i in order[: limit - len(samples)]]
    return samples


def _of_group(group: Mapping[int, Bucket]) -> list[StripSample]:
    vocabulary = load_vocabulary()
    return [
        StripSample(pixels, vocabulary.decode(ids[:length].tolist()))
        for bucket in group.values()
        for pixels, ids, length in zip(bucket.pixels, bucket.targets, bucket.lengths, strict=True)
    ]


def _of_records(path: Path) -> list[StripSample]:
    from ocr2.train.posttraining.records import read_strip_records  # opens a reader of pages, which pools do not need

    return [StripSample(pixels, text) for pixels, text in read_strip_records(path)]
