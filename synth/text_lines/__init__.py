"""Pages with the place of every line of text, for the text detector."""
