"""Beyond Sequential: a course on the Keras functional API, checked as you go.

- `data("introduction")`: the training data of a section
- `draw(model)`: a picture of a model; `draw(history)`: its learning curves
- `check("introduction-twin")`: how an exercise stands, and why
- `hint("introduction-twin")`: one hint at a time
- `report("introduction-twin")`: a file with a checked answer, to send when its verdict is wrong
"""

from . import backends
from .i18n import language
from .notebook.notebook import check, data, draw, hint, report

backends.prepare()  # none of the imports above brings Keras

__all__ = ["check", "data", "draw", "hint", "language", "report"]
