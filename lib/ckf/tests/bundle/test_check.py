# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Whether a bundle and its charms fit."""

import pytest
from ckf import bundle as bundles
from ckf.bundle import charms as finder


@pytest.fixture
def problems(bundle, write):
    """What is wrong with the bundle after an overlay, as (line, message)."""

    def check(text):
        loaded = bundles.load(bundle, [write("o.yaml", text)])
        found = bundles.check(loaded, bundles.load_charms(loaded))
        return [(problem.place.line, problem.message) for problem in found]

    return check


def test_nothing_is_wrong(problems):
    assert problems("{}") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "applications: {store: {options: {prot: 1}}}",
            'application "store": its charm has no option "prot"; did you mean "port"?',
        ),
        (
            "applications: {store: {options: {port: high}}}",
            'application "store": option "port" expects int, got \'high\'',
        ),
        (
            "applications: {store: {options: {debug: maybe}}}",
            'application "store": option "debug" expects boolean, got \'maybe\'',
        ),
        (
            "applications: {store: {options: {motd: 1}}}",
            'application "store": option "motd" expects string, got 1',
        ),
        (
            "applications: {store: {resources: {image: x}}}",
            'application "store": its charm has no resource "image"; did you mean "oci-image"?',
        ),
        (
            "applications: {store: {resources: {oci-image: }}}",
            'application "store": a local charm needs its resource "oci-image"',
        ),
        (
            "applications: {store: {storage: {dat: 1G}}}",
            'application "store": its charm has no storage "dat"; did you mean "data"?',
        ),
        (
            "applications: {store: {bindings: {kvs: alpha}}}",
            'application "store": its charm has no endpoint "kvs"; did you mean "kv"?',
        ),
        (
            "relations: [[stor:kv, client:kv]]",
            'the bundle has no application "stor"; did you mean "store"?',
        ),
        ("relations: [[store, store]]", 'a relation of "store" with itself'),
        (
            "relations: [[store:kvs, client:kv]]",
            'application "store" has no endpoint "kvs"; did you mean "kv"?',
        ),
        ("relations: [[client:kv, store:kv]]", "relation store:kv client:kv already exists"),
        ("relations: [[client, store]]", "relation store:kv client:kv already exists"),
    ],
)
def test_what_is_wrong(problems, text, message):
    assert [found for _, found in problems(text)] == [message]


def test_the_place_is_that_of_the_mistake(problems):
    ((line, _),) = problems("applications:\n  store:\n    options:\n      port: high")
    assert line == 4


def test_interfaces_must_match(problems):
    ((_, message),) = problems("relations: [[store:extra, client:kv]]")
    assert '"store:extra" (provides extra) does not fit "client:kv" (requires kv)' in message


def test_roles_must_differ(problems):
    text = "applications: {two: {charm: ./charms/store, resources: {oci-image: x}}}"
    ((_, message),) = problems(f"{text}\nrelations: [[store:kv, two:kv]]")
    assert "does not fit" in message


def test_a_limit_is_kept(problems):
    text = "applications: {two: {charm: ./charms/store, resources: {oci-image: x}}}"
    ((_, message),) = problems(f"{text}\nrelations: [[two:kv, client:kv]]")
    assert "maximum relation limit of 1" in message


def test_every_problem_is_found(problems):
    found = problems(
        "applications: {store: {options: {a: 1}, storage: {b: 1G}}}\nrelations: [[x:y, z:u]]"
    )
    assert len(found) == 3


def load(bundle, write, charm):
    overlay = write("o.yaml", f"applications:\n  new:\n    charm: {charm}\n")
    return bundles.load_charms(bundles.load(bundle, [overlay]))


@pytest.mark.parametrize(
    ("charm", "message"),
    [
        ("./build/nothing.charm", 'application "new": there is no charm at ./build/nothing.charm'),
        ("./charms", 'application "new": there is no charm at ./charms'),
        (f"./{'x' * 5000}", 'application "new": there is no charm at ./xxx'),
        ('"./a\\0b"', 'application "new": there is no charm at'),
        ("/nowhere/charm", 'application "new": there is no charm at /nowhere/charm'),
        (
            "nosuchcharm",
            'the simulator has no fake of the Charmhub charm "nosuchcharm"',
        ),
    ],
)
def test_a_charm_that_is_not_there(bundle, write, charm, message):
    with pytest.raises(bundles.BundleError) as caught:
        load(bundle, write, charm)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{bundle.parent}/o.yaml:3: ")


@pytest.mark.parametrize("packed", ["client.charm", "client_ubuntu-24.04-amd64.charm"])
def test_a_packed_charm_is_run_from_its_source(bundle, write, packed):
    charms = load(bundle, write, f"./build/{packed}")
    assert charms["new"].root == bundle.parent / "charms" / "client"


def test_a_charmhub_charm_is_played_by_its_stand_in(bundle, write, monkeypatch):
    monkeypatch.setattr(finder, "FAKES", bundle.parent / "charms")
    assert load(bundle, write, "client")["new"].name == "client"
    assert load(bundle, write, "ch:client")["new"].name == "client"
    with pytest.raises(bundles.BundleError, match='did you mean "client"'):
        load(bundle, write, "clint")


def test_a_charm_that_cannot_be_imported(bundle, write):
    write("charms/broken/charmcraft.yaml", "name: broken\n")
    write("charms/broken/src/charm.py", "import nosuchmodule\n")
    with pytest.raises(bundles.BundleError) as caught:
        load(bundle, write, "./charms/broken")
    message = str(caught.value)
    assert 'application "new"' in message
    assert "No module named 'nosuchmodule'" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "metadata",
    [
        "name: broken\nconfig: 5",
        "name: broken\nrequires: {x: {}}",
        "name: broken\nprovides: [1]",
        "name: broken\nconfig: {options: [1]}",
        "name: [",
        "- name",
        "title: none",
        "",
    ],
)
def test_metadata_that_is_no_charms(bundle, write, metadata):
    write("charms/broken/charmcraft.yaml", metadata)
    write("charms/broken/src/charm.py", "import ops\n\n\nclass C(ops.CharmBase):\n    pass\n")
    with pytest.raises(bundles.BundleError) as caught:
        load(bundle, write, "./charms/broken")
    message = str(caught.value)
    assert 'application "new": ' in message
    assert "\n" not in message


def test_a_charm_that_ends_the_process(bundle, write):
    write("charms/broken/charmcraft.yaml", "name: broken\n")
    write("charms/broken/src/charm.py", "raise SystemExit(0)\n")
    with pytest.raises(bundles.BundleError, match="cannot be loaded: SystemExit"):
        load(bundle, write, "./charms/broken")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("10G", "10G"),
        ("1.5T", "1.5T"),
        ("5000MiB", "5000MiB"),
        ("fast,10G", "10G"),
        ("fast,10G,1", "10G"),
        ("1,10G,fast", "10G"),
        ("fast", None),
    ],
)
def test_storage(bundle, write, problems, text, size):
    overlay = f"applications: {{store: {{storage: {{data: '{text}'}}}}}}"
    assert problems(overlay) == []
    sizes = bundles.load(bundle, [write("o.yaml", overlay)]).applications["store"].sizes
    assert sizes.get("data") == size


@pytest.mark.parametrize("text", ["10X", "-1G", "10G,20G", "", "fast,,1", "0,10G", "1 0G"])
def test_storage_that_is_none(problems, text):
    ((_, message),) = problems(f"applications: {{store: {{storage: {{data: '{text}'}}}}}}")
    assert message == (
        'application "store": storage "data" is a size such as 10G, with a pool and a count if '
        f"need be, not {text!r}"
    )
