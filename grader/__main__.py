"""`python -m grader`."""

from grader.cli import app

app()
