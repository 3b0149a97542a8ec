"""One place where two graphs part.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..equivalence import Place


@dataclass(frozen=True, slots=True)
class DifferenceKind:
    """A kind of difference.

    Of equally short accounts the one with less `gravity` is taken: 0 for a setting, which is nearer
    at hand than a layer that is lacking (1), and that nearer than one that stands elsewhere (2).
    """

    name: str
    gravity: int = 1


# Differences at one place are sorted as the kinds stand in this list.  What is said of each kind is
# in `findings.kinds`.
DIFFERENCE_KINDS = {
    kind.name: kind
    for kind in (
        DifferenceKind("input_cut"),
        DifferenceKind("input_missing"),
        DifferenceKind("input_extra"),
        DifferenceKind("input_shape"),
        DifferenceKind("missing"),
        DifferenceKind("extra"),
        DifferenceKind("replaced"),
        DifferenceKind("join_moved", gravity=2),
        DifferenceKind("setting", gravity=0),
        DifferenceKind("wiring"),
        DifferenceKind("other_model"),
        DifferenceKind("model_not_called"),
        DifferenceKind("not_own"),
        DifferenceKind("not_shared"),
        DifferenceKind("shared"),
        DifferenceKind("trainable", gravity=0),
        DifferenceKind("input_order", gravity=2),
        DifferenceKind("input_name", gravity=0),
        DifferenceKind("output_missing"),
        DifferenceKind("output_extra"),
        DifferenceKind("output_order", gravity=2),
        DifferenceKind("output_name", gravity=0),
    )
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two graphs part.

    `expected` are places in the target, `found` places in the graph compared with it.  What
    `detail` holds depends on the kind:

        setting        setting, expected, found: the setting's name and both values; with
                       swapped=True two settings are exchanged, their names joined by "/"; with
                       moved=True an activation stands behind another layer
        wiring         argument, expected, found: which argument reads which source, as places
                       in JSON form (None where an operand is lacking); output instead of
                       argument where the model's output is taken from elsewhere; swapped=True
                       where two calls read each other's source, moved=True for a layer that
                       stands at another point of the same path; vanished: places of the target
                       that only this wire kept in the model
        replaced       expected, found: the kinds
        missing        join: the place that lost a branch, if that is what is missing
        input_shape    expected, found: {"shape": [...], "dtype": "..."}
        join_moved     expected, found: lists of what is joined, as places in JSON form
        input_missing  declared=False: the input is used, but not among the model's inputs
        input_order, output_order, input_name, output_name
                       expected, found: lists of the names, one a place; swapped=True where the
                       names stand in order, but each goes with another's tensor
        not_shared, shared
                       expected, found: how many layers
        other_model, model_not_called, not_own
                       model: the name that holds the model which should be called, or whose
                       variables are in the graph; absent where any model will do, or where
                       another call of the function gave the same variables.  The judge makes
                       these, not `compare`: they are about several names.
        trainable      expected, found: bool
    """

    kind: str
    expected: tuple[Place, ...] = ()
    found: tuple[Place, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the difference as plain data."""
        return {
            "kind": self.kind,
            "expected": [place.to_json() for place in self.expected],
            "found": [place.to_json() for place in self.found],
            "detail": dict(self.detail),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Difference:
        """Read what `to_json` wrote."""
        return cls(
            data["kind"],
            tuple(map(Place.from_json, data["expected"])),
            tuple(map(Place.from_json, data["found"])),
            dict(data["detail"]),
        )
