"""`ocr2 serve`: the package over HTTP, with a page to look at."""
