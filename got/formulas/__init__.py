"""got-nano-formulas: the reader of formulas that ships."""
