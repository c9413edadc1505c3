"""got-nano: the text line reader that ships."""
