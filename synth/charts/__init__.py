"""Synthetic charts with annotations: content, styles, three renderers, and training targets."""
