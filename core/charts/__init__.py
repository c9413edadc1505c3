"""The text that chart models answer with: its syntax, numbers, series, and how reliable they are."""
