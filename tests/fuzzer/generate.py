"""Random recipes: branches, merges, shared layers and blocks, several inputs and outputs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.fuzzer.kinds import KINDS, CannotBuild, Shape, bidirectional, full_config, l2, wrapped
from tests.fuzzer.recipe import MAIN, Body, Entry, LayerConfig, Recipe, Step, Value, pruned, shapes

ACTIVATIONS = ("relu", "relu", "relu", "linear", "linear", "sigmoid", "tanh", "softmax")


@dataclass
class _BodyBuilder:
    """A body that is being built."""

    whole: _RecipeBuilder
    inputs: list[Entry] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    shapes: dict[Value, Shape] = field(default_factory=dict)
    unread: list[Value] = field(default_factory=list)

    def add_input(self, shape: Shape, dtype: str = "float32") -> Value:
        uid = self.whole.uid("i")
        name = self.whole.chance.choice([None, f"in_{uid}"])
        self.inputs.append(Entry(uid, shape, dtype, name))
        return self._add_values(uid, [shape])[0]

    def call(self, what: str, *reads: Value) -> list[Value]:
        """The values that a call of a layer or block gives."""
        given = [self.shapes[value] for value in reads]
        made = self.whole.layers.get(what)
        if made is None:
            out = self.whole.block_shapes[what]
        else:
            out = [KINDS[made.kind].shape(made.settings, given)]
            self.whole.built.setdefault(what, given[0])
        uid = self.whole.uid("s")
        self.steps.append(Step(uid, what, reads))
        self.unread = [value for value in self.unread if value not in reads]
        return self._add_values(uid, out)

    def layer(self, kind: str, *reads: Value, **settings: Any) -> Value:
        return self.call(self.whole.make(kind, **settings), *reads)[0]

    def _add_values(self, uid: str, shapes: list[Shape]) -> list[Value]:
        values = [(uid, number) for number in range(len(shapes))]
        self.shapes |= dict(zip(values, shapes, strict=True))
        self.unread += values
        return values

    def pick(self) -> Value:
        """A value to go on from; rather one that nothing reads yet."""
        chance = self.whole.chance
        if self.unread and chance.random() < 0.7:
            return chance.choice(self.unread)
        return chance.choice(list(self.shapes))


@dataclass
class _RecipeBuilder:
    """A recipe that is being built.  `alike` makes many layers the same."""

    chance: Random
    alike: bool
    layers: dict[str, LayerConfig] = field(default_factory=dict)
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
        self.layers[key] = LayerConfig(kind, full_config(kind, **settings), trainable)
        return key

    def few(self) -> int:
        return 3 if self.alike else self.chance.randint(2, 6)


_FREEZABLE = frozenset(("Dense", "Conv1D", "Conv2D", "LSTM", "GRU", "Embedding"))
_SHAREABLE = (_FREEZABLE - {"Embedding"}) | {"BatchNormalization", "Bidirectional"}


def generate(chance: Random, size: int) -> Recipe:
    """A recipe of about `size` steps."""
    whole = _RecipeBuilder(chance, alike=chance.random() < 0.3)
    builder = _BodyBuilder(whole)
    for _ in range(chance.choice([1, 1, 2, 2, 3])):
        _add_input(builder)
    for _ in range(size):
        _step(builder, blocks=True)
    _use_what_is_unread(builder)
    outputs = tuple(builder.unread)
    bodies = {**whole.bodies, MAIN: Body(tuple(builder.inputs), tuple(builder.steps), outputs)}
    names = tuple(f"out_{number}" for number in range(len(outputs)))
    concat_order, named = chance.random() < 0.3, chance.random() < 0.3
    recipe = pruned(Recipe(bodies, whole.layers, names, concat_order, named))
    shapes(recipe)
    return recipe


def _add_input(builder: _BodyBuilder) -> None:
    """An Input, perhaps of word ids, perhaps of the shape of another one."""
    chance = builder.whole.chance
    known = list(builder.inputs)
    if known and chance.random() < 0.5:
        entry = chance.choice(known)
        value, dtype = builder.add_input(entry.shape, entry.dtype), entry.dtype
    else:
        few = builder.whole.few
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
        value = builder.add_input(shape, dtype)
    if dtype == "int32":
        shared = [k for k, m in builder.whole.layers.items() if m.kind == "Embedding"]
        if shared and chance.random() < 0.5:
            builder.call(chance.choice(shared), value)
        else:
            few = builder.whole.few()
            builder.layer("Embedding", value, input_dim=chance.choice([9, 11]), output_dim=few)
        del builder.shapes[value]  # nothing else can read word ids


def _step(builder: _BodyBuilder, blocks: bool) -> None:
    chance = builder.whole.chance
    draw = chance.random()
    try:
        if draw < 0.18:
            _merge(builder)
        elif draw < 0.30 and _share(builder):
            pass
        elif draw < 0.38 and blocks:
            _block(builder)
        else:
            value = builder.pick()
            _layer(builder, value)
    except CannotBuild:
        pass


def _share(builder: _BodyBuilder) -> bool:
    """A layer or block that is there already, called on something else of the same shape."""
    whole = builder.whole
    found: list[tuple[str, Value]] = []
    for key, shape in whole.built.items():
        made = whole.layers[key]
        if made.kind in _SHAREABLE:
            called = {s.reads[0] for s in builder.steps if s.what == key}
            found += [(key, v) for v, s in builder.shapes.items() if s == shape and v not in called]
    if not found:
        return False
    key, value = whole.chance.choice(found)
    builder.call(key, value)
    return True


def _block(builder: _BodyBuilder) -> None:
    """A small model of its own, called once or several times."""
    whole, chance = builder.whole, builder.whole.chance
    first = builder.pick()
    if whole.bodies and chance.random() < 0.3:
        key = chance.choice(list(whole.bodies))
    else:
        key = _new_block(whole, [builder.shapes[first]])
    wanted = [entry.shape for entry in whole.bodies[key].inputs]
    fitting = [v for v, shape in builder.shapes.items() if len(wanted) == 1 and shape == wanted[0]]
    chance.shuffle(fitting)
    if first in fitting:
        fitting.remove(first)
        fitting.insert(0, first)
    if len(fitting) == 1 and len(builder.inputs) < 4 and chance.random() < 0.5:
        fitting.append(builder.add_input(wanted[0]))
    for value in fitting[: chance.choice([1, 2, 2, 3])]:
        builder.call(key, value)


def _new_block(whole: _RecipeBuilder, given: list[Shape]) -> str:
    builder = _BodyBuilder(whole)
    for shape in given:
        builder.add_input(shape)
    for _ in range(whole.chance.randint(1, 4)):
        _step(builder, blocks=whole.chance.random() < 0.15)
    if not builder.steps:
        _dense(builder, next(iter(builder.shapes)))
    reading = [v for v in builder.unread if v[0] not in {e.uid for e in builder.inputs}]
    outputs = tuple(reading[-whole.chance.choice([1, 1, 1, 2]) :])
    key = whole.uid("b")
    body = Body(tuple(builder.inputs), tuple(builder.steps), outputs)
    whole.bodies[key] = body
    whole.block_shapes[key] = [builder.shapes[value] for value in outputs]
    return key


def _merge(builder: _BodyBuilder) -> None:
    chance = builder.whole.chance
    first = builder.pick()
    shape = builder.shapes[first]
    equal = [v for v, s in builder.shapes.items() if s == shape and v != first]
    joinable = [v for v, s in builder.shapes.items() if s[:-1] == shape[:-1] and v != first]
    if not equal and not joinable:
        if len(shape) > 1 and chance.random() < 0.5:
            return
        equal = [builder.layer("Dense", first, units=shape[-1])]  # a residual with a projection
    count = chance.choice([1, 1, 1, 2, 3])
    if equal and chance.random() < 0.6:
        kind = chance.choice(
            ["Add", "Add", "Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract"]
        )
        others = chance.sample(equal, min(count, len(equal)))
        if kind == "Subtract":
            others = others[:1]
        builder.layer(kind, first, *others)
        return
    others = chance.sample(joinable or equal, min(count, len(joinable or equal)))
    axis = 1 if len(shape) == 2 and chance.random() < 0.15 else -1
    builder.layer("Concatenate", first, *others, axis=axis)


def _layer(builder: _BodyBuilder, value: Value) -> None:
    makers = {1: _on_vector, 2: _on_sequence, 3: _on_image}
    makers[len(builder.shapes[value])](builder, value)


def _dense(builder: _BodyBuilder, value: Value) -> Value:
    whole, chance = builder.whole, builder.whole.chance
    more: dict[str, Any] = {}
    if chance.random() < 0.05:
        more["kernel_regularizer"] = l2(chance.choice([0.01, 0.001]))
    if chance.random() < 0.1:
        more["use_bias"] = False
    return builder.layer(
        "Dense", value, units=whole.few(), activation=chance.choice(ACTIVATIONS), **more
    )


def _anywhere(builder: _BodyBuilder, value: Value) -> None:
    """What can stand behind anything."""
    chance = builder.whole.chance
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
    builder.layer(kind, value, **settings)


def _on_vector(builder: _BodyBuilder, value: Value) -> None:
    chance = builder.whole.chance
    draw = chance.random()
    if draw < 0.6:
        _dense(builder, value)
    elif draw < 0.93:
        _anywhere(builder, value)
    else:
        builder.layer("RepeatVector", value, n=chance.choice([4, 6]))


def _recurrent(builder: _BodyBuilder, value: Value) -> None:
    whole, chance = builder.whole, builder.whole.chance
    kind = chance.choice(["LSTM", "LSTM", "GRU", "SimpleRNN"])
    settings: dict[str, Any] = {
        "units": whole.few(),
        "return_sequences": chance.random() < 0.4,
    }
    if chance.random() < 0.15:
        merge_mode = chance.choice(["concat", "concat", "sum"])
        builder.layer("Bidirectional", value, **bidirectional(kind, merge_mode, **settings))
    else:
        builder.layer(kind, value, **settings)


def _convolution(builder: _BodyBuilder, value: Value, rank: int) -> None:
    whole, chance = builder.whole, builder.whole.chance
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
        settings["filters"] = whole.few()
    builder.layer(kind, value, **settings)


def _pool(builder: _BodyBuilder, value: Value, rank: int) -> None:
    chance = builder.whole.chance
    window = chance.choice([2, 2, 3])
    builder.layer(
        f"{chance.choice(['Max', 'Average'])}Pooling{rank}D",
        value,
        pool_size=[window] * rank,
        strides=[chance.choice([window, window, 1])] * rank,
        padding=chance.choice(["valid", "same"]),
    )


def _close(builder: _BodyBuilder, value: Value) -> Value:
    """From a sequence or an image to a vector."""
    chance = builder.whole.chance
    rank = len(builder.shapes[value]) - 1
    kind = chance.choice(["Flatten", f"GlobalMaxPooling{rank}D", f"GlobalAveragePooling{rank}D"])
    return builder.layer(kind, value)


def _on_sequence(builder: _BodyBuilder, value: Value) -> None:
    whole, chance = builder.whole, builder.whole.chance
    choices = [
        (0.25, lambda: _convolution(builder, value, 1)),
        (0.2, lambda: _recurrent(builder, value)),
        (0.1, lambda: _pool(builder, value, 1)),
        (0.12, lambda: _close(builder, value)),
        (0.08, lambda: _dense(builder, value)),
        (0.03, lambda: builder.layer("UpSampling1D", value)),
        (0.03, lambda: builder.layer("ZeroPadding1D", value)),
        (0.02, lambda: builder.layer("Permute", value, dims=[2, 1])),
        (0.03, lambda: builder.layer("SpatialDropout1D", value, rate=chance.choice([0.2, 0.5]))),
        (
            0.04,
            lambda: builder.layer(
                "TimeDistributed",
                value,
                layer=wrapped("Dense", full_config("Dense", units=whole.few())),
            ),
        ),
        (0.1, lambda: _anywhere(builder, value)),
    ]
    _weighted(chance, choices)


def _on_image(builder: _BodyBuilder, value: Value) -> None:
    chance = builder.whole.chance
    choices = [
        (0.45, lambda: _convolution(builder, value, 2)),
        (0.15, lambda: _pool(builder, value, 2)),
        (0.15, lambda: _close(builder, value)),
        (0.03, lambda: builder.layer("UpSampling2D", value)),
        (0.04, lambda: builder.layer("ZeroPadding2D", value)),
        (0.18, lambda: _anywhere(builder, value)),
    ]
    _weighted(chance, choices)


def _weighted(chance: Random, choices: list[tuple[float, Any]]) -> None:
    shares, makers = zip(*choices, strict=True)
    chance.choices(makers, shares)[0]()


def _use_what_is_unread(builder: _BodyBuilder) -> None:
    """Every input is read, and at the most three values are left to be outputs."""
    chance = builder.whole.chance
    entries = {entry.uid for entry in builder.inputs}
    for value in [v for v in builder.unread if v[0] in entries]:
        with suppress(CannotBuild):  # a window that is wider than what is left
            _layer(builder, value)
        while value in builder.unread:
            _dense(builder, value)
    most = chance.choice([1, 1, 1, 2, 3])
    while len(builder.unread) > most:
        chosen = chance.sample(builder.unread, min(len(builder.unread), chance.choice([2, 2, 3])))
        vectors = [v if len(builder.shapes[v]) == 1 else _close(builder, v) for v in chosen]
        builder.layer("Concatenate", *vectors)
    for value in list(builder.unread):
        if chance.random() < 0.5:
            _dense(builder, value)
