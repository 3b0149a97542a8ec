"""Blocks that follow one another unchanged, as in most deep networks: drawn once, with a count.

A run is folded only where that is exact: each repetition reads one tensor, the result of the
repetition before it, and nothing else reads what is inside.

Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from ..model.graph import Body, Layer, Ref, map_refs, read_by, refs

SHORTEST = 3  # calls in a block
LONGEST = 60
SAVING = 8  # calls that a run must save


@dataclass(frozen=True, slots=True)
class Run:
    """Calls start ... start + size * times - 1: a block of `size` calls, `times` in a row."""

    start: int
    size: int
    times: int

    @property
    def stop(self) -> int:
        """Return the number of the first call after the run."""
        return self.start + self.size * self.times


def runs(body: Body, layers: Mapping[str, Layer], once: set[str]) -> list[Run]:
    """Return runs that do not overlap, those that save most first."""
    signs = [_sign(body, layers, number, once) for number in range(len(body.calls))]
    wiring = _Wiring(body)
    found = []
    for start in range(len(signs)):
        for size in range(SHORTEST, min(LONGEST, (len(signs) - start) // 2) + 1):
            if signs[start] == signs[start + size] and signs[start] is not None:
                times = _times(wiring, signs, start, size)
                if (times - 1) * size >= SAVING:
                    found.append(Run(start, size, times))
    # Of runs that are the same but for a shift, the last: a block then ends with its merge.
    found.sort(key=lambda run: (-(run.times - 1) * run.size, run.size, -run.start))
    chosen: list[Run] = []
    for run in found:
        if all(run.stop <= other.start or other.stop <= run.start for other in chosen):
            chosen.append(run)
    return sorted(chosen, key=lambda run: run.start)


def _sign(body: Body, layers: Mapping[str, Layer], number: int, once: set[str]) -> str | None:
    """Return what two calls must have in common; None for one that stays on its own."""
    call = body.calls[number]
    layer = layers[call.layer]
    if layer.kind == "InputLayer" or layer.body is not None or call.layer not in once:
        return None
    constants = map_refs([list(call.args), dict(call.kwargs)], lambda ref: f"tensor {ref.output}")
    return json.dumps(
        [layer.kind, layer.settings, layer.trainable, constants], sort_keys=True, default=repr
    )


def _times(wiring: _Wiring, signs: list[str | None], start: int, size: int) -> int:
    """Return how often the block at `start` follows itself."""
    if signs[start : start + size] != signs[start + size : start + 2 * size]:
        return 1
    first = wiring.block(start, size)
    times = 1
    while first is not None and start + (times + 1) * size <= len(signs):
        block_start = start + times * size
        block = wiring.block(block_start, size)
        same = signs[start : start + size] == signs[block_start : block_start + size]
        if not same or block is None or block[0] != first[0] or block[1] != Ref(block_start - 1):
            break
        times += 1
    while times > 1 and not wiring.closed(start, size, times):
        times -= 1
    return times


class _Wiring:
    """Who reads what in a body."""

    def __init__(self, body: Body) -> None:
        self.outputs = [len(call.outputs) for call in body.calls]
        self.read = [read_by(call) for call in body.calls]
        self.readers: dict[Ref, set[int]] = defaultdict(set)
        for number, read in enumerate(self.read):
            for ref in read:
                self.readers[ref].add(number)
        for ref in refs(body.outputs):
            self.readers[ref].add(len(body.calls))

    def block(self, start: int, size: int) -> tuple[list[list[Ref | None]], Ref] | None:
        """Return how the calls of a block are wired, and what it reads.

        None unless one tensor enters and only the last call's one tensor leaves.
        """
        inside = range(start, start + size)
        entering = {ref for n in inside for ref in self.read[n] if ref.call < start}
        if len(entering) != 1 or self.outputs[inside[-1]] != 1:
            return None
        for n in inside[:-1]:
            for output in range(self.outputs[n]):
                if any(reader not in inside for reader in self.readers[Ref(n, output)]):
                    return None
        wires = [[_relative(ref, start) for ref in self.read[n]] for n in inside]
        return wires, entering.pop()

    def closed(self, start: int, size: int, times: int) -> bool:
        """Nobody but the next block reads what a block makes, the last one's result apart."""
        ends = [start + size * k - 1 for k in range(1, times)]
        return all(reader <= end + size for end in ends for reader in self.readers[Ref(end)])


def _relative(ref: Ref, start: int) -> Ref | None:
    """Return a tensor as seen from the block that starts there; None for the one that enters it."""
    return None if ref.call < start else Ref(ref.call - start, ref.output)
