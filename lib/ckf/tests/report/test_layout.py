# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Columns and paragraphs that fit."""

import pytest
from ckf.report import layout

HEADERS = ("App", "N", "Message")
ROWS = [("store", "1", ""), ("a-long-name", "10", "one two three four five six seven eight nine")]


def lines(width, **options):
    return [line.plain for line in layout.columns(HEADERS, ROWS, width=width, **options)]


def test_a_wide_terminal():
    assert lines(100, right=(1,)) == [
        "App           N  Message",
        "store         1",
        "a-long-name  10  one two three four five six seven eight nine",
    ]


def test_a_narrower_one_wraps_the_last_column():
    assert lines(50)[2:] == [
        "a-long-name  10  one two three four five six seven",
        "                 eight nine",
    ]


def test_the_narrowest_puts_it_below():
    assert lines(40)[2:] == [
        "a-long-name  10",
        "    one two three four five six seven",
        "    eight nine",
    ]


def test_columns_that_do_not_fit_side_by_side_stand_below_each_other():
    headers = ("App", "Status", "Scale", "Charm", "Message")
    rows = [
        ("store", "active", "1", "a-charm-with-a-name", ""),
        ("a-long-name", "blocked", "1", "x", "relate kv to an application that offers it"),
    ]
    table = list(layout.columns(headers, rows, width=40, styled=(1,)))
    assert [line.plain for line in table] == [
        "store",
        "  Status active  Scale 1",
        "    Charm a-charm-with-a-name",
        "a-long-name",
        "  Status blocked  Scale 1  Charm x",
        "  Message relate kv to an application",
        "    that offers it",
    ]
    assert [span.style for line in table for span in line.spans] == ["green", "red"]


def test_a_word_that_is_longer_than_the_terminal_stays_whole():
    image = "registry.example/a/very/long/path/of/an/image:1.0"
    rows = [("store", image, "at once", "resource oci-image")]
    found = [line.plain for line in layout.columns(("App", "Image", "", "By"), rows, width=40)]
    assert found == [
        "store",
        "  Image",
        f"    {image}",
        "    at once",
        "  By resource oci-image",
    ]


@pytest.mark.parametrize(("number", "text"), [(0, "0 hooks"), (1, "1 hook"), (2, "2 hooks")])
def test_one_thing_is_not_many(number, text):
    assert layout.counted(number, "hook") == text


@pytest.mark.parametrize("width", range(20, 120))
def test_no_line_is_longer_than_the_terminal(width):
    assert max(map(len, lines(width))) <= max(width, 24)


def test_a_status_has_its_colour():
    rows = [("x", "blocked", "m")]
    _, line = layout.columns(("A", "Status", "M"), rows, width=80, styled=(1,))
    (span,) = line.spans
    assert (line.plain[span.start : span.end], span.style) == ("blocked", "red")


def test_a_list_breaks_at_its_commas():
    items = ["10 ClusterRole", "3 ConfigMap", "1 Role"]
    assert [line.plain for line in layout.listed(items, "made:", 30)] == [
        "made:  10 ClusterRole,",
        "       3 ConfigMap, 1 Role",
    ]


def test_sections_are_apart():
    texts = layout.columns(("A",), [("x",)], width=10)
    assert [line.plain for line in layout.sections(texts, [], layout.listed(["y"], "z", 20))] == [
        "A",
        "x",
        "",
        "z  y",
    ]


def test_messages_of_others_stay_in_their_line():
    rows = [("x", "one\ntwo\x1b[2J\t\x07three")]
    assert [line.plain for line in layout.columns(("A", "M"), rows, width=80)][1:] == [
        "x  one two [2J three"
    ]
