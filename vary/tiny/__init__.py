"""Vary-tiny, the published document reader of 223 M parameters."""
