"""The layer of every node of a graph, chosen so that all edges together are short.

Network simplex of Gansner, Koutsofios, North and Vo, "A technique for drawing directed graphs"
(1993): from the longest path to each node, a spanning tree of edges of length 1 is changed edge by
edge while that shortens the edges.  The layers are valid after every change, so the number of
changes can be bounded.

Tests: tests/beyond_sequential/draw/test_ranks.py
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush

WORK = 3_000_000  # the most nodes and edges that are looked at

Pair = tuple[int, int]


def ranks(count: int, pairs: Sequence[Pair]) -> list[int]:
    """Return the layer of each of `count` nodes; each component begins with layer 0.

    `pairs` are the edges (source, target) of a graph without cycles; an edge may occur several
    times, which gives it more weight.  Every edge leads at least one layer down.
    """
    tree = _Tree(count, pairs)
    components = [tree.grow(root) for root in range(count) if tree.parent[root] < 0]
    for component in components:
        tree.add_up(component)
    work = WORK
    while work > 0:
        leaving = tree.leaving()
        if leaving is None:
            break
        work -= len(tree.edges) + tree.exchange(leaving)
    for component in components:
        first = min(tree.rank[v] for v in component)
        for v in component:
            tree.rank[v] -= first
    return tree.rank


def longest_paths(count: int, pairs: Sequence[Pair]) -> list[int]:
    """Return for each node the number of edges of the longest path that leads to it."""
    after: list[list[int]] = [[] for _ in range(count)]
    waits = [0] * count
    for a, b in pairs:
        after[a].append(b)
        waits[b] += 1
    rank = [0] * count
    ready = [v for v in range(count) if not waits[v]]
    for a in ready:
        for b in after[a]:
            rank[b] = max(rank[b], rank[a] + 1)
            waits[b] -= 1
            if not waits[b]:
                ready.append(b)
    return rank


class _Tree:
    """The layers, and in each component a spanning tree of edges of length 1.

    `net` of a node is the weight of all edges out of its subtree less that of all edges into it:
    so much shorter do all edges together become if the subtree moves one layer down.
    """

    def __init__(self, count: int, pairs: Sequence[Pair]) -> None:
        weights: dict[Pair, int] = {}
        for pair in pairs:
            weights[pair] = weights.get(pair, 0) + 1
        self.edges = list(weights)
        self.rank = longest_paths(count, self.edges)
        self.near: list[list[int]] = [[] for _ in range(count)]  # numbers of edges
        self.net = [0] * count
        for number, ((a, b), weight) in enumerate(weights.items()):
            self.near[a].append(number)
            self.near[b].append(number)
            self.net[a] += weight
            self.net[b] -= weight
        self.parent = [-1] * count  # a root is its own parent
        self.children: list[set[int]] = [set() for _ in range(count)]
        self.link = [-1] * count  # the edge to the parent
        self.child = [-1] * len(self.edges)  # of an edge of the tree, its end away from the root

    def _hang(self, v: int, parent: int, number: int) -> None:
        self.parent[v], self.link[v] = parent, number
        self.children[parent].add(v)
        self.child[number] = v

    def grow(self, root: int) -> list[int]:
        """Make the tree of the component of a node; return its nodes, parents first.

        The next edge is the one with the least slack; all that is not yet reached moves towards
        the tree by that slack.
        """
        self.parent[root] = root
        reached = [root]
        shift = 0  # of all nodes that are not reached
        heaps: tuple[list[Pair], list[Pair]] = [], []  # edges out of the tree, edges into it
        for v in reached:
            for number in self.near[v]:
                a, b = self.edges[number]
                if a == v and self.parent[b] < 0:
                    heappush(heaps[0], (self.rank[b] - self.rank[v] - 1, number))
                elif b == v and self.parent[a] < 0:
                    heappush(heaps[1], (self.rank[v] - self.rank[a] - 1, number))
            found = []
            for sign, heap in zip((1, -1), heaps, strict=True):
                while heap and all(self.parent[end] >= 0 for end in self.edges[heap[0][1]]):
                    heappop(heap)
                found += [(slack + sign * shift, number, sign) for slack, number in heap[:1]]
            if found:
                slack, number, sign = min(found)
                shift -= sign * slack
                a, b = self.edges[number]
                old, new = (a, b) if sign > 0 else (b, a)
                self._hang(new, old, number)
                self.rank[new] += shift
                reached.append(new)
        return reached

    def add_up(self, component: list[int]) -> None:
        """Make `net` the sum over each subtree; until then it is that of each node alone."""
        for v in reversed(component[1:]):
            self.net[self.parent[v]] += self.net[v]

    def leaving(self) -> int | None:
        """Return an edge of the tree that may become longer, which makes others shorter."""
        for number, v in enumerate(self.child):
            if v >= 0 and (self.net[v] if self.edges[number][0] == v else -self.net[v]) < 0:
                return number
        return None

    def exchange(self, leaving: int) -> int:
        """Take an edge out of the tree and put the one with the least slack into it.

        Return the number of nodes and edges that were looked at.
        """
        top = self.child[leaving]
        subtree = {top}
        queue = [top]
        for v in queue:
            queue += self.children[v]
            subtree.update(self.children[v])
        down = self.net[top] > 0  # where the subtree moves
        work = len(queue)
        found: list[tuple[int, int]] = []
        for v in queue:
            work += len(self.near[v])
            for number in self.near[v]:
                a, b = self.edges[number]
                if (a if down else b) == v and (b if down else a) not in subtree:
                    found.append((self.rank[b] - self.rank[a] - 1, number))
        slack, entering = min(found)
        for v in queue:
            self.rank[v] += slack if down else -slack
        self._replace(leaving, entering, top, inside=self.edges[entering][0 if down else 1])
        return work

    def _replace(self, leaving: int, entering: int, top: int, inside: int) -> None:
        """Hang the subtree of `top` up at its node `inside`."""
        total = self.net[top]
        for v in self._ancestors(self.parent[top]):
            self.net[v] -= total
        self.children[self.parent[top]].discard(top)
        self.child[leaving] = -1
        a, b = self.edges[entering]
        v, parent, number, net = inside, a + b - inside, entering, 0
        while True:
            above, link = self.parent[v], self.link[v]
            self.children[above].discard(v)
            self._hang(v, parent, number)
            self.net[v], net = total - net, self.net[v]
            if v == top:
                break
            v, parent, number = above, v, link
        for v in self._ancestors(self.parent[inside]):
            self.net[v] += total

    def _ancestors(self, v: int) -> Iterator[int]:
        """Yield a node and all nodes above it in the tree."""
        while True:
            yield v
            if self.parent[v] == v:
                return
            v = self.parent[v]
