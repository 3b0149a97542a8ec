"""Sizes and places: a Scene becomes items with coordinates, innermost frames first.

Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

from dataclasses import dataclass, field

from . import boxes, words
from .boxes import COMPACT, NARROW, ROOMY, Style
from .layout import Edge, Point, Vertex, layout
from .scene import Box, Scene, Stack, Wire

PAGE_WIDTH = 1000.0  # what a notebook shows without scrolling sideways
PAGE_HEIGHT = 1150.0  # a higher drawing continues in a second column
PAD = 12.0  # inside a frame
HEAD = 28.0  # a frame's title


@dataclass(slots=True)
class PlacedBox:
    """A box with its place and size in pixels, and what is inside a frame."""

    box: Box
    x: float
    y: float
    width: float
    height: float
    inner: Placed | None = None


@dataclass(frozen=True, slots=True)
class PlacedWire:
    """A wire with its corners in pixels, from its source to its target."""

    points: list[Point]
    label: str
    marked: bool
    arrow: bool


@dataclass(slots=True)
class Placed:
    """A scene with coordinates, from its own upper left corner."""

    width: float
    height: float
    style: Style
    boxes: list[PlacedBox] = field(default_factory=list)
    wires: list[PlacedWire] = field(default_factory=list)
    ins: list[Point] = field(default_factory=list)  # where lines enter from above
    outs: list[Point] = field(default_factory=list)  # and leave below


def place(scene: Scene) -> Placed:
    """Return the whole picture; with narrow boxes where it would be too wide otherwise."""
    if not scene.compact:
        return _place(scene, ROOMY, PAGE_WIDTH)
    placed = _place(scene, COMPACT, PAGE_WIDTH)
    return _place(scene, NARROW, PAGE_WIDTH) if placed.width > PAGE_WIDTH else placed


def _place(scene: Scene, style: Style, max_width: float, framed: bool = False) -> Placed:
    inner = {
        id(box): _place(box.inner, style, max_width - 2 * PAD, framed=True)
        for stack in scene.stacks
        for box in stack.boxes
        if box.inner is not None
    }
    width = _box_width(scene, style)
    nodes = [_node(stack, width, style, inner, framed) for stack in scene.stacks]
    edges = [Edge(w.source, w.target, w.out, w.port, bool(w.label)) for w in scene.wires]
    plan = layout(nodes, edges, max_width, PAGE_HEIGHT)
    placed = Placed(plan.width, plan.height, style)
    for stack, node, (x, y) in zip(scene.stacks, nodes, plan.places, strict=True):
        _put_stack(placed, stack, node, x, y, inner)
    middles = [(x + node.width / 2, y) for node, (x, y) in zip(nodes, plan.places, strict=True)]
    placed.ins = [middles[n] for n in scene.ins]
    placed.outs = [middles[n] for n in scene.outs]
    said: set[tuple[int, int]] = set()
    for wire, route in zip(scene.wires, plan.routes, strict=True):
        placed.wires.append(_wire(scene, wire, route, said))
    return placed


def _is_input(stack: Stack) -> bool:
    return bool(stack.boxes) and stack.boxes[0].family == "input"


def _wire(scene: Scene, wire: Wire, route: list[Point], said: set[tuple[int, int]]) -> PlacedWire:
    """A shape is written once, where its tensor is made."""
    key = (wire.source, wire.out)
    label = "" if key in said else wire.label
    if label:
        said.add(key)
    return PlacedWire(route, label, wire.marked, scene.stacks[wire.target].pin != "out")


# --- sizes ------------------------------------------------------------------------------------


def _box_width(scene: Scene, style: Style) -> float:
    """Return one width for all boxes of a scene: they line up."""
    widths = [
        boxes.needs(box, style)
        for stack in scene.stacks
        for box in stack.boxes
        if box.inner is None and box.family != "output"
    ]
    return min(max([style.least, *widths]), style.most)


def _node(
    stack: Stack, width: float, style: Style, inner: dict[int, Placed], framed: bool
) -> Vertex:
    if stack.pin:
        return Vertex(8, 0, outs=(4,), top=stack.pin == "in", bottom=stack.pin == "out")
    first, last = stack.boxes[0], stack.boxes[-1]
    if first.inner is not None:
        return _frame_node(first, inner[id(first)], style)
    if first.family == "output":
        width = max(70.0, boxes.needs(first, style))
    if len(last.shapes) > 1:  # as wide as its shapes, side by side
        widest = max(words.text_width(shape, style.small) for shape in last.shapes) + 12
        width = max(width, widest * (len(last.shapes) + 1))
    height = boxes.stack_height(stack, width, style)
    outs = _outs(len(last.shapes), width)
    return Vertex(width, height, outs=outs, top=framed and _is_input(stack))


def _outs(count: int, width: float) -> tuple[float, ...]:
    return tuple(width * (i + 1) / (count + 1) for i in range(count)) if count > 1 else (width / 2,)


def frame_head(box: Box, width: float, style: Style) -> float:
    """Return the height of a frame's title, with what else is written there."""
    return HEAD + (style.row if box.tag else 0) + boxes.notes_height(box, width, style)


def frame_title(box: Box, width: float, style: Style) -> float:
    """Return how far a frame's head is written on, from its left border."""
    if box.notes:
        return width
    name = words.text_width(box.title, style.size, True) + words.text_width(box.name, style.small)
    return 26 + max(name, words.text_width(box.tag, style.small, True))


def _frame_node(box: Box, inner: Placed, style: Style) -> Vertex:
    head = words.text_width(box.title, style.size, True) + words.text_width(box.name, style.small)
    tag = words.text_width(box.tag, style.small, True)
    width = max(inner.width, head + 46, tag + 30) + 2 * PAD
    shift = (width - inner.width) / 2
    return Vertex(
        width,
        frame_head(box, width, style) + PAD / 2 + inner.height + PAD,
        outs=tuple(x + shift for x, _y in inner.outs),
        ins=tuple(x + shift for x, _y in inner.ins),
    )


# --- places -----------------------------------------------------------------------------------


def _put_stack(
    placed: Placed, stack: Stack, node: Vertex, x: float, y: float, inner: dict[int, Placed]
) -> None:
    style = placed.style
    for number, box in enumerate(stack.boxes):
        if box.inner is not None:
            placed.boxes.append(PlacedBox(box, x, y, node.width, node.height, inner[id(box)]))
            return
        height = boxes.height(box, node.width, style)
        placed.boxes.append(PlacedBox(box, x, y, node.width, height))
        y += height
        if number + 1 < len(stack.boxes):
            gap = boxes.gap_below(stack, number, style)
            middle = x + node.width / 2
            points = [(middle, y), (middle, y + gap)]
            marked = bool(stack.boxes[number + 1].parting)
            label = boxes.label_below(stack, number)
            placed.wires.append(PlacedWire(points, label, marked, arrow=True))
            y += gap
