# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The shape of ``juju status --format=json``."""

import pytest
from ckf import preview
from ckf.report import redaction, status


@pytest.fixture
def shown(bundle):
    def show(**options):
        made = preview.prepare(preview.Request(bundle, **options))
        made.settle()
        return status.status(made, redaction.of(made))

    return show


def without_time(value):
    """The same without what the clock says."""
    if isinstance(value, dict):
        return {
            k: without_time(v)
            for k, v in value.items()
            if k not in ("since", "timestamp", "seconds")
        }
    return value


def test_the_model(shown):
    content = shown(model="ml")
    assert list(content) == ["model", "machines", "applications", "controller", "preview"]
    assert without_time(content["model"]) == {
        "name": "ml",
        "type": "caas",
        "controller": "ckf",
        "cloud": "simulator",
        "version": "3.6.9",
        "model-status": {"current": "available"},
    }
    assert content["machines"] == {}


def test_an_application(shown):
    app = without_time(shown()["applications"]["store"])
    address, uid = app.pop("address"), app.pop("provider-id")
    assert address.startswith("10.")
    assert len(uid) == 36
    assert app == {
        "charm": "local:store-0",
        "base": {"name": "ubuntu", "channel": "24.04"},
        "charm-origin": "local",
        "charm-name": "store",
        "charm-rev": 0,
        "scale": 1,
        "exposed": False,
        "application-status": {"current": "active", "message": "welcome"},
        "relations": {
            "kv": [{"related-application": "client", "interface": "kv", "scope": "global"}],
            "peers": [
                {"related-application": "store", "interface": "store_peers", "scope": "global"}
            ],
        },
        "units": {
            "store/0": {
                "workload-status": {"current": "active", "message": "welcome"},
                "juju-status": {"current": "idle", "version": "3.6.9"},
                "leader": True,
                "open-ports": ["8080/tcp"],
                "address": "10.1.0.3",
                "provider-id": "store-0",
            }
        },
        "endpoint-bindings": {"": "alpha", "extra": "alpha", "kv": "alpha", "peers": "alpha"},
    }


def test_a_charm_of_charmhub(bundle, write, monkeypatch):
    from ckf.bundle import charms

    monkeypatch.setattr(charms, "FAKES", bundle.parent / "charms")
    overlay = write(
        "o.yaml", "applications: {client: {charm: client, channel: 1/stable, expose: true}}"
    )
    made = preview.prepare(preview.Request(bundle, (overlay,)))
    made.settle()
    app = status.status(made, redaction.of(made))["applications"]["client"]
    assert (app["charm"], app["charm-origin"], app["charm-channel"], app["exposed"]) == (
        "client",
        "charmhub",
        "1/stable",
        True,
    )


def test_one_leader(shown):
    units = shown(scale={"store": 3})["applications"]["store"]["units"]
    assert sorted(units) == ["store/0", "store/1", "store/2"]
    assert sum("leader" in unit for unit in units.values()) == 1


def test_the_preview(shown):
    about = shown(seed=4)["preview"]
    assert about.pop("seconds") >= 0
    assert about.pop("hooks") > 10
    kinds = about.pop("kubernetes")
    assert kinds["Pod"] == kinds["ServiceAccount"] == 2
    assert about == {"seed": 4, "faults": 0, "hook-errors": [], "not-simulated": []}


def test_hook_errors(shown):
    content = shown(config={"store": {"fail": "Install", "password": "long password"}})
    errors = content["preview"]["hook-errors"]
    assert errors[0] == {
        "unit": "store/0",
        "event": "install",
        "error": f"with the password {redaction.REDACTED}",
    }
    assert content["applications"]["store"]["application-status"]["current"] == "error"


def test_the_same_seed_gives_the_same_answer(shown):
    assert without_time(shown(seed=3)) == without_time(shown(seed=3))
