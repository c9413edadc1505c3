"""The published GOT checkpoint: names of its tensors, its folder in memory, and the files beside the weights.

Only names differ between the layouts, but for the MLX conversion, which stores convolutions channels last. No code is
ever written or copied: the original release carries some, which neither ocr2 nor transformers needs.

Source: docs/models/got.md, "Tensor names", "Released files".
"""

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Unpack

from ocr2.checkpoints.tensor_names import Layout, Rename, Tied
from ocr2.decoder.bpe_files import write_tiktoken, write_tokenizer_json
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.got.config import MAX_TOKENS, MEAN, PRESETS, STD, GOTConfig
from ocr2.got.network import GOTModel
from ocr2.multimodal import published
from ocr2.multimodal.families.qwen_chat import END_TOKENS, SPECIALS, SPLIT_PATTERN, TIKTOKEN, TOKENIZER, load_tokenizer
from ocr2.multimodal.families.sam_names import sam_renames
from ocr2.multimodal.families.sam_qwen import DECODER, DEPTH, ENCODER, PROJECTOR, original_layout


def _transformers(name: str, *, prefix: str, decoder: str, head: str) -> Layout:
    tower, projector = f"{prefix}vision_tower.", f"{prefix}multi_modal_projector."
    return Layout(
        name,
        (
            Rename(f"{tower}pos_embed", f"{ENCODER}pos_embed"),
            Rename(f"{tower}patch_embed.projection.", f"{ENCODER}patch_embed.0."),
            *(
                Rename(f"{tower}layers.{n}.{theirs}.", f"{ENCODER}blocks.{n}.{ours}.")
                for n in range(DEPTH)
                for theirs, ours in (
                    ("layer_norm1", "norm1"),
                    ("layer_norm2", "norm2"),
                    ("attn", "attn"),
                    ("mlp", "mlp"),
                )
            ),
            Rename(f"{tower}neck.conv1.", f"{ENCODER}neck.0."),
            Rename(f"{tower}neck.layer_norm1.", f"{ENCODER}neck.1."),
            Rename(f"{tower}neck.conv2.", f"{ENCODER}neck.2."),
            Rename(f"{tower}neck.layer_norm2.", f"{ENCODER}neck.3."),
            Rename(f"{projector}conv_upsampler1.", f"{ENCODER}neck.4."),
            Rename(f"{projector}conv_upsampler2.", f"{ENCODER}neck.5."),
            Rename(f"{projector}multimodal_projector.", PROJECTOR),
            Rename(decoder, f"{DECODER}model."),
            Rename(head, f"{DECODER}lm_head."),
        ),
        (Tied(f"{decoder}embed_tokens.weight", f"{head}weight"),),
    )


def _mlx() -> Layout:
    tower = "vision_tower."
    return Layout(
        "mlx",
        (
            *sam_renames(tower, ENCODER, neck=("conv1.", "norm1.", "conv2.", "norm2.")),
            Rename("multi_modal_projector.", PROJECTOR),
            Rename("language_model.model.", f"{DECODER}model."),
            Rename("language_model.lm_head.", f"{DECODER}lm_head."),
        ),
        (Tied("language_model.model.embed_tokens.weight", "language_model.lm_head.weight"),),
        channels_last=tuple(f"{tower}{name}." for name in ("patch_embed.proj", "conv1", "conv2", "net_2", "net_3")),
        file_format="mlx",
    )


LAYOUTS = (
    original_layout(),
    _transformers("transformers", prefix="", decoder="language_model.model.", head="language_model.lm_head."),
    _transformers("transformers 5", prefix="model.", decoder="model.language_model.", head="lm_head."),
    _mlx(),
)


ARCHITECTURES = ("GOTQwenForCausalLM", "GotOcr2ForConditionalGeneration")


Published = published.Published[GOTModel, Tokenizer]


def checkpoint_format(preset: str = "got") -> published.CheckpointFormat[GOTModel, Tokenizer]:
    """Return how a preset's published checkpoint is stored."""
    config = PRESETS[preset]
    return published.CheckpointFormat(
        partial(GOTModel, config), load_tokenizer, ARCHITECTURES, LAYOUTS, partial(write_companions, config=config)
    )


def load_published(folder: Path, *, preset: str = "got", **placement: Unpack[published.Placement]) -> Published:
    """Load a released checkpoint of any known layout.

    Args:
        folder: Holds `config.json`, weights as safetensors, and `qwen.tiktoken` or `tokenizer.json`.
        preset: Dimensions that the checkpoint must have.
        placement: Where the parameters are put, and as what; the released files are bfloat16.

    Raises:
        CheckpointError: If the folder is another model's, or weights or tokenizer are missing, damaged or of
            another shape.
    """
    return published.load_checkpoint(folder, checkpoint_format(preset), **placement)


GENERATION = "generation_config.json"
TOKENIZER_CONFIG, SPECIAL_TOKENS = "tokenizer_config.json", "special_tokens_map.json"
TRANSFORMERS = ("transformers", "transformers 5")  # layouts; the others follow the original release
END = END_TOKENS[-1]  # what the releases name as the end; the assistant's turn ends with the other
TEXT_IDS = {"bos_token_id": SPECIALS[END], "eos_token_id": SPECIALS[END]}
RANKS = min(SPECIALS.values())


def write_companions(source: Path, target: Path, layout: str, dtype: str, *, config: GOTConfig) -> list[str]:
    """Write configs and tokenizer of a layout, from the source where it has them in the same form.

    Args:
        source: The checkpoint that was converted.
        target: Folder to write to.
        layout: Name of the layout of the weights.
        dtype: Number type of the weights.
        config: Dimensions of the model.

    Returns:
        What a user should know of these files.
    """
    modern = layout in TRANSFORMERS
    _write_json(target / "config.json", (_transformers_config if modern else _original_config)(config, dtype))
    names = [GENERATION, TOKENIZER_CONFIG, SPECIAL_TOKENS]
    if modern:
        names.append("preprocessor_config.json")
    same_form = (source / (TOKENIZER if modern else TIKTOKEN)).is_file()
    for name in names:
        if same_form and (source / name).is_file():
            shutil.copyfile(source / name, target / name)
        else:
            _write_json(target / name, _written(name, config, modern=modern))
    return _write_tokenizer(source, target, modern=modern)


def _write_tokenizer(source: Path, target: Path, *, modern: bool) -> list[str]:
    wanted, other = (TOKENIZER, TIKTOKEN) if modern else (TIKTOKEN, TOKENIZER)
    if (source / wanted).is_file():
        shutil.copyfile(source / wanted, target / wanted)
        return []
    if modern:
        write_tokenizer_json(source / other, target / wanted, pattern=SPLIT_PATTERN, specials=SPECIALS)
        return [f"{wanted} was made from {other}; it gives the same ids"]
    write_tiktoken(source / other, target / wanted, count=RANKS)
    return [f"{wanted} was made from {other}; with it numbers are split digit by digit, as in the original release"]


def _written(name: str, config: GOTConfig, *, modern: bool) -> dict[str, object]:
    if name == GENERATION:
        return {**TEXT_IDS, "eos_token_id": [SPECIALS[token] for token in END_TOKENS], "pad_token_id": SPECIALS[END]}
    if name == SPECIAL_TOKENS:
        return {"pad_token": END, **({"bos_token": END, "eos_token": END} if modern else {})}
    if name == TOKENIZER_CONFIG:
        shared = {"model_max_length": MAX_TOKENS, "pad_token": END, "clean_up_tokenization_spaces": False}
        if not modern:
            return {**shared, "tokenizer_class": "QWenTokenizer", "padding_side": "right"}
        return {
            **shared,
            "tokenizer_class": "PreTrainedTokenizerFast",
            "processor_class": "GotOcr2Processor",
            "bos_token": END,
            "eos_token": END,
            "model_input_names": ["input_ids", "attention_mask"],
        }
    return {
        "image_processor_type": "GotOcr2ImageProcessor",
        "processor_class": "GotOcr2Processor",
        "size": {"height": config.image_height, "width": config.image_widths[0]},
        "resample": 3,  # bicubic
        "do_convert_rgb": True,
        "do_resize": True,
        "do_rescale": True,
        "do_normalize": True,
        "image_mean": list(MEAN),
        "image_std": list(STD),
    }


def decoder_config(config: GOTConfig) -> dict[str, object]:
    """Return the decoder's dimensions under the names of `config.json`."""
    decoder = config.skeleton.decoder
    return {
        "vocab_size": decoder.vocab_size,
        "hidden_size": decoder.hidden_size,
        "intermediate_size": decoder.intermediate_size,
        "num_hidden_layers": decoder.num_hidden_layers,
        "num_attention_heads": decoder.num_attention_heads,
        "num_key_value_heads": decoder.num_key_value_heads,
        "max_position_embeddings": decoder.max_position_embeddings,
        "rope_theta": decoder.rope_theta,
        "rms_norm_eps": decoder.norm_eps,
        "hidden_act": "silu",
        "use_sliding_window": False,
        "max_window_layers": 21,
        "tie_word_embeddings": decoder.tie_word_embeddings,
    }


def _original_config(config: GOTConfig, dtype: str) -> dict[str, object]:
    side = config.image_height
    return {
        "architectures": [ARCHITECTURES[0]],
        "model_type": "GOT",
        **decoder_config(config),
        **TEXT_IDS,
        "image_token_len": config.skeleton.encoders[0].num_tokens((side, side)),
        "im_start_token": SPECIALS["<img>"],
        "im_end_token": SPECIALS["</img>"],
        "im_patch_token": SPECIALS["<imgpad>"],
        "use_im_start_end": True,
        "use_cache": True,
        "torch_dtype": dtype,
    }


def _transformers_config(config: GOTConfig, dtype: str) -> dict[str, object]:
    vision, side = config.skeleton.document, config.image_height
    return {
        "architectures": [ARCHITECTURES[1]],
        "model_type": "got_ocr2",
        "image_token_index": config.skeleton.image_token_id,
        "image_seq_length": vision.num_tokens((side, side)),
        "tie_word_embeddings": config.skeleton.decoder.tie_word_embeddings,
        "torch_dtype": dtype,
        "text_config": {"model_type": "qwen2", **decoder_config(config), **TEXT_IDS, "torch_dtype": dtype},
        "vision_config": {
            "model_type": "got_ocr2_vision",
            "hidden_size": vision.embed_dim,
            "output_channels": vision.neck[0].out_chans,
            "num_hidden_layers": vision.depth,
            "num_attention_heads": vision.num_heads,
            "image_size": side,
            "patch_size": vision.stem[0].kernel[0],
            "window_size": vision.window_size[0],
            "global_attn_indexes": list(vision.global_attn_indexes),
            "mlp_dim": vision.mlp_dim,
            "torch_dtype": dtype,
        },
    }


def _write_json(path: Path, values: dict[str, object]) -> None:
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
