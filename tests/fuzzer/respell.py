"""From a recipe to the graph that Keras would capture, in one of very many spellings.

    spelled = respell(recipe)          # step by step, in the plain spelling
    spelled = respell(recipe, "7/3")   # in a spelling that this seed chooses

Every choice depends on the seed and on what is chosen, not on earlier choices: of a recipe with a
step less the other steps are still spelled the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.fuzzer import nested_models
from tests.fuzzer.graph_writer import GraphWriter, SpelledGraph, Trail
from tests.fuzzer.kinds import COMMUTATIVE, KINDS, WITH_ACTIVATION, Shape, Weight, wrapped
from tests.fuzzer.recipe import (
    MAIN,
    Body,
    Entry,
    LayerConfig,
    Recipe,
    Shapes,
    Step,
    Value,
    shapes_and_weights,
)

_RELU = {"negative_slope": 0.0, "max_value": None, "threshold": 0.0}
FORMS: dict[str, list[tuple[str, Mapping[str, Any]]]] = {
    "relu": [("ReLU", _RELU), ("ops.Relu", {}), ("ops.ReLU", _RELU)],
    "sigmoid": [("ops.Sigmoid", {})],
    "tanh": [("ops.Tanh", {})],
    "softmax": [("Softmax", {"axis": -1}), ("ops.Softmax", {"axis": -1})],
}
"""Other ways to write an activation that stands by itself."""

AS_OPERATIONS = frozenset(("Add", "Multiply", "Maximum", "Minimum", "Subtract"))


@dataclass
class Respeller:
    recipe: Recipe
    seed: str | None
    graph_writer: Any
    shapes: Shapes
    weights: dict[str, list[Weight]]
    made: dict[str, tuple[Any, bool]] = field(default_factory=dict)
    blocks: dict[str, Any] = field(default_factory=dict)

    # Choices

    @property
    def fixed(self) -> dict[str, str]:
        """The names that outputs must have, by the layers that give them."""
        if not self.recipe.named:
            return {}
        ends = dict(zip(self.recipe.body.outputs, self.recipe.output_names, strict=True))
        rows = self.recipe.body.steps
        return {s.what: ends[s.uid, 0] for s in rows if (s.uid, 0) in ends}

    def chance(self, *topic: Any) -> Random:
        return Random(f"{self.seed}/{topic}")

    def maybe(self, probability: float, *topic: Any) -> bool:
        return self.seed is not None and self.chance(*topic).random() < probability

    def choose(self, options: Sequence[Any], *topic: Any) -> Any:
        """One of the options; the first is the plain one."""
        return options[0] if self.seed is None else self.chance(*topic).choice(options)

    def name(self, *topic: Any) -> str | None:
        if self.maybe(0.3, "name", *topic):
            return f"own_{'_'.join(map(str, topic))}_{self.chance('name', *topic).randrange(99)}"
        return None

    # Bodies

    def write(self) -> Any:
        """What the paper makes of the whole."""
        body, writer = self.recipe.body, self.graph_writer.body_writer()
        values: dict[Value, Any] = {}
        keyed = self.seed is not None and self.maybe(0.25, "dict") and self._keys(body)
        for entry in body.inputs:
            values[entry.uid, 0] = self.entry(writer, entry, keyed)
        self.steps(writer, body, values, (), MAIN)
        listed = [values[e.uid, 0] for e in body.inputs if e.declared]
        names = [e.name or e.uid for e in body.inputs if e.declared]
        inputs = self._structure(listed, names if keyed else None, "inputs")
        outputs = [values[value] for value in body.outputs]
        by_name = self.maybe(0.2, "outputs") and self.recipe.kind != "Tensor"
        whole = self._structure(
            outputs, list(self.recipe.output_names) if by_name else None, "outputs"
        )
        if self.recipe.kind == "Tensor":
            inputs, whole = listed, outputs[0] if len(outputs) == 1 else outputs
        kinds = [self.recipe.kind] + ["Subclass"] * (self.recipe.kind == "Functional")
        return self.graph_writer.whole(writer, inputs, whole, self.choose(kinds, "kind"))

    def _keys(self, body: Body) -> bool:
        """Whether the inputs can be given by name."""
        return all(entry.declared and not entry.cut for entry in body.inputs)

    def _structure(self, items: list[Any], names: list[str] | None, topic: str) -> Any:
        if names is not None:
            order = list(range(len(items)))
            self.chance("keys", topic).shuffle(order)
            return {names[n]: items[n] for n in order}
        forms: list[Any] = [list(items), tuple(items)]
        if len(items) == 1:
            forms.insert(0, items[0])
        return self.choose(forms, "structure", topic)

    def entry(self, writer: Any, entry: Entry, keyed: bool) -> Any:
        trail = (entry.uid,)
        if entry.cut:  # what Keras makes of an intermediate tensor given as an input
            name = f"keras_tensor_{self.chance(entry.uid).randrange(99)}CLONE"
            return writer.input(entry.shape, entry.dtype, name, trail)
        fixed = self.recipe.names or keyed
        name = entry.name or (entry.uid if keyed else None)
        if not fixed and self.seed is not None:
            name = self.choose([name, None, f"own_{entry.uid}"], "input", entry.uid)
        return writer.input(entry.shape, entry.dtype, name, trail)

    def steps(
        self, writer: Any, body: Body, values: dict[Value, Any], outer: Trail, topic: Any
    ) -> None:
        """Write a body's steps; some in a row as a nested model."""
        order = self.order(body, topic)
        while order:
            length = self.chance("wrap", topic, order[0].uid).choice([1, 2, 3, 4])
            named = any(step.what in self.fixed for step in order[:length])
            if not named and self.maybe(0.12, "wrap?", topic, order[0].uid):
                nested_models.wrap(self, writer, body, order[:length], values, outer, topic)
                order = order[length:]
            else:
                self.step(writer, order.pop(0), values, outer)

    def order(self, body: Body, topic: Any) -> list[Step]:
        """The steps in some order in which what is read comes first."""
        todo = list(body.steps)
        if self.seed is None:
            return todo
        places = {step.uid: self.chance("order", topic, step.uid).random() for step in todo}
        order, known = [], {entry.uid for entry in body.inputs}
        while todo:
            ready = [s for s in todo if all(uid in known for uid, _ in s.reads)]
            step = min(ready, key=lambda s: places[s.uid])
            todo.remove(step)
            order.append(step)
            known.add(step.uid)
        return order

    # Steps

    def step(
        self, writer: Any, step: Step, values: dict[Value, Any], outer: Trail, plain: bool = False
    ) -> None:
        """Write one step; `plain` keeps to layers, as a Sequential must."""
        trail = (*outer, step.uid)
        read = [values[value] for value in step.reads]
        if self.recipe.is_block(step.what):
            results = nested_models.call_of_block(self, writer, step, read, trail)
        else:
            made = self.recipe.layers[step.what]
            if len(step.reads) > 1:
                results = [self.merge(writer, step, made, read, trail)]
            else:
                results = [self.single(writer, step, made, read[0], trail, plain)]
        fixed = step.what in self.fixed
        if not (plain or fixed) and self.maybe(0.04, "idle", *trail):
            results[-1] = self.idle(writer, results[-1], self.shapes[step.uid][-1], trail)
        values.update({(step.uid, n): result for n, result in enumerate(results)})

    def idle(self, writer: Any, value: Any, shape: Shape, trail: Trail) -> Any:
        """A layer that computes nothing."""
        forms = [("Identity", {}), ("Activation", {"activation": "linear"})]
        return self.operation(
            writer, *self.choose(forms, "idle kind", *trail), (value,), shape, trail
        )

    def operation(
        self,
        writer: Any,
        kind: str,
        settings: Mapping[str, Any],
        args: tuple[Any, ...],
        shape: Shape,
        trail: Trail,
    ) -> Any:
        """A call of a layer or operation that is made for this call alone."""
        name = None if kind.startswith("ops.") else self.name(*trail, len(writer.calls))
        return writer.call(self.graph_writer.layer(kind, settings, name), args, [shape], trail)[0]

    def single(
        self, writer: Any, step: Step, made: LayerConfig, value: Any, trail: Trail, plain: bool
    ) -> Any:
        (shape,) = self.shapes[step.uid]
        name = activation_name(made)
        if name is not None and not self._kept(step.what):
            return self.activation(writer, name, (made.kind, made.settings), value, trail, plain)
        handle = self.layer(step.what)
        result = writer.call(handle, (value,), [shape], trail, step.training)[0]
        inside = self.made[step.what][1]
        activation = made.settings.get("activation") if made.kind in WITH_ACTIVATION else None
        if inside or activation in (None, "linear"):
            return result
        usual = ("Activation", {"activation": activation})
        return self.activation(writer, activation, usual, result, trail, plain)

    def _kept(self, key: str) -> bool:
        """Whether an activation layer stays one layer: it is called several times."""
        calls = [step for body in self.recipe.bodies.values() for step in body.steps]
        return self.seed is None or sum(step.what == key for step in calls) > 1

    def activation(
        self, writer: Any, name: str, usual: Any, value: Any, trail: Trail, plain: bool
    ) -> Any:
        shape = self.shapes[trail[-1]][0]
        forms = [usual, ("Activation", {"activation": name}), *FORMS.get(name, [])]
        if plain:
            forms = [form for form in forms if not form[0].startswith("ops.")]
        kind, settings = self.choose(forms, "activation", *trail)
        return self.operation(writer, kind, settings, (value,), shape, trail)

    def layer(self, key: str) -> Any:
        """The layer of this key, made at its first call."""
        if key not in self.made:
            made = self.recipe.layers[key]
            settings, inside = dict(made.settings), True
            activation, named = settings.get("activation"), self.fixed.get(key)
            if made.kind in WITH_ACTIVATION and activation != "linear":
                inside = named is not None or not self.maybe(0.5, "outside", key)
                if not inside:
                    settings["activation"] = "linear"
                elif activation == "relu" and self.maybe(0.1, "object", key):
                    settings["activation"] = wrapped("ReLU", _RELU, name="re_lu")
            if "padding" in settings and self._window_of_one(made):
                settings["padding"] = self.choose([settings["padding"], "same", "valid"], "p", key)
            for name in ("kernel_initializer", "bias_initializer"):
                if name in settings and self.maybe(0.1, name, key):
                    settings[name] = _OTHER[name]
            handle = self.graph_writer.layer(
                made.kind,
                settings,
                named or self.name(key),
                key,
                self.weights[key],
                made.trainable,
            )
            self.made[key] = handle, inside
        return self.made[key][0]

    @staticmethod
    def _window_of_one(made: LayerConfig) -> bool:
        window = made.settings.get("kernel_size") or made.settings.get("pool_size") or [0]
        return all(n == 1 for n in window)

    def merge(
        self, writer: Any, step: Step, made: LayerConfig, read: list[Any], trail: Trail
    ) -> Any:
        free = made.kind in COMMUTATIVE
        free |= made.kind == "Concatenate" and not self.recipe.concat_order
        sizes = [self.shapes[uid][output] for uid, output in step.reads]
        parts = list(zip(read, sizes, strict=True))
        if free and self.seed is not None:
            self.chance("operands", *trail).shuffle(parts)
        forms = ["layer"]
        if made.kind == "Concatenate":
            forms += ["layer", "operation", "groups"]
        elif made.kind in AS_OPERATIONS:
            forms += ["operation", "groups"] if made.kind != "Subtract" else ["operation"]
        form = self.choose(forms, "merge", *trail)
        if form == "operation" and made.kind != "Concatenate":
            return self.chained(writer, f"ops.{made.kind}", parts, trail)
        if form == "groups" and len(parts) > 2:
            first, *rest = parts
            second = rest.pop(0)
            parts = [self.joined(writer, made, [first, second], trail, "inner"), *rest]
            if free and self.maybe(0.5, "turn", *trail):
                parts.reverse()
        kind = "operation" if form == "operation" else "layer"
        return self.joined(writer, made, parts, trail, kind)[0]

    def chained(self, writer: Any, kind: str, parts: list[Any], trail: Trail) -> Any:
        """x + y + z."""
        total, shape = parts[0]
        for value, other in parts[1:]:
            shape = KINDS[kind].shape({}, [shape, other])
            total = self.operation(writer, kind, {}, (total, value), shape, trail)
        return total

    def joined(
        self, writer: Any, made: LayerConfig, parts: list[Any], trail: Trail, form: str
    ) -> tuple[Any, Shape]:
        values, sizes = [value for value, _ in parts], [shape for _, shape in parts]
        shape = KINDS[made.kind].shape(made.settings, sizes)
        settings = dict(made.settings)
        kind = made.kind
        if kind == "Concatenate":
            kind = "ops.Concatenate" if form == "operation" else kind
            axis = settings["axis"]
            front = axis if axis >= 0 else axis + len(shape) + 1
            settings["axis"] = self.choose([axis, front, front - len(shape) - 1], "axis", *trail)
        if len(parts) == 1:
            return values[0], shape
        return self.operation(writer, kind, settings, (values,), shape, trail), shape


_OTHER = {"kernel_initializer": "he_normal", "bias_initializer": "ones"}


def activation_name(made: LayerConfig) -> str | None:
    """The activation that a layer is, if it has other spellings."""
    if made.kind == "Activation":
        return made.settings["activation"]
    plain = {
        "ReLU": "relu",
        "Softmax": "softmax",
        "ops.Relu": "relu",
        "ops.ReLU": "relu",
        "ops.Sigmoid": "sigmoid",
        "ops.Tanh": "tanh",
        "ops.Softmax": "softmax",
    }
    name = plain.get(made.kind)
    if name is not None and dict(made.settings) != dict(KINDS[made.kind].config):
        return None
    return name


def respell(recipe: Recipe, seed: str | None = None) -> SpelledGraph:
    """The graph of a recipe; without a seed step by step."""
    graph_writer = GraphWriter()
    graph = respeller(recipe, seed, graph_writer).write()
    return SpelledGraph(recipe, seed, graph, graph_writer.trails, graph_writer.origins)


def respeller(recipe: Recipe, seed: str | None, graph_writer: Any) -> Respeller:
    """`graph_writer` is a `GraphWriter`, or what builds the same with Keras."""
    sizes, weights = shapes_and_weights(recipe)
    return Respeller(recipe, seed, graph_writer, sizes, weights)
