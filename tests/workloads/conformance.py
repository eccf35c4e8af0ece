# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What holds of every program, as tests that a module of tests inherits.

    class TestStart(conformance.Start): ...
    class TestMetrics(conformance.Metrics): ...
    class TestEnd(conformance.End): ...

They take the fixture `program`, a pod, which such a class may override. `End` comes last in its
module: it stops the program.
"""

from __future__ import annotations

import functools
import re
from typing import ClassVar, Protocol

from . import cluster, definitions, metrics


class Program(Protocol):
    """A pod that runs, of whatever kind.

    Attributes:
        node: Where.
        app: The application that it is of.
    """

    node: cluster.Node
    app: str

    def healthy(self) -> bool:
        """Tell whether each check passes."""
        ...

    def unhealthy(self) -> bool:
        """Tell whether each check fails."""
        ...

    def ports(self) -> set[int]:
        """Return the ports that Services lead to."""
        ...

    def silent(self) -> set[int]:
        """Return those that take no connections."""
        ...

    def http(self, port: int, path: str) -> tuple[int, str]:
        """GET something of the pod."""
        ...

    def log(self) -> str:
        """Return all that it has printed."""
        ...

    def skip_log(self) -> None:
        """Leave out what has been printed until now: a neighbour was late."""
        ...

    def end(self) -> None:
        """Stop it."""
        ...

    def wait(self, ask: object) -> None:
        """Wait for an answer."""
        ...


class Late:
    """Its resource definitions are withheld when it starts, and served later.

    Attributes:
        definitions: Their names, or patterns of them.
    """

    definitions: ClassVar[tuple[str, ...]]

    def works(self, program: Program) -> bool:
        """Tell whether it has found them."""
        return True

    def test_it_is_healthy_before_its_definitions_are_served(self, program: Program) -> None:
        """It looks for them again by itself, so that there is nothing to restart."""
        program.wait(lambda: "no matches for kind" in program.log())
        program.wait(program.healthy)
        definitions.serve(program.node, *self.definitions)
        program.wait(lambda: self.works(program))
        program.skip_log()


class Start:
    """It starts, and serves what is declared of it."""

    def test_every_check_turns_healthy(self, program: Program) -> None:
        program.wait(program.healthy)

    def test_every_port_that_services_lead_to_is_open(self, program: Program) -> None:
        assert program.ports()
        program.wait(lambda: not program.silent())


class Metrics:
    """Prometheus finds what it is told of.

    Attributes:
        late: The program has done its work.
    """

    late: ClassVar[bool] = False

    def test_prometheus_finds_what_it_is_told_of(self, program: Program) -> None:
        jobs = program.node.jobs(program.app)
        assert jobs
        scrape = functools.partial(metrics.scrape, program, jobs)
        metrics.check(program, program.app, scrape, late=self.late)


class End:
    """What its log says of all that was before, and what is seen of it once it has stopped.

    Attributes:
        expected: The lines of its log that would tell of a fault and are none.
    """

    expected: ClassVar[re.Pattern[str]] = re.compile("(?!)")

    def test_its_log_tells_of_nothing_that_is_denied_or_unknown(self, program: Program) -> None:
        log = program.log()
        assert log
        assert not [line for line in cluster.denied(log) if not self.expected.search(line)]

    def test_every_check_turns_unhealthy_once_it_has_stopped(self, program: Program) -> None:
        program.wait(program.healthy)
        program.end()
        program.wait(program.unhealthy)
