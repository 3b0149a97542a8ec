"""What a finding says: where, what was expected, what was found, and the idea behind it.

The words are those of the finding's kind (`findings.kinds`); the first line names the fault, the
second, where there is one, the idea.  No sentence gives the code of the solution.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from ..findings.finding import Finding, shape_text
from ..findings.kinds import FINDING_KINDS
from ..i18n import N_, _
from ..model.labels import short

_SPACE = re.compile(r"(?<=[）。，；：、]) ")  # Chinese punctuation needs no space behind it
_UNKNOWN = N_("Something is not as it should be: {code}.")


def sentence(finding: Finding) -> str:
    """Return a finding in the active language: a line for what is wrong, perhaps an idea below."""
    kind = FINDING_KINDS.get(finding.code)
    message, idea = kind.words(finding.variant or "") if kind else (_UNKNOWN, "")
    fields = {key: _value(value) for key, value in finding.detail.items()}
    if "idea" in fields:
        fields["idea"] = _(str(fields["idea"]))
    fields |= {"code": finding.code, **{key: str(words) for key, words in finding.words.items()}}
    lines = [_filled(message, fields), _filled(idea, fields)]
    return _SPACE.sub("", "\n".join(filter(None, lines)))


def _filled(message: str, fields: Mapping[str, object]) -> str:
    """Return the message with its fields.

    A question mark for one that an old or forged record lacks.
    """
    try:
        return _(message).format_map(fields)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError):
        return _(message).format_map(defaultdict(lambda: "?"))


def _value(value: object) -> object:
    """Return a value of a detail in words: a list of numbers is a shape, and a number stays one."""
    if isinstance(value, list) and all(v is None or isinstance(v, int) for v in value):
        return shape_text(value)
    if isinstance(value, list) and value and isinstance(value[0], list):
        return _(", ").join(map(shape_text, value))
    if isinstance(value, list):
        return _(", ").join(f"`{v}`" if isinstance(v, str) else short(v) for v in value)
    if isinstance(value, Mapping):  # an object's configuration says less than its class
        return short(value)
    return value
