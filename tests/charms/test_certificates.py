# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What a person has given and nobody renews is said to end before it does."""

from __future__ import annotations

import datetime

import time_machine
from charmkit import x509
from jujusim.testing import Charm
from jujusim.testing.options import Option


def status_before_the_end(charm: Charm, option: Option, days: int) -> tuple[str, str]:
    """The unit's status so many days before what an option holds ends."""
    state = charm.state(config=option.change)
    end = datetime.datetime.fromisoformat(x509.not_after(option.change[option.name]))
    with time_machine.travel(end - datetime.timedelta(days=days), tick=False):
        return charm.run(state, "update_status", cluster=charm.defined).status


def test_the_end_of_a_certificate_is_told_a_month_before(
    charm: Charm, certificate_option: Option
) -> None:
    end = x509.not_after(certificate_option.change[certificate_option.name])[:10]
    status, message = status_before_the_end(charm, certificate_option, x509.NOTICE_DAYS)
    assert status == "active"
    assert message.startswith(f"option {certificate_option.name}: the ")
    assert message.endswith(f" ends on {end}")


def test_a_certificate_that_holds_long_enough_is_not_spoken_of(
    charm: Charm, certificate_option: Option
) -> None:
    before = status_before_the_end(charm, certificate_option, x509.NOTICE_DAYS + 1)
    assert before == ("active", "")


def test_after_its_end_somebody_has_to_act(charm: Charm, certificate_option: Option) -> None:
    status, message = status_before_the_end(charm, certificate_option, -1)
    assert status == "blocked"
    assert message.startswith(f"option {certificate_option.name} accepts ")


def test_a_charm_that_reads_pem_tells_of_its_end(charm: Charm, pem_option: Option) -> None:
    is_key = "key" in pem_option.parser.accepts
    assert is_key == (pem_option.parser.notice is None)
