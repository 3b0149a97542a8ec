"""The READMEs' picture, drawn from the course's own target so that it stays up to date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from beyond_sequential.compare import compare
from beyond_sequential.draw import draw_difference
from beyond_sequential.i18n import language
from beyond_sequential.model.graph import ModelGraph, Ref, from_json

EXERCISE = "several-inputs-model"


def differences(target: Mapping[str, Mapping[str, list[object]]]) -> dict[str, str]:
    """Return the SVG in English and in Chinese, by path in the repository.

    It shows the question answering model with a question branch that reads the text; `target` is
    the target of `EXERCISE`.
    """
    before = language()
    try:
        return {
            path: _difference(target)
            for code, path in (("en", "docs/difference.svg"), ("zh", "docs/difference.zh.svg"))
            if language(code)
        }
    finally:
        language(before)


def _difference(target: Mapping[str, Mapping[str, list[object]]]) -> str:
    (cases,) = target["graphs"].values()
    expected = from_json(cases[0])
    found = _wrong(expected)
    return draw_difference(expected, found, compare(expected, found)).svg + "\n"


def _wrong(graph: ModelGraph) -> ModelGraph:
    """Return the graph with both embeddings reading the first Input."""
    first = next(n for n, c in enumerate(graph.calls) if _kind(graph, n) == "InputLayer")
    calls = tuple(
        replace(call, args=(Ref(first),)) if _kind(graph, number) == "Embedding" else call
        for number, call in enumerate(graph.calls)
    )
    return replace(graph, body=replace(graph.body, calls=calls))


def _kind(graph: ModelGraph, number: int) -> str:
    return graph.layers[graph.calls[number].layer].kind
