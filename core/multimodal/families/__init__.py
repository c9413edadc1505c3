"""Architectures that two published models share: dimensions, tensor names, prompts."""
