"""The judge: from an exercise and an answer to a verdict, as a pure function of plain data.

One module for each kind of part (`same_graph`, `same_weights`, `compiled`, `fed`, `trained`,
`closed`), each with a function `(part, evidence) -> Result`; `combine` puts their results together.
The judge never sees a live object of a student's.  It runs in the notebook for the student, and in
a process without student code when a class is graded; the two differ only in the seed of the
holdout on which a trained model is measured.
"""

from __future__ import annotations

from .combine import judge
from .evidence import PUBLIC_SEED

__all__ = ["PUBLIC_SEED", "judge"]
