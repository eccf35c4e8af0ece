# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Where the ML Metadata server is found."""

from __future__ import annotations

import metadata_server


def test_service_has_the_one_port_that_steps_know():
    (port,) = metadata_server.service_ports(8080)
    assert (port["port"], port["targetPort"]) == (8080, 8080)


def test_service_answers_on_the_port_that_steps_know_whatever_the_option_says():
    ports = {item["port"]: item["targetPort"] for item in metadata_server.service_ports(9000)}
    assert ports == {9000: 9000, 8080: 9000}
