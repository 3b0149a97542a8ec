"""From a ModelGraph to a Scene: which boxes there are, and what is written on them.

Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from ..i18n import _
from ..model.graph import Body, Layer, ModelGraph, Ref, Variable, bodies, read_by, refs
from ..model.kinds import is_operation, short_name
from ..model.labels import all_settings, is_generated, summary
from . import words
from .fold import Run, runs
from .scene import Box, GraphPicture, Marks, Scene, Stack, Wire, stack_up

OPEN = 25  # a nested model of more calls is a closed box
OPEN_TWICE = 16  # one of more calls is open only where it is called first
COMPACT = 40  # with more calls than this in sight, boxes are lines
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def picture(
    graph: ModelGraph, nested: str | None = None, marks: Marks | None = None
) -> GraphPicture:
    """Return the graph as boxes and wires; see `draw_graph` for `nested`."""
    builder = _Builder(graph, nested, marks or Marks())
    scene = _Plan(builder, graph.body, None, ()).scene()
    families = tuple(name for name in words.FAMILIES if name in builder.families)
    return GraphPicture(scene, tuple(builder.shared_rows()), families)


class _Builder:
    """What all boxes need to know of the whole graph, and what has been drawn so far."""

    def __init__(self, graph: ModelGraph, nested: str | None, marks: Marks) -> None:
        self.graph, self.nested, self.marks = graph, nested, marks
        # In how many places each layer is called, and how often these calls take place.
        self.uses = Counter(call.layer for body in bodies(graph) for call in body.calls)
        self.times: Counter[str] = Counter()
        self._count(graph.body)
        self.letters = self._letters()
        self.seen: Counter[str] = Counter()
        self.drawn: set[str] = set()
        self.families: set[str] = set()
        self.force = self._forced_open()
        self.compact = self._visible(graph.body) > COMPACT

    def _count(self, body: Body) -> None:
        for call in body.calls:
            self.times[call.layer] += 1
            inner = self.graph.layers[call.layer].body
            if inner is not None:
                self._count(inner)

    def _letters(self) -> dict[str, str]:
        shared = [
            layer.id
            for layer in self.graph.layers.values()
            if self.uses[layer.id] > 1
            and layer.kind != "InputLayer"
            and not is_operation(layer.kind)
        ]
        return {id_: LETTERS[i % 26] + str(i // 26 or "") for i, id_ in enumerate(shared)}

    def _forced_open(self) -> set[str]:
        """Nested models that hold a parting place, and those around them."""
        force = {owner for owner, _n in [*self.marks.notes, *self.marks.wires] if owner}
        grown = True
        while grown:
            outer = {
                id_
                for id_, layer in self.graph.layers.items()
                if layer.body and any(call.layer in force for call in layer.body.calls)
            }
            grown = not outer <= force
            force |= outer
        return force

    def _visible(self, body: Body) -> int:
        """Return how many calls are in sight."""
        count = len(body.calls)
        for call in body.calls:
            layer = self.graph.layers[call.layer]
            if layer.body is not None and self.may_open(layer, layer.body):
                count += self._visible(layer.body)
        return count

    def may_open(self, layer: Layer, body: Body) -> bool:
        if layer.id in self.force:
            return True
        return len(body.calls) <= OPEN if self.nested is None else self.nested == "open"

    def shared_rows(self) -> Iterator[tuple[str, str]]:
        text = _("{name}: one layer, called {n} times; its {count} parameters count once")
        for id_, letter in self.letters.items():
            layer = self.graph.layers[id_]
            count = f"{self.parameters(layer):,}"
            yield letter, text.format(name=layer.name, n=self.times[id_], count=count)

    def parameters(self, layer: Layer) -> int:
        return sum(prod(v.shape) for v in self.variables(layer))

    def variables(self, layer: Layer) -> list[Variable]:
        """Return a layer's weights, those of a nested model's layers included, each once."""
        found: dict[str, Variable] = {}
        stack = [layer]
        while stack:
            item = stack.pop()
            found.update({v.id: v for v in item.variables})
            if item.body is not None:
                stack += [self.graph.layers[call.layer] for call in item.body.calls]
        return list(found.values())

    def frozen(self, layer: Layer) -> bool:
        """Return whether a layer has weights and training changes none of them."""
        weights = self.variables(layer)
        still = not layer.trainable and layer.body is None
        return bool(weights) and (still or not any(v.trainable for v in weights))

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
            summary="" if taken else summary(layer, call),
            name=layer.name,
            notes=self.marks.notes.get(key, ()),
            parting=self.marks.wires.get(key, frozenset()),
            shapes=tuple(words.shape(tensor) for tensor in call.outputs),
        )
        chosen = not is_generated(layer.kind, layer.name)
        if layer.body is not None and not taken and chosen:
            box.title, box.name = layer.name, box.title
        self._freeze(box, layer)
        self._share(box, layer)
        if layer.body is not None and not taken:
            self._nest(box, layer, layer.body)
        box.hover = self._hover(box, layer)
        self.families.add(box.family)
        return box

    def _freeze(self, box: Box, layer: Layer) -> None:
        if not self.frozen(layer):
            return
        frozen = _("frozen")
        if layer.body is not None:
            box.name = f"{box.name}, {frozen}"
        else:
            box.summary = f"{box.summary}, {frozen}" if box.summary else frozen

    def _share(self, box: Box, layer: Layer) -> None:
        if layer.id in self.letters:
            self.seen[layer.id] += 1
            box.badge = self.letters[layer.id]
            box.tag = _("shared: call {n} of {total}").format(
                n=self.seen[layer.id], total=self.times[layer.id]
            )

    def _nest(self, box: Box, layer: Layer, body: Body) -> None:
        again = layer.id in self.drawn and len(body.calls) > OPEN_TWICE
        if self.may_open(layer, body) and not again:
            self.drawn.add(layer.id)
            box.inner = _Plan(self, body, layer.id, box.path).scene()
            return
        count = words.number(self.parameters(layer))
        box.summary = _("{n} calls, {count} parameters").format(n=len(body.calls), count=count)

    def _hover(self, box: Box, layer: Layer) -> str:
        lines = [f"{box.title}  {box.name}".rstrip(), *all_settings(layer)]
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
        return _("input taken at {kind}").format(kind=short_name(layer.kind))
    return _("Input") if layer.kind == "InputLayer" else short_name(layer.kind)


def _is_cut(body: Body, number: int, layer: Layer) -> bool:
    """Return an input of the model that is not an Input: what came before it is cut off."""
    taken = any(ref.call == number for ref in refs(body.inputs))
    return taken and layer.kind != "InputLayer" and not read_by(body.calls[number])


# --- one body -----------------------------------------------------------------------------------


class _Plan:
    """Makes the stacks and wires of one body, or of one block of it."""

    def __init__(
        self,
        builder: _Builder,
        body: Body,
        owner: str | None,
        path: tuple[int, ...],
        block: range | None = None,
    ) -> None:
        self.builder, self.body, self.owner, self.path = builder, body, owner, path
        self.block = block
        self.at: dict[int, int] = {}  # call -> stack
        self.made = Scene(compact=builder.compact)

    def scene(self) -> Scene:
        if self.block is not None:
            self.made.ins = [self._add(Stack([], pin="in"))]
        found = self._runs()
        numbers = range(len(self.body.calls)) if self.block is None else self.block
        number = numbers.start
        while number < numbers.stop:
            run = found.get(number)
            if run is None:
                box = self.builder.box(self.body, self.owner, number, self.path)
                read, end = read_by(self.body.calls[number]), number + 1
            else:
                box, read, end = self._run_box(run), [self._entering(run)], run.stop
            stack = self._add(Stack([box]))
            self._read(stack, read, box.parting)
            self.at |= dict.fromkeys(range(number, end), stack)
            number = end
        self._end()
        if self.made.compact:
            stack_up(self.made)
        return self.made

    def _add(self, stack: Stack) -> int:
        self.made.stacks.append(stack)
        return len(self.made.stacks) - 1

    def _runs(self) -> dict[int, Run]:
        """Return runs of equal blocks, by their first call.

        None where a marked place would be hidden.
        """
        builder = self.builder
        if not builder.compact or self.block is not None:
            return {}
        once = {id_ for id_, n in builder.uses.items() if n == 1}
        marked = {
            n for owner, n in [*builder.marks.notes, *builder.marks.wires] if owner == self.owner
        }
        found = runs(self.body, builder.graph.layers, once)
        return {run.start: run for run in found if marked.isdisjoint(range(run.start, run.stop))}

    def _run_box(self, run: Run) -> Box:
        block = range(run.start, run.start + run.size)
        first, last = (
            self.builder.graph.layers[self.body.calls[n].layer].name
            for n in (run.start, run.stop - 1)
        )
        outputs = self.body.calls[run.stop - 1].outputs
        hover = _("this block {n} times, from {first} to {last}; each reads the one before it")
        return Box(
            path=(*self.path, run.start),
            family="run",
            title=_("{n} times in a row").format(n=run.times),
            name=_("{n} calls each").format(n=run.size),
            hover=hover.format(n=run.times, first=first, last=last),
            inner=_Plan(self.builder, self.body, self.owner, self.path, block).scene(),
            shapes=tuple(words.shape(tensor) for tensor in outputs),
        )

    def _entering(self, run: Run) -> Ref:
        """Return the one tensor that the first block reads."""
        block = self.body.calls[run.start : run.start + run.size]
        return next(ref for call in block for ref in read_by(call) if ref.call < run.start)

    def _read(self, stack: int, read: list[Ref], parting: frozenset[int]) -> None:
        for port, ref in enumerate(read):
            if ref.call in self.at:
                self._wire(stack, ref, port, port in parting)
            else:  # from outside the block
                self.made.wires.append(Wire(self.made.ins[0], stack, 0, port, ""))

    def _wire(self, stack: int, ref: Ref, port: int, marked: bool) -> None:
        label = words.shape(self.body.calls[ref.call].outputs[ref.output])
        wire = Wire(self.at[ref.call], stack, ref.output, port, label, marked)
        self.made.wires.append(wire)

    def _end(self) -> None:
        """Lines to the outputs, or to the lower border of a frame."""
        if self.block is not None:
            self._leave(Ref(self.block.stop - 1))
        elif self.owner is not None:
            self.made.ins = [self.at[ref.call] for ref in refs(self.body.inputs)]
            for ref in refs(self.body.outputs):
                self._leave(ref)
        else:
            named = list(_named_refs(self.body.outputs))
            for place, (name, ref) in enumerate(named):
                box = self._output_box(name, place, len(named), ref)
                self._wire(self._add(Stack([box])), ref, 0, False)

    def _leave(self, ref: Ref) -> None:
        pin = self._add(Stack([], pin="out"))
        self.made.outs.append(pin)
        # Without its shape, which is written outside the frame.
        self.made.wires.append(Wire(self.at[ref.call], pin, ref.output, 0, ""))

    def _output_box(self, name: str, place: int, total: int, ref: Ref) -> Box:
        if self.builder.graph.kind == "Tensor":
            title = _("tensor")
        elif total == 1:
            title = _("output")
        else:
            title = _("output {n} of {total}").format(n=place + 1, total=total)
        self.builder.families.add("output")
        shape = words.shape(self.body.calls[ref.call].outputs[ref.output])
        return Box(
            path=(place,),
            family="output",
            title=title,
            name=name,
            hover=f"{title} {name}".rstrip() + f"\n{shape}",
        )


def _named_refs(tree: Any, name: str = "") -> Iterator[tuple[str, Ref]]:
    """Yield the tensors of a nest, each with the key that it stands under."""
    if isinstance(tree, Ref):
        yield name, tree
    elif isinstance(tree, Mapping):
        for key, item in tree.items():
            yield from _named_refs(item, str(key))
    elif isinstance(tree, (list, tuple)):
        for item in tree:
            yield from _named_refs(item, name)
