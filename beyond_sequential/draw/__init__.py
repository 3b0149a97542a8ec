"""A model, or the difference of two, as a picture: SVG that needs no program and no script.

    draw_graph(graph)                              a model, tensor or graph
    draw_difference(target, found, differences)    where two part, in colour and in words

Imports neither Keras nor TensorFlow.
"""

from .drawing import Drawing, draw_graph
from .difference import draw_difference

__all__ = ["Drawing", "draw_difference", "draw_graph"]
