"""A small assignment of section 1's exercises, and students who attack while they work it.

Each attack is one notebook.  `introduction-layer` and `introduction-count` are answered right,
`introduction-twin` wrong, the others not at all, unless the attack says otherwise; so what was
right must keep its points and what was wrong must stay without, whatever the attack does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_notebook

POINTS = {
    "introduction-layer": 1,
    "introduction-twin": 3,
    "introduction-weights": 1,
    "introduction-training": 4,
    "introduction-count": 1,
}
LAYER, TWIN, WEIGHTS, TRAINING, COUNT = POINTS
STUBS = {
    LAYER: "one_layer = None",
    TWIN: "build_twin = None",
    WEIGHTS: "sequential_model = twin = None",
    TRAINING: "classifier = None",
    COUNT: "parameters = None",
}
RIGHT = {
    LAYER: "def one_layer(inputs):\n    return layers.Dense(32, activation='relu')(inputs)",
    COUNT: "parameters = 3466",
}
# A teacher's own test, by nbgrader's rule: it is in the student's hands, and must only work.
OWN, OWN_POINTS = "own-test", 2
WRONG_TWIN = """
def build_twin():
    inputs = keras.Input((3,))
    return keras.Model(inputs, layers.Dense(1)(inputs))
"""
SETUP = "from beyond_sequential import check\nimport keras\nfrom keras import layers\n"

# Before an attack that exchanges functions of ours: by name, so that it follows when they move.
PATCH = """
import sys

def everywhere(name, fake):
    modules = [m for key, m in list(sys.modules.items())
               if key.split(".")[0] == "beyond_sequential" and callable(vars(m).get(name))]
    assert modules, name
    real = vars(modules[-1])[name]
    for module in modules:
        setattr(module, name, fake)
    return real
"""


@dataclass(frozen=True)
class Attack:
    """One student: what they try, and where they put it.

    `first` and `last` are cells before and after everything; `twin` follows the wrong answer to
    introduction-twin in the same cell; `answers` replace what is said above; `edit` changes the
    notebook, and may return the text to hand in instead.  `keeps` are the exercises that keep
    their points: by default all that are still answered right.  Where the student broke their own
    kernel on purpose, it is what came before.  `state` is how the submission is listed.
    """

    name: str
    tries: str
    twin: str = ""
    first: str = ""
    last: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    edit: Callable[[NotebookNode], str | None] | None = None
    keeps: tuple[str, ...] | None = None
    state: str = "graded"

    @property
    def kept(self) -> tuple[str, ...]:
        if self.keeps is not None:
            return self.keeps
        return tuple(name for name in RIGHT if name not in self.answers)


BEFORE = (LAYER,)


def source() -> NotebookNode:
    """The assignment, as a teacher writes it."""
    cells = [new_code_cell(SETUP, id="setup"), new_code_cell("", id="first")]
    for name, points in POINTS.items():
        answer = f"### BEGIN SOLUTION\npass\n### END SOLUTION\n{STUBS[name]}"
        cells.append(_cell(f"{name}-answer", answer, solution=True, locked=False))
        cells.append(_cell(name, f'check("{name}")', grade=True, points=points))
    cells.append(_cell(f"{OWN}-answer", "own = None", solution=True, locked=False))
    cells.append(_cell(OWN, "assert own == 4", grade=True, points=OWN_POINTS))
    cells.append(new_code_cell("", id="last"))
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": spec})


def _cell(grade_id: str, code: str, **marks: object) -> NotebookNode:
    mark = {"schema_version": 3, "grade_id": grade_id, "grade": False, "solution": False}
    mark |= {"locked": True, "task": False, "cell_type": "code", **marks}
    return new_code_cell(code, id=grade_id, metadata={"nbgrader": mark})


def handed_in(attack: Attack, release: NotebookNode, places: Mapping[str, str]) -> NotebookNode:
    """The attack's notebook, before `edit`.  Words like @canary@ stand for `places`."""
    nb = from_dict(release)
    places = {**places, "name": attack.name}
    answers = {**RIGHT, TWIN: WRONG_TWIN + attack.twin, OWN: "own = 4", **attack.answers}
    cells = {cell.id: cell for cell in nb.cells}
    for name, code in answers.items():
        cells[f"{name}-answer"].source = _placed(code, places)
    cells["first"].source = _placed(attack.first, places)
    cells["last"].source = _placed(attack.last, places)
    return nb


def _placed(code: str, places: Mapping[str, str]) -> str:
    for word, place in places.items():
        code = code.replace(f"@{word}@", place)
    return code.strip("\n")
