"""The kinds of findings, a module for each family; `FINDING_KINDS` has them by code."""

from __future__ import annotations

from ..kind import FindingKind
from . import answers, compiling, data, errors, identity, layers, ports, sharing, training

FAMILIES = (answers, errors, layers, sharing, identity, ports, compiling, data, training)

FINDING_KINDS: dict[str, FindingKind] = {
    kind.code: kind for family in FAMILIES for kind in family.KINDS
}
