"""Train got-nano's text reader on pools of strips.

The phases of docs/models/got-nano.md ("Training") follow the step number: the draft head alone, then the decoder on
narrow strips, then everything; a run that starts from other weights has none. On a GPU, `--batch` makes batches larger;
keep it the same within a run, for the place in the data is counted in batches.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rapidfuzz.distance import Levenshtein
from torch import Tensor, nn

from ocr2.compute.device import choose_dtype
from ocr2.decoder.generate import GenerationConfig, generate
from ocr2.got.config import PRESETS
from ocr2.got.losses import IGNORE, draft_loss, next_token_loss
from ocr2.got.nano.reader import load_vocabulary, pixels_from_strips, read_drafts
from ocr2.got.network import GOTModel
from ocr2.synth.groups import group_path
from ocr2.synth.pool import Bucket, read_group
from ocr2.train.fresh_wear import wear_strip
from ocr2.train.parallel import Workers
from ocr2.train.recipes import Recipe
from ocr2.train.trainer import TrainConfig, autocast

BATCH_PATCHES = 3072  # patches of a batch: 96 strips of 128 px, 24 of 512 px
EVALUATION_BATCHES = 4  # of every width
REPLACED_INPUTS = 0.06  # share of decoder inputs swapped for random characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """Step numbers at which the decoder joins, and at which wide strips join it."""

    decoder_from: int = 450
    wide_from: int = 800
    narrow: tuple[int, ...] = (128, 256)


@dataclass(frozen=True, slots=True)
class Batch:
    """Strips of one width with their targets."""

    pixels: Tensor  # (b, 1, height, width)
    targets: Tensor  # (b, longest), padded with 0
    lengths: Tensor  # (b,)


class GroupReader:
    """Batches of pools in an order fixed by the seed: group after group, shuffled inside.

    A group that is not there yet is replaced by one that is, so that the reader never waits.

    Args:
        pools: Folders of groups. One group of each is read at a time, so that every batch is a mixture of all.
        seed: Seed of the order.
        batch: A batch has so many times BATCH_PATCHES patches, and so many groups are read as one, so that no
            more strips are left over than with small batches.
    """

    def __init__(self, *pools: Path, seed: int, batch: int = 1) -> None:
        if batch < 1:
            raise ValueError(f"batch must be at least 1, got {batch}")
        self.pools = pools
        self.seed = seed
        self.batch = batch

    def batches_of(self, number: int, group: Mapping[int, Bucket]) -> list[tuple[int, np.ndarray]]:
        """Return (width, rows) of every batch of a loaded group, shuffled."""
        rng = np.random.default_rng([self.seed, number])
        order = []
        for width, bucket in group.items():
            size = BATCH_PATCHES * self.batch * 4 // width
            rows = rng.permutation(len(bucket.lengths))
            order += [(width, rows[i : i + size]) for i in range(0, len(rows) - size + 1, size)]
        if not order:
            raise ValueError(
                f"no width of group {number} of {', '.join(map(str, self.pools))} has the strips of one batch "
                f"({self.batch} times)"
            )
        return [order[i] for i in rng.permutation(len(order))]

    def load(self, number: int) -> dict[int, Bucket]:
        """Read a group of each pool, or the groups that count as one; numbers beyond a pool wrap around."""
        groups = []
        for pool in self.pools:
            available = _count_groups(pool)
            if not available:
                raise FileNotFoundError(f"no group-*.npz in {pool}; render a pool first")
            numbers = dict.fromkeys(i % available for i in range(number * self.batch, (number + 1) * self.batch))
            groups += [read_group(group_path(pool, i)) for i in numbers]
        return join_groups(groups)


def join_groups(groups: Sequence[dict[int, Bucket]]) -> dict[int, Bucket]:
    """Put the strips of several groups into one."""
    if len(groups) == 1:
        return groups[0]
    widths = sorted({width for group in groups for width in group})
    return {w: _join_buckets([group[w] for group in groups if w in group]) for w in widths}


def _join_buckets(buckets: Sequence[Bucket]) -> Bucket:
    longest = max(bucket.targets.shape[1] for bucket in buckets)
    targets = [np.pad(bucket.targets, ((0, 0), (0, longest - bucket.targets.shape[1]))) for bucket in buckets]
    return Bucket(
        np.concatenate([bucket.pixels for bucket in buckets]),
        np.concatenate(targets),
        np.concatenate([bucket.lengths for bucket in buckets]),
    )


def _count_groups(pool: Path) -> int:
    """Count the groups 0..n-1 that are complete without a gap."""
    count = 0
    while group_path(pool, count).exists():
        count += 1
    return count


class TextTask:
    """got-nano on strips: next-token loss of the decoder, CTC loss of the draft head."""

    def __init__(
        self,
        pool: Path,
        val: Path,
        *,
        phases: Phases,
        seed: int = 1,
        device: str = "cpu",
        preset: str = "got-nano",
        batch: int = 1,
        others: Sequence[Path] = (),
    ) -> None:
        self.config = PRESETS[preset]
        self.device = torch.device(device)
        self.model: nn.Module = GOTModel(self.config).to(self.device)
        # Channels last is the faster layout for the stem's convolutions; docs/models/got-nano.md, "Speed".
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a stub lacks this form
        self.reader = GroupReader(pool, *others, seed=seed, batch=batch)
        self.val = val
        self.phases = phases
        self.seed = seed
        self.samples_seen = 0
        self.cursor = (0, 0)  # group, batch inside it
        self.workers = Workers()
        self.tokenizer = load_vocabulary()
        self._group: dict[int, Bucket] = {}
        self._order: list[tuple[int, np.ndarray]] = []

    def losses(self, step: int, progress: float) -> dict[str, Tensor]:
        """Return the loss terms of one step."""
        with_decoder = step >= self.phases.decoder_from
        narrow = with_decoder and step < self.phases.wide_from
        batch, characters = self._next_batch(step, narrow=narrow)
        rng = torch.Generator().manual_seed(1000 * step + self.workers.rank)
        model = self.model
        assert isinstance(model, GOTModel)
        blank = self.tokenizer.special("blank")
        if step == self.phases.decoder_from:
            share_vocabulary(model)
        with autocast(self.device):
            encoded = model.encode(batch.pixels)
            assert encoded.draft_logits is not None
            draft = draft_loss(encoded.draft_logits, batch.targets, batch.lengths, blank=blank, characters=characters)
            if not with_decoder:
                return {"ctc": draft}
            inputs, labels = teacher_forcing(batch, replaced=REPLACED_INPUTS, rng=rng)
            slots = encoded.image_features.shape[1]
            embeds = model.skeleton.embed_tokens(inputs)
            embeds = torch.cat([encoded.image_features.to(embeds.dtype), embeds], dim=1)
            logits = model.skeleton.decode(embeds, logits_to_keep=inputs.shape[1])
        assert logits.shape[1] == embeds.shape[1] - slots
        # The draft teaches the encoder early on; late, the decoder's own loss should rule.
        return {
            "ctc": draft * (1 - 0.7 * progress),
            "ar": next_token_loss(logits, labels, count=characters + len(batch.lengths)),
        }

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Return character error rates, percent, of both heads on the frozen strips."""
        assert isinstance(model, GOTModel)
        return strip_errors(model, self.val, limit=EVALUATION_BATCHES)

    def _next_batch(self, step: int, *, narrow: bool) -> tuple[Batch, float]:
        """Return this process's share of the next batch, worn anew, and the mean number of characters of all shares."""
        while True:
            group, index = self.cursor
            if not self._order or index == 0:
                self._open(group)
            if index >= len(self._order):
                self.cursor, self._order = (group + 1, 0), []
                continue
            self.cursor = (group, index + 1)
            width, rows = self._order[index]
            if narrow and width not in self.phases.narrow:
                continue
            self.samples_seen += len(rows)
            bucket, count = self._group[width], self.workers.count
            share = _to_batch(bucket, self.workers.share_of(rows), self.device, wear=(self.seed, step))
            return share, float(bucket.lengths[rows].sum()) / count

    def _open(self, number: int) -> None:
        # Kept while its batches last: a pool that grows gives other strips to the same number.
        self._group = self.reader.load(number)
        self._order = self.reader.batches_of(number, self._group)

    def position(self) -> dict[str, int]:
        """Return the next batch and the strips consumed."""
        return {"group": self.cursor[0], "batch": self.cursor[1], "samples": self.samples_seen}

    def seek(self, position: dict[str, int]) -> None:
        """Continue behind the batches that an earlier process consumed."""
        self.cursor, self.samples_seen = (position["group"], position["batch"]), position["samples"]
        if self.cursor[1]:
            self._open(self.cursor[0])
        else:
            self._order = []


def _to_batch(bucket: Bucket, rows: np.ndarray, device: torch.device, *, wear: tuple[int, int] | None = None) -> Batch:
    """Return some strips of a bucket; with the numbers of a wear each is worn by these and its own."""
    lengths = torch.from_numpy(bucket.lengths[rows])
    # With the task token and the image tokens a multiple of 16, one for each width unless a text is very long:
    # products are fastest so, and oneDNN builds its kernels anew for every shape it has not seen.
    most = bucket.pixels.shape[2] // 8
    longest = most - 1 + 16 * max(0, -(-(int(lengths.max()) + 1 - most) // 16))
    targets = np.zeros((len(rows), longest), np.int64)
    known = min(longest, bucket.targets.shape[1])
    targets[:, :known] = bucket.targets[rows][:, :known]
    strips = bucket.pixels[rows]
    if wear is not None:
        worn = [
            wear_strip(np.random.default_rng([*wear, row]), s) for row, s in zip(rows.tolist(), strips, strict=True)
        ]
        strips = np.stack(worn)
    pixels = pixels_from_strips(strips)
    return Batch(pixels.to(device), torch.from_numpy(targets).to(device), lengths.to(device))


@torch.no_grad()
def share_vocabulary(model: GOTModel) -> None:
    """Start the decoder's embedding and head from the draft head, which has learnt the same characters."""
    assert model.draft_head is not None
    learnt = model.draft_head[1].weight
    model.skeleton.decoder.get_input_embeddings().weight.copy_(learnt)
    model.skeleton.decoder.get_output_embeddings().weight.copy_(learnt)


def teacher_forcing(batch: Batch, *, replaced: float, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return decoder inputs (task token, then characters) and labels (characters, then end), both (b, t).

    A share of the input characters is swapped for random ones, so that the decoder learns to trust the image.

    Args:
        batch: Strips and their targets.
        replaced: Share of input characters that are swapped, 0..1.
        rng: Source of the swaps, on the CPU.
    """
    vocabulary = load_vocabulary()
    b, longest = batch.targets.shape
    position = torch.arange(longest, device=batch.targets.device)
    inside = position < batch.lengths[:, None]
    noise = torch.randint(len(vocabulary.specials), vocabulary.vocab_size, (b, longest), generator=rng)
    swap = (torch.rand(b, longest, generator=rng) < replaced).to(inside.device) & inside
    start = torch.full_like(batch.targets[:, :1], vocabulary.special("ocr"))
    inputs = torch.cat([start, torch.where(swap, noise.to(swap.device), batch.targets)], dim=1)
    labels = torch.cat([batch.targets, torch.zeros_like(start)], dim=1)
    labels.scatter_(1, batch.lengths[:, None], vocabulary.special("end"))
    beyond = torch.arange(longest + 1, device=inside.device) > batch.lengths[:, None]
    return inputs, labels.masked_fill(beyond, IGNORE)


def strip_errors(model: GOTModel, folder: Path, *, limit: int) -> dict[str, float]:
    """Return `ctc_cer` and `ar_cer`, percent, over up to `limit` batches of every width of a folder's groups."""
    vocabulary = load_vocabulary()
    edits = {"ctc": 0, "ar": 0}
    characters = 0
    for path in sorted(folder.glob("group-*.npz")):
        for width, bucket in read_group(path).items():
            size = BATCH_PATCHES * 4 // width
            for start in range(0, min(len(bucket.lengths), size * limit), size):
                rows = np.arange(start, min(start + size, len(bucket.lengths)))
                batch = _to_batch(bucket, rows, next(model.parameters()).device)
                texts = read_both_ways(model, batch.pixels)
                for i, row in enumerate(rows):
                    truth = vocabulary.decode(bucket.targets[row][: bucket.lengths[row]].tolist())
                    characters += len(truth)
                    for name, read in texts.items():
                        edits[name] += Levenshtein.distance(truth, read[i])
    return {f"{name}_cer": 100 * count / max(1, characters) for name, count in edits.items()}


def read_both_ways(model: GOTModel, pixels: Tensor) -> dict[str, list[str]]:
    """Read strips (b, 1, height, width) with the draft head alone ("ctc") and the decoder alone ("ar")."""
    vocabulary = load_vocabulary()
    with autocast(pixels.device):
        encoded = model.encode(pixels)
        assert encoded.draft_logits is not None
        task = torch.full((len(pixels), 1), vocabulary.special("ocr"), device=pixels.device)
        embeds = torch.cat([encoded.image_features, model.skeleton.embed_tokens(task)], dim=1)
        config = GenerationConfig(end_ids=(vocabulary.special("end"),), max_new_tokens=pixels.shape[-1] // 4)
    written = generate(model.skeleton.runtime(dtype=choose_dtype("auto", pixels.device)), embeds, config)
    return {
        "ctc": [vocabulary.decode(draft.ids) for draft in read_drafts(encoded.draft_logits)],
        "ar": [vocabulary.decode(row.ids) for row in written],
    }


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--batch", type=int, default=1, help="times the patches of a batch, for a GPU")


def _make_task(args: argparse.Namespace) -> TextTask:
    phases = Phases() if args.initial is None else Phases(decoder_from=-1, wide_from=-1)
    pool, *others = args.pool
    return TextTask(pool, args.val, phases=phases, device=args.device, batch=args.batch, others=others)


RECIPE = Recipe(make_task=_make_task, add_arguments=_add_arguments, evaluate_steps=TrainConfig().evaluate_steps)
