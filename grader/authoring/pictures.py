"""The READMEs' picture: made from the course's own target, so that it can't grow old."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from beyond_sequential.compare import compare
from beyond_sequential.draw import draw_difference
from beyond_sequential.i18n import language
from beyond_sequential.model.graph import ModelGraph, Ref, from_json

EXERCISE = "several-inputs-model"


def differences(target: dict[str, Any]) -> dict[str, str]:
    """By path in the repository, the SVG of the question answering model whose question branch
    reads the text: in English and in Chinese."""
    before = language()
    try:
        return {
            path: _difference(target)
            for code, path in (("en", "docs/difference.svg"), ("zh", "docs/difference.zh.svg"))
            if language(code)
        }
    finally:
        language(before)


def _difference(target: dict[str, Any]) -> str:
    (cases,) = target["graphs"].values()
    expected = from_json(cases[0])
    found = _wrong(expected)
    return draw_difference(expected, found, compare(expected, found)).svg + "\n"


def _wrong(graph: ModelGraph) -> ModelGraph:
    """Both embeddings read the first Input."""
    first = next(n for n, c in enumerate(graph.calls) if _kind(graph, n) == "InputLayer")
    calls = tuple(
        replace(call, args=(Ref(first),)) if _kind(graph, number) == "Embedding" else call
        for number, call in enumerate(graph.calls)
    )
    return replace(graph, body=replace(graph.body, calls=calls))


def _kind(graph: ModelGraph, number: int) -> str:
    return graph.layers[graph.calls[number].layer].kind
