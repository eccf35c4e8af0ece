# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How many orders of events are tried."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--more-seeds",
        type=int,
        default=1,
        metavar="TIMES",
        help="try so many times as many orders of events",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "seeds(number): run with seeds 0 to number - 1, or more")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("seeds")
    if marker is not None:
        times = metafunc.config.getoption("--more-seeds", 1)
        metafunc.parametrize("seed", range(marker.args[0] * int(times or 1)))
