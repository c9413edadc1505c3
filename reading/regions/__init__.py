"""Regions of pages, and the pictures among them."""
