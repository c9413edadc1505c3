"""Synthetic pages with the position of every text line, for the text detector."""
