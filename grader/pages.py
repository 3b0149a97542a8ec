"""Feedback pages on narrow screens: nbgrader's layout cuts off what is wider than a telephone."""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

_CSS = """
div.inner_cell, div.output { min-width: 0; max-width: 100%; }
div.input_area, div.output_area, div.output_subarea { overflow-x: auto; max-width: 100%; }
div.rendered_html { overflow-wrap: break-word; }
div.rendered_html table { display: block; overflow-x: auto; }
@media (max-width: 540px) {
  body > .container, #notebook-container { padding: 0 4px; }
  div.prompt { min-width: 0; text-align: left; }
}
"""


class NarrowPages(NbGraderPreprocessor):
    """Adds a style; belongs behind nbconvert's CSSHTMLHeaderPreprocessor."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        resources["inlining"]["css"].append(_CSS)
        return nb, resources
