"""What learners get wrong, as changes of a recipe.

Each mutation yields a `Mutant` for every site at which the mistake can be made.  Mutants that
Keras would refuse to build are none of the mill's business; see `mutants`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from random import Random
from typing import Any

from tests.fuzzer.kinds import ASSOCIATIVE, MERGES, WITH_ACTIVATION, Misfit, l2, made_of
from tests.fuzzer.recipe import (
    MAIN,
    Body,
    Entry,
    Made,
    Recipe,
    Step,
    Value,
    pruned,
    redirected,
    shapes,
    shapes_and_weights,
    steps,
    with_body,
    with_layer,
    with_step,
)


@dataclass(frozen=True)
class Mutant:
    """A recipe with one mistake: `site` says where, `kinds` which differences tell it truly and
    `where` the uids of the steps and entries of which one must be named."""

    recipe: Recipe
    mutation: str
    site: str
    kinds: frozenset[str]
    where: frozenset[str]


Changed = tuple[Recipe, str, set[str], set[str]]
Mutation = Callable[[Recipe], Iterator[Changed]]
MUTATIONS: dict[str, Mutation] = {}


def mutation(function: Mutation) -> Mutation:
    MUTATIONS[function.__name__] = function
    return function


def sites(recipe: Recipe, name: str) -> Iterator[Mutant]:
    """Every mutant of one kind that can be built; what no output needs is left out of it."""
    for changed in MUTATIONS[name](recipe):
        mutant = _mutant(recipe, name, changed)
        if mutant is not None:
            yield mutant


def some_sites(recipe: Recipe, name: str, chance: Random, count: int) -> list[Mutant]:
    """Some mutants of one kind, without trying which of all others can be built."""
    possible = list(MUTATIONS[name](recipe))
    chance.shuffle(possible)
    found = (_mutant(recipe, name, changed) for changed in possible)
    return list(islice((mutant for mutant in found if mutant is not None), count))


def _mutant(recipe: Recipe, name: str, changed: Changed) -> Mutant | None:
    made, site, kinds, where = changed
    wrong = pruned(made)
    if wrong == recipe:
        return None
    try:
        shapes(wrong)
    except Misfit:
        return None
    gone = {s.uid for _, s in steps(recipe)} - {s.uid for _, s in steps(wrong)}
    if gone and "missing" in kinds:
        where = where | gone
    return Mutant(wrong, name, site, frozenset(kinds), frozenset(where))


def mutants(recipe: Recipe, chance: Random, count: int) -> list[Mutant]:
    """Some mutants, of as many kinds as there are."""
    names = sorted(MUTATIONS)
    chance.shuffle(names)
    found: list[Mutant] = []
    for name in names:
        if len(found) < count:
            found += some_sites(recipe, name, chance, 1)
    return found


def _calls(recipe: Recipe, key: str) -> set[str]:
    """The uids of the steps that call a layer or block."""
    return {step.uid for _, step in steps(recipe) if step.what == key}


def _held(recipe: Recipe) -> dict[str, Any]:
    """The variables of the layers that have some."""
    return {key: held for key, held in shapes_and_weights(recipe)[1].items() if held}


def _fresh(recipe: Recipe, letter: str) -> str:
    """A uid that is not in use."""
    taken = {s.uid for _, s in steps(recipe)} | recipe.layers.keys() | recipe.bodies.keys()
    return next(f"{letter}x{n}" for n in range(10**6) if f"{letter}x{n}" not in taken)


# --- Settings ---------------------------------------------------------------------------------


def _other(recipe: Recipe, key: str, made: Made) -> Changed:
    return with_layer(recipe, key, made), key, {"setting"}, _calls(recipe, key)


@mutation
def other_size(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        for name in ("units", "filters", "output_dim", "input_dim", "n"):
            if name in made.settings:
                changed = made.having(**{name: made.settings[name] + 1})
                new, _, kinds, where = _other(recipe, key, changed)
                yield new, f"{key}.{name}", kinds, where


@mutation
def other_window(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        for name in ("kernel_size", "pool_size"):
            if name in made.settings:
                window = made.settings[name]
                for other in ([1] * len(window), [n + 1 for n in window], [n + 2 for n in window]):
                    if other != window:
                        new, _, kinds, where = _other(recipe, key, made.having(**{name: other}))
                        yield new, f"{key}.{name}={other}", kinds, where


@mutation
def other_stride(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if "strides" in made.settings:
            strides = [2 if n == 1 else 1 for n in made.settings["strides"]]
            yield _other(recipe, key, made.having(strides=strides))


@mutation
def other_padding(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        padding = made.settings.get("padding")
        if padding in ("same", "valid"):
            other = "valid" if padding == "same" else "same"
            yield _other(recipe, key, made.having(padding=other))


def _has_activation(made: Made) -> bool:
    return made.kind in WITH_ACTIVATION and made.settings["activation"] != "linear"


@mutation
def no_activation(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if _has_activation(made):
            yield _other(recipe, key, made.having(activation="linear"))


@mutation
def other_activation(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if _has_activation(made) or made.kind in ("Activation", "LSTM", "GRU", "SimpleRNN"):
            for name in ("relu", "sigmoid", "tanh", "softmax"):
                if name != made.settings["activation"]:
                    new, _, kinds, where = _other(recipe, key, made.having(activation=name))
                    yield new, f"{key}={name}", kinds, where


@mutation
def added_activation(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if made.kind in WITH_ACTIVATION and made.settings["activation"] == "linear":
            yield _other(recipe, key, made.having(activation="relu"))


@mutation
def moved_activation(recipe: Recipe) -> Iterator[Changed]:
    """The activation stands with the layer before or after."""
    for _, step in steps(recipe):
        for _, later in steps(recipe):
            one, two = recipe.layers.get(step.what), recipe.layers.get(later.what)
            if later.reads != ((step.uid, 0),) or one is None or two is None or one is two:
                continue
            if {one.kind, two.kind} <= WITH_ACTIVATION and _has_activation(one) != _has_activation(
                two
            ):
                names = one.settings["activation"], two.settings["activation"]
                new = with_layer(recipe, step.what, one.having(activation=names[1]))
                new = with_layer(new, later.what, two.having(activation=names[0]))
                where = _calls(recipe, step.what) | _calls(recipe, later.what)
                yield new, f"{step.what}/{later.what}", {"setting"}, where


@mutation
def other_bias(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if "use_bias" in made.settings:
            yield _other(recipe, key, made.having(use_bias=not made.settings["use_bias"]))


@mutation
def other_return_sequences(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if "return_sequences" in made.settings:
            flipped = not made.settings["return_sequences"]
            yield _other(recipe, key, made.having(return_sequences=flipped))


@mutation
def exchanged_arguments(recipe: Recipe) -> Iterator[Changed]:
    """Embedding(width, vocabulary)."""
    for key, made in recipe.layers.items():
        if made.kind == "Embedding":
            a, b = made.settings["input_dim"], made.settings["output_dim"]
            yield _other(recipe, key, made.having(input_dim=b, output_dim=a))


@mutation
def other_number(recipe: Recipe) -> Iterator[Changed]:
    """A rate, a momentum, a slope."""
    for key, made in recipe.layers.items():
        for name in ("rate", "momentum", "epsilon", "stddev", "negative_slope", "scale", "offset"):
            value = made.settings.get(name)
            if isinstance(value, float):
                new, _, kinds, where = _other(recipe, key, made.having(**{name: value / 2 + 0.05}))
                yield new, f"{key}.{name}", kinds, where


@mutation
def other_regularizer(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if "kernel_regularizer" in made.settings and key in _held(recipe):
            rule = None if made.settings["kernel_regularizer"] else l2(0.01)
            yield _other(recipe, key, made.having(kernel_regularizer=rule))


@mutation
def other_axis(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if made.kind == "Concatenate":
            for axis in (1, 2, -1):
                if axis != made.settings["axis"]:
                    new, _, kinds, where = _other(recipe, key, made.having(axis=axis))
                    yield new, f"{key}={axis}", kinds, where


@mutation
def asked_for_training(recipe: Recipe) -> Iterator[Changed]:
    """training=True, which a layer then does in inference as well."""
    for _, step in steps(recipe):
        made = recipe.layers.get(step.what)
        if made and made.kind in ("Dropout", "BatchNormalization", "GaussianNoise"):
            changed = with_step(recipe, replace(step, training=True))
            yield changed, step.uid, {"setting"}, {step.uid}


@mutation
def other_freezing(recipe: Recipe) -> Iterator[Changed]:
    for key in _held(recipe):
        made = recipe.layers[key]
        changed = replace(made, trainable=not made.trainable)
        yield with_layer(recipe, key, changed), key, {"trainable"}, _calls(recipe, key)


# --- Other layers -----------------------------------------------------------------------------

_ALIKE = (
    ("LSTM", "GRU"),
    ("GRU", "SimpleRNN"),
    ("SimpleRNN", "LSTM"),
    ("Conv2D", "SeparableConv2D"),
    ("SeparableConv2D", "Conv2D"),
    *((f"MaxPooling{n}D", f"AveragePooling{n}D") for n in (1, 2)),
    *((f"AveragePooling{n}D", f"MaxPooling{n}D") for n in (1, 2)),
    *((f"GlobalMaxPooling{n}D", f"GlobalAveragePooling{n}D") for n in (1, 2)),
    *((f"GlobalAveragePooling{n}D", f"GlobalMaxPooling{n}D") for n in (1, 2)),
    *((f"GlobalMaxPooling{n}D", "Flatten") for n in (1, 2)),
    ("Flatten", "GlobalMaxPooling1D"),
    ("Flatten", "GlobalAveragePooling2D"),
    ("BatchNormalization", "LayerNormalization"),
    ("LayerNormalization", "BatchNormalization"),
    ("Dropout", "GaussianNoise"),
    ("Conv1D", "Dense"),
    ("Dense", "LSTM"),
)


@mutation
def other_layer(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        for kind, other in _ALIKE:
            if made.kind != kind or (kind == "Dense" and _has_activation(made)):
                continue
            given = {"stddev": 0.2} if other == "GaussianNoise" else {}
            size = made.settings.get("units", made.settings.get("filters"))
            config = made_of(other, **given)
            kept = config.keys() & made.settings.keys() - {"axis"}
            config |= {name: made.settings[name] for name in kept}
            if "units" in config:
                config["units"] = size
            if kind == "Dense":
                config |= {"activation": "tanh"}
            new = with_layer(recipe, key, Made(other, config, made.trainable))
            yield new, f"{key}={other}", {"replaced"}, _calls(recipe, key)


@mutation
def other_merge(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if made.kind in MERGES:
            for other in ("Add", "Concatenate", "Multiply", "Average"):
                if other != made.kind:
                    new = with_layer(recipe, key, Made(other, made_of(other)))
                    yield new, f"{key}={other}", {"replaced"}, _calls(recipe, key)


# --- Steps too few or too many ----------------------------------------------------------------


def _without(recipe: Recipe, key: str, step: Step) -> Recipe:
    body = redirected(recipe.bodies[key], (step.uid, 0), step.reads[0])
    rest = tuple(other for other in body.steps if other.uid != step.uid)
    return with_body(recipe, key, replace(body, steps=rest))


@mutation
def dead_step(recipe: Recipe) -> Iterator[Changed]:
    """y = Dense(5)(x), and the next line goes on from x."""
    for key, step in steps(recipe):
        made = recipe.layers.get(step.what)
        if len(step.reads) == 1 and len(_outputs(recipe, step)) == 1:
            kinds = {"missing"}
            if made is not None and made.kind in ("Activation", "ReLU"):
                kinds.add("setting")
            where = {step.uid, step.reads[0][0]} if "setting" in kinds else {step.uid}
            if _is_inert(recipe, key, step):
                continue
            yield _without(recipe, key, step), step.uid, kinds, where


def _is_inert(recipe: Recipe, key: str, step: Step) -> bool:
    """Whether the model's output would then be one of its inputs, or twice the same."""
    body = recipe.bodies[key]
    entries = {entry.uid for entry in body.inputs}
    given = (step.uid, 0) in body.outputs
    return given and (step.reads[0][0] in entries or step.reads[0] in body.outputs)


def _outputs(recipe: Recipe, step: Step) -> list[Value]:
    count = len(recipe.bodies[step.what].outputs) if recipe.is_block(step.what) else 1
    return [(step.uid, number) for number in range(count)]


def _inserted(recipe: Recipe, key: str, value: Value, step: Step) -> Recipe:
    """A step more, behind a value, for all that read it."""
    body = redirected(recipe.bodies[key], value, (step.uid, 0))
    place = next((n + 1 for n, s in enumerate(body.steps) if s.uid == value[0]), 0)
    rows = (*body.steps[:place], step, *body.steps[place:])
    return with_body(recipe, key, replace(body, steps=rows))


@mutation
def extra_layer(recipe: Recipe) -> Iterator[Changed]:
    sizes = shapes(recipe)
    new, uid = _fresh(recipe, "l"), _fresh(recipe, "s")
    for key, step in steps(recipe):
        for value in _outputs(recipe, step):
            extra = [
                Made("Dropout", made_of("Dropout", rate=0.4)),
                Made("BatchNormalization", made_of("BatchNormalization")),
            ]
            width = sizes[step.uid][value[1]][-1]
            if width is not None:
                extra.append(Made("Dense", made_of("Dense", units=width, activation="relu")))
            for made in extra:
                wrong = _inserted(
                    with_layer(recipe, new, made), key, value, Step(uid, new, (value,))
                )
                yield wrong, f"{value[0]}.{value[1]}+{made.kind}", {"extra"}, {uid}


@mutation
def repeated_layer(recipe: Recipe) -> Iterator[Changed]:
    """y = dense(dense(x))."""
    uid = _fresh(recipe, "s")
    for key, step in steps(recipe):
        made = recipe.layers.get(step.what)
        if made is not None and len(step.reads) == 1 and step.what in _held(recipe):
            again = Step(uid, step.what, ((step.uid, 0),))
            wrong = _inserted(recipe, key, (step.uid, 0), again)
            yield wrong, step.uid, {"extra", "wiring"}, {uid, step.uid}


def _group(recipe: Recipe, step: Step) -> set[str]:
    """The uids of a merge and of the merges of its kind that it is grouped with: where brackets
    stand in a + b + c is a matter of spelling."""
    made = recipe.layers[step.what]
    found, size = {step.uid}, 0
    if made.kind not in ASSOCIATIVE:
        return found
    while len(found) > size:
        size = len(found)
        for _, other in steps(recipe):
            if recipe.layers.get(other.what) != made:
                continue
            for _, reader in steps(recipe):
                read = recipe.layers.get(reader.what) == made
                if read and (other.uid, 0) in reader.reads and {other.uid, reader.uid} & found:
                    found |= {other.uid, reader.uid}
    return found


@mutation
def left_out_branch(recipe: Recipe) -> Iterator[Changed]:
    """A branch is not among what is joined or added."""
    for key, step in steps(recipe):
        made = recipe.layers.get(step.what)
        if made is None or len(step.reads) < 2 or made.kind == "Subtract":
            continue
        for number in range(len(step.reads)):
            rest = step.reads[:number] + step.reads[number + 1 :]
            if step.reads[number] in rest:
                continue
            where = {*_group(recipe, step), step.reads[number][0]}
            kinds = {"missing", "wiring"}
            if len(rest) > 1:
                changed = with_step(recipe, replace(step, reads=rest))
            else:
                changed = _without(recipe, key, replace(step, reads=rest))
                if _is_inert(recipe, key, replace(step, reads=rest)):
                    continue
            left = step.reads[number]
            yield changed, f"{step.uid}-{left[0]}.{left[1]}", kinds, where


@mutation
def extra_branch(recipe: Recipe) -> Iterator[Changed]:
    """Something more is joined or added."""
    for key, step in steps(recipe):
        made = recipe.layers.get(step.what)
        if made is None or made.kind not in MERGES - {"Subtract"}:
            continue
        for value in _before(recipe, key, step):
            if value not in step.reads:
                changed = with_step(recipe, replace(step, reads=(*step.reads, value)))
                yield (
                    changed,
                    f"{step.uid}+{value[0]}.{value[1]}",
                    {"wiring", "extra"},
                    _group(recipe, step),
                )


def _before(recipe: Recipe, key: str, step: Step) -> list[Value]:
    """The values that a step could read."""
    body = recipe.bodies[key]
    values: list[Value] = [(entry.uid, 0) for entry in body.inputs]
    for other in body.steps:
        if other.uid == step.uid:
            break
        values += _outputs(recipe, other)
    return values


# --- Wires ------------------------------------------------------------------------------------


@mutation
def wrong_source(recipe: Recipe) -> Iterator[Changed]:
    """A layer reads another tensor than it should."""
    sizes = shapes(recipe)
    for key, step in steps(recipe):
        for number, right in enumerate(step.reads):
            for value in _before(recipe, key, step):
                same = sizes[value[0]][value[1]] == sizes[right[0]][right[1]]
                if value in step.reads or not (same or len(step.reads) == 1):
                    continue
                reads = (*step.reads[:number], value, *step.reads[number + 1 :])
                changed = with_step(recipe, replace(step, reads=reads))
                site = f"{step.uid}.{number}={value[0]}.{value[1]}"
                yield changed, site, {"wiring", "missing"}, _reader(recipe, step)


def _reader(recipe: Recipe, step: Step) -> set[str]:
    is_merge = not recipe.is_block(step.what) and recipe.layers[step.what].kind in MERGES
    return _group(recipe, step) if is_merge else {step.uid}


@mutation
def merged_with_itself(recipe: Recipe) -> Iterator[Changed]:
    """add([y, y])."""
    for _, step in steps(recipe):
        made = recipe.layers.get(step.what)
        if (
            made is not None
            and made.kind in MERGES
            and len(set(step.reads)) == 2 == len(step.reads)
        ):
            for kept in step.reads:
                changed = with_step(recipe, replace(step, reads=(kept, kept)))
                site = f"{step.uid}={kept[0]}.{kept[1]}"
                yield changed, site, {"wiring", "missing"}, _group(recipe, step)


@mutation
def operands_exchanged(recipe: Recipe) -> Iterator[Changed]:
    for _, step in steps(recipe):
        made = recipe.layers.get(step.what)
        if made is not None and made.kind in ("Subtract", "Concatenate"):
            changed = with_step(recipe, replace(step, reads=step.reads[::-1]))
            yield changed, step.uid, {"wiring"}, _group(recipe, step)


@mutation
def branches_exchanged(recipe: Recipe) -> Iterator[Changed]:
    """Two layers read each other's source."""
    for key, body in recipe.bodies.items():
        for number, one in enumerate(body.steps):
            for two in body.steps[number + 1 :]:
                if len(one.reads) != 1 or len(two.reads) != 1 or one.reads == two.reads:
                    continue
                if two.reads[0] not in _before(recipe, key, one):
                    continue
                changed = with_step(recipe, replace(one, reads=two.reads))
                changed = with_step(changed, replace(two, reads=one.reads))
                yield changed, f"{one.uid}/{two.uid}", {"wiring"}, {one.uid, two.uid}


@mutation
def layers_exchanged(recipe: Recipe) -> Iterator[Changed]:
    """Two layers in a row, the other way round."""
    for body in recipe.bodies.values():
        for one in body.steps:
            readers = [s for s in body.steps if (one.uid, 0) in s.reads]
            if len(readers) != 1 or len(readers[0].reads) != 1 or len(one.reads) != 1:
                continue
            two = readers[0]
            if one.what == two.what or (one.uid, 0) in body.outputs:
                continue
            if recipe.is_block(one.what) or recipe.is_block(two.what):
                continue
            kinds = {"wiring"}
            made = {recipe.layers[one.what].kind, recipe.layers[two.what].kind}
            if made & {"Activation", "ReLU", "LeakyReLU"}:
                kinds.add("setting")
            swapped = with_step(recipe, replace(one, what=two.what, training=two.training))
            swapped = with_step(swapped, replace(two, what=one.what, training=one.training))
            yield swapped, f"{one.uid}/{two.uid}", kinds, {one.uid, two.uid}


# --- Sharing ----------------------------------------------------------------------------------


@mutation
def two_in_place_of_one(recipe: Recipe) -> Iterator[Changed]:
    """Two instances in place of one shared layer (or block)."""
    new = _fresh(recipe, "l")
    for _, step in steps(recipe):
        calls = _calls(recipe, step.what)
        if len(calls) < 2 or step.what not in _held(recipe):
            continue
        changed = with_layer(recipe, new, recipe.layers[step.what])
        yield with_step(changed, replace(step, what=new)), step.uid, {"not_shared"}, calls


@mutation
def block_made_twice(recipe: Recipe) -> Iterator[Changed]:
    """The base is built once for each call."""
    for _, step in steps(recipe):
        if recipe.is_block(step.what) and len(_calls(recipe, step.what)) > 1:
            for changed, site, where in _copied(recipe, step, every=True):
                yield changed, site, {"not_shared"}, where


@mutation
def partly_shared(recipe: Recipe) -> Iterator[Changed]:
    """The embedding is shared, the LSTM is not."""
    for _, step in steps(recipe):
        if recipe.is_block(step.what) and len(_calls(recipe, step.what)) > 1:
            for changed, site, where in _copied(recipe, step, every=False):
                yield changed, site, {"not_shared"}, where


def _copied(recipe: Recipe, step: Step, every: bool) -> Iterator[tuple[Recipe, str, set[str]]]:
    """The block of one call copied, with all or with one of its layers new."""
    body = recipe.bodies[step.what]
    held = [s.what for s in body.steps if s.what in _held(recipe)]
    inner = [s for s in body.steps if recipe.is_block(s.what)]
    if not held or inner or (not every and len(held) < 2):
        return
    groups = [held] if every else [[key] for key in dict.fromkeys(held)]
    for group in groups:
        names = {key: f"{key}c" for key in group}
        uids = {s.uid: f"{s.uid}c" for s in body.steps} | {e.uid: f"{e.uid}c" for e in body.inputs}
        entries = tuple(replace(e, uid=uids[e.uid]) for e in body.inputs)
        rows = tuple(
            replace(
                s,
                uid=uids[s.uid],
                what=names.get(s.what, s.what),
                reads=tuple((uids[u], n) for u, n in s.reads),
            )
            for s in body.steps
        )
        copy = Body(entries, rows, tuple((uids[u], n) for u, n in body.outputs))
        layers = {**recipe.layers, **{new: recipe.layers[old] for old, new in names.items()}}
        bodies: dict[str, Body] = {}
        for key, other in recipe.bodies.items():
            bodies[key] = other
            if key == step.what:
                bodies[f"{key}c"] = copy
        changed = replace(recipe, layers=layers, bodies=bodies)
        changed = with_step(changed, replace(step, what=f"{step.what}c"))
        touched = {s.uid for s in body.steps if s.what in group}
        touched |= {uids[uid] for uid in touched}
        yield changed, f"{step.uid}:{','.join(group)}", touched


@mutation
def one_in_place_of_two(recipe: Recipe) -> Iterator[Changed]:
    """One instance is used twice where two are meant."""
    held = _held(recipe)
    keys = list(held)
    for number, one in enumerate(keys):
        for two in keys[number + 1 :]:
            same = recipe.layers[one] == recipe.layers[two] and held[one] == held[two]
            if not same:
                continue
            changed = recipe
            for _, step in steps(recipe):
                if step.what == two:
                    changed = with_step(changed, replace(step, what=one))
            where = _calls(recipe, one) | _calls(recipe, two)
            yield changed, f"{one}/{two}", {"shared"}, where


# --- Inputs and outputs -----------------------------------------------------------------------


def _with_entries(recipe: Recipe, entries: tuple[Entry, ...]) -> Recipe:
    return with_body(recipe, MAIN, replace(recipe.body, inputs=entries))


def _changed_entry(recipe: Recipe, entry: Entry, **changes: Any) -> Recipe:
    entries = recipe.body.inputs
    return _with_entries(recipe, tuple(replace(e, **changes) if e is entry else e for e in entries))


@mutation
def input_overwritten(recipe: Recipe) -> Iterator[Changed]:
    """a = Dense(8)(a), and then Model(a, ...): all before it is cut off."""
    body = recipe.body
    for step in body.steps:
        made = recipe.layers.get(step.what)
        entry = next((e for e in body.inputs if (e.uid, 0) in step.reads), None)
        if made is None or entry is None or len(step.reads) > 1 or entry.dtype == "int32":
            continue
        if sum((entry.uid, 0) in other.reads for other in body.steps) > 1:
            continue
        (shape,) = shapes(recipe)[step.uid]
        cut = Entry(step.uid, shape, cut=True)
        entries = tuple(cut if e is entry else e for e in body.inputs)
        rest = tuple(s for s in body.steps if s is not step)
        changed = with_body(recipe, MAIN, replace(body, inputs=entries, steps=rest))
        yield changed, step.uid, {"input_cut"}, {step.uid, entry.uid}


@mutation
def input_left_out(recipe: Recipe) -> Iterator[Changed]:
    """An input is not among the model's inputs."""
    if len(recipe.body.inputs) > 1:
        for entry in recipe.body.inputs:
            wrong = _changed_entry(recipe, entry, declared=False)
            yield wrong, entry.uid, {"input_missing"}, {entry.uid}


@mutation
def inputs_in_another_order(recipe: Recipe) -> Iterator[Changed]:
    entries = recipe.body.inputs
    for n in range(len(entries) - 1):
        swapped = (*entries[:n], entries[n + 1], entries[n], *entries[n + 2 :])
        one, two = entries[n].uid, entries[n + 1].uid
        yield _with_entries(recipe, swapped), f"{one}/{two}", {"input_order"}, {one, two}


@mutation
def wrong_input(recipe: Recipe) -> Iterator[Changed]:
    """The second branch reads the first input."""
    body = recipe.body
    for entry in body.inputs:
        readers = {s.uid for s in body.steps if (entry.uid, 0) in s.reads}
        for other in body.inputs:
            if other is not entry and (other.shape, other.dtype) == (entry.shape, entry.dtype):
                changed = with_body(recipe, MAIN, redirected(body, (entry.uid, 0), (other.uid, 0)))
                kinds = {"wiring", "input_missing"}
                yield changed, f"{entry.uid}={other.uid}", kinds, readers | {entry.uid}


@mutation
def one_input_for_two(recipe: Recipe) -> Iterator[Changed]:
    """The second input does not exist: its branch reads the first."""
    for changed, site, kinds, where in wrong_input(recipe):
        gone = site.split("=")[0]
        entries = tuple(e for e in changed.body.inputs if e.uid != gone)
        yield _with_entries(changed, entries), site, kinds, where


@mutation
def other_input_shape(recipe: Recipe) -> Iterator[Changed]:
    for entry in recipe.body.inputs:
        for axis, n in enumerate(entry.shape):
            if n is not None:
                shape = (*entry.shape[:axis], n + 1, *entry.shape[axis + 1 :])
                wrong = _changed_entry(recipe, entry, shape=shape)
                yield wrong, f"{entry.uid}.{axis}", {"input_shape"}, {entry.uid}


@mutation
def other_input_name(recipe: Recipe) -> Iterator[Changed]:
    if recipe.names:
        for entry in recipe.body.inputs:
            if entry.name is not None:
                wrong = _changed_entry(recipe, entry, name="another")
                yield wrong, entry.uid, {"input_name"}, {entry.uid}


def _with_outputs(recipe: Recipe, outputs: tuple[Value, ...]) -> Recipe:
    known = dict(zip(recipe.body.outputs, recipe.output_names, strict=True))
    names = [known.get(value, f"other_{number}") for number, value in enumerate(outputs)]
    if not recipe.named:
        names = [f"out_{number}" for number, _ in enumerate(outputs)]
    changed = with_body(recipe, MAIN, replace(recipe.body, outputs=outputs))
    return replace(changed, output_names=tuple(names))


@mutation
def other_output_name(recipe: Recipe) -> Iterator[Changed]:
    if recipe.named:
        for number, (value, name) in enumerate(
            zip(recipe.body.outputs, recipe.output_names, strict=True)
        ):
            names = (*recipe.output_names[:number], "another", *recipe.output_names[number + 1 :])
            yield replace(recipe, output_names=names), name, {"output_name"}, {value[0]}


@mutation
def output_left_out(recipe: Recipe) -> Iterator[Changed]:
    outputs = recipe.body.outputs
    if len(outputs) > 1:
        for n, value in enumerate(outputs):
            changed = _with_outputs(recipe, outputs[:n] + outputs[n + 1 :])
            gone = {s.uid for _, s in steps(recipe)} - {s.uid for _, s in steps(pruned(changed))}
            yield changed, f"{value[0]}.{value[1]}", {"output_missing"}, {value[0]} | gone


@mutation
def extra_output(recipe: Recipe) -> Iterator[Changed]:
    for step in recipe.body.steps:
        for value in _outputs(recipe, step):
            if value not in recipe.body.outputs:
                changed = _with_outputs(recipe, (*recipe.body.outputs, value))
                yield changed, f"{value[0]}.{value[1]}", {"output_extra"}, {step.uid}


@mutation
def outputs_in_another_order(recipe: Recipe) -> Iterator[Changed]:
    outputs = recipe.body.outputs
    for n in range(len(outputs) - 1):
        swapped = (*outputs[:n], outputs[n + 1], outputs[n], *outputs[n + 2 :])
        one, two = outputs[n], outputs[n + 1]
        site = f"{one[0]}.{one[1]}/{two[0]}.{two[1]}"
        yield _with_outputs(recipe, swapped), site, {"output_order"}, {one[0], two[0]}


@mutation
def wrong_output(recipe: Recipe) -> Iterator[Changed]:
    """An output is taken from elsewhere."""
    outputs = recipe.body.outputs
    for n, right in enumerate(outputs):
        for step in recipe.body.steps:
            for value in _outputs(recipe, step):
                if value not in outputs:
                    changed = _with_outputs(recipe, (*outputs[:n], value, *outputs[n + 1 :]))
                    where = {right[0], step.uid}
                    site = f"{right[0]}.{right[1]}={value[0]}.{value[1]}"
                    yield changed, site, {"wiring", "missing"}, where
