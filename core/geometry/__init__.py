"""Plane geometry that drawing and tracing figures share."""
