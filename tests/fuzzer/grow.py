"""Random recipes: branches, merges, shared layers and blocks, several inputs and outputs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.fuzzer.kinds import KINDS, Misfit, Shape, bidirectional, l2, made_of, wrapped
from tests.fuzzer.recipe import MAIN, Body, Entry, Made, Recipe, Step, Value, pruned, shapes

ACTIVATIONS = ("relu", "relu", "relu", "linear", "linear", "sigmoid", "tanh", "softmax")


@dataclass
class _Plot:
    """A body in the making."""

    garden: _Garden
    inputs: list[Entry] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    shapes: dict[Value, Shape] = field(default_factory=dict)
    unread: list[Value] = field(default_factory=list)

    def enter(self, shape: Shape, dtype: str = "float32") -> Value:
        uid = self.garden.uid("i")
        name = self.garden.chance.choice([None, f"in_{uid}"])
        self.inputs.append(Entry(uid, shape, dtype, name))
        return self._grown(uid, [shape])[0]

    def call(self, what: str, *reads: Value) -> list[Value]:
        """The values that a call of a layer or block gives."""
        given = [self.shapes[value] for value in reads]
        made = self.garden.layers.get(what)
        if made is None:
            out = self.garden.block_shapes[what]
        else:
            out = [KINDS[made.kind].shape(made.settings, given)]
            self.garden.built.setdefault(what, given[0])
        uid = self.garden.uid("s")
        self.steps.append(Step(uid, what, reads))
        self.unread = [value for value in self.unread if value not in reads]
        return self._grown(uid, out)

    def layer(self, kind: str, *reads: Value, **settings: Any) -> Value:
        return self.call(self.garden.make(kind, **settings), *reads)[0]

    def _grown(self, uid: str, shapes: list[Shape]) -> list[Value]:
        values = [(uid, number) for number in range(len(shapes))]
        self.shapes |= dict(zip(values, shapes, strict=True))
        self.unread += values
        return values

    def pick(self) -> Value:
        """A value to go on from; rather one that nothing reads yet."""
        chance = self.garden.chance
        if self.unread and chance.random() < 0.7:
            return chance.choice(self.unread)
        return chance.choice(list(self.shapes))


@dataclass
class _Garden:
    """A recipe in the making.  `alike` makes many layers the same."""

    chance: Random
    alike: bool
    layers: dict[str, Made] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    built: dict[str, Shape] = field(default_factory=dict)
    block_shapes: dict[str, list[Shape]] = field(default_factory=dict)
    count: int = 0

    def uid(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def make(self, kind: str, **settings: Any) -> str:
        key = self.uid("l")
        # Layers without weights are all trainable: nobody could see a difference.
        held = kind in _FREEZABLE
        trainable = not (held and self.chance.random() < 0.07)
        self.layers[key] = Made(kind, made_of(kind, **settings), trainable)
        return key

    def few(self) -> int:
        return 3 if self.alike else self.chance.randint(2, 6)


_FREEZABLE = frozenset(("Dense", "Conv1D", "Conv2D", "LSTM", "GRU", "Embedding"))
_SHAREABLE = (_FREEZABLE - {"Embedding"}) | {"BatchNormalization", "Bidirectional"}


def grow(chance: Random, size: int) -> Recipe:
    """A recipe of about `size` steps."""
    garden = _Garden(chance, alike=chance.random() < 0.3)
    plot = _Plot(garden)
    for _ in range(chance.choice([1, 1, 2, 2, 3])):
        _plant(plot)
    for _ in range(size):
        _step(plot, blocks=True)
    _gather(plot)
    outputs = tuple(plot.unread)
    bodies = {**garden.bodies, MAIN: Body(tuple(plot.inputs), tuple(plot.steps), outputs)}
    names = tuple(f"out_{number}" for number in range(len(outputs)))
    concat_order, named = chance.random() < 0.3, chance.random() < 0.3
    recipe = pruned(Recipe(bodies, garden.layers, names, concat_order, named))
    shapes(recipe)
    return recipe


def _plant(plot: _Plot) -> None:
    """An Input, perhaps of word ids, perhaps of the shape of another one."""
    chance = plot.garden.chance
    known = list(plot.inputs)
    if known and chance.random() < 0.5:
        entry = chance.choice(known)
        value, dtype = plot.enter(entry.shape, entry.dtype), entry.dtype
    else:
        few = plot.garden.few
        dtype = "float32"
        form = chance.choice(["vector", "vector", "sequence", "image", "ids"])
        if form == "ids":
            dtype = "int32"
        shape: Shape = {
            "vector": lambda: (few(),),
            "sequence": lambda: (chance.choice([6, 8]), few()),
            "image": lambda: (chance.choice([6, 8]), chance.choice([6, 8]), chance.randint(1, 3)),
            "ids": lambda: (chance.choice([6, 8]),),
        }[form]()
        value = plot.enter(shape, dtype)
    if dtype == "int32":
        shared = [k for k, m in plot.garden.layers.items() if m.kind == "Embedding"]
        if shared and chance.random() < 0.5:
            plot.call(chance.choice(shared), value)
        else:
            few = plot.garden.few()
            plot.layer("Embedding", value, input_dim=chance.choice([9, 11]), output_dim=few)
        del plot.shapes[value]  # nothing else can read word ids


def _step(plot: _Plot, blocks: bool) -> None:
    chance = plot.garden.chance
    luck = chance.random()
    try:
        if luck < 0.18:
            _merge(plot)
        elif luck < 0.30 and _share(plot):
            pass
        elif luck < 0.38 and blocks:
            _block(plot)
        else:
            value = plot.pick()
            _layer(plot, value)
    except Misfit:
        pass


def _share(plot: _Plot) -> bool:
    """A layer or block that is there already, called on something else of the same shape."""
    garden = plot.garden
    found: list[tuple[str, Value]] = []
    for key, shape in garden.built.items():
        made = garden.layers[key]
        if made.kind in _SHAREABLE:
            called = {s.reads[0] for s in plot.steps if s.what == key}
            found += [(key, v) for v, s in plot.shapes.items() if s == shape and v not in called]
    if not found:
        return False
    key, value = garden.chance.choice(found)
    plot.call(key, value)
    return True


def _block(plot: _Plot) -> None:
    """A small model of its own, called once or several times."""
    garden, chance = plot.garden, plot.garden.chance
    first = plot.pick()
    if garden.bodies and chance.random() < 0.3:
        key = chance.choice(list(garden.bodies))
    else:
        key = _new_block(garden, [plot.shapes[first]])
    wanted = [entry.shape for entry in garden.bodies[key].inputs]
    fitting = [v for v, shape in plot.shapes.items() if len(wanted) == 1 and shape == wanted[0]]
    chance.shuffle(fitting)
    if first in fitting:
        fitting.remove(first)
        fitting.insert(0, first)
    if len(fitting) == 1 and len(plot.inputs) < 4 and chance.random() < 0.5:
        fitting.append(plot.enter(wanted[0]))
    for value in fitting[: chance.choice([1, 2, 2, 3])]:
        plot.call(key, value)


def _new_block(garden: _Garden, given: list[Shape]) -> str:
    plot = _Plot(garden)
    for shape in given:
        plot.enter(shape)
    for _ in range(garden.chance.randint(1, 4)):
        _step(plot, blocks=garden.chance.random() < 0.15)
    if not plot.steps:
        _dense(plot, next(iter(plot.shapes)))
    reading = [v for v in plot.unread if v[0] not in {e.uid for e in plot.inputs}]
    outputs = tuple(reading[-garden.chance.choice([1, 1, 1, 2]) :])
    key = garden.uid("b")
    body = Body(tuple(plot.inputs), tuple(plot.steps), outputs)
    garden.bodies[key] = body
    garden.block_shapes[key] = [plot.shapes[value] for value in outputs]
    return key


def _merge(plot: _Plot) -> None:
    chance = plot.garden.chance
    first = plot.pick()
    shape = plot.shapes[first]
    equal = [v for v, s in plot.shapes.items() if s == shape and v != first]
    joinable = [v for v, s in plot.shapes.items() if s[:-1] == shape[:-1] and v != first]
    if not equal and not joinable:
        if len(shape) > 1 and chance.random() < 0.5:
            return
        equal = [plot.layer("Dense", first, units=shape[-1])]  # a residual with a projection
    count = chance.choice([1, 1, 1, 2, 3])
    if equal and chance.random() < 0.6:
        kind = chance.choice(
            ["Add", "Add", "Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract"]
        )
        others = chance.sample(equal, min(count, len(equal)))
        if kind == "Subtract":
            others = others[:1]
        plot.layer(kind, first, *others)
        return
    others = chance.sample(joinable or equal, min(count, len(joinable or equal)))
    axis = 1 if len(shape) == 2 and chance.random() < 0.15 else -1
    plot.layer("Concatenate", first, *others, axis=axis)


def _layer(plot: _Plot, value: Value) -> None:
    makers = {1: _on_vector, 2: _on_sequence, 3: _on_image}
    makers[len(plot.shapes[value])](plot, value)


def _dense(plot: _Plot, value: Value) -> Value:
    garden, chance = plot.garden, plot.garden.chance
    more: dict[str, Any] = {}
    if chance.random() < 0.05:
        more["kernel_regularizer"] = l2(chance.choice([0.01, 0.001]))
    if chance.random() < 0.1:
        more["use_bias"] = False
    return plot.layer(
        "Dense", value, units=garden.few(), activation=chance.choice(ACTIVATIONS), **more
    )


def _anywhere(plot: _Plot, value: Value) -> None:
    """What can stand behind anything."""
    chance = plot.garden.chance
    kind = chance.choice(
        (
            "Dropout Dropout BatchNormalization BatchNormalization LayerNormalization Activation "
            "Activation ReLU LeakyReLU Rescaling GaussianNoise"
        ).split()
    )
    settings: dict[str, Any] = {
        "Dropout": {"rate": chance.choice([0.2, 0.3, 0.5])},
        "BatchNormalization": {"momentum": chance.choice([0.99, 0.99, 0.9])},
        "Activation": {"activation": chance.choice(ACTIVATIONS[:3] + ACTIVATIONS[5:])},
        "LeakyReLU": {"negative_slope": chance.choice([0.3, 0.2, 0.1])},
        "Rescaling": {"scale": chance.choice([0.5, 2.0])},
        "GaussianNoise": {"stddev": chance.choice([0.1, 0.2])},
    }.get(kind, {})
    plot.layer(kind, value, **settings)


def _on_vector(plot: _Plot, value: Value) -> None:
    chance = plot.garden.chance
    luck = chance.random()
    if luck < 0.6:
        _dense(plot, value)
    elif luck < 0.93:
        _anywhere(plot, value)
    else:
        plot.layer("RepeatVector", value, n=chance.choice([4, 6]))


def _recurrent(plot: _Plot, value: Value) -> None:
    garden, chance = plot.garden, plot.garden.chance
    kind = chance.choice(["LSTM", "LSTM", "GRU", "SimpleRNN"])
    settings: dict[str, Any] = {
        "units": garden.few(),
        "return_sequences": chance.random() < 0.4,
    }
    if chance.random() < 0.15:
        merge_mode = chance.choice(["concat", "concat", "sum"])
        plot.layer("Bidirectional", value, **bidirectional(kind, merge_mode, **settings))
    else:
        plot.layer(kind, value, **settings)


def _convolution(plot: _Plot, value: Value, rank: int) -> None:
    garden, chance = plot.garden, plot.garden.chance
    kind = f"Conv{rank}D"
    if rank == 2 and chance.random() < 0.25:
        kind = chance.choice(["SeparableConv2D", "DepthwiseConv2D"])
    window = chance.choice([1, 2, 3, 3])
    settings: dict[str, Any] = {
        "kernel_size": [window] * rank,
        "strides": [chance.choice([1, 1, 1, 2])] * rank,
        "padding": chance.choice(["same", "same", "valid"]),
        "activation": chance.choice(ACTIVATIONS[:-1]),
    }
    if kind != "DepthwiseConv2D":
        settings["filters"] = garden.few()
    plot.layer(kind, value, **settings)


def _pool(plot: _Plot, value: Value, rank: int) -> None:
    chance = plot.garden.chance
    window = chance.choice([2, 2, 3])
    plot.layer(
        f"{chance.choice(['Max', 'Average'])}Pooling{rank}D",
        value,
        pool_size=[window] * rank,
        strides=[chance.choice([window, window, 1])] * rank,
        padding=chance.choice(["valid", "same"]),
    )


def _close(plot: _Plot, value: Value) -> Value:
    """From a sequence or an image to a vector."""
    chance = plot.garden.chance
    rank = len(plot.shapes[value]) - 1
    kind = chance.choice(["Flatten", f"GlobalMaxPooling{rank}D", f"GlobalAveragePooling{rank}D"])
    return plot.layer(kind, value)


def _on_sequence(plot: _Plot, value: Value) -> None:
    garden, chance = plot.garden, plot.garden.chance
    choices = [
        (0.25, lambda: _convolution(plot, value, 1)),
        (0.2, lambda: _recurrent(plot, value)),
        (0.1, lambda: _pool(plot, value, 1)),
        (0.12, lambda: _close(plot, value)),
        (0.08, lambda: _dense(plot, value)),
        (0.03, lambda: plot.layer("UpSampling1D", value)),
        (0.03, lambda: plot.layer("ZeroPadding1D", value)),
        (0.02, lambda: plot.layer("Permute", value, dims=[2, 1])),
        (0.03, lambda: plot.layer("SpatialDropout1D", value, rate=chance.choice([0.2, 0.5]))),
        (
            0.04,
            lambda: plot.layer(
                "TimeDistributed",
                value,
                layer=wrapped("Dense", made_of("Dense", units=garden.few())),
            ),
        ),
        (0.1, lambda: _anywhere(plot, value)),
    ]
    _weighted(chance, choices)


def _on_image(plot: _Plot, value: Value) -> None:
    chance = plot.garden.chance
    choices = [
        (0.45, lambda: _convolution(plot, value, 2)),
        (0.15, lambda: _pool(plot, value, 2)),
        (0.15, lambda: _close(plot, value)),
        (0.03, lambda: plot.layer("UpSampling2D", value)),
        (0.04, lambda: plot.layer("ZeroPadding2D", value)),
        (0.18, lambda: _anywhere(plot, value)),
    ]
    _weighted(chance, choices)


def _weighted(chance: Random, choices: list[tuple[float, Any]]) -> None:
    shares, makers = zip(*choices, strict=True)
    chance.choices(makers, shares)[0]()


def _gather(plot: _Plot) -> None:
    """Every input is read, and at the most three values are left to be outputs."""
    chance = plot.garden.chance
    entries = {entry.uid for entry in plot.inputs}
    for value in [v for v in plot.unread if v[0] in entries]:
        with suppress(Misfit):  # a window that is wider than what is left
            _layer(plot, value)
        while value in plot.unread:
            _dense(plot, value)
    most = chance.choice([1, 1, 1, 2, 3])
    while len(plot.unread) > most:
        chosen = chance.sample(plot.unread, min(len(plot.unread), chance.choice([2, 2, 3])))
        vectors = [v if len(plot.shapes[v]) == 1 else _close(plot, v) for v in chosen]
        plot.layer("Concatenate", *vectors)
    for value in list(plot.unread):
        if chance.random() < 0.5:
            _dense(plot, value)
