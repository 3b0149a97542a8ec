"""The one exception that the command line shows as a line of text."""


class GraderError(Exception):
    """Something that the person at the keyboard can put right; the text says how."""
