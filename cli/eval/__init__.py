"""`ocr2 eval`: scores of what was read."""
