"""From a recipe to what Keras would capture, in one of very many spellings.

    spelt = spell(recipe)          # step by step, as it stands
    spelt = spell(recipe, "7/3")   # in a spelling that this seed chooses

Every choice hangs on the seed and on what it is about, not on the choices before: of a recipe
with a step less the other steps are still spelled the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from beyond_sequential.model.graph import Body as GraphBody
from beyond_sequential.model.graph import (
    Call,
    Layer,
    ModelGraph,
    Ref,
    Tensor,
    Variable,
    map_refs,
    refs,
)
from tests.fuzzer.kinds import COMMUTATIVE, KINDS, WITH_ACTIVATION, Shape, Weight, wrapped
from tests.fuzzer.recipe import (
    MAIN,
    Body,
    Entry,
    Made,
    Recipe,
    Shapes,
    Step,
    Value,
    shapes_and_weights,
)

Trail = tuple[str, ...]
"""Where a call comes from: the uids of the block calls that it is inside of, then of its step."""


@dataclass
class Spelt:
    """A graph, and of what recipe and seed it is; for each body of it (by the layer that has it)
    the trails of its calls, relative to the body; and what each variable is of: its layer's key
    and its number there."""

    recipe: Recipe
    seed: str | None
    graph: ModelGraph
    trails: Mapping[str, Sequence[Trail]]
    origins: Mapping[str, tuple[str, int]]

    def trail(self, path: Sequence[int]) -> Trail:
        """Where the call at a place comes from."""
        found: Trail = ()
        layer, body = MAIN, self.graph.body
        for number in path:
            found += self.trails[layer][number]
            layer = body.calls[number].layer
            body = self.graph.layers[layer].body or body
        return found


# --- Writing a graph down ---------------------------------------------------------------------


@dataclass(frozen=True)
class Handle:
    """A layer that was made.  `inputs` and `outputs` are the structures of a nested model."""

    id: str
    inputs: Any = None
    outputs: Any = None


@dataclass
class Paper:
    """Where a graph is written down without Keras."""

    layers: dict[str, Layer] = field(default_factory=dict)
    trails: dict[str, list[Trail]] = field(default_factory=dict)
    origins: dict[str, tuple[str, int]] = field(default_factory=dict)
    names: Counter[str] = field(default_factory=Counter)

    def net(self, inner: bool = False) -> Net:
        return Net(self)

    def layer(
        self,
        kind: str,
        settings: Mapping[str, Any],
        name: str | None,
        key: str | None = None,
        weights: Sequence[Any] = (),
        trainable: bool = True,
    ) -> Handle:
        id_ = f"layer{len(self.layers)}"
        variables = []
        for number, (part, shape, trains) in enumerate(weights):
            variable = f"{id_}.{number}"
            assert key is not None
            self.origins[variable] = (key, number)
            variables.append(Variable(variable, part, shape, "float32", trains and trainable))
        name = self.name(kind, name)
        self.layers[id_] = Layer(id_, kind, name, dict(settings), trainable, tuple(variables))
        return Handle(id_)

    def name(self, kind: str, name: str | None) -> str:
        """The name given, or one as Keras makes it up."""
        if name is not None:
            return name
        snake = snaked(kind)
        self.names[snake] += 1
        count = self.names[snake] - 1
        return f"{snake}_{count}" if count else snake

    def model(self, net: Net, inputs: Any, outputs: Any, kind: str, name: str | None) -> Handle:
        """A nested model."""
        id_ = f"layer{len(self.layers)}"
        name = self.name(kind, name)
        self.layers[id_] = Layer(id_, kind, name)  # keeps its place
        body, trails = net.finished(inputs, outputs)
        self.layers[id_] = Layer(id_, kind, name, body=body)
        self.trails[id_] = trails
        return Handle(id_, body.inputs, body.outputs)

    def whole(self, net: Net, inputs: Any, outputs: Any, kind: str) -> ModelGraph:
        body, self.trails[MAIN] = net.finished(inputs, outputs)
        used: set[str] = set()
        todo = [body]
        while todo:
            for call in todo.pop().calls:
                inner = self.layers[call.layer].body
                if inner is not None and call.layer not in used:
                    todo.append(inner)
                used.add(call.layer)
        layers = {id_: layer for id_, layer in self.layers.items() if id_ in used}
        return ModelGraph(self.name("Functional", None), kind, layers, body)


def snaked(kind: str) -> str:
    """What Keras calls a layer of this kind."""
    snake = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind.rpartition(".")[2])
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", snake).lower()


@dataclass
class Net:
    """A body in the making; a `Ref` counts calls as they were made."""

    paper: Paper
    calls: list[Call] = field(default_factory=list)
    trails: list[Trail] = field(default_factory=list)

    def input(self, shape: Shape, dtype: str, name: str | None, trail: Trail) -> Ref:
        name = self.paper.name("InputLayer", name)
        handle = self.paper.layer("InputLayer", {"optional": False}, name)
        return self._append(Call(handle.id, outputs=(Tensor((None, *shape), dtype),)), trail)

    def call(
        self,
        handle: Handle,
        args: tuple[Any, ...],
        out: Sequence[Shape],
        trail: Trail,
        training: bool | None = None,
    ) -> list[Ref]:
        kwargs: dict[str, Any] = {} if training is not True else {"training": True}
        if handle.outputs is not None and isinstance(args[0], (list, tuple, Mapping)):
            kwargs["mask"] = map_refs(args[0], lambda ref: None)
        tensors = tuple(Tensor((None, *shape), "float32") for shape in out)
        first = self._append(Call(handle.id, args, kwargs, tensors), trail)
        return [Ref(first.call, number) for number in range(len(out))]

    def _append(self, call: Call, trail: Trail) -> Ref:
        self.calls.append(call)
        self.trails.append(trail)
        return Ref(len(self.calls) - 1)

    def finished(self, inputs: Any, outputs: Any) -> tuple[GraphBody, list[Trail]]:
        """The calls behind the outputs in the order in which capture meets them."""
        order = self._order([ref.call for ref in refs(outputs)])
        order += [ref.call for ref in refs(inputs) if ref.call not in set(order)]
        place = {old: new for new, old in enumerate(order)}

        def moved(tree: Any) -> Any:
            return map_refs(tree, lambda ref: Ref(place[ref.call], ref.output))

        calls = []
        for old in order:
            call = self.calls[old]
            calls.append(Call(call.layer, moved(call.args), moved(call.kwargs), call.outputs))
        body = GraphBody(tuple(calls), moved(inputs), moved(outputs))
        return body, [self.trails[old] for old in order]

    def _order(self, ends: Sequence[int]) -> list[int]:
        order: list[int] = []
        seen: set[int] = set()
        todo = [(number, False) for number in reversed(ends)]
        while todo:
            number, ready = todo.pop()
            if ready:
                order.append(number)
            elif number not in seen:
                seen.add(number)
                todo.append((number, True))
                before = [ref.call for ref in flat(self.calls[number].args)]
                todo += [(other, False) for other in reversed(before) if other not in seen]
        return order


def flat(tree: Any) -> Iterator[Any]:
    """The leaves of a structure; dicts go by key, as in Keras."""
    if isinstance(tree, (list, tuple)):
        for item in tree:
            yield from flat(item)
    elif isinstance(tree, Mapping):
        for key in sorted(tree):
            yield from flat(tree[key])
    else:
        yield tree


# --- Spellings --------------------------------------------------------------------------------

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
class Speller:
    recipe: Recipe
    seed: str | None
    paper: Any
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
        body, net = self.recipe.body, self.paper.net()
        values: dict[Value, Any] = {}
        keyed = self.seed is not None and self.maybe(0.25, "dict") and self._keys(body)
        for entry in body.inputs:
            values[entry.uid, 0] = self.entry(net, entry, keyed)
        self.steps(net, body, values, (), MAIN)
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
        return self.paper.whole(net, inputs, whole, self.choose(kinds, "kind"))

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

    def entry(self, net: Any, entry: Entry, keyed: bool) -> Any:
        trail = (entry.uid,)
        if entry.cut:  # what Keras makes of an intermediate tensor given as an input
            name = f"keras_tensor_{self.chance(entry.uid).randrange(99)}CLONE"
            return net.input(entry.shape, entry.dtype, name, trail)
        fixed = self.recipe.names or keyed
        name = entry.name or (entry.uid if keyed else None)
        if not fixed and self.seed is not None:
            name = self.choose([name, None, f"own_{entry.uid}"], "input", entry.uid)
        return net.input(entry.shape, entry.dtype, name, trail)

    def steps(
        self, net: Any, body: Body, values: dict[Value, Any], outer: Trail, topic: Any
    ) -> None:
        """Write a body's steps; some in a row as a nested model."""
        order = self.order(body, topic)
        while order:
            length = self.chance("wrap", topic, order[0].uid).choice([1, 2, 3, 4])
            named = any(step.what in self.fixed for step in order[:length])
            if not named and self.maybe(0.12, "wrap?", topic, order[0].uid):
                self.wrap(net, body, order[:length], values, outer, topic)
                order = order[length:]
            else:
                self.step(net, order.pop(0), values, outer)

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
        self, net: Any, step: Step, values: dict[Value, Any], outer: Trail, plain: bool = False
    ) -> None:
        """Write one step; `plain` keeps to layers, as a Sequential must."""
        trail = (*outer, step.uid)
        read = [values[value] for value in step.reads]
        if self.recipe.is_block(step.what):
            results = self.block(net, step, read, trail)
        else:
            made = self.recipe.layers[step.what]
            if len(step.reads) > 1:
                results = [self.merge(net, step, made, read, trail)]
            else:
                results = [self.single(net, step, made, read[0], trail, plain)]
        fixed = step.what in self.fixed
        if not (plain or fixed) and self.maybe(0.04, "idle", *trail):
            results[-1] = self.idle(net, results[-1], self.shapes[step.uid][-1], trail)
        values.update({(step.uid, n): result for n, result in enumerate(results)})

    def idle(self, net: Any, value: Any, shape: Shape, trail: Trail) -> Any:
        """A layer that does nothing."""
        forms = [("Identity", {}), ("Activation", {"activation": "linear"})]
        return self.operation(net, *self.choose(forms, "idle kind", *trail), (value,), shape, trail)

    def operation(
        self,
        net: Any,
        kind: str,
        settings: Mapping[str, Any],
        args: tuple[Any, ...],
        shape: Shape,
        trail: Trail,
    ) -> Any:
        """A call of a layer or operation that is made for this call alone."""
        name = None if kind.startswith("ops.") else self.name(*trail, len(net.calls))
        return net.call(self.paper.layer(kind, settings, name), args, [shape], trail)[0]

    def single(
        self, net: Any, step: Step, made: Made, value: Any, trail: Trail, plain: bool
    ) -> Any:
        (shape,) = self.shapes[step.uid]
        name = activation_name(made)
        if name is not None and not self._kept(step.what):
            return self.activation(net, name, (made.kind, made.settings), value, trail, plain)
        handle = self.layer(step.what)
        result = net.call(handle, (value,), [shape], trail, step.training)[0]
        inside = self.made[step.what][1]
        activation = made.settings.get("activation") if made.kind in WITH_ACTIVATION else None
        if inside or activation in (None, "linear"):
            return result
        usual = ("Activation", {"activation": activation})
        return self.activation(net, activation, usual, result, trail, plain)

    def _kept(self, key: str) -> bool:
        """Whether an activation layer stays one layer: it is called several times."""
        calls = [step for body in self.recipe.bodies.values() for step in body.steps]
        return self.seed is None or sum(step.what == key for step in calls) > 1

    def activation(
        self, net: Any, name: str, usual: Any, value: Any, trail: Trail, plain: bool
    ) -> Any:
        shape = self.shapes[trail[-1]][0]
        forms = [usual, ("Activation", {"activation": name}), *FORMS.get(name, [])]
        if plain:
            forms = [form for form in forms if not form[0].startswith("ops.")]
        kind, settings = self.choose(forms, "activation", *trail)
        return self.operation(net, kind, settings, (value,), shape, trail)

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
            handle = self.paper.layer(
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
    def _window_of_one(made: Made) -> bool:
        window = made.settings.get("kernel_size") or made.settings.get("pool_size") or [0]
        return all(n == 1 for n in window)

    def merge(self, net: Any, step: Step, made: Made, read: list[Any], trail: Trail) -> Any:
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
            return self.chained(net, f"ops.{made.kind}", parts, trail)
        if form == "groups" and len(parts) > 2:
            first, *rest = parts
            second = rest.pop(0)
            parts = [self.joined(net, made, [first, second], trail, "inner"), *rest]
            if free and self.maybe(0.5, "turn", *trail):
                parts.reverse()
        kind = "operation" if form == "operation" else "layer"
        return self.joined(net, made, parts, trail, kind)[0]

    def chained(self, net: Any, kind: str, parts: list[Any], trail: Trail) -> Any:
        """x + y + z."""
        total, shape = parts[0]
        for value, other in parts[1:]:
            shape = KINDS[kind].shape({}, [shape, other])
            total = self.operation(net, kind, {}, (total, value), shape, trail)
        return total

    def joined(
        self, net: Any, made: Made, parts: list[Any], trail: Trail, form: str
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
        return self.operation(net, kind, settings, (values,), shape, trail), shape

    # Blocks and nested models

    def block(self, net: Any, step: Step, read: list[Any], trail: Trail) -> list[Any]:
        """A call of a block: of a nested model, or its steps written out."""
        body = self.recipe.bodies[step.what]
        if self._flat(step.what):
            given = {(e.uid, 0): value for e, value in zip(body.inputs, read, strict=True)}
            self.steps(net, body, given, trail, step.what)
            return [given[value] for value in body.outputs]
        handle, form = self._block_model(step.what, body)
        out = [self.shapes[uid][output] for uid, output in body.outputs]
        argument = _argument(form, read, [_key((entry.uid, 0)) for entry in body.inputs])
        return self._called(net, handle, argument, out, trail, step.training)

    def _flat(self, block: str) -> bool:
        return self.maybe(0.45, "flat", block)

    def _stands_in_a_row(self, block: str) -> bool:
        """Whether a block is a model that gives one tensor, and not a list of one."""
        if self._flat(block):
            return False
        outputs = self._block_model(block, self.recipe.bodies[block])[0].outputs
        return not isinstance(outputs, (Mapping, list))

    def _called(
        self,
        net: Any,
        handle: Any,
        argument: Any,
        out: list[Shape],
        trail: Trail,
        training: bool | None = None,
    ) -> list[Any]:
        keys = sorted(handle.outputs) if isinstance(handle.outputs, Mapping) else None
        if keys is None:
            return net.call(handle, (argument,), out, trail, training)
        places = [int(key[1:]) for key in keys]
        results = net.call(handle, (argument,), [out[place] for place in places], trail, training)
        return [results[places.index(place)] for place in range(len(out))]

    def _block_model(self, key: str, body: Body) -> tuple[Any, str]:
        if key not in self.blocks:
            runs = list(body.steps)
            needed = [(entry.uid, 0) for entry in body.inputs]
            kind = self._style(body, runs, needed, list(body.outputs), key)
            self.blocks[key] = self.nested(body, runs, needed, list(body.outputs), key, kind)
        return self.blocks[key]

    def _style(
        self, body: Body, run: list[Step], needed: list[Value], outputs: list[Value], topic: Any
    ) -> str:
        styles = ["Functional", "custom.Part"]
        if self._is_chain(run, needed, outputs):
            styles += ["Sequential", "Sequential"]
        return self.choose(styles, "style", topic)

    def _is_chain(self, run: list[Step], needed: list[Value], outputs: list[Value]) -> bool:
        last = needed[0] if len(needed) == 1 else None
        if len({step.what for step in run}) < len(run):
            return False
        for step in run:
            if step.reads != (last,) or len(self.shapes[step.uid]) > 1 or step.training:
                return False
            if self.recipe.is_block(step.what) and not self._stands_in_a_row(step.what):
                return False
            last = (step.uid, 0)
        return outputs == [last]

    def wrap(
        self,
        net: Any,
        body: Body,
        run: list[Step],
        values: dict[Value, Any],
        outer: Trail,
        topic: Any,
    ) -> None:
        """Write some steps as a nested model, called once."""
        made = {step.uid for step in run}
        needed = dict.fromkeys(v for step in run for v in step.reads if v[0] not in made)
        rest = [v for step in body.steps if step.uid not in made for v in step.reads]
        wanted = [v for v in (*rest, *body.outputs) if v[0] in made]
        outputs = list(dict.fromkeys(wanted))
        name = (*outer, topic, run[0].uid)
        style = self._style(body, run, list(needed), outputs, name)
        handle, form = self.nested(body, run, list(needed), outputs, name, style, outer)
        argument = _argument(form, [values[v] for v in needed], [_key(v) for v in needed])
        out = [self.shapes[uid][output] for uid, output in outputs]
        results = self._called(net, handle, argument, out, ())
        values.update(zip(outputs, results, strict=True))

    def nested(
        self,
        body: Body,
        run: list[Step],
        needed: list[Value],
        outputs: list[Value],
        topic: Any,
        style: str,
        outer: Trail = (),
    ) -> tuple[Any, str]:
        """A nested model of some steps, and the form of its inputs."""
        net = self.paper.net(inner=True)
        entries = {entry.uid: entry for entry in body.inputs}
        form = self.choose(["list", "dict"], "form", topic) if len(needed) > 1 else "one"
        given: dict[Value, Any] = {}
        for uid, output in needed:
            entry = entries.get(uid)
            dtype = entry.dtype if entry else "float32"
            name = _key((uid, output)) if form == "dict" else None
            given[uid, output] = net.input(self.shapes[uid][output], dtype, name, (uid,))
        inputs = _argument(form, list(given.values()), [_key(v) for v in needed])
        inside = dict(given)
        for step in run:
            self.step(net, step, inside, outer, plain=style == "Sequential")
        results = [inside[value] for value in outputs]
        whole: Any = results
        if len(results) == 1 and self.choose([True, False], "one output", topic):
            whole = results[0]
        elif style != "Sequential" and self.maybe(0.3, "named outputs", topic):
            whole = {f"o{number}": result for number, result in enumerate(results)}
        if style == "Sequential":
            whole = results[0]
        handle = self.paper.model(net, inputs, whole, style, self.name("model", topic))
        return handle, form


_OTHER = {"kernel_initializer": "he_normal", "bias_initializer": "ones"}


def _key(value: Value) -> str:
    return f"{value[0]}_{value[1]}"


def _argument(form: str, values: list[Any], names: list[str]) -> Any:
    if form == "one":
        return values[0]
    return list(values) if form == "list" else dict(zip(names, values, strict=True))


def activation_name(made: Made) -> str | None:
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


def spell(recipe: Recipe, seed: str | None = None) -> Spelt:
    """The graph of a recipe; without a seed step by step."""
    paper = Paper()
    graph = speller(recipe, seed, paper).write()
    return Spelt(recipe, seed, graph, paper.trails, paper.origins)


def speller(recipe: Recipe, seed: str | None, paper: Any) -> Speller:
    """`paper` is where to write: a `Paper`, or something that builds with Keras."""
    sizes, weights = shapes_and_weights(recipe)
    return Speller(recipe, seed, paper, sizes, weights)
