"""Charts drawn with their truth: content, styles, three renderers, and what a model is to say about each."""
