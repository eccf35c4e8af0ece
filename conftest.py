# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What all tests have in common."""

from __future__ import annotations

import functools
import gc
import pathlib
import signal
import sys
from collections.abc import Iterator

import bcrypt
import pytest

# Modules of charms have names of their own, so that tests can import them as charms do.
sys.path += [str(path) for path in pathlib.Path(__file__).parent.glob("charms/*/src")]

# A job in the background of a script ignores interrupts, and so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# As `jujusim` does while a model settles; many tests run a hook by itself.
gc.set_threshold(10_000, 10, 10)


@pytest.fixture(autouse=True, scope="session")
def _quick_hashes() -> Iterator[None]:
    """A hash of full strength takes as long as all the rest of a hook together."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bcrypt, "gensalt", functools.partial(bcrypt.gensalt, rounds=4))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test of two groups: that is a third one, in which all is deployed once more."""
    twice = [item.nodeid for item in items if len([*item.iter_markers("xdist_group")]) > 1]
    if twice:
        raise pytest.UsageError(f"more than one xdist_group: {', '.join(twice)}")
