# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""An action that deletes what removal keeps: custom resource definitions, and users' objects."""

from __future__ import annotations

from collections.abc import Callable

import ops

from ._status import NotReady

CONFIRM = "confirm"
"""The action's parameter; it has to hold the model's name."""


def answer(event: ops.ActionEvent, model: str, what: str, purge: Callable[[], list[str]]) -> None:
    """Delete the application's custom resource definitions, if the action is confirmed.

    Args:
        event: the action; it gets the names of what was deleted, or fails with a sentence.
        model: the model's name.
        what: the resources that are lost, in the plural.
        purge: deletes the definitions, and returns their names.
    """
    if event.params[CONFIRM] != model:
        event.fail(f"to delete all {what}, confirm with the model's name: {model}")
        return
    try:
        names = purge()
    except NotReady as reason:
        event.fail(reason.message)
    else:
        event.set_results({"deleted": ", ".join(names)})
