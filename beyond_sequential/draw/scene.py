"""What a picture consists of, before it has coordinates.

Box     a call, a nested model drawn open or closed, a run of equal blocks, an output
Stack   boxes that follow one another with nothing branching off: one vertex of the layout
Scene   the stacks and wires of one body

Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

Key = tuple[str | None, int]  # a call: the layer whose body it is in (None: the top), its number


@dataclass(frozen=True, slots=True)
class Note:
    """What is written on a parting place."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Marks:
    """Words for parting calls; of the tensors that they read, the numbers of those that part."""

    notes: Mapping[Key, tuple[Note, ...]] = field(default_factory=dict)
    wires: Mapping[Key, frozenset[int]] = field(default_factory=dict)


@dataclass(slots=True)
class Box:
    """What is written in a box, and which call of the model it is (`path`)."""

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
    parting: frozenset[int] = frozenset()  # numbers of the tensors read whose wire parts


@dataclass(slots=True)
class Stack:
    """Boxes that follow one another without another line between."""

    boxes: list[Box]
    pin: str = ""  # "in" or "out": not a box but the border of a frame


@dataclass(frozen=True, slots=True)
class Wire:
    """From a stack's lower side to another's upper side; `port` counts what that one reads."""

    source: int
    target: int
    out: int
    port: int
    label: str
    marked: bool = False


@dataclass(slots=True)
class Scene:
    """`ins` and `outs` are the stacks where lines enter and leave, if a frame is drawn around."""

    stacks: list[Stack] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    ins: list[int] = field(default_factory=list)
    outs: list[int] = field(default_factory=list)
    compact: bool = False


@dataclass(frozen=True, slots=True)
class GraphPicture:
    """What is to be drawn, with the facts that its legend tells."""

    scene: Scene
    shared: tuple[tuple[str, str], ...]  # letter and words
    families: tuple[str, ...]


def stack_up(scene: Scene) -> None:
    """Join a stack to the one above it wherever that line is the only one of both."""
    readers, reads = defaultdict(list), defaultdict(list)
    for wire in scene.wires:
        readers[wire.source].append(wire)
        reads[wire.target].append(wire)
    head = list(range(len(scene.stacks)))
    for number, stack in enumerate(scene.stacks):
        if len(reads[number]) == 1 and _joins(stack, scene.stacks[reads[number][0].source]):
            above = reads[number][0].source
            if len(readers[above]) == 1:
                head[number] = head[above]
    for number, first in enumerate(head):
        if first != number:
            scene.stacks[first].boxes += scene.stacks[number].boxes
    kept = sorted(set(head))
    new = {old: i for i, old in enumerate(kept)}
    scene.wires = [
        replace(wire, source=new[head[wire.source]], target=new[head[wire.target]])
        for wire in scene.wires
        if head[wire.source] != head[wire.target]
    ]
    scene.stacks = [scene.stacks[old] for old in kept]
    scene.ins = [new[head[n]] for n in scene.ins]
    scene.outs = [new[head[n]] for n in scene.outs]


def _joins(stack: Stack, above: Stack) -> bool:
    """Whether a stack's boxes can stand in a row with those above: plain boxes, one output each."""
    boxes = [*above.boxes[-1:], *stack.boxes[:1]]
    single = all(box.inner is None and len(box.shapes) <= 1 for box in boxes)
    return len(boxes) == 2 and single and bool(boxes[0].shapes)
