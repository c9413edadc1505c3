"""The released GOT checkpoints, as data; docs/models/got.md, "Released files"."""

from ocr2.checkpoints.releases import Release, ReleasedFile

LICENCE = "Apache-2.0"
NOTICE = (
    "These weights are by the authors of GOT (Wei et al. 2024), not by ocr2. Their model card says Apache-2.0; an "
    "earlier README of theirs spoke of research use only, and their data are CC BY-NC 4.0. Whether that covers your "
    "use is for you to judge."
)

RELEASES = (
    Release(
        name="hf",
        hub_id="stepfun-ai/GOT-OCR-2.0-hf",
        revision="d3017ef2c2c1395888c8d635c5e0508bcb0ac78d",
        files=(
            ReleasedFile("config.json", 608, "cbe8aacd6cd84a2d58eafcd0045c6ac40e02e3a448f24b8cee51cc81d8bdccf2"),
            ReleasedFile(
                "generation_config.json", 74, "31915c5a692f43c5765a20cfc5f9403bcd250f5721a0d931bb703169c08993b4"
            ),
            ReleasedFile(
                "preprocessor_config.json", 439, "ef9a0dc0935cac11f4230ca30d00a52bedfa52b6633e409e9fbd2ea56373aa7e"
            ),
            ReleasedFile(
                "special_tokens_map.json", 213, "7c2368a3889fdfb37c24cabeb031b53f47934f357b54e56e8e389909a338ea47"
            ),
            ReleasedFile(
                "tokenizer_config.json", 39_228, "8b0542937d32a67da8ea2d1288b870e325be383a962c65d201864299560a2b8e"
            ),
            ReleasedFile(
                "tokenizer.json", 18_702_549, "36b382a3c48c9a143c30139dac6c8230ddfb0b46a3dc43082af6052abe99d9de"
            ),
            ReleasedFile(
                "model.safetensors", 1_121_114_488, "6175ac7868a4e75735f5d59f78c465081ad3427eb4f312d072a0f1d16b333ba4"
            ),
        ),
        licence=LICENCE,
        notice=NOTICE,
    ),
    # Hashes of this one are not known, so its sizes say only how much there is to fetch.
    Release(
        name="original",
        hub_id="stepfun-ai/GOT-OCR2_0",
        revision="979938bf89ccdc949c0131ddd3841e24578a4742",
        files=(
            ReleasedFile("config.json", 986),
            ReleasedFile("generation_config.json", 117),
            ReleasedFile("special_tokens_map.json", 149),
            ReleasedFile("tokenizer_config.json", 300),
            ReleasedFile("qwen.tiktoken", 2_561_218),
            ReleasedFile("model.safetensors", 1_432_121_416),  # computed from its names and shapes
        ),
        licence=LICENCE,
        notice=NOTICE,
    ),
)
