"""Synthetic formulas with the box of every sign."""
