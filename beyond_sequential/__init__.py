"""Beyond Sequential: a course on the Keras functional API, checked as you go.

- `data("introduction")`: the training data of a section
- `draw(model)`: a picture of a model; `draw(history)`: its learning curves
- `check("introduction-twin")`: how an exercise stands, and why
- `hint("introduction-twin")`: one hint at a time
"""

import os

# TensorFlow reads these when it is imported.  Without them it writes start-up notes on stderr, and
# sums up in an order of its own, so that the same notebook gives slightly other numbers.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

from .i18n import language
from .notebook.notebook import check, data, draw, hint

__all__ = ["check", "data", "draw", "hint", "language"]
