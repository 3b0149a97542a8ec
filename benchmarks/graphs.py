"""Real and large models: captured, drawn, compared.

    python benchmarks/graphs.py [--json] [--seed 0] [--calls 10000] [--only WORD]

- every model of keras.applications that builds with weights=None: captured, drawn, equal to
  itself, different from a copy with one mutation, which the first finding names
- two Xceptions, compared once they are loaded
- two random graphs of 1000 calls with one difference
- growth: random graphs of 100 calls up to `--calls`, equal and with one difference
- symmetric graphs: many equal branches, side by side and shared

The exit status is 1 if a bar is missed: a model is not equal to itself, a mutant is equal or found
in the wrong place, two Xceptions take more than 50 ms, or from one size of a graph to ten times
that size the time grows more than 20 times.  Times are CPU seconds, the best of three.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from beyond_sequential.compare import compare
from beyond_sequential.draw import draw_graph
from beyond_sequential.model.graph import Layer, ModelGraph
from tests.fuzzer.kinds import full_config
from tests.fuzzer.recipe import MAIN, Body, Entry, LayerConfig, Recipe, Step
from tests.fuzzer.respell import respell

XCEPTION = 0.05  # seconds
GROWTH = 20.0  # times as long for ten times as many calls
REPEATS = 3


@dataclass(frozen=True)
class Row:
    """One comparison: calls of the graph, seconds to compare, and what is wrong with the result."""

    part: str
    name: str
    calls: int
    seconds: float
    wrong: str = ""


def timed(action: Callable[..., Any], *given: Any) -> tuple[Any, float]:
    """Return the result, and the CPU time of the quickest run."""
    best = float("inf")
    result = None
    for _ in range(REPEATS):
        start = time.process_time()
        result = action(*given)
        best = min(best, time.process_time() - start)
    return result, best


# --- keras.applications -----------------------------------------------------------------------


def applications(only: str) -> Iterator[tuple[str, Any]]:
    """Yield every model of keras.applications with this word in its name, without weights."""
    import keras

    for name, make in vars(keras.applications).items():
        if callable(make) and name[0].isupper() and only.lower() in name.lower():
            keras.backend.clear_session()
            yield name, make(weights=None)


def mutated(graph: ModelGraph, chance: Random) -> tuple[ModelGraph, Layer]:
    """Return the graph with one setting of one layer changed, and that layer."""
    found = []
    for body_layer in graph.layers.values():
        for name in ("filters", "units", "kernel_size", "rate", "momentum"):
            if body_layer.settings.get(name):
                found.append((body_layer, name))
    layer, name = chance.choice(found)
    value = layer.settings[name]
    other = [n + 1 for n in value] if isinstance(value, list) else value / 2 + 0.3
    if isinstance(value, int):
        other = value + 1
    changed = Layer(
        layer.id,
        layer.kind,
        layer.name,
        {**layer.settings, name: other},
        layer.trainable,
        layer.variables,
    )
    layers = {**graph.layers, layer.id: changed}
    return ModelGraph(graph.name, graph.kind, layers, graph.body), layer


def application_rows(seed: int, only: str) -> Iterator[Row]:
    from beyond_sequential.model.capture import capture_graph

    for name, model in applications(only):
        graph, _ = capture_graph(model)
        again, _ = capture_graph(model)
        drawn = len(draw_graph(graph).svg)
        differences, seconds = timed(compare, graph, again)
        yield Row("application", name, len(graph.layers), seconds, _equal_wrong(differences, drawn))
        wrong, layer = mutated(again, Random(f"{seed}/{name}"))
        differences, seconds = timed(compare, graph, wrong)
        complaint = _told_wrong(differences, layer.name)
        yield Row("mutant", f"{name}: {layer.name}", len(graph.layers), seconds, complaint)


def _equal_wrong(differences: list[Any], drawn: int = 1) -> str:
    if differences:
        return f"not equal to itself: {differences[0].kind}"
    return "" if drawn else "not drawn"


def _told_wrong(differences: list[Any], name: str) -> str:
    if not differences:
        return "a mutant is equal"
    first = differences[0]
    if name not in {place.name for place in (*first.expected, *first.found)}:
        return f"{first.kind} is found elsewhere"
    return "" if len(differences) == 1 else f"{len(differences)} findings"


def xception_row() -> Row:
    import keras

    from beyond_sequential.model.capture import capture_graph

    one, two = (capture_graph(keras.applications.Xception(weights=None))[0] for _ in range(2))
    differences, seconds = timed(compare, one, two)
    wrong = _equal_wrong(differences)
    if not wrong and seconds > XCEPTION:
        wrong = f"{seconds * 1000:.0f} ms, more than {XCEPTION * 1000:.0f}"
    return Row("xceptions", "two Xceptions", len(one.layers), seconds, wrong)


# --- Large graphs -----------------------------------------------------------------------------


def large(calls: int, seed: int) -> Recipe:
    """Return a random model of so many calls of Dense and of merges, on one input."""
    chance = Random(f"{seed}/{calls}")
    layers: dict[str, LayerConfig] = {}
    rows: list[Step] = []
    values = ["i"]
    unread = ["i"]
    for number in range(calls):
        uid = f"s{number}"
        near = values[-20:]
        merge = len(near) > 2 and chance.random() < 0.3
        kind = chance.choice(("Add", "Add", "Multiply", "Maximum")) if merge else "Dense"
        reads = chance.sample(near, 2) if merge else [chance.choice(near)]
        if unread and unread[0] not in reads:
            reads[0] = unread[0]
        settings = {"units": 8, "activation": chance.choice(("relu", "linear", "tanh"))}
        key = f"l{number}"
        if not merge and layers and chance.random() < 0.1:
            key = next((k for k in list(layers)[-9:] if layers[k].kind == "Dense"), key)
        layers.setdefault(key, LayerConfig(kind, full_config(kind, **({} if merge else settings))))
        rows.append(Step(uid, key, tuple((read, 0) for read in dict.fromkeys(reads))))
        unread = [value for value in unread if value not in reads] + [uid]
        values.append(uid)
    end = Step("end", "end", tuple((uid, 0) for uid in unread))
    if len(unread) > 1:
        layers["end"] = LayerConfig("Concatenate", full_config("Concatenate"))
        rows.append(end)
    outputs = ((rows[-1].uid, 0),)
    return Recipe({MAIN: Body((Entry("i", (8,)),), tuple(rows), outputs)}, layers, ("out_0",))


def symmetric(branches: int, shared: bool) -> Recipe:
    """Many equal branches of two layers, added up; with `shared` all have the same layers."""
    layers = {"sum": LayerConfig("Add", full_config("Add"))}
    rows = []
    for number in range(branches):
        for place, read in enumerate(("i", f"s{number}.0")):
            key = f"l{0 if shared else number}.{place}"
            layers[key] = LayerConfig("Dense", full_config("Dense", units=8, activation="relu"))
            rows.append(Step(f"s{number}.{place}", key, ((read, 0),)))
    total = Step("sum", "sum", tuple((f"s{number}.1", 0) for number in range(branches)))
    if shared:  # each branch has an input of its own, or all would be one
        entries = tuple(Entry(f"i{number}", (8,)) for number in range(branches))
        rows = [
            Step(s.uid, s.what, ((f"i{s.uid[1:-2]}", 0),)) if s.uid.endswith(".0") else s
            for s in rows
        ]
    else:
        entries = (Entry("i", (8,)),)
    body = Body(entries, (*rows, total), (("sum", 0),))
    return Recipe({MAIN: body}, layers, ("out_0",))


def with_a_mistake(recipe: Recipe, chance: Random) -> tuple[Recipe, str]:
    """Another activation in one layer, and the layer's key."""
    keys = [key for key, made in recipe.layers.items() if made.kind == "Dense"]
    key = chance.choice(keys)
    changed = recipe.layers[key].having(activation="sigmoid")
    layers = {**recipe.layers, key: changed}
    return Recipe(recipe.bodies, layers, recipe.output_names), key


def graph_rows(part: str, name: str, recipe: Recipe, seed: int) -> Iterator[Row]:
    """Yield a recipe against another spelling, and against a mutant."""
    plain = respell(recipe)
    other = respell(recipe, f"{seed}")
    calls = len(plain.graph.calls)
    differences, seconds = timed(compare, plain.graph, other.graph)
    yield Row(part, f"{name}, equal", calls, seconds, _equal_wrong(differences))
    mutant, key = with_a_mistake(recipe, Random(f"{seed}/{name}"))
    wrong = respell(mutant, f"{seed}")
    differences, seconds = timed(compare, plain.graph, wrong.graph)
    steps = {step.uid for step in recipe.body.steps if step.what == key}
    complaint = "a mutant is equal" if not differences else ""
    if differences:
        named = {uid for p in differences[0].expected for uid in plain.trail(p.path)}
        if not named & steps and part != "symmetric":  # of equal branches any may be named
            complaint = f"{differences[0].kind} is found elsewhere"
        elif len(differences) > 1:
            complaint = f"{len(differences)} findings"
    yield Row(part, f"{name}, one difference", calls, seconds, complaint)


def growth(rows: list[Row]) -> list[str]:
    """Return where the time grows faster than it should: from one size to ten times the size."""
    found = []
    for small in rows:
        for large_ in rows:
            names = [row.name.partition(" ")[2] for row in (small, large_)]
            alike = small.part == large_.part in ("random", "symmetric") and names[0] == names[1]
            if alike and 9 <= large_.calls / small.calls <= 11:
                times = large_.seconds / small.seconds
                if times > GROWTH:
                    found.append(f"{small.name} to {large_.name}: {times:.0f} times as long")
    return found


def measured(seed: int, calls: int, only: str) -> Iterator[Row]:
    sizes = [size for size in (100, 300, 1000, 3000, 10_000) if size <= calls]
    for size in sizes:
        if not only or only in "random":
            yield from graph_rows("random", f"{size} calls", large(size, seed), seed)
    for branches in (10, 100, 1000):
        for shared in (False, True):
            if not only or only in "symmetric":
                name = f"{branches} equal branches{', shared' if shared else ''}"
                if branches <= calls / 10:
                    yield from graph_rows("symmetric", name, symmetric(branches, shared), seed)
    if not only or only in "xceptions":
        yield xception_row()
    yield from application_rows(seed, only)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--only", default="", help="a part, or a word in a model's name")
    options = parser.parse_args()
    rows = []
    for row in measured(options.seed, options.calls, options.only):
        rows.append(row)
        out = sys.stderr if options.json else sys.stdout
        text = f"{row.part:12} {row.name:44} {row.calls:6} {row.seconds * 1000:9.1f} ms"
        print(text, row.wrong or "ok", file=out, flush=True)
    failures = [f"{row.name}: {row.wrong}" for row in rows if row.wrong] + growth(rows)
    if options.json:
        print(json.dumps({"rows": [asdict(row) for row in rows], "missed": failures}, indent=1))
    else:
        print("\n".join(f"missed: {text}" for text in failures) or "every bar is met")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
