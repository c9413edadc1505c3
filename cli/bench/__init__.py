"""`ocr2 bench`: how fast this machine runs GOT."""
