"""The one exception that the command line shows as a line of text.

Tests: tests/grader/test_cli.py
"""


class GraderError(Exception):
    """Something that the person at the keyboard can put right; the text says how."""
