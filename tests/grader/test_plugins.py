"""What a course's nbgrader_config.py names."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from grader import plugins

TEMPLATE = resources.files("grader") / "templates" / "nbgrader_config.py.txt"


def test_a_new_course_names_these_and_no_other_module_of_ours() -> None:
    named = re.findall(r'"(grader\.[\w.]+)"', TEMPLATE.read_text("utf-8"))
    assert sorted(named) == [f"grader.plugins.{name}" for name in plugins.__all__]


@pytest.mark.parametrize("name", plugins.__all__)
def test_each_is_the_class_of_that_name(name: str) -> None:
    assert getattr(plugins, name).__name__ == name


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        plugins.Nonsense  # noqa: B018
