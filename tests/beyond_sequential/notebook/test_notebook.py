"""`check`, `hint`, `data` and `draw` as a student meets them: in the cells of a real kernel.

All cells of `CELLS` run once, in order, in one kernel; each test looks at what one of them shows.
"""

from __future__ import annotations

import os
import re

import nbformat
import pytest
from nbclient import NotebookClient

from beyond_sequential.answers.answer import StubCase
from beyond_sequential.answers.files import load
from beyond_sequential.course.sections import exercise

TWIN = """
def build_twin():
    inputs = keras.Input((64,))
    x = layers.Dense(32, activation="relu")(inputs)
    x = layers.Dense(32, activation={hidden!r})(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
"""

CELLS = {
    "start": """
import logging, os, subprocess, sys, time, warnings
import keras
from keras import layers
from beyond_sequential import check, data, draw, hint, language
""",
    "a sum of nothing": "check()",
    "nothing yet": 'check("introduction-twin", points=3)',
    "a stub": 'build_twin = None\ncheck("introduction-twin", points=3)',
    "right": TWIN.format(hidden="relu") + 'check("introduction-twin", points=3)',
    "a sum": "check()",
    "a sum on Colab": 'sys.modules["google.colab"] = sys\ncheck()\ndel sys.modules["google.colab"]',
    "a sum in Chinese": 'language("zh")\ncheck()\n_ = language("en")',
    "right, of one point": 'check("introduction-twin")',
    "partly right": TWIN.format(hidden=None) + 'check("introduction-twin", points=3)',
    "an error": """
def build_twin():
    inputs = keras.Input((64,))
    return layers.Dense(32)(nowhere)
check("introduction-twin", points=3)
""",
    "an exit": """
def build_twin():
    sys.exit(1)
check("introduction-twin", points=3)
""",
    "noise": TWIN.format(hidden="relu")
    + """
    quiet = build_twin
def build_twin():
    print("out loud")
    print("and wrong", file=sys.stderr)
    warnings.warn("a warning")
    logging.getLogger("student").error("a record")
    os.write(2, b"down low\\n")
    subprocess.run("echo from a child >&2", shell=True)
    keras.Input((4, 4), name="a").shape
    return quiet()
check("introduction-twin", points=3)
""".replace("    quiet = build_twin", "quiet = build_twin", 1),
    "after the noise": """
print("out is back")
print("err is back", file=sys.stderr)
warnings.warn("warnings are back")
os.write(2, b"low is back")
time.sleep(1)  # what is written there comes through a pipe, later
""",
    "a warning of Keras": """
def build_twin():
    return keras.Sequential([layers.Dense(1, input_shape=(64,), activation="softmax")])
check("introduction-twin", points=3)
""",
    "a huge number": 'parameters = 64**500\ncheck("introduction-count")',
    "a hostile object": """
class Hostile:
    def __getattribute__(self, name):
        raise RuntimeError("no")
twin = sequential_model = classifier = parameters = Hostile()
[check(id) for id in ("introduction-weights", "introduction-compile", "introduction-count")]
""",
    "a hidden builtin": """
list = str = len = print = None
check("introduction-count")
""",
    "a hidden builtin no more": "del list, str, len, print",
    "not the last line": 'earned = check("introduction-twin", points=3)\nNone',
    "unknown id": 'check("introduction-twins", points=3)',
    "hint 1": 'hint("introduction-twin")',
    "hint 2": 'hint("introduction-twin")',
    "hint of another": 'hint("introduction-layer")',
    "hint 3": 'hint("introduction-twin")',
    "hint 4": 'hint("introduction-twin")',
    "unknown hint": 'hint("nothing")',
    "draw None": "draw(None)",
    "draw ...": "draw(...)",
    "draw a model": "draw(quiet())",
    "draw a tensor": "draw(layers.Dense(3)(keras.Input((4,), name='numbers')))",
    "draw a layer": "draw(layers.Dense(3))",
    "draw a number": "draw(5)",
    "draw a function": "draw(build_twin)",
    "data": 'sorted((k, v.shape) for k, v in data("introduction").items())',
    "same data": """
import numpy as np
one, again = data("introduction"), data("introduction")
fresh, shuffled = data("introduction", seed=1), data("introduction", shuffled=True)
[
    bool(np.array_equal(one["x"], again["x"])),
    bool(np.array_equal(one["x"], fresh["x"])),
    bool(np.array_equal(one["x"], shuffled["x"])),
    bool(np.array_equal(one["y"], shuffled["y"])),
]
""",
    "unknown data": 'data("outroduction")',
    "Chinese": 'build_twin = None\nlanguage("zh")\ncheck("introduction-twin", points=3)',
    "which language": "language()",
    "no such language": 'language("xx")',
    "English again": 'language("en")\ncheck("introduction-twin", points=3)',
    "the state of the kernel": """
import numpy as np, random
build_twin = quiet
here = names = before = now = None
here, names = os.getcwd(), set(globals())
np.random.seed(1); random.seed(1); before = np.random.rand(), random.random()
np.random.seed(1); random.seed(1)
_ = check("introduction-twin"), check("several-inputs-blind")
now = np.random.rand(), random.random()
os.getcwd() == here, sorted(n for n in set(globals()) - names if n[0] != "_")
""",
    "the random numbers": "[a == b for a, b in zip(before, now)]",
    "a broken fd": """
def build_twin():
    os.close(2)
    return quiet()
check("introduction-twin", points=3)
""",
    "spool": """
os.environ["BEYOND_SEQUENTIAL_SPOOL"] = SPOOL
build_twin = quiet
check("introduction-twin", points=3)
""",
    "spool again": 'build_twin = lambda: None\ncheck("introduction-twin", points=3)',
    "spool another": 'del parameters\ncheck("introduction-count", points=3)',
    "spool sum": "check()",
    "spool unknown": 'check("introduction-twins")',
    "spool hint": 'hint("introduction-count")',
    "no spool": 'del os.environ["BEYOND_SEQUENTIAL_SPOOL"]\ncheck("introduction-count")',
}


class Ran(dict):
    """Cells by name, with what they show."""

    def outputs(self, name, kind):
        return [out for out in self[name].outputs if out.output_type == kind]

    def value(self, name):
        (result,) = self.outputs(name, "execute_result")
        return result.data["text/plain"]

    def display(self, name):
        (shown,) = self.outputs(name, "display_data")
        return shown.data

    def text(self, name):
        return self.display(name)["text/plain"]

    def stream(self, name, stream):
        return "".join(o.text for o in self.outputs(name, "stream") if o.name == stream)

    def error(self, name):
        return next(iter(self.outputs(name, "error")), None)


@pytest.fixture(scope="session")
def spool(tmp_path_factory):
    return tmp_path_factory.mktemp("spool")


@pytest.fixture(scope="session")
def ran(spool):
    notebook = nbformat.v4.new_notebook()
    sources = {**CELLS, "spool": CELLS["spool"].replace("SPOOL\n", f"{str(spool)!r}\n")}
    notebook.cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources.values()]
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", allow_errors=True, store_widget_state=False
    )
    # ipykernel leaves the descriptor alone where it believes to be in pytest's own process.
    client.execute(env={k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"})
    return Ran(zip(CELLS, notebook.cells, strict=True))


EXPECTED_ERRORS = {
    "unknown id": "introduction-twin",
    "unknown hint": "introduction-twin",
    "unknown data": "introduction",
    "no such language": "zh",
    "spool unknown": "introduction-twin",
}


@pytest.mark.parametrize("name", [n for n in CELLS if n not in EXPECTED_ERRORS])
def test_no_cell_raises(ran, name):
    error = ran.error(name)
    assert error is None, "\n".join(error.traceback)[-2000:]


@pytest.mark.parametrize("name", [n for n in CELLS if n != "after the noise"])
def test_nothing_is_on_stderr(ran, name):
    """nbgrader gives a cell with any text there no points."""
    assert ran.stream(name, "stderr") == ""


@pytest.mark.parametrize("name", [n for n in CELLS if n != "after the noise"])
def test_nothing_is_printed(ran, name):
    assert ran.stream(name, "stdout") == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nothing yet", "0"),
        ("a stub", "0"),
        ("right", "3"),
        ("right, of one point", "1"),
        ("partly right", "2.25"),
        ("an error", "0"),
        ("an exit", "0"),
        ("noise", "3"),
        ("a huge number", "0"),
        ("a hostile object", "[0, 0, 0]"),
        ("a hidden builtin", "0"),
        ("a broken fd", "3"),
        ("no spool", "0"),
    ],
)
def test_the_value_is_the_points_alone(ran, name, value):
    assert ran.value(name) == value


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing yet", ["Not attempted", "0 of 3 points", "`build_twin`"]),
        ("a stub", ["Not attempted", "`build_twin` still waits"]),
        ("right", ["Right", "3 of 3 points"]),
        ("partly right", ["Partly right", "2.25 of 3", "activation", "relu"]),
        ("an error", ["Wrong", "NameError", "`return layers.Dense(32)(nowhere)`", "nowhere"]),
        ("an exit", ["Wrong", "SystemExit", "`sys.exit(1)`"]),
        ("noise", ["Right"]),
        ("a warning of Keras", ["points"]),
        ("a huge number", ["Wrong", "`parameters`"]),
    ],
)
def test_the_verdict_is_shown_in_words(ran, name, words):
    text = ran.text(name)
    for word in words:
        assert word in text, text


def plain(html):
    """What a reader sees of HTML, without its pictures."""
    html = re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", html).replace("&#x27;", "'").replace("&quot;", '"')
    return " ".join(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").split())


@pytest.mark.parametrize("name", ["nothing yet", "right", "partly right", "an error", "an exit"])
def test_the_html_says_what_the_text_says(ran, name):
    shown = ran.display(name)
    text = plain(shown["text/html"])
    said = re.sub(r"^\s*\d+\. ", "", shown["text/plain"], flags=re.MULTILINE).replace("`", " ")
    assert " ".join(text.split()).replace(" ", "") == "".join(said.split())


def test_a_difference_is_drawn_and_a_right_answer_is_not(ran):
    assert "<svg" in ran.display("partly right")["text/html"]
    assert "<svg" not in ran.display("right")["text/html"]


def test_the_html_runs_nothing(ran):
    for cell in ran.values():
        for out in cell.outputs:
            html = out.get("data", {}).get("text/html", "")
            assert "<script" not in html and not re.search(r"\son\w+=", html)


def test_after_the_noise_all_is_as_before(ran):
    assert ran.stream("after the noise", "stdout") == "out is back\n"
    stderr = ran.stream("after the noise", "stderr")
    assert "down low" not in stderr and "from a child" not in stderr
    assert all(f"{what} back" in stderr for what in ("err is", "warnings are", "low is"))


def test_a_check_ends_with_the_points_of_the_notebook_so_far(ran):
    assert ran.text("nothing yet").endswith("This notebook so far: 0 of 14 points")
    assert ran.text("right").endswith("This notebook so far: 3 of 14 points")
    # What the check itself says it is worth goes before what the course says.
    assert "1 of 1 point\n" in ran.text("right, of one point")
    assert ran.text("right, of one point").endswith("This notebook so far: 1 of 12 points")


def test_a_check_of_nothing_sums_up_and_says_how_to_hand_in(ran):
    assert "run the cells above" in ran.text("a sum of nothing")
    text = ran.text("a sum")
    assert text.startswith("1-introduction: 3 of 14 points")
    assert "✓ introduction-twin 3 of 3 points" in text
    assert "– introduction-count not checked yet (worth 1)" in text
    assert "Submit" in text and "1-introduction.ipynb" in text
    assert "Download .ipynb" in ran.text("a sum on Colab")
    assert ran.text("a sum in Chinese").startswith("1-introduction：3 / 14 分")
    for name in ("a sum", "a sum on Colab", "a sum in Chinese"):
        assert not ran.outputs(name, "execute_result")
        shown = ran.display(name)
        text = "".join(shown["text/plain"].split())
        assert "".join(plain(shown["text/html"]).split()) == text
    assert not ran["spool sum"].outputs


def test_a_check_in_the_middle_of_a_cell_shows_its_words_and_no_value(ran):
    assert "points" in ran.text("not the last line")
    assert not ran.outputs("not the last line", "execute_result")


@pytest.mark.parametrize(("name", "known"), EXPECTED_ERRORS.items())
def test_an_unknown_name_is_an_error_that_lists_those_there_are(ran, name, known):
    error = ran.error(name)
    assert error is not None and error.ename in ("UnknownName", "LanguageError")
    assert known in error.evalue


def test_hints_come_one_at_a_time_and_the_last_one_stays(ran):
    hints = exercise("introduction-twin").hints
    for number, name in enumerate(("hint 1", "hint 2", "hint 3")):
        assert f"Hint {number + 1} of 3" in ran.text(name) and hints[number] in ran.text(name)
        for other in hints[number + 1 :]:
            assert other not in str(ran[name].outputs)
    assert ran.text("hint 4") == ran.text("hint 3")
    assert "Hint 1 of" in ran.text("hint of another")
    assert "Hint 1 of 3" in plain(ran.display("hint 1")["text/html"])


@pytest.mark.parametrize("name", ["draw None", "draw ..."])
def test_what_is_not_there_yet_draws_nothing(ran, name):
    assert "Nothing to draw yet" in ran.text(name)
    assert not ran.outputs(name, "execute_result")


@pytest.mark.parametrize("name", ["draw a model", "draw a tensor"])
def test_a_model_and_a_tensor_are_drawn(ran, name):
    (shown,) = ran.outputs(name, "execute_result")
    pictures = [key for key in shown.data if key in ("image/svg+xml", "text/html")]
    assert pictures and "<svg" in "".join(shown.data[pictures[0]])
    assert "Dense" in str(shown.data[pictures[0]])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("draw a layer", "not called"),
        ("draw a number", "must give a model"),
        ("draw a function", "must give a model"),
    ],
)
def test_what_can_not_be_drawn_says_why(ran, name, words):
    assert words in ran.text(name) and not ran.outputs(name, "execute_result")


def test_data(ran):
    assert ran.value("data") == "[('x', (1000, 64)), ('y', (1000, 10))]"
    assert ran.value("same data") == "[True, False, True, False]"


def test_the_language_switches_and_back(ran):
    chinese = ran.text("Chinese")
    assert re.search("[\u4e00-\u9fff]", chinese) and "build_twin" in chinese
    assert ran.value("Chinese") == "0"
    assert ran.value("which language") == "'zh'"
    assert ran.text("English again") == ran.text("a stub")


def test_a_check_leaves_the_kernel_as_it_was(ran):
    assert ran.value("the state of the kernel") == "(True, [])"


def test_a_check_draws_no_random_numbers(ran):
    """Else a notebook that checks more often trains another model from the same seed, and the
    notebook trains another one than the grader, which only captures."""
    assert ran.value("the random numbers") == "[True, True]"


def test_in_spool_mode_nothing_is_shown(ran):
    for name in ("spool", "spool again", "spool another"):
        assert ran[name].outputs == []


def test_in_spool_mode_each_check_hands_over_one_file(ran, spool):
    files = sorted(path.name for path in spool.iterdir())
    twins = [name for name in files if name.startswith("introduction-twin.")]
    counts = [name for name in files if name.startswith("introduction-count.")]
    assert len(twins) == 2 and len(counts) == 1 and len(files) == 3
    first, last = (load(spool / name) for name in twins)
    assert first.graph("build_twin") is not None  # the last one counts
    assert last.cases("build_twin") == (StubCase(),)
    assert load(spool / counts[0]).values == {}
