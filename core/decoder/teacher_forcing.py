"""Log-probabilities of a given text: the decoder reads it instead of writing it (teacher forcing), in one pass."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ocr2.decoder.cache import Span
from ocr2.decoder.generate import StateDecoder

HEAD_ROWS = 256  # positions whose logits are held at once: the vocabulary is large


@torch.inference_mode()
def forced_log_probs(model: StateDecoder, prompt: Tensor, ids: Sequence[int]) -> list[float]:
    """Return the natural log-probability of each id of a text behind a prompt.

    They are the model's own: no n-gram is banned, as generation may do.

    Args:
        model: The decoder.
        prompt: Embeddings (t, hidden), t at least 1.
        ids: The text; at least one id.

    Raises:
        ValueError: If the prompt or the text is empty.
    """
    if not len(prompt) or not ids:
        raise ValueError(f"prompt and text have at least one position each, got {len(prompt)} and {len(ids)}")
    read = torch.cat([prompt, model.embed(ids[:-1]).to(prompt.dtype)]) if len(ids) > 1 else prompt
    cache = model.new_cache(slots=1, capacity=len(read))
    keep = range(len(prompt) - 1, len(read))  # each position predicts the id behind it
    states = model.states(read, [Span(0, 0, len(read))], cache, keep)
    log_probs: list[float] = []
    for first in range(0, len(ids), HEAD_ROWS):
        logits = model.head(states[first : first + HEAD_ROWS]).float()
        chosen = torch.tensor(ids[first : first + HEAD_ROWS], device=logits.device)
        log_probs += logits.log_softmax(dim=-1).gather(-1, chosen[:, None])[:, 0].tolist()
    return log_probs
