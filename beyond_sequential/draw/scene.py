"""From a ModelGraph to boxes and wires that are ready to be placed: still no coordinates.

    Box     a call, a nested model drawn open or closed, a run of equal blocks, an output
    Stack   boxes that follow one another with nothing branching off: one vertex of the layout
    Scene   the stacks and wires of one body
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..graph import Body, Call, Layer, ModelGraph, Ref, read_by, refs
from ..i18n import _
from . import words
from .fold import Run, runs

OPEN = 25  # a nested model of more calls is a closed box
OPEN_TWICE = 16  # one of more calls is open only where it is called first
COMPACT = 40  # with more calls than this in sight, boxes are lines
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Key = tuple[str | None, int]  # a call: the layer whose body it is in (None: the top), its number


@dataclass(frozen=True, slots=True)
class Note:
    """What is written on a parting place."""

    number: int
    text: str


@dataclass(slots=True)
class Box:
    path: tuple[int, ...]
    family: str
    title: str
    summary: str = ""
    name: str = ""
    hover: str = ""
    badge: str = ""  # the letter of a shared layer
    tag: str = ""  # "shared: call 1 of 2"
    notes: tuple[Note, ...] = ()
    inner: Scene | None = None
    shapes: tuple[str, ...] = ()  # of the outputs
    marked: frozenset[int] = frozenset()  # arguments whose wire parts


@dataclass(slots=True)
class Stack:
    boxes: list[Box]
    pin: str = ""  # "in" or "out": not a box but the border of a frame


@dataclass(frozen=True, slots=True)
class Wire:
    source: int
    target: int
    out: int
    port: int
    label: str
    marked: bool = False


@dataclass(slots=True)
class Scene:
    stacks: list[Stack] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    compact: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be drawn, with the facts that its legend tells."""

    scene: Scene
    shared: tuple[tuple[str, str], ...]  # letter and words
    families: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """Words for parting calls, and the arguments whose wires part."""

    notes: Mapping[Key, tuple[Note, ...]] = field(default_factory=dict)
    wires: Mapping[Key, frozenset[int]] = field(default_factory=dict)


def picture(graph: ModelGraph, nested: str | None = None, marks: Marks | None = None) -> Picture:
    builder = _Builder(graph, nested, marks or Marks())
    scene = builder.scene(graph.body, None, ())
    return Picture(scene, tuple(builder.shared_rows()), tuple(builder.families_in_order()))


class _Builder:
    """Walks the bodies once, with what all boxes need to know of the whole graph."""

    def __init__(self, graph: ModelGraph, nested: str | None, marks: Marks) -> None:
        self.graph, self.nested, self.marks = graph, nested, marks
        self.uses = self._count_uses()
        self.letters = self._letters()
        self.seen: Counter[str] = Counter()
        self.drawn: set[str] = set()
        self.families: set[str] = set()
        self.force = self._forced_open()
        self.compact = self._visible(graph.body) > COMPACT

    def _count_uses(self) -> Counter[str]:
        """How often each layer is called, in all bodies, each body counted once."""
        bodies = [self.graph.body] + [
            layer.body for layer in self.graph.layers.values() if layer.body is not None
        ]
        return Counter(call.layer for body in bodies for call in body.calls)

    def _letters(self) -> dict[str, str]:
        shared = [id_ for id_ in self.graph.layers
                  if self.uses[id_] > 1 and self.graph.layers[id_].kind != "InputLayer"
                  and not self.graph.layers[id_].kind.startswith("ops.")]
        return {id_: LETTERS[i % 26] + (str(i // 26) if i >= 26 else "")
                for i, id_ in enumerate(shared)}

    def _forced_open(self) -> set[str]:
        """Nested models that hold a parting place, and those around them."""
        force = {owner for owner, _n in [*self.marks.notes, *self.marks.wires] if owner}
        grown = True
        while grown:
            outer = {
                id_ for id_, layer in self.graph.layers.items()
                if layer.body and any(call.layer in force for call in layer.body.calls)
            }
            grown = not outer <= force
            force |= outer
        return force

    def _visible(self, body: Body) -> int:
        count = len(body.calls)
        for call in body.calls:
            layer = self.graph.layers[call.layer]
            if layer.body is not None and self._may_open(layer):
                count += self._visible(layer.body)
        return count

    def _may_open(self, layer: Layer) -> bool:
        if layer.id in self.force:
            return True
        if self.nested is not None:
            return self.nested == "open"
        return len(layer.body.calls) <= OPEN

    # --- a body ---------------------------------------------------------------------------

    def scene(self, body: Body, owner: str | None, path: tuple[int, ...],
              part: range | None = None) -> Scene:
        """The scene of a body, or of the block `part` of it."""
        numbers = part if part is not None else range(len(body.calls))
        plan = _Plan(self, body, owner, path, numbers, folded=part is None)
        return plan.scene()

    def families_in_order(self) -> list[str]:
        return [name for name in words.FAMILIES if name in self.families]

    def shared_rows(self):
        for id_, letter in self.letters.items():
            layer = self.graph.layers[id_]
            text = _("{name}: one layer, called {n} times, {count} parameters once").format(
                name=layer.name, n=self.uses[id_], count=words.number(self.parameters(layer)))
            yield letter, text

    def parameters(self, layer: Layer, trainable: bool | None = None) -> int:
        """The numbers that a layer's weights hold, those of a nested model's layers included."""
        found: dict[str, Any] = {}
        stack = [layer]
        while stack:
            item = stack.pop()
            found.update({v.id: v for v in item.variables})
            if item.body is not None:
                stack += [self.graph.layers[call.layer] for call in item.body.calls]
        total = 0
        for variable in found.values():
            if trainable is None or variable.trainable == trainable:
                size = 1
                for n in variable.shape:
                    size *= n
                total += size
        return total

    def frozen(self, layer: Layer) -> bool:
        if layer.body is not None:
            return bool(self.parameters(layer)) and not self.parameters(layer, True)
        return bool(layer.variables) and (
            not layer.trainable or not any(v.trainable for v in layer.variables))

    # --- boxes ------------------------------------------------------------------------------

    def box(self, body: Body, owner: str | None, number: int, path: tuple[int, ...]) -> Box:
        call = body.calls[number]
        layer = self.graph.layers[call.layer]
        key = (owner, number)
        taken = _is_cut(body, number, layer)
        box = Box(
            path=(*path, number),
            family="input" if taken else words.family(layer),
            title=_title(layer, taken),
            summary="" if taken else _summary(layer, call),
            name=layer.name,
            notes=self.marks.notes.get(key, ()),
            marked=self.marks.wires.get(key, frozenset()),
            shapes=tuple(words.shape(tensor) for tensor in call.outputs),
        )
        if self.frozen(layer):
            box.name = _("{name}, frozen").format(name=layer.name)
        self.share(box, layer)
        if layer.body is not None and not taken:
            self.nest(box, layer)
        box.hover = self.hover(box, layer, call)
        self.families.add(box.family)
        return box

    def share(self, box: Box, layer: Layer) -> None:
        if layer.id in self.letters:
            self.seen[layer.id] += 1
            box.badge = self.letters[layer.id]
            total = max(self.uses[layer.id], self.seen[layer.id])
            box.tag = _("shared: call {n} of {total}").format(n=self.seen[layer.id], total=total)

    def nest(self, box: Box, layer: Layer) -> None:
        calls = len(layer.body.calls)
        again = layer.id in self.drawn and calls > OPEN_TWICE
        if self._may_open(layer) and not again:
            self.drawn.add(layer.id)
            box.inner = self.scene(layer.body, layer.id, box.path)
            return
        box.summary = _("{n} calls, {count} parameters").format(
            n=calls, count=words.number(self.parameters(layer)))

    def hover(self, box: Box, layer: Layer, call: Call) -> str:
        lines = [f"{box.title}  {layer.name}", *words.all_settings(layer)]
        if box.shapes:
            lines.append(_("output: {shape}").format(shape=", ".join(box.shapes)))
        count = self.parameters(layer)
        if count:
            lines.append(_("parameters: {count}").format(count=f"{count:,}"))
        if self.frozen(layer):
            lines.append(_("frozen: training does not change its weights"))
        if box.tag:
            lines.append(f"{box.tag} ({box.badge})")
        return "\n".join(lines + [f"{note.number}: {note.text}" for note in box.notes])


def _title(layer: Layer, taken: bool) -> str:
    if taken:
        return _("input taken at {kind}").format(kind=words.title(layer))
    return _("Input") if layer.kind == "InputLayer" else words.title(layer)


def _summary(layer: Layer, call: Call) -> str:
    text = words.summary(layer)
    if layer.kind.startswith("ops."):
        constants = [words.short(a) for a in call.args
                     if isinstance(a, (int, float)) and not isinstance(a, bool)]
        text = ", ".join([*constants, *([text] if text else [])])
    return text


def _is_cut(body: Body, number: int, layer: Layer) -> bool:
    """An input of the model that is not an Input: what came before it is cut off."""
    return layer.kind != "InputLayer" and any(
        ref.call == number for ref in refs(body.inputs)) and not any(read_by(body.calls[number]))


# --- one body ---------------------------------------------------------------------------------


class _Plan:
    """Makes the stacks and wires of one body (or of a block of it)."""

    def __init__(self, builder: _Builder, body: Body, owner: str | None, path: tuple[int, ...],
                 numbers: range, folded: bool) -> None:
        self.builder, self.body, self.owner, self.path = builder, body, owner, path
        self.numbers = numbers
        self.block = not folded
        self.runs = self._runs() if folded else {}
        self.at: dict[int, int] = {}  # call -> stack
        self.result = Scene(compact=builder.compact)

    def _runs(self) -> dict[int, Run]:
        if not self.builder.compact:
            return {}
        once = {id_ for id_, n in self.builder.uses.items() if n == 1}
        marked = {n for owner, n in [*self.builder.marks.notes, *self.builder.marks.wires]
                  if owner == self.owner}
        found = runs(self.body, self.builder.graph.layers, once)
        return {run.start: run for run in found
                if not any(n in marked for n in range(run.start, run.stop))}

    def scene(self) -> Scene:
        entry = self._add_pin("in") if self.block else None
        number = self.numbers.start
        while number < self.numbers.stop:
            run = self.runs.get(number)
            box = (self._run_box(run) if run
                   else self.builder.box(self.body, self.owner, number, self.path))
            stack = len(self.result.stacks)
            self.result.stacks.append(Stack([box]))
            reading = [run.start] if run else [number]
            self._wire_inputs(reading[0], stack, entry, run)
            last = run.stop if run else number + 1
            for inside in range(number, last):
                self.at[inside] = stack
            number = last
        self._add_outputs()
        if self.builder.compact:
            _stack_up(self.result)
        return self.result

    def _run_box(self, run: Run) -> Box:
        builder = self.builder
        block = range(run.start, run.start + run.size)
        inner = builder.scene(self.body, self.owner, self.path, block)
        last = self.body.calls[run.stop - 1]
        names = [builder.graph.layers[self.body.calls[n].layer].name
                 for n in (run.start, run.stop - 1)]
        builder.families.add("nested") if False else None
        return Box(
            path=(*self.path, run.start),
            family="run",
            title=_("{n} times in a row").format(n=run.times),
            hover=_("this block {n} times, from {first} to {last}; each reads the one before it"
                    ).format(n=run.times, first=names[0], last=names[1]),
            inner=inner,
            shapes=tuple(words.shape(tensor) for tensor in last.outputs),
        )

    def _wire_inputs(self, number: int, stack: int, entry: int | None, run: Run | None) -> None:
        call = self.body.calls[number]
        read = read_by(call)
        if run:
            block = range(run.start, run.start + run.size)
            read = [next(ref for n in block for ref in read_by(self.body.calls[n])
                         if ref.call < run.start)]
        marked = self.result.stacks[stack].boxes[0].marked
        for port, ref in enumerate(read):
            if ref.call in self.at:
                self._wire(self.at[ref.call], stack, ref, port, port in marked)
            elif entry is not None:
                self.result.wires.append(Wire(entry, stack, 0, port, ""))

    def _wire(self, source: int, target: int, ref: Ref, port: int, marked: bool = False) -> None:
        label = words.shape(self.body.calls[ref.call].outputs[ref.output])
        self.result.wires.append(Wire(source, target, ref.output, port, label, marked))

    def _add_pin(self, side: str) -> int:
        self.result.stacks.append(Stack([], pin=side))
        return len(self.result.stacks) - 1

    def _add_outputs(self) -> None:
        if self.block:
            last = self.numbers.stop - 1
            self._wire(self.at[last], self._add_pin("out"), Ref(last), 0)
            return
        named = list(_named_refs(self.body.outputs))
        for place, (name, ref) in enumerate(named):
            if self.owner is not None:
                self._wire(self.at[ref.call], self._add_pin("out"), ref, 0)
                continue
            box = self._output_box(name, place, len(named), ref)
            self.result.stacks.append(Stack([box]))
            self._wire(self.at[ref.call], len(self.result.stacks) - 1, ref, 0, bool(box.notes))

    def _output_box(self, name: str, place: int, total: int, ref: Ref) -> Box:
        if self.builder.graph.kind == "Tensor":
            title = _("tensor")
        elif total == 1:
            title = _("output")
        else:
            title = _("output {n} of {total}").format(n=place + 1, total=total)
        self.builder.families.add("output")
        shape = words.shape(self.body.calls[ref.call].outputs[ref.output])
        return Box(path=(*self.path, -1 - place), family="output", title=title, name=name,
                   hover=f"{title} {name}\n{shape}".replace(" \n", "\n"))


def _named_refs(tree: Any, name: str = ""):
    """The tensors of a nest, each with the key that it stands under."""
    if isinstance(tree, Ref):
        yield name, tree
    elif isinstance(tree, Mapping):
        for key, item in tree.items():
            yield from _named_refs(item, str(key))
    elif isinstance(tree, (list, tuple)):
        for item in tree:
            yield from _named_refs(item, name)


# --- stacks -----------------------------------------------------------------------------------


def _stack_up(scene: Scene) -> None:
    """Join a stack to the one above it wherever that line is the only one of both."""
    readers, reads = defaultdict(list), defaultdict(list)
    for wire in scene.wires:
        readers[wire.source].append(wire)
        reads[wire.target].append(wire)
    head = list(range(len(scene.stacks)))
    for number, stack in enumerate(scene.stacks):
        if len(reads[number]) != 1 or not stack.boxes or len(stack.boxes[0].shapes) > 1:
            continue
        wire = reads[number][0]
        above = scene.stacks[wire.source]
        plain = above.boxes and not stack.boxes[0].inner and not above.boxes[-1].inner
        if len(readers[wire.source]) == 1 and plain and len(above.boxes[-1].shapes) == 1:
            head[number] = head[wire.source]
    for number, first in enumerate(head):
        if first != number:
            scene.stacks[first].boxes += scene.stacks[number].boxes
    kept = sorted(set(head))
    new = {old: i for i, old in enumerate(kept)}
    scene.wires = [
        replace(wire, source=new[head[wire.source]], target=new[head[wire.target]])
        for wire in scene.wires if head[wire.source] != head[wire.target]
    ]
    scene.stacks = [scene.stacks[old] for old in kept]
