"""A page read line by line: layout, lines, blocks."""
