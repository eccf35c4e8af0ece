# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Storage outlives pods and units."""


def test_storage_is_mounted_in_the_container(pair):
    unit = pair.units["server/0"]
    (path,) = unit.storages.values()
    assert (path / "state").read_text() == "born"
    assert unit.attached == {"data/0"}


def test_storage_survives_a_new_pod(pair):
    (path,) = pair.units["server/0"].storages.values()
    (path / "state").write_text("kept")
    pair.churn("server/0")
    pair.settle()
    assert (path / "state").read_text() == "kept"
    with pair.units["server/0"].containers["web"].pull("/data/state") as file:
        assert file.read() == "kept"


def test_a_unit_that_comes_back_gets_its_volume(model, charm):
    model.deploy(charm("server"), units=2)
    model.settle()
    (path,) = model.units["server/1"].storages.values()
    (path / "state").write_text("kept")
    model.scale("server", 1)
    model.settle()
    model.scale("server", 2)
    model.settle()
    assert list(model.units["server/1"].storages.values()) == [path]
    assert (path / "state").read_text() == "kept"
