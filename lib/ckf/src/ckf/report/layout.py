# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Text in columns that fits its terminal."""

import re
import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence

from rich.text import Text

GAP = "  "
# A last column that is narrower than this goes below its row.
_NARROW = 30
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_HARD_SPACE = "\N{NO-BREAK SPACE}"
STYLES = {
    "active": "green",
    "blocked": "red",
    "error": "bold red",
    "maintenance": "yellow",
    "waiting": "yellow",
    "unknown": "dim",
    "terminated": "dim",
}


def printable(text: str) -> str:
    """Return a text of others, such as a line of a log, without what would move the cursor."""
    return _CONTROL.sub(" ", text)


def one_line(text: str) -> str:
    """Return a text of others, such as a status message, in one line."""
    return " ".join(printable(text).split())


def columns(
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    width: int,
    right: Collection[int] = (),
    styled: Collection[int] = (),
) -> Iterator[Text]:
    """Yield rows below headers; only the last column may be longer than the terminal has room for.

    There is no line of headers if all are empty. Columns are aligned to the right, or show a
    status in its colour, by their numbers.
    """
    table = [[*row[:-1], one_line(row[-1])] for row in rows]
    sizes = [max(map(len, column)) for column in zip(headers, *table, strict=True)][:-1]
    start = sum(sizes) + len(GAP) * len(sizes)
    if start - len(GAP) > width:
        yield from _stacked(headers, table, width=width, styled=styled)
        return
    if any(headers):
        yield Text(_line(headers, sizes, right).rstrip(), style="bold")
    for row in table:
        yield from _row(row, sizes, width=width, start=start, right=right, styled=styled)


def _stacked(
    headers: Sequence[str], rows: Iterable[Sequence[str]], *, width: int, styled: Collection[int]
) -> Iterator[Text]:
    """Yield each row as its first cell, and below it the others with their columns' names.

    A word that is longer than the terminal, such as an image, stays whole, to be copied.
    """
    for row in rows:
        yield Text(row[0].strip(), style="bold")
        named = [f"{name} {cell}" for name, cell in zip(headers[1:], row[1:], strict=True) if cell]
        *short, last = [*named, ""] if not row[-1] else named
        line = GAP.join(
            item.strip().replace(" ", _HARD_SPACE) if len(item) < _NARROW else item.strip()
            for item in short
        )
        for part in (line, last.strip()):
            for text in _paragraph(part, width):
                for index in styled:
                    text.highlight_words([row[index]], STYLES.get(row[index], ""))
                yield text


def _paragraph(text: str, width: int) -> Iterator[Text]:
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=GAP,
        subsequent_indent=GAP * 2,
        break_long_words=False,
        break_on_hyphens=False,
    )
    yield from (Text(line.replace(_HARD_SPACE, " ")) for line in lines)


def _row(
    row: Sequence[str],
    sizes: Sequence[int],
    *,
    width: int,
    start: int,
    right: Collection[int],
    styled: Collection[int],
) -> Iterator[Text]:
    first, rest = row[-1], list[str]()
    room = width - start
    if len(first) > room and room >= _NARROW:
        first, *rest = textwrap.wrap(row[-1], room)
        rest = [" " * start + line for line in rest]
    elif len(first) > room:
        first, rest = "", list(wrapped(row[-1], width, indent=4))
    text = Text(_line([*row[:-1], first], sizes, right).rstrip())
    for index in styled:
        begin = sum(sizes[:index]) + len(GAP) * index
        text.stylize(STYLES.get(row[index], ""), begin, begin + len(row[index]))
    yield text
    yield from map(Text, rest)


def _line(cells: Sequence[str], sizes: Sequence[int], right: Collection[int]) -> str:
    padded = [
        cell.rjust(size) if index in right else cell.ljust(size)
        for index, (cell, size) in enumerate(zip(cells, sizes, strict=False))
    ]
    return GAP.join([*padded, cells[-1]])


def wrapped(text: str, width: int, *, indent: int = 0, hanging: int = 0) -> Iterator[str]:
    """Yield a paragraph in lines that fit; each but the first is indented by `hanging` more."""
    yield from textwrap.wrap(
        text,
        max(width, indent + hanging + 20),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hanging),
        break_on_hyphens=False,
    )


def counted(number: int, what: str) -> str:
    """Return a number and what is counted, in the plural unless it is one."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def listed(items: Iterable[str], label: str, width: int) -> Iterator[Text]:
    """Yield a label and a list with commas below it, in lines that break at the commas only."""
    unbroken = ", ".join(item.replace(" ", _HARD_SPACE) for item in items)
    hanging = len(label) + len(GAP) if len(label) < width / 2 else 2 * len(GAP)
    lines = wrapped(f"{label}{GAP}{unbroken}", width, hanging=hanging)
    yield from (Text(line.replace(_HARD_SPACE, " ")) for line in lines)


def sections(*parts: Iterable[Text]) -> Iterator[Text]:
    """Parts with an empty line between them; one that is empty leaves none."""
    filled = [lines for lines in map(list, parts) if lines]
    for index, lines in enumerate(filled):
        if index:
            yield Text("")
        yield from lines
