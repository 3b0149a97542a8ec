"""Random models, in many spellings, and with a mistake.

A `Plan` is a model as bare structure.  `plainly` makes a graph of it, `spelled` another graph of
the same model: activations, merges, nesting, order and names as chance has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from graphs import Net

from beyond_sequential.graph import ModelGraph

KINDS = ("Dense", "Dense", "Conv1D", "BatchNormalization", "Dropout", "GRU")
MERGES = ("Add", "Multiply", "Concatenate", "Maximum")
SHAPE = (4, 8)


@dataclass(frozen=True)
class Made:
    """A layer: `size` is the one setting that tells it from others of its kind."""

    kind: str
    size: int
    activation: str = "linear"
    frozen: bool = False


@dataclass(frozen=True)
class Step:
    """A call of a layer (by number), or a merge (by kind), of earlier values: first the inputs,
    then one value for each step."""

    what: int | str
    operands: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    inputs: int
    layers: dict[int, Made]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]

    def calls(self) -> list[int]:
        return [n for n, step in enumerate(self.steps) if isinstance(step.what, int)]

    def merges(self) -> list[int]:
        return [n for n, step in enumerate(self.steps) if isinstance(step.what, str)]

    def uses(self) -> Counter[int]:
        return Counter(step.what for step in self.steps if isinstance(step.what, int))


def random_plan(chance: Random, size: int, alike: bool = False) -> Plan:
    """A plan of up to `size` steps; `alike` makes many layers the same."""
    inputs = chance.choice([1, 1, 2, 3])
    layers: dict[int, Made] = {}
    steps: list[Step] = []
    unread = set(range(inputs))
    for total in range(inputs, inputs + size):
        if total > 1 and chance.random() < 0.3:
            count = chance.choice([2, 2, 3])
            operands = [_random_operand(chance, total, unread) for _ in range(count)]
            if len(operands) > len(set(operands)) and chance.random() < 0.9:
                operands = list(dict.fromkeys(operands))
            if len(operands) < 2:
                operands.append(chance.randrange(total))
            steps.append(Step(chance.choice(MERGES), tuple(operands)))
        else:
            operand = _random_operand(chance, total, unread)
            steps.append(Step(_random_layer(chance, layers, alike), (operand,)))
        unread -= set(steps[-1].operands)
        unread.add(total)
    return pruned(Plan(inputs, layers, tuple(steps), tuple(sorted(unread))))


def _random_operand(chance: Random, total: int, unread: set[int]) -> int:
    """Rather one that nothing reads yet."""
    if unread and chance.random() < 0.6:
        return chance.choice(sorted(unread))
    return chance.randrange(total)


def _random_layer(chance: Random, layers: dict[int, Made], alike: bool) -> int:
    if layers and chance.random() < 0.2:
        return chance.choice(sorted(layers))
    number = len(layers)
    kind = chance.choice(KINDS)
    activation = "linear"
    if kind in ("Dense", "Conv1D"):
        activation = chance.choice(["relu", "linear", "sigmoid"])
    size = chance.choice([3, 4]) if alike else 100 + number
    layers[number] = Made(kind, size, activation)
    return number


def pruned(plan: Plan) -> Plan:
    """Without the steps that no output needs."""
    live = set(plan.outputs)
    for number in range(len(plan.steps) - 1, -1, -1):
        if plan.inputs + number in live:
            live |= set(plan.steps[number].operands)
    place = {number: number for number in range(plan.inputs)}
    steps: list[Step] = []
    for number, step in enumerate(plan.steps):
        if plan.inputs + number in live:
            place[plan.inputs + number] = plan.inputs + len(steps)
            steps.append(replace(step, operands=tuple(place[o] for o in step.operands)))
    used = {step.what for step in steps}
    return Plan(
        plan.inputs,
        {number: made for number, made in plan.layers.items() if number in used},
        tuple(steps),
        tuple(place[output] for output in plan.outputs),
    )


# --- graphs of a plan -----------------------------------------------------------------------


@dataclass
class _Writer:
    plan: Plan
    net: Net
    chance: Random | None
    layers: dict[int, tuple[Callable[..., Any], bool]] = field(default_factory=dict)

    def maybe(self, probability: float) -> bool:
        return self.chance is not None and self.chance.random() < probability

    def name(self, plain: str) -> str:
        return plain if self.chance is None else f"{plain}_{self.chance.randrange(10**9)}"

    def call(self, net: Net, number: int, value: Any) -> Any:
        made = self.plan.layers[number]
        if number not in self.layers:
            inside = not self.maybe(0.5)
            self.layers[number] = self.layer(number, made, inside), inside
        layer, inside = self.layers[number]
        value = net.again(layer)(value)
        return value if inside else self.activated(net, made.activation, value)

    def layer(self, number: int, made: Made, inside: bool) -> Callable[..., Any]:
        settings: dict[str, Any] = {
            "BatchNormalization": {"momentum": made.size / 1000},
            "Dropout": {"rate": made.size / 1000},
            "GRU": {"units": made.size, "return_sequences": True},
        }.get(made.kind, {"units": made.size})
        if made.kind in ("Dense", "Conv1D"):
            settings["activation"] = made.activation if inside else "linear"
        name = self.name(f"layer{number}")
        return self.net(made.kind, name=name, frozen=made.frozen, out=SHAPE, **settings)

    def activated(self, net: Net, activation: str, value: Any) -> Any:
        assert self.chance is not None
        if activation == "linear":
            return net("Identity")(value) if self.maybe(0.2) else value
        own = "ReLU" if activation == "relu" else "ops.Sigmoid"
        kind = self.chance.choice(["Activation", own, f"ops.{activation.capitalize()}"])
        settings = {"activation": activation} if kind == "Activation" else {}
        return net(kind, **settings)(value)

    def merge(self, net: Net, number: int, kind: str, values: list[Any]) -> Any:
        settings = {"axis": -1} if kind == "Concatenate" else {}
        if self.chance is None:
            return net(kind, name=f"merge{number}", out=SHAPE, **settings)(values)
        self.chance.shuffle(values)
        if kind == "Concatenate":
            if self.maybe(0.5):
                return net("ops.Concatenate", axis=2, out=SHAPE)(values)
        elif self.maybe(0.4):
            total, *rest = values
            for value in rest:
                total = net(f"ops.{kind}", out=SHAPE)(total, value)
            return total
        if len(values) > 2 and self.maybe(0.5):
            inner = net(kind, out=SHAPE, **settings)(values[:2])
            values = [inner, *values[2:]]
        return net(kind, out=SHAPE, **settings)(values)

    def step(self, net: Net, number: int, values: dict[int, Any]) -> Any:
        step = self.plan.steps[number]
        operands = [values[operand] for operand in step.operands]
        if isinstance(step.what, int):
            return self.call(net, step.what, operands[0])
        return self.merge(net, number, step.what, operands)

    def order(self) -> list[int]:
        """The steps, arguments first, in an order that chance has chosen."""
        todo = list(range(len(self.plan.steps)))
        if self.chance is None:
            return todo
        ready, order = set(range(self.plan.inputs)), []
        while todo:
            possible = [n for n in todo if ready.issuperset(self.plan.steps[n].operands)]
            number = self.chance.choice(possible)
            todo.remove(number)
            order.append(number)
            ready.add(self.plan.inputs + number)
        return order

    def nest(self, run: list[int], values: dict[int, Any]) -> None:
        """Some steps in a row as a nested model."""
        assert self.chance is not None
        first = self.plan.inputs
        made = {first + number for number in run}
        needed = [o for n in run for o in self.plan.steps[n].operands if o not in made]
        needed = list(dict.fromkeys(needed))
        inner = self.net.inner()
        given = {o: inner.input(*SHAPE) for o in needed}
        inside = dict(given)
        for number in run:
            inside[first + number] = self.step(inner, number, inside)
        outputs = [inside[first + number] for number in run]
        if self.maybe(0.5):
            layer = self.net.nested(inner, [given[o] for o in needed], outputs)
            results = layer([values[o] for o in needed])
        else:
            layer = self.net.nested(inner, {f"k{o}": given[o] for o in needed}, outputs)
            results = layer({f"k{o}": values[o] for o in reversed(needed)})
        values.update(zip((first + number for number in run), results, strict=True))

    def write(self, inputs_by_name: bool = False) -> ModelGraph:
        names = [f"in{number}" for number in range(self.plan.inputs)]
        inputs = [self.net.input(*SHAPE, name=name) for name in names]
        values: dict[int, Any] = dict(enumerate(inputs))
        order = self.order()
        while order:
            if self.maybe(0.2):
                assert self.chance is not None
                length = self.chance.choice([1, 2, 3])
                self.nest(order[:length], values)
                order = order[length:]
            else:
                number = order.pop(0)
                values[self.plan.inputs + number] = self.step(self.net, number, values)
        outputs = [values[output] for output in self.plan.outputs]
        given = dict(zip(names, inputs, strict=True)) if inputs_by_name else inputs
        return self.net.model(given, outputs)


def plainly(plan: Plan) -> ModelGraph:
    """The plan step by step; its layers are called layer0, layer1 ..."""
    return _Writer(plan, Net(), None).write()


def spelled(plan: Plan, chance: Random) -> ModelGraph:
    """The same model in some other spelling."""
    return _Writer(plan, Net(), chance).write(inputs_by_name=chance.random() < 0.5)


# --- mistakes -------------------------------------------------------------------------------


def _with_layer(plan: Plan, number: int, **changes: Any) -> Plan:
    made = replace(plan.layers[number], **changes)
    return replace(plan, layers={**plan.layers, number: made})


def _with_step(plan: Plan, number: int, **changes: Any) -> Plan:
    steps = list(plan.steps)
    steps[number] = replace(steps[number], **changes)
    return replace(plan, steps=tuple(steps))


def _choose(chance: Random, items: Any) -> Any:
    items = list(items)
    return chance.choice(items) if items else None


def other_setting(plan: Plan, chance: Random) -> Plan | None:
    number = _choose(chance, plan.layers)
    return None if number is None else _with_layer(plan, number, size=999)


def no_activation(plan: Plan, chance: Random) -> Plan | None:
    number = _choose(chance, [n for n, made in plan.layers.items() if made.activation != "linear"])
    return None if number is None else _with_layer(plan, number, activation="linear")


def frozen_layer(plan: Plan, chance: Random) -> Plan | None:
    number = _choose(chance, [n for n, made in plan.layers.items() if made.kind != "Dropout"])
    return None if number is None else _with_layer(plan, number, frozen=True)


def other_kind(plan: Plan, chance: Random) -> Plan | None:
    uses = plan.uses()
    fit = [n for n, made in plan.layers.items() if made.activation == "linear" and uses[n] == 1]
    number = _choose(chance, [n for n in fit if plan.layers[n].kind in ("Dense", "Conv1D")])
    return None if number is None else _with_layer(plan, number, kind="GRU")


def other_merge(plan: Plan, chance: Random) -> Plan | None:
    number = _choose(chance, plan.merges())
    if number is None:
        return None
    kind = "Add" if plan.steps[number].what == "Concatenate" else "Concatenate"
    return _with_step(plan, number, what=kind)


def dead_step(plan: Plan, chance: Random) -> Plan | None:
    uses = plan.uses()
    number = _choose(chance, [n for n in plan.calls() if uses[plan.steps[n].what] == 1])
    if number is None:
        return None
    dropped, source = plan.inputs + number, plan.steps[number].operands[0]
    if dropped in plan.outputs and (source in plan.outputs or source < plan.inputs):
        return None

    def past(operands: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(source if o == dropped else o for o in operands)

    steps = tuple(replace(step, operands=past(step.operands)) for step in plan.steps)
    return pruned(replace(plan, steps=steps, outputs=past(plan.outputs)))


def extra_layer(plan: Plan, chance: Random) -> Plan | None:
    number = _choose(chance, range(len(plan.steps)))
    if number is None:
        return None
    new = plan.inputs + number
    steps = []
    for step in plan.steps:
        steps.append(replace(step, operands=tuple(o + (o >= new) for o in step.operands)))
    reader = steps[number]
    chosen = chance.randrange(len(reader.operands))
    operands = list(reader.operands)
    steps.insert(number, Step(999, (operands[chosen],)))
    operands[chosen] = new
    steps[number + 1] = replace(reader, operands=tuple(operands))
    return Plan(
        plan.inputs,
        {**plan.layers, 999: Made("Dense", 999, "relu")},
        tuple(steps),
        tuple(o + (o >= new) for o in plan.outputs),
    )


def not_shared(plan: Plan, chance: Random) -> Plan | None:
    uses = plan.uses()
    fit = [n for n in plan.calls() if uses[plan.steps[n].what] > 1]
    number = _choose(chance, [n for n in fit if plan.layers[plan.steps[n].what].kind != "Dropout"])
    if number is None:
        return None
    layers = {**plan.layers, 999: plan.layers[plan.steps[number].what]}
    return _with_step(replace(plan, layers=layers), number, what=999)


def merged_with_itself(plan: Plan, chance: Random) -> Plan | None:
    fit = [n for n in plan.merges() if len(set(plan.steps[n].operands)) == 2]
    fit = [n for n in fit if len(plan.steps[n].operands) == 2 and plan.steps[n].what != "Maximum"]
    number = _choose(chance, fit)
    if number is None:
        return None
    kept = chance.choice(plan.steps[number].operands)
    return pruned(_with_step(plan, number, operands=(kept, kept)))


def lost_output(plan: Plan, chance: Random) -> Plan | None:
    if len(plan.outputs) < 2:
        return None
    lost = chance.choice(plan.outputs)
    return pruned(replace(plan, outputs=tuple(o for o in plan.outputs if o != lost)))


def rewired(plan: Plan, chance: Random) -> Plan | None:
    number = chance.randrange(len(plan.steps))
    operands = list(plan.steps[number].operands)
    source = _choose(chance, set(range(plan.inputs + number)) - set(operands))
    if source is None:
        return None
    operands[chance.randrange(len(operands))] = source
    return pruned(_with_step(plan, number, operands=tuple(operands)))


MISTAKES: dict[Callable[[Plan, Random], Plan | None], set[str]] = {
    other_setting: {"setting"},
    no_activation: {"setting"},
    frozen_layer: {"trainable"},
    other_kind: {"replaced"},
    other_merge: {"replaced", "wiring"},
    dead_step: {"missing", "wiring"},
    extra_layer: {"extra", "replaced", "wiring"},
    not_shared: {"not_shared"},
    merged_with_itself: {"wiring", "missing", "input_missing", "replaced"},
    lost_output: {"output_missing"},
    rewired: {"wiring", "missing", "extra", "replaced", "input_order"},
}
"""The mistakes, with the kinds of difference that may tell them."""
