# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The picture: nothing overlaps, relations run from box to box, order does not matter."""

from __future__ import annotations

import itertools
import re

import pytest
from ckf.html import topology

CHAIN = [("a", "b"), ("b", "c"), ("a", "c")]


def box(picture, name):
    return next(each for each in picture.boxes if each.name == name)


def many(count, hubs=()):
    """Applications of which each has a few neighbours, and hubs that all are related to."""
    names = [f"app-{number}" for number in range(count)]
    pairs = [(names[i], names[j]) for i in range(count) for j in (i * 7 % count, i * 3 % count)]
    return [*names, *hubs], [*pairs, *itertools.product(names, hubs)]


def test_providers_stand_left_of_what_requires_them():
    picture = topology.draw("abc", CHAIN)
    assert box(picture, "a").x < box(picture, "b").x < box(picture, "c").x


@pytest.mark.parametrize(
    "pairs", [[("a", "b"), ("b", "a")], [("a", "b"), ("b", "c"), ("c", "a")], [("a", "a")], []]
)
def test_circles_and_no_relations_at_all_are_drawn(pairs):
    picture = topology.draw("abc", pairs)
    assert sorted(each.name for each in picture.boxes) == ["a", "b", "c"]
    assert len(picture.edges) == len({pair for pair in pairs if pair[0] != pair[1]})


def test_nothing_at_all_is_an_empty_picture():
    assert topology.draw([], []).boxes == []


@pytest.mark.parametrize("count", [2, 9, 40, 120])
def test_no_box_overlaps_another_or_the_edge(count):
    picture = topology.draw(*many(count, ("logs", "metrics")))
    assert len(picture.boxes) == count + 2
    for one, other in itertools.combinations(picture.boxes, 2):
        apart = abs(one.x - other.x) >= topology.WIDTH or abs(one.y - other.y) >= topology.HEIGHT
        assert apart, (one, other)
    for each in picture.boxes:
        assert 0 <= each.x <= picture.width - topology.WIDTH
        assert 0 <= each.y <= picture.height - topology.HEIGHT


def test_every_line_begins_and_ends_at_a_box():
    picture = topology.draw(*many(40))
    for edge in picture.edges:
        ends = [box(picture, edge.provider), box(picture, edge.requirer)]
        left, right = sorted(ends, key=lambda each: each.x)
        x, y = map(float, re.findall(r"[\d.-]+", edge.path)[:2])
        curves = re.findall(r"c\S+ \S+ \S+ \S+ (\S+) ([^\sch]+)", edge.path)
        width = sum(float(step) for step, _ in curves) + sum(
            float(step) for step in re.findall(r"h([\d.]+)", edge.path)
        )
        assert x == left.x + topology.WIDTH
        assert x + width == pytest.approx(right.x, abs=1)
        assert y == pytest.approx(left.y + topology.HEIGHT / 2, abs=1)
        assert y + sum(float(step) for _, step in curves) == pytest.approx(
            right.y + topology.HEIGHT / 2, abs=2
        )


def test_what_most_are_related_to_is_marked_and_not_drawn_to():
    picture = topology.draw(*many(40, ("logs",)))
    assert box(picture, "logs").hub == 0
    assert {each.marks for each in picture.boxes if each.name != "logs"} == {(0,)}
    assert not [edge for edge in picture.edges if "logs" in (edge.provider, edge.requirer)]


def test_the_order_of_what_is_given_does_not_matter():
    names, pairs = many(40)
    assert topology.draw(names, pairs) == topology.draw(names[::-1], pairs[::-1])
