"""Sizes and places: a Scene becomes items with coordinates, innermost frames first."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import words
from .layout import Edge, Node, Point, layout
from .scene import Box, Scene, Stack, Wire

PAGE_WIDTH = 1000.0  # what a notebook shows without scrolling sideways
PAGE_HEIGHT = 1150.0  # a higher drawing continues in a second column
PAD = 12.0  # inside a frame
HEAD = 30.0  # a frame's title


@dataclass(frozen=True, slots=True)
class Style:
    """Sizes of one drawing: roomy for few calls, compact for many."""

    size: float
    small: float
    least: float  # width of a box
    most: float
    row: float  # height of a line of text
    pad: float
    between: float  # in a stack, from box to box where nothing is written
    labelled: float  # and where the shape is written


ROOMY = Style(size=13, small=11, least=132, most=270, row=17, pad=8, between=26, labelled=26)
COMPACT = Style(size=11.5, small=10, least=176, most=290, row=15, pad=3.5, between=7, labelled=20)


BESIDE = 196.0  # in a roomy box: a name beside the title makes it no wider than this


@dataclass(slots=True)
class PlacedBox:
    box: Box
    x: float
    y: float
    width: float
    height: float
    inner: Placed | None = None


@dataclass(frozen=True, slots=True)
class PlacedWire:
    points: list[Point]
    label: str
    marked: bool
    arrow: bool


@dataclass(slots=True)
class Placed:
    """A scene with coordinates, from its own upper left corner."""

    width: float
    height: float
    boxes: list[PlacedBox] = field(default_factory=list)
    wires: list[PlacedWire] = field(default_factory=list)
    ins: list[float] = field(default_factory=list)
    outs: list[float] = field(default_factory=list)
    compact: bool = False


def style_of(scene_or_placed: Scene | Placed) -> Style:
    return COMPACT if scene_or_placed.compact else ROOMY


def place(scene: Scene, max_width: float = PAGE_WIDTH, max_height: float = PAGE_HEIGHT,
          framed: bool = False) -> Placed:
    style = style_of(scene)
    inner = {
        id(box): place(box.inner, max_width - 2 * PAD, max_height, framed=True)
        for stack in scene.stacks for box in stack.boxes if box.inner is not None
    }
    width = _box_width(scene, style)
    nodes = [_node(stack, width, style, inner, framed) for stack in scene.stacks]
    _fit_outs(scene, nodes, style)
    edges = [Edge(w.source, w.target, w.out, w.port, bool(w.label)) for w in scene.wires]
    plan = layout(nodes, edges, max_width, max_height)
    placed = Placed(plan.width, plan.height, compact=scene.compact)
    for stack, node, (x, y) in zip(scene.stacks, nodes, plan.places, strict=True):
        _put_stack(placed, stack, node, x, y, style, inner)
        if stack.pin == "in" or (framed and _is_input(stack)):
            placed.ins.append(x + node.width / 2)
        if stack.pin == "out":
            placed.outs.append(x + node.width / 2)
    said: set[tuple[int, int]] = set()
    for wire, route in zip(scene.wires, plan.routes, strict=True):
        placed.wires.append(_wire(scene, wire, route, said))
    return placed


def _is_input(stack: Stack) -> bool:
    return bool(stack.boxes) and stack.boxes[0].family == "input"


def _wire(scene: Scene, wire: Wire, route: list[Point], said: set) -> PlacedWire:
    key = (wire.source, wire.out)
    label = "" if key in said else wire.label
    said.add(key)
    arrow = scene.stacks[wire.target].pin != "out"
    return PlacedWire(route, label, wire.marked, arrow)


# --- sizes ------------------------------------------------------------------------------------


def _box_width(scene: Scene, style: Style) -> float:
    """One width for all boxes of a scene: they line up."""
    widest = style.least
    for stack in scene.stacks:
        for box in stack.boxes:
            if box.inner is None and box.family != "output":
                widest = max(widest, *(text_widths(box, style)))
    return min(widest, style.most)


def text_widths(box: Box, style: Style) -> list[float]:
    """What the lines of a box need, each at its best; a name can have a line of its own."""
    title = words.text_width(box.title, style.size, bold=True)
    summary = words.text_width(box.summary, style.size - 1)
    name = words.text_width(box.name, style.small)
    badge = 16 if box.badge else 0
    if style is COMPACT:
        lines = [title + badge + 24, min(title + summary + name + badge + 38, 250.0)]
    else:
        beside = title + name + badge + 34
        lines = [title + badge + 24, beside if beside <= BESIDE else min(name, 200.0) + 24,
                 summary + 24]
    lines.append(words.text_width(box.tag, style.small) + 22)
    lines += [min(230.0, words.text_width(note.text, style.small + 1) + 44) for note in box.notes]
    return lines


def name_beside(box: Box, width: float, style: Style) -> bool:
    """Whether the name fits into the line of the title."""
    title = words.text_width(box.title, style.size, bold=True)
    name = words.text_width(box.name, style.small)
    return title + name + (16 if box.badge else 0) + 34 <= width


def box_lines(box: Box, width: float, style: Style) -> int:
    """How many lines of text stand in a box."""
    lines = 1
    if style is ROOMY:
        lines += bool(box.summary) + bool(box.name and not name_beside(box, width, style))
    return lines + bool(box.tag)


def note_lines(box: Box, width: float, style: Style) -> list[tuple[int | None, str]]:
    """The words of a parting place in lines; the first of each has its number."""
    lines: list[tuple[int | None, str]] = []
    for note in box.notes:
        for row, text in enumerate(words.wrap(note.text, width - 40, style.small + 1)):
            lines.append((note.number if row == 0 else None, text))
    return lines


def box_height(box: Box, width: float, style: Style) -> float:
    height = box_lines(box, width, style) * style.row + 2 * style.pad
    notes = note_lines(box, width, style)
    return height + (len(notes) * 17 + 6 if notes else 0)


def _node(stack: Stack, width: float, style: Style, inner: dict, framed: bool) -> Node:
    if stack.pin:
        return Node(10, 2, outs=(5,), top=stack.pin == "in", bottom=stack.pin == "out")
    first = stack.boxes[0]
    if first.inner is not None:
        return _frame_node(first, inner[id(first)], style)
    if first.family == "output":
        width = max(70.0, max(text_widths(first, style)))
    height = 0.0
    for number, box in enumerate(stack.boxes):
        height += box_height(box, width, style)
        if number + 1 < len(stack.boxes):
            height += gap_below(stack, number, style)
    outs = _outs(len(stack.boxes[-1].shapes), width)
    return Node(width, height, outs=outs, top=framed and _is_input(stack))


def gap_below(stack: Stack, number: int, style: Style) -> float:
    return style.labelled if label_below(stack, number) else style.between


def label_below(stack: Stack, number: int) -> str:
    """The shape between two boxes of a stack, where it is another than above."""
    here = stack.boxes[number].shapes[0]
    above = stack.boxes[number - 1].shapes[0] if number else None
    return "" if here == above else here


def _outs(count: int, width: float) -> tuple[float, ...]:
    return tuple(width * (i + 1) / (count + 1) for i in range(count)) if count > 1 else (width / 2,)


def _frame_node(box: Box, inner: Placed, style: Style) -> Node:
    head = words.text_width(box.title, style.size, True) + words.text_width(box.name, style.small)
    tag = words.text_width(box.tag, style.small)
    width = max(inner.width, head + 60, tag + 30) + 2 * PAD
    shift = (width - inner.width) / 2
    notes = note_lines(box, width, style)
    top = HEAD + (style.row if box.tag else 0) + (len(notes) * 17 + 6 if notes else 0)
    return Node(
        width, top + PAD + inner.height + PAD,
        outs=tuple(x + shift for x in inner.outs),
        ins=tuple(x + shift for x in inner.ins),
    )


def _fit_outs(scene: Scene, nodes: list[Node], style: Style) -> None:
    """A box with several outputs is as wide as their shapes, side by side."""
    for stack, node in zip(scene.stacks, nodes, strict=True):
        box = stack.boxes[-1] if stack.boxes else None
        if box is not None and box.inner is None and len(box.shapes) > 1:
            widest = max(words.text_width(shape, style.small) for shape in box.shapes) + 12
            node.width = max(node.width, widest * (len(box.shapes) + 1))
            node.outs = _outs(len(box.shapes), node.width)


# --- places -----------------------------------------------------------------------------------


def _put_stack(placed: Placed, stack: Stack, node: Node, x: float, y: float, style: Style,
               inner: dict) -> None:
    for number, box in enumerate(stack.boxes):
        if box.inner is not None:
            placed.boxes.append(PlacedBox(box, x, y, node.width, node.height, inner[id(box)]))
            return
        height = box_height(box, node.width, style)
        placed.boxes.append(PlacedBox(box, x, y, node.width, height))
        y += height
        if number + 1 < len(stack.boxes):
            gap = gap_below(stack, number, style)
            middle = x + node.width / 2
            points = [(middle, y), (middle, y + gap)]
            placed.wires.append(
                PlacedWire(points, label_below(stack, number), bool(stack.boxes[number + 1].marked),
                           arrow=True))
            y += gap
