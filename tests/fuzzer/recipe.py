"""A model as layers, blocks and steps: what stays the same however it is spelled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.fuzzer.kinds import KINDS, CannotBuild, Shape, Weight

Value = tuple[str, int]
"""A tensor: the uid of an entry or a step, and which of its outputs."""

MAIN = ""
"""The key of the outermost body."""


@dataclass(frozen=True)
class LayerConfig:
    """A layer: its kind and its whole config."""

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    trainable: bool = True

    def having(self, **settings: Any) -> LayerConfig:
        return replace(self, settings={**self.settings, **settings})


@dataclass(frozen=True)
class Entry:
    """An input of a body.  `cut`: it is an intermediate tensor, used as an input; an
    entry that is not `declared` is read, but not among the model's inputs."""

    uid: str
    shape: Shape
    dtype: str = "float32"
    name: str | None = None
    cut: bool = False
    declared: bool = True


@dataclass(frozen=True)
class Step:
    """A call of a layer or of a block (`what` is its key), on `reads`."""

    uid: str
    what: str
    reads: tuple[Value, ...]
    training: bool | None = None


@dataclass(frozen=True)
class Body:
    """Steps in an order in which what is read comes first."""

    inputs: tuple[Entry, ...]
    steps: tuple[Step, ...]
    outputs: tuple[Value, ...]


@dataclass(frozen=True)
class Recipe:
    """A model.  Uids are unique in all of it.

    `concat_order` and `names` say what the exercise asks for: whether the order of what is joined
    counts, and what inputs and outputs are called; outputs only if they are `named` in the
    target.  `kind` is that of the graph.
    """

    bodies: Mapping[str, Body]
    layers: Mapping[str, LayerConfig]
    output_names: tuple[str, ...] = ()
    concat_order: bool = False
    names: bool = False
    named: bool = False
    kind: str = "Functional"

    @property
    def body(self) -> Body:
        return self.bodies[MAIN]

    def is_block(self, key: str) -> bool:
        return key in self.bodies


Shapes = dict[str, tuple[Shape, ...]]
"""The shapes of the outputs of each step and entry, by uid."""


def steps(recipe: Recipe) -> Iterator[tuple[str, Step]]:
    """Every step of the recipe, with the key of its body."""
    for key, body in recipe.bodies.items():
        for step in body.steps:
            yield key, step


def with_body(recipe: Recipe, key: str, body: Body) -> Recipe:
    return replace(recipe, bodies={**recipe.bodies, key: body})


def with_layer(recipe: Recipe, key: str, made: LayerConfig) -> Recipe:
    return replace(recipe, layers={**recipe.layers, key: made})


def with_step(recipe: Recipe, step: Step) -> Recipe:
    """The recipe with the step of this uid replaced."""
    for key, body in recipe.bodies.items():
        if any(old.uid == step.uid for old in body.steps):
            new = tuple(step if old.uid == step.uid else old for old in body.steps)
            return with_body(recipe, key, replace(body, steps=new))
    raise KeyError(step.uid)


def redirected(body: Body, old: Value, new: Value) -> Body:
    """The body with all that read one value reading another."""

    def past(values: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(new if value == old else value for value in values)

    changed = tuple(replace(step, reads=past(step.reads)) for step in body.steps)
    return replace(body, steps=changed, outputs=past(body.outputs))


def pruned(recipe: Recipe) -> Recipe:
    """Without the steps that no output needs, and the layers and blocks that no step calls."""
    bodies = {key: _pruned_body(body) for key, body in recipe.bodies.items()}
    used, todo = {MAIN}, [MAIN]
    while todo:
        body = bodies[todo.pop()]
        new = {step.what for step in body.steps}
        todo += [key for key in new - used if key in bodies]
        used |= new
    return replace(
        recipe,
        bodies={key: body for key, body in bodies.items() if key in used},
        layers={key: made for key, made in recipe.layers.items() if key in used},
    )


def _pruned_body(body: Body) -> Body:
    live = {uid for uid, _ in body.outputs}
    kept = []
    for step in reversed(body.steps):
        if step.uid in live:
            live |= {uid for uid, _ in step.reads}
            kept.append(step)
    return replace(body, steps=tuple(reversed(kept)))


def shapes(recipe: Recipe) -> Shapes:
    """The shapes of all values.  Raises Misfit if Keras would refuse to build this."""
    return shapes_and_weights(recipe)[0]


def shapes_and_weights(recipe: Recipe) -> tuple[Shapes, dict[str, list[Weight]]]:
    """The shapes of all values, and the variables of every layer that is called."""
    found: Shapes = {}
    held: dict[str, list[Weight]] = {}
    for body in recipe.bodies.values():  # blocks stand before the bodies that call them
        found.update({entry.uid: (entry.shape,) for entry in body.inputs})
        _body_shapes(recipe, body, found, held)
        if not body.outputs:
            raise CannotBuild("no output")
    _check_ranks(recipe, found)
    return found, held


def _check_ranks(recipe: Recipe, found: Shapes) -> None:
    """Of all layers that take any rank this one alone keeps to its first."""
    ranks: dict[str, int] = {}
    for body in recipe.bodies.values():
        for step in body.steps:
            if not recipe.is_block(step.what):
                uid, output = step.reads[0]
                rank = len(found[uid][output])
                known = ranks.setdefault(step.what, rank)
                if known != rank and recipe.layers[step.what].kind == "BatchNormalization":
                    raise CannotBuild("a layer called on another rank")


def _body_shapes(recipe: Recipe, body: Body, found: Shapes, held: dict[str, list[Weight]]) -> None:
    dtypes = {entry.uid: entry.dtype for entry in body.inputs}
    for step in body.steps:
        read = [found[uid][output] for uid, output in step.reads]
        if recipe.is_block(step.what):
            block = recipe.bodies[step.what]
            if len(block.inputs) != len(read):
                raise CannotBuild("a block called with another number of tensors")
            if any(not _fits(e.shape, shape) for e, shape in zip(block.inputs, read, strict=True)):
                raise CannotBuild("a block called on another shape")
            found[step.uid] = tuple(found[uid][output] for uid, output in block.outputs)
            continue
        made = recipe.layers[step.what]
        kind = KINDS[made.kind]
        whole = [dtypes.get(uid) == "int32" for uid, _ in step.reads]
        if any(whole) != (made.kind == "Embedding"):
            raise CannotBuild("ids where numbers are meant, or the reverse")
        found[step.uid] = (kind.shape(made.settings, read),)
        weights = kind.weights(made.settings, read[0])
        if held.setdefault(step.what, weights) != weights:
            raise CannotBuild("a layer called on another shape")


def _fits(wanted: Shape, given: Shape) -> bool:
    return len(wanted) == len(given) and all(
        w is None or w == g for w, g in zip(wanted, given, strict=True)
    )
