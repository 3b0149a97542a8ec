"""Check that every chapter of the course is complete; each complaint says what to add.

A chapter needs a text notebook in each language, a row in each README, a section module with hints,
built notebooks and targets, a benchmark that proves its signal if it trains a model, and a sample
class.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from beyond_sequential.course.exercise import Exercise, SameGraph, Trained
from grader.authoring import catalogues, hosted, notebooks, repository
from grader.authoring.repository import Section
from grader.course import sample
from grader.errors import GraderError

# The README in which a chapter of this language has its row.
READMES = {"en": "README.md", "zh": "README.zh-CN.md"}
_SECTIONS = "beyond_sequential/course/sections"
_SIGNALS = "benchmarks/signals.py"


class Signal(NamedTuple):
    """What a benchmark measures: a score and a loss on one target array of a section's data."""

    section: str
    score: str
    loss: str
    target: str

    def proves(self, part: Trained) -> bool:
        """Return whether it measures what an exercise's trained part is measured by."""
        metrics = (self.score, self.loss)
        return (self.section, self.target) == (part.data, part.output) and part.metric in metrics


def missing_pieces(folder: Path, exercises: Mapping[str, Exercise] | None = None) -> list[str]:
    """Return what is missing in the chapters of a repository, and what to add.

    `exercises` are those of the section modules by id; those of the installed package, if None.
    """
    if exercises is None:
        from beyond_sequential.course import sections

        exercises = sections.exercises()
    signals = _signals(folder / _SIGNALS)
    found = list(_without_english(folder))
    for section in repository.sections(folder):
        if section.language == "en":
            found += _chapter(folder, section, exercises, signals)
    return found


def require_complete(folder: Path) -> None:
    """Raise GraderError, with every complaint, if a chapter is not complete."""
    if found := missing_pieces(folder):
        raise GraderError("the course is not complete:\n  " + "\n  ".join(found))


def _chapter(
    folder: Path,
    section: Section,
    exercises: Mapping[str, Exercise],
    signals: Sequence[Signal],
) -> Iterator[str]:
    checked = [cell.id for cell in notebooks.cells_of(section) if cell.role == "test"]
    known = [exercises[name] for name in checked if name in exercises]
    for language in ("en", *catalogues.TRANSLATIONS):
        yield from _in_language(folder, section, language)
    yield from _exercises(section.name, checked, exercises)
    yield from _targets(folder, section.name, known)
    yield from _measured(section.name, known, signals)
    yield from _sample_class(folder / "samples" / section.name, checked)


def _without_english(folder: Path) -> Iterator[str]:
    for section in repository.sections(folder):
        english = section.path.with_name(f"{section.name}.en.md")
        if not english.is_file():
            yield f"{section.name}: {section.path.name} has no {english.name} that it translates"


# --- text, notebooks, READMEs -------------------------------------------------------------------


def _in_language(folder: Path, section: Section, language: str) -> Iterator[str]:
    name = section.name
    if not section.path.with_name(f"{name}.{language}.md").is_file():
        yield f"{name}: no solutions/{name}.{language}.md; begin it with `grader translate {name}`"
    for path in (repository.chapter(language, name), repository.solution(language, name)):
        if not (folder / path).is_file():
            yield f"{name}: no {path}; make it with `grader build {name}`"
    yield from _readme_row(folder, name, language)


def _readme_row(folder: Path, name: str, language: str) -> Iterator[str]:
    readme, path = READMES[language], repository.chapter(language, name)
    text = (folder / readme).read_text("utf-8") if (folder / readme).is_file() else ""
    rows = [line for line in text.splitlines() if line.startswith("|") and f"({path})" in line]
    badges = hosted.badges(repository.read_project(folder), path, language).replace("\n", " ")
    if not any(badges in row for row in rows):
        yield (
            f"{name}: no row with both badges in the table of {readme}; add\n"
            f"    | 7.1.x | [its title]({path}) | what a student makes | {badges} |"
        )


# --- exercises ----------------------------------------------------------------------------------


def _exercises(
    name: str, checked: Sequence[str], exercises: Mapping[str, Exercise]
) -> Iterator[str]:
    """Compare a notebook's checks with the exercises of its section module."""
    module = f"{_SECTIONS}/{_topic(name)}.py"
    if not checked:
        yield f'{name}: no exercise; add a cell check("...", points=1) to solutions/{name}.en.md'
    for exercise in checked:
        if exercise not in exercises:
            yield f"{name}: no Exercise({exercise!r}, ...) in EXERCISES; add it to {module}"
        elif not exercises[exercise].hints:
            yield f"{name}: {exercise} has no hint; add hints=(...) to it in {module}"
    prefix = name.partition("-")[2] + "-"
    for exercise in exercises:
        if exercise.startswith(prefix) and exercise not in checked:
            yield (
                f"{name}: {exercise} is never checked; add a cell "
                f'check("{exercise}", points=1) to solutions/{name}.en.md'
            )


def _targets(folder: Path, name: str, known: Sequence[Exercise]) -> Iterator[str]:
    for exercise in known:
        path = repository.target(exercise.id)
        has_graph = any(isinstance(part, SameGraph) for part in exercise.parts)
        if has_graph and not (folder / path).is_file():
            yield f"{name}: no {path}; make it with `grader build {name}`"


def _topic(name: str) -> str:
    """Return the section module's name: that of the chapter without its number."""
    return name.partition("-")[2].replace("-", "_")


# --- signals ------------------------------------------------------------------------------------


def _measured(name: str, known: Sequence[Exercise], signals: Sequence[Signal]) -> Iterator[str]:
    """Name each trained part whose signal no benchmark proves."""
    for exercise in known:
        for part in exercise.parts:
            if isinstance(part, Trained) and not any(signal.proves(part) for signal in signals):
                yield (
                    f"{name}: no benchmark proves the signal of {exercise.id}; add to SIGNALS in "
                    f'{_SIGNALS} a Signal("{part.data}", solution, without, "...", '
                    f'score="{part.metric}", target="{part.output}")'
                )


def _signals(path: Path) -> list[Signal]:
    """Return what the benchmark measures, read without running it: it would import Keras."""
    tree = ast.parse(path.read_text("utf-8")) if path.is_file() else ast.Module([], [])
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    defaults = {
        field.target.id: field.value.value
        for made in classes
        if made.name == "Signal"
        for field in made.body
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(field.value, ast.Constant)
    }
    return [
        _signal(node, defaults)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Signal"
    ]


def _signal(call: ast.Call, defaults: Mapping[str, object]) -> Signal:
    values = dict(defaults)
    for keyword in call.keywords:
        if keyword.arg and isinstance(keyword.value, ast.Constant):
            values[keyword.arg] = keyword.value.value
    if call.args and isinstance(call.args[0], ast.Constant):
        values["section"] = call.args[0].value
    return Signal(*(str(values.get(name, "")) for name in Signal._fields))


# --- sample classes -----------------------------------------------------------------------------


def _sample_class(folder: Path, checked: Sequence[str]) -> Iterator[str]:
    """Each exercise is right and wrong for somebody of the sample class."""
    name, file = folder.name, f"samples/{folder.name}/class.toml"
    if not (folder / "class.toml").is_file():
        yield f"{name}: no {file}; add students as in samples/1-introduction/class.toml"
        return
    try:
        students = sample.students(folder)
    except (tomllib.TOMLDecodeError, KeyError) as error:
        yield f"{name}: {file} can't be read ({error})"
        return
    graded = [student for student in students if student.file and student.state == "graded"]
    for exercise in checked:
        earning = [s for s in graded if s.points.get(exercise) and exercise not in s.less]
        if not earning:
            yield f"{name}: nobody in {file} has {exercise} right; add it to a student's points"
        if len(earning) == len(graded):
            yield f"{name}: nobody in {file} has {exercise} wrong; add a student who has not"
    for student in students:
        for who in (student.name, student.like):
            if who and who != student.name and not (folder / f"{who}.txt").is_file():
                yield f"{name}: {student.name} is like {who}; add samples/{name}/{who}.txt"
