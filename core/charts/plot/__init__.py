"""Charts read by geometry: axes from rows and columns of text, marks as shapes of one colour at full resolution."""
