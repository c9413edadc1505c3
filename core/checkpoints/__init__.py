"""Weights on disk: strict reading and writing, names of published tensors, conversion, the hub's cache."""
