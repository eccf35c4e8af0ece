# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Which endpoints are related."""

import jujusim
import pytest


@pytest.fixture
def apps(model, charm):
    model.deploy(charm("server"))
    model.deploy(charm("client"))
    model.deploy(charm("keeper"))
    return model


def test_endpoints_are_inferred(apps, charm):
    apps.deploy(charm("reader"))
    relation = apps.integrate("reader", "keeper")
    assert str(relation) == "reader:credentials keeper:credentials"


def test_order_does_not_matter(apps):
    assert str(apps.integrate("client:api", "server")) == "client:api server:api"


@pytest.mark.parametrize(
    ("one", "two", "message"),
    [
        ("server", "client", "ambiguous relation"),
        ("server:api", "keeper", "no relations found"),
        ("server:admin", "client:api", "does not fit"),
        ("server:nothing", "client", 'has no "nothing" relation'),
        ("nobody", "client", 'application "nobody" not found'),
        ("server:api", "server:api", "does not fit"),
    ],
)
def test_what_does_not_fit_is_refused(apps, one, two, message):
    with pytest.raises(jujusim.JujuError, match=message):
        apps.integrate(one, two)
    assert all(relation.is_peer for relation in apps.relations.values())


def test_a_relation_exists_once(apps):
    apps.integrate("server:api", "client:api")
    with pytest.raises(jujusim.JujuError, match="already exists"):
        apps.integrate("client:api", "server:api")


def test_limits_are_kept(apps, charm):
    apps.deploy(charm("server"), "second")
    apps.integrate("server:api", "client:api")
    with pytest.raises(jujusim.JujuError, match="maximum relation limit of 1"):
        apps.integrate("second:api", "client:api")
    apps.integrate("second:api", "client:spare")


def test_an_application_that_is_going_is_not_related(apps):
    apps.settle()
    apps.remove_application("server")
    with pytest.raises(jujusim.JujuError, match="not alive"):
        apps.integrate("server:api", "client:api")
