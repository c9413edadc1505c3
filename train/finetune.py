"""Fine-tune a released GOT on records: decoder and projector, or low-rank adapters on the decoder.

    python -m ocr2.train.finetune records.json --weights GOT --out tuned --steps 1000

As the released training does, answers and their end are taught and nothing else, and the encoder is not trained
(docs/models/got.md, "Fine-tuning"). The rate rises over the first steps and falls linearly to zero. The result is a
folder that `ocr2 read --model got --weights tuned` takes.
"""

import argparse
import json
import logging
import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from ocr2.checkpoints.hashing import sha256_of
from ocr2.checkpoints.weights import SINGLE, published_state, save_safetensors
from ocr2.compute.device import choose_device
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.documents.images import to_picture
from ocr2.errors import DocumentError, ModelError, OCR2Error
from ocr2.got.checkpoint import LAYOUTS, load_published, write_companions
from ocr2.got.config import MAX_TOKENS
from ocr2.got.losses import IGNORE, next_token_loss
from ocr2.got.network import GOTModel
from ocr2.got.prompts import taught_conversation
from ocr2.got.reader import cut_views, pixels_from_views
from ocr2.got.records import Record, read_records
from ocr2.train.optimizer import OptimizerConfig
from ocr2.train.trainer import TrainConfig, Trainer, autocast

if TYPE_CHECKING:
    from peft import PeftModel

logger = logging.getLogger(__name__)

WARMUP_SHARE = 0.03  # of the steps; the released recipe has 0.001 of an epoch of millions
LORA_TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True, slots=True)
class Batch:
    """Conversations padded on the right, which causal attention needs no mask for."""

    ids: Tensor  # (b, t)
    labels: Tensor  # (b, t): the id that each position must tell next, IGNORE where nothing is taught
    pixels: Tensor  # (views, 3, side, side), of all rows in order


class RecordTask:
    """A released model taught records; see `ocr2.train.trainer.Task`.

    Args:
        model: The model.
        tokenizer: Its tokenizer.
        records: What is taught.
        val: What it is scored on; may be empty.
        batch_size: Records of a step.
        train_encoder: Whether the vision encoder learns too; the released training leaves it.
        seed: Of the order.
    """

    def __init__(
        self,
        model: GOTModel,
        tokenizer: Tokenizer,
        records: Sequence[Record],
        *,
        val: Sequence[Record] = (),
        batch_size: int = 2,
        train_encoder: bool = False,
        seed: int = 1,
    ) -> None:
        self.model: nn.Module = model
        self._got = model
        self._tokenizer = tokenizer
        self._side = model.config.image_height
        self._view_tokens = model.config.skeleton.encoders[0].num_tokens((self._side, self._side))
        self._records = [record for record in records if self._fits(record)]
        if not self._records:
            raise DocumentError(f"none of {len(records)} records fits {MAX_TOKENS} tokens")
        self._val = [record for record in val if self._fits(record)]
        for record in (*self._records, *self._val):
            _require_images(record)
        self.batch_size = batch_size
        self._seed = seed
        self._train_encoder = train_encoder
        self.samples_seen = 0
        model.requires_grad_(True)
        model.skeleton.encoders.requires_grad_(train_encoder)

    def _fits(self, record: Record) -> bool:
        length = len(self._conversation(record)[0])
        if length > MAX_TOKENS:
            logger.warning("%s is left out: %d tokens, at most %d fit", record.images[0], length, MAX_TOKENS)
        return length <= MAX_TOKENS

    def _conversation(self, record: Record) -> tuple[list[int], list[bool]]:
        turns = [(turn.query, turn.answer) for turn in record.turns]
        return taught_conversation(turns, self._tokenizer, num_tokens=self._view_tokens * len(record.images))

    def make_batch(self, records: Sequence[Record]) -> Batch:
        """Return records as tensors on the model's device.

        Raises:
            DocumentError: If an image cannot be read.
        """
        rows = [self._conversation(record) for record in records]
        longest = max(len(ids) for ids, _ in rows)
        pad = self._tokenizer.special("<|endoftext|>")
        ids = torch.full((len(rows), longest), pad)
        labels = torch.full((len(rows), longest), IGNORE)
        for i, (row, taught) in enumerate(rows):
            ids[i, : len(row)] = torch.tensor(row)
            following = [token if is_taught else IGNORE for token, is_taught in zip(row[1:], taught[1:], strict=True)]
            labels[i, : len(row) - 1] = torch.tensor(following)
        views = [self._view(path) for record in records for path in record.images]
        device = next(self.model.parameters()).device
        return Batch(ids.to(device), labels.to(device), pixels_from_views(views).to(device))

    def _view(self, path: Path) -> NDArray[np.uint8]:
        try:
            with Image.open(path) as image:
                page = np.asarray(to_picture(image).convert("RGB"), np.uint8)
        except (OSError, ValueError) as error:
            raise DocumentError(f"{path} is no image that can be read: {error}") from error
        return cut_views(page, side=self._side, max_tiles=1)[0]

    def _loss(self, batch: Batch) -> Tensor:
        skeleton = self._got.skeleton
        taught = batch.labels != IGNORE
        with autocast(batch.ids.device):
            with torch.set_grad_enabled(self._train_encoder and torch.is_grad_enabled()):
                encoded = [
                    output for i in range(len(batch.pixels)) for output in skeleton.encode([batch.pixels[i : i + 1]])
                ]
            features = torch.cat([skeleton.project([output]) for output in encoded])
            hidden = skeleton.hidden_states(skeleton.embed(batch.ids, features))
            logits = skeleton.head(hidden[taught])  # of these alone: the vocabulary is large
        return next_token_loss(logits[None], batch.labels[taught][None])

    def losses(self, step: int, progress: float) -> dict[str, Tensor]:
        """Return the loss of the batch of a step."""
        batch = self.make_batch(list(self._draw(step)))
        self.samples_seen += len(batch.ids)
        return {"loss": self._loss(batch)}

    def _draw(self, step: int) -> Iterator[Record]:
        """Yield the records of a step: every record once an epoch, in an order of the epoch's own."""
        for place in range(step * self.batch_size, (step + 1) * self.batch_size):
            epoch, index = divmod(place, len(self._records))
            order = np.random.default_rng([self._seed, epoch]).permutation(len(self._records))
            yield self._records[order[index]]

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Return the mean loss of the validation records."""
        if not self._val:
            return {}
        return {"val_loss": float(np.mean([float(self._loss(self.make_batch([record]))) for record in self._val]))}

    def position(self) -> dict[str, int]:
        """Return the records consumed; the order follows the step."""
        return {"samples": self.samples_seen}

    def seek(self, position: dict[str, int]) -> None:
        """Go on from a position."""
        self.samples_seen = position["samples"]


def _require_images(record: Record) -> None:
    """Refuse a record whose images cannot be opened, before a long run meets it."""
    for path in record.images:
        try:
            with Image.open(path) as image:
                image.verify()
        except (OSError, ValueError, SyntaxError) as error:
            raise DocumentError(f"{path} is no image that can be read: {error}") from error


def add_adapters(model: GOTModel, *, rank: int, seed: int = 1) -> "PeftModel":
    """Put low-rank adapters (Hu et al. 2021, arXiv 2106.09685) on the decoder's matrices; they alone will learn.

    Returns:
        peft's model around the decoder, to save the adapters or merge them.

    Raises:
        ModelError: If peft is not installed.
    """
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise ModelError('low-rank adapters need peft: pip install "ocr2[lora]"') from error
    torch.manual_seed(seed)
    config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.05, target_modules=list(LORA_TARGETS), bias="none")
    model.requires_grad_(False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers for names that are going
        return get_peft_model(model.skeleton.decoder, config)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is trained on what, and for how long."""

    records: Path
    weights: Path
    out: Path
    steps: int
    images: Path | None = None  # folder of relative image paths; the file's own by default
    val: Path | None = None  # records that are scored
    batch_size: int = 2
    rate: float | None = None  # 2e-5 as released; 1e-4 for adapters
    rank: int = 0  # of low-rank adapters; 0 trains decoder and projector
    train_encoder: bool = False
    device: str = "auto"
    seconds: float = math.inf
    preset: str = "got"

    def __post_init__(self) -> None:
        if self.steps < 2 or self.batch_size < 1 or self.rank < 0:
            raise ValueError(
                "steps must be at least 2, batch at least 1 and rank not negative; "
                f"got {self.steps}, {self.batch_size}, {self.rank}"
            )
        if self.rate is not None and not 0 < self.rate < math.inf:
            raise ValueError(f"rate must be positive, got {self.rate}")
        if self.rank and self.train_encoder:
            raise ValueError("low-rank adapters are for the decoder; the encoder cannot be trained with them")

    def fingerprint(self) -> dict[str, object]:
        """Return what a run must keep from its start to its end."""
        return {
            "records": sha256_of(self.records),
            "weights": str(self.weights.resolve()),
            "steps": self.steps,
            "batch": self.batch_size,
            "rate": self.rate,
            "rank": self.rank,
            "train_encoder": self.train_encoder,
        }


def claim_folder(plan: Plan) -> bool:
    """Take the output folder for a plan; says whether its run has ended already.

    Raises:
        ValueError: If the folder holds other weights, or the run of another plan.
    """
    started, ended = plan.out / "run" / "plan.json", plan.out / SINGLE
    if plan.out.exists() and plan.weights.exists() and plan.out.samefile(plan.weights):
        raise ValueError(f"{plan.out} is the checkpoint that is tuned; name another folder")
    if started.is_file():
        other = json.loads(started.read_text(encoding="utf-8"))
        differing = [name for name, value in plan.fingerprint().items() if other.get(name) != value]
        if differing:
            raise ValueError(f"{plan.out} holds a run with other {', '.join(differing)}; name another folder")
        return ended.is_file()
    if any(plan.out.glob("*.safetensors*")):
        raise ValueError(f"{plan.out} holds weights; name another folder")
    started.parent.mkdir(parents=True, exist_ok=True)
    started.write_text(json.dumps(plan.fingerprint(), indent=1) + "\n", encoding="utf-8")
    return False


def finetune(plan: Plan) -> bool:
    """Train, write the tuned checkpoint and say whether the end was reached; the same call goes on.

    Raises:
        CheckpointError: If the weights do not fit.
        DocumentError: If the records cannot be read.
        ValueError: If the output folder is in other use.
    """
    records = read_records(plan.records, images=plan.images)
    val = read_records(plan.val, images=plan.images) if plan.val is not None else []
    if claim_folder(plan):
        return True
    published = load_published(plan.weights, preset=plan.preset, device=choose_device(plan.device))
    model = published.model
    task = RecordTask(
        model, published.tokenizer, records, val=val, batch_size=plan.batch_size, train_encoder=plan.train_encoder
    )
    adapters = add_adapters(model, rank=plan.rank) if plan.rank else None
    warmup = max(1, round(WARMUP_SHARE * plan.steps))
    config = TrainConfig(
        optimizer=OptimizerConfig(
            muon_lr=None,
            adam_lr=plan.rate if plan.rate is not None else (1e-4 if plan.rank else 2e-5),
            average=None,
        ),
        warmup_steps=warmup,
        log_steps=10,
        seconds=plan.seconds,
    )
    trainer = Trainer(task, plan.out / "run", config)
    trainer.resume()
    if not trainer.train(steps=warmup) or not trainer.decay(steps=plan.steps - warmup):
        return False
    if adapters is not None:
        adapters.save_pretrained(str(plan.out / "adapter"))
        model.skeleton.decoder = adapters.merge_and_unload()
    write_checkpoint(model, plan.weights, plan.out, layout=published.layout)
    return True


def write_checkpoint(model: GOTModel, like: Path, out: Path, *, layout: str) -> None:
    """Write a folder as a released one, in the released bfloat16, config and tokenizer as another folder has them."""
    names = next(known for known in LAYOUTS if known.name == layout)
    state = {name: value.bfloat16() for name, value in published_state(model, names).items()}
    state |= {rule.copy: state[rule.source].clone() for rule in names.tied if rule.stored}
    write_companions(like, out, layout, "bfloat16", config=model.config)
    save_safetensors(state, out / SINGLE, metadata={"format": names.file_format})


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", type=Path, help="GOT's JSON list or ms-swift's JSON lines")
    parser.add_argument("--weights", type=Path, required=True, help="folder of the released checkpoint")
    parser.add_argument("--out", type=Path, required=True, help="folder of the tuned one, and of the run's state")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--images", type=Path, help="folder that image paths start from")
    parser.add_argument("--val", type=Path, help="records that are scored")
    parser.add_argument("--batch", type=int, default=2, help="records a step")
    parser.add_argument("--rate", type=float, help="highest learning rate (2e-5; 1e-4 for adapters)")
    parser.add_argument("--lora", type=int, default=0, metavar="RANK", help="train low-rank adapters (needs peft)")
    parser.add_argument("--train-encoder", action="store_true")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--seconds", type=float, default=math.inf, help="save and stop after so long")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        done = finetune(_plan(args))
    except (OCR2Error, ValueError, OSError, RuntimeError, FloatingPointError) as error:
        parser.exit(1, f"{error}\n")
    if not done:
        parser.exit(1, "stopped; the same command goes on\n")
    print(f"the tuned checkpoint is in {args.out}")


def _plan(args: argparse.Namespace) -> Plan:
    return Plan(
        records=args.records,
        weights=args.weights,
        out=args.out,
        steps=args.steps,
        images=args.images,
        val=args.val,
        batch_size=args.batch,
        rate=args.rate,
        rank=args.lora,
        train_encoder=args.train_encoder,
        device=args.device,
        seconds=args.seconds,
    )


if __name__ == "__main__":
    main()
