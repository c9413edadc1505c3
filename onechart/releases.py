"""The released OneChart checkpoint, as data; docs/models/onechart.md, "Released files"."""

from ocr2.checkpoints.releases import Release, ReleasedFile

LICENCE = "Apache-2.0 by its model card, research use only by its README"
NOTICE = (
    "These weights are by the authors of OneChart (Chen et al. 2024), not by ocr2. Their model card says Apache-2.0; "
    "the README of their code allows research use only, under the licences of Vary and OPT too, of which OPT's is for "
    "non-commercial research. Whether that covers your use is for you to judge."
)

RELEASES = (
    # Of the weights size and hash are known; sizes of the other files are about right, their hashes are not known.
    Release(
        name="original",
        hub_id="kppkkp/OneChart",
        revision="79212de2f520694e534e58240f228eff351d536c",
        files=(
            ReleasedFile("config.json", 1_500),
            ReleasedFile("generation_config.json", 150),
            ReleasedFile("special_tokens_map.json", 500),
            ReleasedFile("tokenizer_config.json", 800),
            ReleasedFile("added_tokens.json", 100),
            ReleasedFile("merges.txt", 456_000),
            ReleasedFile("vocab.json", 899_000),
            ReleasedFile(
                "model.safetensors", 524_672_832, "15ab0e9971384db1f17414d6b1e4d9d55bfcdb80d810dfb161b316fb10b6220b"
            ),
        ),
        licence=LICENCE,
        notice=NOTICE,
    ),
)
