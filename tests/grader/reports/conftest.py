"""The class of six that several tests read."""

import pytest

from grader.reports.class_results import ClassResults
from tests.helpers import classes


@pytest.fixture(scope="module")
def found() -> ClassResults:
    return classes.class_of_six()
