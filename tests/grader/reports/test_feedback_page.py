"""The page that a student gets back."""

import tempfile

from nbformat.v4 import new_code_cell, new_notebook, new_output

from grader.reports import feedback_page
from tests.helpers.classes import text_of
from tests.helpers.feedback import student_page


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
    (part,) = feedback_page.blocks(new_notebook(cells=[cell]), set())
    verdict_part = [
        "ValueError   Traceback (most recent call last)",
        "Cell In[3], line 2\n----> 2 helper.f()",
        "File helper.py:5, in f()\n----> 5 keras.g()",
        "ValueError: no",
    ]
    assert part.outputs == (
        ("text", "\n".join(verdict_part)),
        ("text", "keras/src/x.py:9: UserWarning: old"),
    )
