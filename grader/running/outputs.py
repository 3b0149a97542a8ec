"""What an autograded notebook keeps of its cells' outputs, and the verdicts in them."""

from __future__ import annotations

from nbformat import ValidationError, validate
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output

from grader.running.judgement import Judgement
from grader.submissions.storable import storable

TRUNCATED = "... Output truncated ..."


def truncated(text: str, length: int) -> str:
    """Return at most so many characters of a text, with a line that says that it was longer."""
    return text if len(text) <= length else f"{text[:length]}\n{TRUNCATED}\n"


def show_verdict(cell: NotebookNode, judgement: Judgement) -> None:
    """Put the verdict in the place of whatever the test cell printed, tagged or raised."""
    cell.outputs = [
        new_output(
            "display_data", data={"text/html": judgement.html, "text/plain": judgement.text}
        ),
        new_output(
            "execute_result",
            data={"text/plain": f"{judgement.score:g}"},
            execution_count=cell.execution_count,
        ),
    ]


def show_error(cell: NotebookNode, reason: str) -> None:
    """Put below a cell why it cost its kernel."""
    output = new_output("error", ename="KernelError", evalue=reason, traceback=[reason])
    cell.outputs = [*cell.get("outputs", ()), output]


def clean(nb: NotebookNode) -> None:
    """Keep only outputs that a notebook file can hold: student code can send any message."""
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = _cleaned(cell.outputs)
            if not isinstance(cell.execution_count, int):
                cell.execution_count = None
    nb.metadata = storable(nb.metadata)


def _cleaned(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return all of them, if they are valid together; else those that are valid alone."""
    cell: dict[str, object] = {"cell_type": "code", "id": "cell", "source": "", "metadata": {}}
    try:
        kept: list[NotebookNode] = storable(outputs)
        cell |= {"outputs": kept, "execution_count": None}
        # A whole notebook, for which nbformat has a validator that is quick.
        validate({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})
    except (ValueError, TypeError, RecursionError, ValidationError):
        alone = outputs if len(outputs) > 1 else []
        return [kept for output in alone for kept in _cleaned([output])]
    return kept
