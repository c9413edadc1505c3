"""Formulas with the place of every sign."""
