"""Plane figures traced into segments, circles and letters."""
