"""A model, or the difference of two, as a picture: SVG that needs no program and no script.

    draw_graph(graph)                              a model, tensor or graph
    draw_difference(target, found, differences)    where two part, in colour and in words

Imports neither Keras nor TensorFlow.
"""

from .difference import draw_difference
from .drawing import Drawing, draw_graph

__all__ = ["Drawing", "draw_difference", "draw_graph"]
