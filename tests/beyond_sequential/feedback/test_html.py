"""A verdict as HTML."""

from __future__ import annotations

from beyond_sequential.compare import compare
from beyond_sequential.feedback.html import framed, hint_output, verdict_html
from beyond_sequential.findings.finding import Finding, finding_of
from beyond_sequential.findings.verdict import Picture, Verdict
from beyond_sequential.model.graph import Body, Call, Layer, ModelGraph, Ref, Tensor


def dense(units: int) -> ModelGraph:
    layers = {
        "x": Layer("x", "InputLayer", "x"),
        "d": Layer("d", "Dense", "d", {"units": units}),
    }
    tensor = (Tensor((None, 4), "float32"),)
    calls = (Call("x", (), {}, tensor), Call("d", (Ref(0),), {}, tensor))
    return ModelGraph("model", "Functional", layers, Body(calls, [Ref(0)], [Ref(1)]))


def test_words_of_the_students_are_escaped() -> None:
    error = Finding("error", {"name": "net", "line": "", "type": "E", "text": "<script>"})
    page = verdict_html(Verdict("e", "wrong", 0.0, (error,)), 1, "<b>")
    assert "<script" not in page and "<b>" not in page and "&lt;script&gt;" in page


def test_what_stands_between_backticks_is_code() -> None:
    page = verdict_html(Verdict("e", "wrong", 0.0, (Finding("stub", {"name": "net"}),)), 1)
    assert ">net</code>" in page and "`" not in page


def test_a_difference_is_drawn_with_the_number_of_its_finding() -> None:
    expected, found = dense(3), dense(4)
    (difference,) = compare(expected, found)
    stub = Finding("stub", {"name": "other"})
    findings = (stub, finding_of(difference, "net", expected, found))
    verdict = Verdict("e", "wrong", 0.0, findings, (Picture("net", expected, found),))
    page = verdict_html(verdict, 1)
    assert page.count("<svg") == 2 and ">2</text>" in page and "net · Functional" in page


def test_a_hint_is_text_and_html() -> None:
    bundle = hint_output("Draw `net`.", 1, 3)
    assert bundle["text/plain"] == "Hint 1 of 3: Draw `net`."
    assert ">net</code>" in bundle["text/html"]


def test_a_frame_has_no_script_and_no_style_sheet() -> None:
    assert framed("<p>a</p>").count("<") == 4
