# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What is said about a process that has failed."""

from jujusim.worker import hook_process as output

TRACEBACK = "Traceback (most recent call last):\n  File x\nValueError: 3\n"


def test_the_exception_that_the_charm_has_logged():
    log = [("ERROR", f"handled {TRACEBACK}".replace("3", "2")), ("ERROR", f"uncaught {TRACEBACK}")]
    error = output.failure("exit status 1", log, "printed\n", "")
    assert str(error) == "exit status 1: ValueError: 3"
    assert "printed" in error.output


def test_the_exception_that_the_interpreter_prints():
    log = [("INFO", "all is well")]
    assert str(output.failure("exit status 1", log, TRACEBACK)) == "exit status 1: ValueError: 3"


def test_the_last_that_was_logged():
    log = [("INFO", "one"), ("WARNING", "waiting for a name")]
    error = output.failure("killed after 1 seconds", log, "printed at the start\n")
    assert str(error) == "killed after 1 seconds: WARNING waiting for a name"


def test_nothing_at_all():
    assert str(output.failure("died of SIGKILL", [], "", "\n")) == "died of SIGKILL"
