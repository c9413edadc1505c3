"""Formulas: LaTeX's mathematics as a tree with one way to write it."""
