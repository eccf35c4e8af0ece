# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""docs/reference/ckf.md says what --help says."""

import argparse
import pathlib
import re

import pytest
from ckf.bundle import charms
from ckf.cli.main import parser

REFERENCE = pathlib.Path(__file__).parents[4] / "docs" / "reference" / "ckf.md"


def verbs():
    (found,) = (
        action.choices
        for action in parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return found


def declared(verb):
    """Each argument as it is written, with its help."""
    rows = {}
    for action in verbs()[verb]._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        if not action.option_strings:
            name = action.metavar
        elif action.nargs == 0:
            name = action.option_strings[0]
        else:
            name = f"{action.option_strings[0]} {action.metavar or action.dest.upper()}"
        rows[name] = action.help
    return rows


def documented(verb):
    """The rows of the verb's table of options."""
    text = REFERENCE.read_text()
    section = re.split(r"^## ", text, flags=re.MULTILINE)
    (mine,) = (part for part in section if part.startswith(f"`ckf {verb} "))
    table = mine.partition("| Option |")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", table, flags=re.MULTILINE))


@pytest.mark.parametrize("verb", list(verbs()))
def test_the_reference_has_every_option(verb):
    assert documented(verb) == declared(verb)


def test_the_reference_has_every_verb():
    found = re.findall(r"^## `ckf (\w+)", REFERENCE.read_text(), flags=re.MULTILINE)
    assert found == list(verbs())


def test_the_reference_has_every_stand_in():
    text = REFERENCE.read_text().partition("played by a fake charm:")[2].partition(".")[0]
    assert re.findall(r"`([^`]+)`", text) == sorted(charms.fakes())
