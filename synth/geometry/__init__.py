"""Plane figures: the constructions of school geometry, drawn in many hands, with all their parts."""
