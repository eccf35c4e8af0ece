# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Where applications stand in the picture, and how their relations run between them.

Layers from left to right, after Sugiyama: providers stand before those that require them, and an
edge over several layers gets a waypoint in each. In a layer everything stands near its neighbours.
Lines to what most applications are related to, such as a log store, would hide all others: those
relations are marks in the boxes.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence

WIDTH, HEIGHT = 196, 30
_GAP, _LANE, _COLUMN = 12, 14, 96
_MARGIN = 8
_SWEEPS = 12
_ACROSS = 4
_FEW = 12

Node = str
Pair = tuple[str, str]


@dataclasses.dataclass(frozen=True)
class Box:
    """An application in the picture.

    Attributes:
        marks: The hubs that it is related to, by their numbers.
        hub: Its own number, of a hub; else -1.
    """

    name: str
    x: float
    y: float
    marks: tuple[int, ...] = ()
    hub: int = -1


@dataclasses.dataclass(frozen=True)
class Edge:
    """Relations of two applications in the picture, as the path of an SVG."""

    provider: str
    requirer: str
    path: str


@dataclasses.dataclass(frozen=True)
class Picture:
    """A whole picture; units are pixels at its own size."""

    width: float
    height: float
    boxes: Sequence[Box]
    edges: Sequence[Edge]


def draw(names: Iterable[str], pairs: Iterable[Pair]) -> Picture:
    """Return a picture; it is the same for the same names and pairs in any order.

    A pair is provider and requirer of a relation; those of one application are left out.
    """
    joined = sorted({pair for pair in pairs if pair[0] != pair[1]})
    hubs = _hubs(joined, len(set(names)))
    drawn = [pair for pair in joined if not {*pair} & {*hubs}]
    related = sorted({name for pair in drawn for name in pair})
    chains = _chains(drawn, _layers(related, drawn))
    beside = _neighbours(chains)
    columns = _ordered(_columns(chains), beside)
    places = _placed(columns, chains, beside)
    boxes = [Box(name, places[name][0], places[name][1] - HEIGHT / 2) for name in related]
    across = max(len(columns), _ACROSS)
    boxes += _rows(sorted(set(names) - {*related, *hubs}), _below(boxes), across)
    boxes = [dataclasses.replace(box, marks=_marks(box.name, joined, hubs)) for box in boxes]
    for number, box in enumerate(_rows(hubs, _below(boxes), across)):
        marks = _marks(box.name, joined, hubs)
        boxes.append(dataclasses.replace(box, marks=marks, hub=number))
    return Picture(
        width=max((box.x for box in boxes), default=0) + WIDTH + _MARGIN,
        height=max((box.y for box in boxes), default=0) + HEIGHT + _MARGIN,
        boxes=boxes,
        edges=[_edge(pair, chain, places) for pair, chain in chains.nodes.items()],
    )


def _hubs(pairs: Sequence[Pair], count: int) -> list[str]:
    """Return what more than half of all applications are related to."""
    others: dict[str, set[str]] = {}
    for first, second in pairs:
        others.setdefault(first, set()).add(second)
        others.setdefault(second, set()).add(first)
    return sorted(name for name, found in others.items() if len(found) > max(count / 2, _FEW))


def _marks(name: str, pairs: Iterable[Pair], hubs: Sequence[str]) -> tuple[int, ...]:
    related = {end for pair in pairs if name in pair for end in pair} - {name}
    return tuple(number for number, hub in enumerate(hubs) if hub in related)


def _below(boxes: Iterable[Box]) -> float:
    return max((box.y + HEIGHT + 2 * _GAP for box in boxes), default=_MARGIN)


def _layers(names: Sequence[str], pairs: Iterable[Pair]) -> dict[str, int]:
    """Return each application's layer: after all that it requires."""
    forward = _acyclic(names, list(pairs))
    layers = dict.fromkeys(names, 0)
    for _ in names:
        for first, second in forward:
            layers[second] = max(layers[second], layers[first] + 1)
    for name in sorted(names, key=lambda name: -layers[name]):
        after = [layers[second] for first, second in forward if first == name]
        before = [second for _, second in forward if second == name]
        if after and not before:
            layers[name] = min(after) - 1
    return layers


def _acyclic(names: Sequence[str], pairs: Sequence[Pair]) -> list[Pair]:
    """Return pairs without circles: those against the order are turned round."""
    surplus = dict.fromkeys(names, 0)
    for first, second in pairs:
        surplus[first] += 1
        surplus[second] -= 1
    order = {name: (-surplus[name], name) for name in names}
    return [pair if order[pair[0]] < order[pair[1]] else (pair[1], pair[0]) for pair in pairs]


@dataclasses.dataclass(frozen=True)
class _Chains:
    """Each pair as a chain of nodes through the layers, from left to right."""

    nodes: Mapping[Pair, Sequence[Node]]
    layers: Mapping[Node, int]


def _chains(pairs: Iterable[Pair], layers: Mapping[str, int]) -> _Chains:
    found: dict[Pair, Sequence[Node]] = {}
    every: dict[Node, int] = dict(layers)
    for pair in pairs:
        left, right = sorted(pair, key=lambda name: (layers[name], name))
        between = range(layers[left] + 1, layers[right])
        lanes = {f"{left} {right} {layer}": layer for layer in between}
        every |= lanes
        found[pair] = [left, *lanes, right]
    return _Chains(found, every)


def _columns(chains: _Chains) -> list[list[Node]]:
    columns: list[list[Node]] = [[] for _ in range(max(chains.layers.values(), default=-1) + 1)]
    for node, layer in sorted(chains.layers.items()):
        columns[layer].append(node)
    return columns


def _neighbours(chains: _Chains) -> dict[Node, list[Node]]:
    found: dict[Node, list[Node]] = {node: [] for node in chains.layers}
    for chain in chains.nodes.values():
        for left, right in itertools.pairwise(chain):
            found[left].append(right)
            found[right].append(left)
    return found


def _ordered(
    columns: list[list[Node]], neighbours: Mapping[Node, Sequence[Node]]
) -> list[list[Node]]:
    """Sort each layer by where its nodes' neighbours stand, from both sides in turns."""
    for sweep in range(_SWEEPS):
        ordered = columns if sweep % 2 == 0 else columns[::-1]
        for fixed, moved in itertools.pairwise(ordered):
            rank, own = _ranks(fixed), _ranks(moved)
            wanted = {
                node: _mean([rank[each] for each in neighbours[node] if each in rank], own[node])
                for node in moved
            }
            moved.sort(key=wanted.__getitem__)
    return columns


def _ranks(column: Sequence[Node]) -> dict[Node, float]:
    return {node: (index + 0.5) / len(column) for index, node in enumerate(column)}


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _placed(
    columns: Sequence[Sequence[Node]], chains: _Chains, neighbours: Mapping[Node, Sequence[Node]]
) -> dict[Node, tuple[float, float]]:
    """Return the middle of each node's left side."""
    names = {end for chain in chains.nodes.values() for end in (chain[0], chain[-1])}
    half = {node: (HEIGHT + _GAP) / 2 if node in names else _LANE / 2 for node in chains.layers}
    height = max((sum(2 * half[node] for node in column) for column in columns), default=0)
    middle: dict[Node, float] = {}
    for column in columns:
        free = height - sum(2 * half[node] for node in column)
        y = free / 2
        for node in column:
            middle[node] = y + half[node]
            y += 2 * half[node]
    for _ in range(_SWEEPS):
        for column in columns:
            wanted = [
                _mean([middle[each] for each in neighbours[node]], middle[node]) for node in column
            ]
            middle |= zip(
                column, _apart(wanted, [half[node] for node in column], height), strict=True
            )
    return {
        node: (_MARGIN + layer * (WIDTH + _COLUMN), _MARGIN + middle[node])
        for node, layer in chains.layers.items()
    }


def _apart(wanted: Sequence[float], half: Sequence[float], height: float) -> list[float]:
    """Return places in their order that are close to those wanted, and do not overlap."""
    found: list[float] = []
    edge = 0.0
    for place, size in zip(wanted, half, strict=True):
        found.append(max(place, edge + size))
        edge = found[-1] + size
    edge = height
    for index in range(len(found) - 1, -1, -1):
        found[index] = min(found[index], edge - half[index])
        edge = found[index] - half[index]
    return found


def _rows(names: Sequence[str], top: float, across: int) -> list[Box]:
    """Return what is related to nothing, in rows below the rest."""
    return [
        Box(
            name,
            _MARGIN + index % across * (WIDTH + _GAP),
            top + index // across * (HEIGHT + _GAP),
        )
        for index, name in enumerate(names)
    ]


def _edge(pair: Pair, chain: Sequence[Node], places: Mapping[Node, tuple[float, float]]) -> Edge:
    """Return a line from box to box, level where it passes a layer and a curve between layers."""
    x, y = places[chain[0]]
    path = f"M{x + WIDTH:g} {y:.4g}"
    for node in chain[1:]:
        level = places[node][1]
        bend = _COLUMN / 2
        path += f"c{bend:g} 0 {bend:g} {level - y:.4g} {_COLUMN:g} {level - y:.4g}"
        if node != chain[-1]:
            path += f"h{WIDTH:g}"
        y = level
    return Edge(*pair, path)
