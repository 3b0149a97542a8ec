"""The record of a kind of finding: everything there is to know about it, in one place.

A `FindingKind` holds the code, the category of mistakes that it counts in, its sentence and its
idea, its variants, its words in a drawing, and the fields of a finding's detail.  The modules of
`kinds/` list the records; docs/new-finding.md says how to add one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import Union, get_args, get_origin

from ..compare import Difference
from ..i18n import N_
from ..model.graph import ModelGraph

Detail = Mapping[str, object]
FieldType = object  # what may stand in an annotation: `str`, `list[str]`, `int | None` ...

Shape = list[int | None]
PlaceJson = Mapping[str, object]  # a place in a graph, as Place.to_json writes it


@dataclass(frozen=True, slots=True)
class Category:
    """Mistakes that cost the same: which part of a graph's points one of them costs."""

    name: str
    cost: float
    words: str


CATEGORIES = {
    category.name: category
    for category in (
        Category("shape", 0.5, N_("layers, inputs and outputs")),
        Category("wiring", 0.5, N_("wiring")),
        Category("sharing", 0.5, N_("sharing")),
        Category("settings", 0.25, N_("settings")),
    )
}


@dataclass(frozen=True, slots=True)
class Context:
    """What a variant is chosen by: the detail of a finding and, where it is about a difference
    between two graphs, the difference and the graphs.
    """

    detail: Detail
    difference: Difference | None = None
    expected: ModelGraph | None = None
    found: ModelGraph | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """Other words for some findings of a kind: those for which `when` holds.

    Without a `sentence` the kind's is used; the idea is never inherited.  `on_expected` and
    `on_found` replace the kind's words in a drawing: then `when` may look only at the detail.
    """

    name: str
    when: Callable[[Context], bool]
    sentence: str = ""
    idea: str = ""
    on_expected: str = ""
    on_found: str = ""


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One kind of finding.

    `sentence` says what is wrong, `idea` what to learn from it; both are message ids with fields in
    braces.  Of the variants the first that holds is taken.  `fields` are the names and types of
    what every finding's detail holds, `optional` of what it may hold.

    Only a difference between two graphs has a `category` (the rubric's) and words in a drawing,
    `on_expected` beside the expected graph's place and `on_found` beside the found one's.
    `lacks_layers` says that layers at the expected places are not in the model that was found;
    `names_models` that a nested model stands for the found places in it; `after_run` that the judge
    finds this in a trained model only once it has run it.
    """

    code: str
    sentence: str
    idea: str = ""
    fields: Mapping[str, FieldType] = field(default_factory=dict)
    optional: Mapping[str, FieldType] = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()
    category: str = ""
    on_expected: str = ""
    on_found: str = ""
    lacks_layers: bool = False
    names_models: bool = False
    after_run: bool = False

    def variant(self, context: Context) -> str:
        """Return the name of the first variant that holds, "" if none does."""
        return next((variant.name for variant in self.variants if variant.when(context)), "")

    def words(self, variant: str) -> tuple[str, str]:
        """Return the sentence and the idea, both untranslated."""
        for other in self.variants:
            if other.name == variant:
                return other.sentence or self.sentence, other.idea
        return self.sentence, self.idea

    def drawn(self, detail: Detail, expected: bool) -> str:
        """Return the untranslated words beside a place of one of the two graphs, "" for none."""
        side = "on_expected" if expected else "on_found"
        words: str = getattr(self, side)
        for variant in self.variants:
            other: str = getattr(variant, side)
            if other and variant.when(Context(detail)):
                return other
        return words

    def problems(self, detail: Detail) -> list[str]:
        """Return what is wrong with a detail: fields that lack, are unknown or of another type."""
        types = {**self.fields, **self.optional}
        missing, unknown = self.fields.keys() - detail.keys(), detail.keys() - types.keys()
        return [
            *(f"{self.code}: the field {name!r} is missing" for name in sorted(missing)),
            *(f"{self.code}: the field {name!r} is unknown" for name in sorted(unknown)),
            *(
                f"{self.code}: {name!r} is {detail[name]!r}, not of the type {type_}"
                for name, type_ in types.items()
                if name in detail and not _fits(detail[name], type_)
            ),
        ]


def _fits(value: object, type_: FieldType) -> bool:
    """Whether a value is of a type as annotations write it: a class, a union, a list of a type."""
    origin = get_origin(type_)
    if origin in (Union, UnionType):
        return any(_fits(value, option) for option in get_args(type_))
    if origin is list:
        return isinstance(value, list) and all(_fits(v, get_args(type_)[0]) for v in value)
    if origin is not None:  # a mapping: whatever its keys
        return isinstance(value, Mapping)
    if type_ is None:
        return value is None
    if type_ is int or type_ is float:
        numbers = (int,) if type_ is int else (int, float)
        return isinstance(value, numbers) and not isinstance(value, bool)
    assert isinstance(type_, type)
    return isinstance(value, type_)


# --- conditions of variants -----------------------------------------------------------------------


def has(name: str) -> Callable[[Context], bool]:
    """Return the condition that the detail holds something under this name."""
    return lambda context: context.detail.get(name) is not None


def lacks(name: str) -> Callable[[Context], bool]:
    """Return the condition that None stands in the detail under this name."""
    return lambda context: context.detail.get(name, 0) is None


def equals(name: str, value: object) -> Callable[[Context], bool]:
    """Return the condition that this value stands in the detail under this name."""
    return lambda context: context.detail.get(name) == value


def given_variant(name: str, idea: str, sentence: str = "") -> Variant:
    """Return the variant that whoever makes the finding chooses, as `variant` in its detail."""
    return Variant(name, equals("variant", name), sentence, idea)
