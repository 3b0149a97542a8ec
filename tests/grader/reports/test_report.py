"""The class's report, the student's page, and the exports."""

import csv
import io
import json
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Browser

from beyond_sequential import i18n
from beyond_sequential.compare import compare
from beyond_sequential.feedback import feedback as words
from beyond_sequential.findings.verdict import Finding, Picture, Verdict, verdict_to_json
from beyond_sequential.model.graph import ModelGraph
from grader import cli
from grader.classes import summary
from grader.course import course
from grader.errors import GraderError
from grader.reports import export, feedback, report, results
from grader.reports.results import Class, Student, Told
from grader.running import execute
from tests.helpers.graphs import Net

EXERCISES = {"branches": 3.0, "training": 1.0}


def two_branches(swapped: bool = False) -> ModelGraph:
    """Two Inputs, a Dense on each, joined; `swapped`: the second Dense reads the first Input."""
    net = Net()
    text, question = net.input(8, name="text"), net.input(8, name="question")
    first = net("Dense", units=3)(text)
    second = net("Dense", units=5)(text if swapped else question)
    return net.model([text, question], net("Concatenate")([first, second]))


def verdict(outcome: str = "right") -> Verdict:
    if outcome == "right":
        return Verdict("branches", "right", 1.0)
    expected, found = two_branches(), replace(two_branches(swapped=True), name="model_of_ada")
    differences = compare(expected, found)
    findings = tuple(Finding(d.kind, {"name": "m", **d.detail}, d, 0) for d in differences)
    return Verdict("branches", outcome, 0.5, findings, (Picture("m", expected, found),))


def student(name: str, points: float | None, state: str = "graded", **told: str) -> Student:
    because = "the kernel died <b>" if state == "partly graded" else ""
    row = summary.Row(name, points, 4.0, "`m` is wrong", state, because)
    if points is None:
        return Student(row, name)
    judged = {
        exercise: Told(outcome, "", verdict(outcome) if exercise == "branches" else None)
        for exercise, outcome in told.items()
    }
    scores = {"branches": min(points, 3.0), "training": max(points - 3.0, 0.0)}
    return Student(row, name, scores, judged)


@pytest.fixture(scope="module")
def found() -> Class:
    """A class of six: two with the same mistake, one crashed, one absent, one with a hard name."""
    return Class(
        "1-mini",
        EXERCISES,
        (
            student("ada", 1.5, branches="wrong", training="not attempted"),
            student("ben", 2.25, branches="partly right", training="right"),
            student('=o"hara, <i>', 4.0, branches="right", training="right"),
            student("dev", 1.0, "partly graded", branches="wrong", training="not judged"),
            student("emil", None, "absent"),
        ),
    )


def text_of(page: str) -> str:
    """What a reader sees, without styles and drawings."""
    page = re.sub(r"<(style|svg).*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


# ---- the report


def test_findings_are_counted_by_student_and_drawn_once(found: Class) -> None:
    (first, *others) = report.common(found)
    assert (first.exercise, first.count, first.attempts) == ("branches", 3, 4)
    assert not others
    assert first.drawing.count("<svg") == 2  # expected, found
    assert "model_of_ada" not in first.drawing


def test_the_page_says_how_it_went(found: Class) -> None:
    text = text_of(report.page(found))
    assert "3 of 4" in text
    assert "Nothing was handed in by: emil" in text
    assert "dev partly graded: the kernel died &lt;b&gt;" in text
    assert text.index("dev 1") < text.index("ada 1.5")
    assert "55% mean" in text and "2 wrong" in text
    assert "3 graded 1 partly graded 1 absent" in text
    assert "of 3 points" in text and "of 1 point " in text


def test_of_one_mistake_the_example_has_the_fewest_others(found: Class) -> None:
    several = student("ada", 1.5, branches="wrong")
    told = several.told["branches"]
    other = Finding("error", {"name": "m", "type": "ValueError", "text": "no"})
    crowded = replace(told.verdict, findings=(*told.verdict.findings, other))
    more = replace(several, told={"branches": replace(told, verdict=crowded)})
    cases = [
        ("branches", s.told["branches"].verdict, told.verdict.findings[0]) for s in (more, several)
    ]
    assert report._typical(cases)[1] == told.verdict


def test_the_page_needs_nothing_else(found: Class) -> None:
    page = report.page(found)
    assert "<script" not in page and "http" not in page.replace("http://www.w3.org/", "")
    assert "<i>" not in text_of(page) and "&lt;i&gt;" in page


def test_the_page_in_chinese(found: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_active", "zh")
    page = report.page(found)
    assert '<html lang="zh">' in page
    words = text_of(page).replace("1-mini", "")
    for name in ("branches", "training", "text", "question", "ada", "ben", "dev", "emil"):
        words = words.replace(name, "")
    left = set(re.findall(r"[A-Za-z]{4,}", words)) - {"hara", "kernel", "died", "wrong", "Dense"}
    assert not left - {"Input"}


@pytest.mark.parametrize(
    ("fractions", "bins"), [([0, 0.05, 0.1], {0: 2, 1: 1}), ([0.95, 1.0, 1.2], {9: 3}), ([], {})]
)
def test_the_distribution_has_ten_bins(fractions: list[float], bins: dict[int, int]) -> None:
    assert report.histogram(fractions) == [bins.get(number, 0) for number in range(10)]


def test_a_class_that_nobody_graded_has_a_page() -> None:
    absent = Class("1-mini", EXERCISES, (student("emil", None, "absent"),))
    assert "1 absent" in text_of(report.page(absent))


def test_verdicts_come_back_from_the_autograded_notebook(tmp_path: Path) -> None:
    said = json.dumps(verdict_to_json(verdict("wrong")))
    judgement = execute.Judgement("branches", 1.5, "wrong", "told", "text", "html", said)
    nb = new_notebook()
    nb.metadata[execute.METADATA] = execute.record(execute.Outcome((), (), {"branches": judgement}))
    path = tmp_path / "autograded" / "ada" / "x" / "x.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(nb, path)
    told = results._told(tmp_path, "x", summary.Row("ada", 1.5, 4, "", "graded", ""))
    assert told == {"branches": Told("wrong", "told", verdict("wrong"))}


def test_made_up_names_are_always_the_same(tmp_path: Path) -> None:
    (tmp_path / course.SEED).write_text("7\n")
    names = [results._pseudonym(b"7\n", name) for name in ("ada", "ben", "ada")]
    assert names[0] == names[2] != names[1]
    assert results._pseudonym(b"8\n", "ada") != names[0]
    hidden = results._named(tmp_path, [student("ben", 1.0), student("ada", 2.0)], True)
    assert {s.name for s in hidden} == set(names)


# ---- exports


def parsed(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_csv_has_a_column_an_exercise_and_the_state(found: Class) -> None:
    rows = parsed(export.export(found, "csv"))
    assert rows[0] == ["student", "branches", "training", "total", "of", "state", "reason"]
    assert rows[1] == ["ada", "1.5", "0", "1.5", "4", "graded", ""]
    assert rows[3][0] == "'=o\"hara, <i>"
    assert rows[4][5:] == ["partly graded", "the kernel died <b>"]
    assert rows[5] == ["emil", "", "", "", "4", "absent", ""]


def test_canvas_has_its_columns_and_the_points_possible(found: Class) -> None:
    people = {"ada": SimpleNamespace(first_name="Ada", last_name="Lee, Dr.", lms_user_id="17")}
    rows = parsed(export.export(found, "canvas", people))
    assert rows[0][:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert rows[0][5:] == ["branches", "training", "1-mini", "State", "Reason"]
    assert rows[1][0].strip() == "Points Possible" and rows[1][5:8] == ["3", "1", "4"]
    assert rows[2] == ["Lee, Dr., Ada", "17", "", "ada", "", "1.5", "0", "1.5", "graded", ""]
    assert {len(row) for row in rows} == {10}


def test_moodle_knows_users_by_name_and_address(found: Class) -> None:
    people = {"ada": SimpleNamespace(email="ada@example.org")}
    rows = parsed(export.export(found, "moodle", people))
    assert rows[0][:2] == ["Username", "Email address"]
    assert rows[1][:5] == ["ada", "ada@example.org", "1.5", "0", "1.5"]


def test_lines_end_as_the_standard_says(found: Class) -> None:
    text = export.export(found, "csv")
    assert text.count("\r\n") == len(parsed(text)) == text.count("\n")


def test_another_format_is_refused_with_those_there_are(found: Class) -> None:
    with pytest.raises(GraderError, match="csv, canvas, moodle"):
        export.export(found, "blackboard")


# ---- a student's page


def marked(cell_id: str, **mark: object) -> dict[str, object]:
    return {"nbgrader": {"grade_id": cell_id, "grade": False, "solution": False, **mark}}


def notebook() -> nbformat.NotebookNode:
    page = {"text/html": "<div>VERDICT <svg></svg></div>", "text/plain": "v"}
    evil = {"text/html": "<script>steal()</script>", "text/plain": "plain"}
    hidden = "### BEGIN HIDDEN TESTS\nassert secret == 42\n### END HIDDEN TESTS"
    trace = ["Traceback", "----> assert secret == 42", "AssertionError: not yet"]
    cells = [
        new_markdown_cell("# A title\n\nprose"),
        new_code_cell(
            "x = 1 < 2",
            metadata=marked("branches-answer", solution=True, comment="Well <done>."),
            outputs=[
                new_output("stream", text="Epoch 1/2\n"),
                new_output("stream", text="Epoch 2/2\n"),
                new_output("execute_result", data=evil),
                new_output("display_data", data={"image/png": 'aGk="><script>'}),
            ],
        ),
        new_code_cell(
            'check("branches")',
            metadata=marked("branches", grade=True, score=2.5, points=3.0),
            outputs=[new_output("display_data", data=page)],
        ),
        new_code_cell(
            hidden,
            metadata=marked("own", grade=True, score=0.0, points=1.0),
            outputs=[
                new_output("error", ename="AssertionError", evalue="not yet", traceback=trace),
                new_output("display_data", data=evil),
            ],
        ),
    ]
    nb = new_notebook(cells=cells)
    judged = {"branches": execute.Judgement("branches", 2.5, "wrong", "", "", "")}
    nb.metadata[execute.METADATA] = execute.record(execute.Outcome(("died <at> 3",), (), judged))
    return nb


def student_page() -> str:
    grades = {"notebook": "1-mini", "score": 2.5, "max_score": 4.0, "late_penalty": 0}
    page, _resources = feedback.FeedbackPage().from_notebook_node(notebook(), {"nbgrader": grades})
    return page


def test_a_students_page_has_points_verdicts_and_comments() -> None:
    page = student_page()
    assert "VERDICT <svg></svg>" in page
    text = text_of(page)
    assert "2.5 of 4 points" in text and "2.5 of 3" in text
    assert "<pre>Epoch 1/2\nEpoch 2/2" in page
    assert "Well &lt;done&gt;." in text and "died &lt;at&gt; 3" in text


def test_a_students_page_has_no_tests_source_and_no_foreign_html() -> None:
    page = student_page()
    assert "secret" not in page and "HIDDEN" not in page
    assert "AssertionError: not yet" in page
    assert "<script" not in page and "http" not in page
    assert "plain" in page


def test_a_students_page_names_no_place_on_the_machine() -> None:
    trace = [
        "ValueError   Traceback (most recent call last)",
        "Cell In[3], line 2\n----> 2 helper.f()",
        f"File \x1b[32m{tempfile.gettempdir()}/kernel-a1b2c3d4/work/helper.py:5\x1b[0m, in f()\n"
        "----> 5 keras.g()",
        "File /usr/lib/python3.12/site-packages/keras/src/x.py:9, in g()\n----> 9 raise",
        "ValueError: no",
    ]
    warned = "/usr/lib/python3.12/site-packages/keras/src/x.py:9: UserWarning: old"
    outputs = [
        new_output("error", ename="ValueError", evalue="no", traceback=trace),
        new_output("stream", name="stderr", text=warned),
    ]
    mark = {"grade_id": "a", "solution": True, "grade": False, "locked": False, "task": False}
    cell = new_code_cell("helper.f()", metadata={"nbgrader": mark}, outputs=outputs)
    (part,) = feedback.parts(new_notebook(cells=[cell]), set())
    told = [
        "ValueError   Traceback (most recent call last)",
        "Cell In[3], line 2\n----> 2 helper.f()",
        "File helper.py:5, in f()\n----> 5 keras.g()",
        "ValueError: no",
    ]
    assert part.outputs == (
        ("text", "\n".join(told)),
        ("text", "keras/src/x.py:9: UserWarning: old"),
    )


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("what", ["class", "class in Chinese", "student"])
def test_a_page_can_be_read_by_everybody(
    what: str, width: int, scheme: str, found: Class, browser: Browser
) -> None:
    before = i18n.language()
    try:
        i18n.language("zh" if "Chinese" in what else "en")
        told = words.html(verdict("wrong"), 3)
        html = (
            student_page().replace("VERDICT <svg></svg>", told)
            if what == "student"
            else report.page(found)
        )
    finally:
        i18n.language(before)
    with browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
    ) as context:
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.set_content(html)
        assert errors == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # Without a role, axe takes a drawing for decoration.
        drawings = page.locator("svg")
        assert page.locator("svg[role=img]:has(> title)").count() == drawings.count() > 0
        broken = Axe().run(page).response["violations"]
    assert not [(rule["id"], node["html"]) for rule in broken for node in rule["nodes"]]


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_what_was_found_is_seen_without_scrolling_to_the_side(
    width: int, found: Class, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, offline=True)
    page.set_content(report.page(found))
    drawings = page.locator(".drawing svg")
    expected, given = (drawings.nth(n).bounding_box() for n in range(2))
    marked = drawings.nth(1).locator("rect[stroke-dasharray]").first.bounding_box()
    page.close()
    assert expected and given and marked
    if width == 390:
        assert given["x"] == expected["x"]
        assert given["y"] >= expected["y"] + expected["height"]
    else:
        assert given["x"] >= expected["x"] + expected["width"]
        assert given["y"] == expected["y"]
    assert marked["x"] + marked["width"] <= width


@pytest.mark.browser
def test_paper_cuts_no_drawing_off(found: Class, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 300, "height": 900}, offline=True)
    told = student_page().replace("VERDICT <svg></svg>", words.html(verdict("wrong"), 3))
    for html, name in ((report.page(found), ".drawing"), (told, ".verdict")):
        page.set_content(html)
        frame = page.locator(f"{name} div:has(> svg)").first
        wide = [frame.evaluate("e => e.scrollWidth - e.clientWidth")]
        page.emulate_media(media="print")
        wide.append(frame.evaluate("e => e.scrollWidth - e.clientWidth"))
        page.emulate_media(media="screen")
        assert wide[0] > 0 == wide[1], name
    page.close()


def test_commands_write_what_they_say(released: Path, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    place = ["1-mini", "--course", str(released), "--output", str(tmp_path / "out")]
    for command in (["report", "--language", "zh", "--anonymous"], ["export", "--to", "canvas"]):
        done = CliRunner().invoke(cli.commands, [command[0], *place, *command[1:]])
        assert done.exit_code == 0, done.exception
        assert (tmp_path / "out").stat().st_size > 100
        (tmp_path / "out").unlink()
