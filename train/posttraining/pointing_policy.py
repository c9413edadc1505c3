"""Log-probabilities of answers that point at elements of their picture (`ocr2.multimodal.pointing`).

Axis letters: n answers to one picture, v image tokens, e elements, p positions of the prompt, t tokens of an answer.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from ocr2.multimodal.pointing import PointingNetwork
from ocr2.train.posttraining.policy import Answer, LogProbs, chosen_log_probs, pad_ids


def pointed_log_probs(
    network: PointingNetwork,
    features: Tensor,
    elements: Tensor,
    answers: Sequence[Answer],
    *,
    first: int,
    asked: int | None = None,
) -> LogProbs:
    """Return the log-probabilities of answers to one picture.

    Args:
        network: The network.
        features: Image tokens (v, hidden).
        elements: (e, hidden).
        answers: Their ids from `first` on are elements.
        first: Id of the first element.
        asked: Id of the task that follows the elements in the prompt; none if None.
    """
    ids, valid = pad_ids(answers, features.device)
    pointers, heads = network.pointers(elements)
    parts = [features, pointers]
    if asked is not None:
        parts.append(network.multimodal.embed_tokens(torch.tensor([asked], device=features.device)))
    prompt = torch.cat(parts).expand(len(ids), -1, -1)  # (n, p, hidden)
    written = _embed(network, pointers, ids[:, :-1], first)
    states = network.multimodal.hidden_states(torch.cat([prompt, written], dim=1))[:, prompt.shape[1] - 1 :]
    static = network.multimodal.head(states.flatten(0, 1)).view(*states.shape[:2], -1)[..., :first]
    return chosen_log_probs(torch.cat([static, states @ heads.T], dim=-1), ids, valid)


def _embed(network: PointingNetwork, pointers: Tensor, ids: Tensor, first: int) -> Tensor:
    """Return the input embeddings (n, t, hidden) of ids (n, t)."""
    own: Tensor = network.multimodal.embed_tokens(ids.clamp(max=first - 1))
    table = F.pad(pointers, (0, 0, 0, 1))  # a row more: a picture may have no elements
    pointed = table[(ids - first).clamp(min=0)]
    return torch.where((ids >= first)[..., None], pointed, own)
