"""The HTML templates of pages, and the words that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beyond_sequential import i18n
from beyond_sequential.feedback.text import score
from beyond_sequential.i18n import _
from grader.classes import table

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from markupsafe import Markup


def page_template(name: str) -> Template:
    """Return a template of the folder report; it escapes all text that is not marked as safe."""
    return _environment().get_template(f"report/{name}")


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("grader"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"_": _, "language": i18n.language, "score": score}
    made.filters |= {
        "marked": marked,
        "points": lambda value: f"{round(value, 2):g}",
        "percent": lambda value: f"{value:.0%}",
    }
    return made


def marked(words: str) -> Markup:
    """Return text as HTML, with what is between backticks as code."""
    from markupsafe import Markup, escape

    pieces = [escape(piece) for piece in words.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if odd % 2 else piece
        for odd, piece in enumerate(pieces)
    )


def state_words() -> dict[str, str]:
    """Return the states in the active language, graded ones first."""
    return {
        "graded": _("graded"),
        "partly graded": _("partly graded"),
        table.UNREADABLE: _("unreadable"),
        table.ABSENT: _("absent"),
        table.NOT_GRADED: _("not graded"),
    }
