"""`grader demo`, the whole way: each student of the sample class gets what they should."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from grader import demo
from grader.classes import table
from grader.course import sample
from grader.errors import GraderError
from tests.helpers import sample_marks

CLASSES = demo.sample_classes(Path(__file__).resolve().parent.parent.parent)
STUDENTS = [(folder, student) for folder in CLASSES for student in sample.students(folder)]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the demo's courses, and what it printed."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    text = io.StringIO()
    demo.demo(folder, Console(file=text, width=200), CLASSES)
    return folder, text.getvalue()


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("folder", "student"), STUDENTS, ids=lambda item: getattr(item, "name", item)
)
def test_a_student_gets_what_they_should(
    shown: tuple[Path, str], folder: Path, student: sample.SampleStudent
) -> None:
    course_folder = shown[0] / folder.name
    row = next(
        row for row in table.read_rows(course_folder, folder.name) if row.student == student.name
    )
    assert row.state == student.state
    if row.points is not None:
        found = sample_marks.marks(course_folder, folder.name, student.name)
        assert sample_marks.unexpected(found, student) == {}


@pytest.mark.matrix
def test_it_names_files_to_open(shown: tuple[Path, str]) -> None:
    course_folder, text = shown
    named = [line.strip() for line in text.splitlines() if line.endswith((".ipynb", ".html"))]
    paths = [Path(line) for line in named if line.startswith(str(course_folder))]
    assert len(paths) >= 3 and all(path.is_file() for path in paths)


@pytest.mark.matrix
def test_it_shows_everybody(shown: tuple[Path, str]) -> None:
    for folder, student in STUDENTS:
        assert student.name in shown[1], f"{student.name} of {folder.name}"


def test_it_starts_anew_but_removes_only_its_own(tmp_path: Path) -> None:
    made = tmp_path / "demo"
    demo.clear(made)
    (made / "course").mkdir()
    demo.clear(made)
    assert not (made / "course").exists()
    with pytest.raises(GraderError, match="not from an earlier demo"):
        demo.clear(tmp_path)
