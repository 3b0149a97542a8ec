"""One operation on its way into a form: what rewrite rules take and give.

Tests: tests/beyond_sequential/equivalence/rules/
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ..model.graph import Layer, Tensor
from .form import Form, Source

Shape = tuple[int | None, ...]
Settings = dict[str, Any]


class Read(NamedTuple):
    """A tensor that an operation reads, in a slot: which one, and its shape and dtype."""

    slot: str
    value: Value
    tensor: Tensor

    @property
    def rank(self) -> int | None:
        """The number of axes of the tensor, None if it is unknown."""
        return None if self.tensor.shape is None else len(self.tensor.shape)


@dataclass(frozen=True, slots=True)
class Operation:
    """A call of a layer or operation before it becomes a `Node`.

    `kind` and `settings` are at first those of `layer`, the settings as the rules for settings
    leave them; `layer` itself stays as it was captured. `constants` are the plain arguments of the
    call, `tensors` its outputs.  `key` is what must be equal for two operations to compute the
    same; None stands for kind, settings and constants. `concat_order` says whether the order of
    what is concatenated counts.
    """

    kind: str
    layer: Layer
    settings: Mapping[str, Any]
    reads: tuple[Read, ...]
    constants: Mapping[str, object]
    tensors: tuple[Tensor, ...]
    concat_order: bool = False
    key: tuple[Hashable, ...] | None = None
    idle_padding: bool = False

    @property
    def is_as_captured(self) -> bool:
        """Whether no rule has made another kind of operation of the call."""
        return self.kind == self.layer.kind


class Output(NamedTuple):
    """An output of an operation that a rule has made."""

    operation: Operation
    output: int = 0


Value = Source | Output
"""A tensor: one that is in the form already, or one that an operation of a rule gives."""


class LayerSettings(NamedTuple):
    """The settings of a layer, or of a layer that a wrapper holds, with its kind and the rank of
    the tensor that it reads, None if that is unknown.
    """

    kind: str
    settings: Settings
    rank: int | None


@dataclass(frozen=True, slots=True)
class CallRule:
    """A rule that rewrites one call.

    `rewrite` returns a tensor for each output of the call, or None where the rule does not apply.
    Operations in what it returns go through the rules after it.
    """

    rewrite: Callable[[Operation], Sequence[Value] | None]


@dataclass(frozen=True, slots=True)
class SettingsRule:
    """A rule that rewrites the settings of a layer, or of a layer that a wrapper holds.

    `rewrite` returns the settings in one spelling.
    """

    rewrite: Callable[[LayerSettings], Settings]


@dataclass(frozen=True, slots=True)
class FormRule:
    """A rule that rewrites a whole form.

    With `merge`, nodes that come to compute the same value become one node.
    """

    rewrite: Callable[[Form, bool], Form]


Rule = CallRule | SettingsRule | FormRule


def changed(operation: Operation, **changes: Any) -> list[Value]:
    """Return the outputs of the operation with these changes."""
    new = replace(operation, **changes)
    return [Output(new, output) for output in range(len(new.tensors))]
