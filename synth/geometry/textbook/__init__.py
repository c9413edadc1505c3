"""Figures as textbooks and screens show them: coloured strokes, marks, measures, rays, arcs, several on one picture."""
