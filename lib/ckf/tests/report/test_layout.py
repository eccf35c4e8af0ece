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
