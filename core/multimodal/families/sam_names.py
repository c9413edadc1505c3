"""Names that released checkpoints give the tensors of a SAM encoder, where they differ in the prefix alone.

Source: docs/models/got.md, "Tensor names".
"""

from collections.abc import Sequence

from ocr2.checkpoints.tensor_names import Rename

NECK = ("neck.0.", "neck.1.", "neck.2.", "neck.3.")  # SAM's own; what follows was added


def sam_renames(tower: str, encoder: str, *, neck: Sequence[str] = NECK) -> tuple[Rename, ...]:
    """Return the rules of an encoder.

    Args:
        tower: Prefix of the published names.
        encoder: Prefix of the names in the model.
        neck: Published names of the first parts of the neck.
    """
    return (
        Rename(f"{tower}pos_embed", f"{encoder}pos_embed"),
        Rename(f"{tower}patch_embed.proj.", f"{encoder}patch_embed.0."),
        Rename(f"{tower}blocks.", f"{encoder}blocks."),
        *(Rename(f"{tower}{part}", f"{encoder}neck.{i}.") for i, part in enumerate((*neck, "net_2.", "net_3."))),
    )
