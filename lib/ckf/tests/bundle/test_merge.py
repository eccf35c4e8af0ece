# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Juju's rules for overlays."""

import pytest
from ckf import bundle as bundles


@pytest.fixture
def merged(bundle, write):
    """The bundle with overlays on it."""

    def merge(*texts):
        files = [write(f"overlay{i}.yaml", text) for i, text in enumerate(texts)]
        return bundles.load(bundle, files)

    return merge


def test_an_application_without_a_value_goes_with_its_relations(merged):
    loaded = merged("applications: {client: }")
    assert list(loaded.applications) == ["store"]
    assert loaded.relations == ()


def test_relations_of_the_overlay_that_removes_come_after(merged):
    loaded = merged(
        "applications: {client: }\nrelations: [[store:extra, other:extra]]",
        "applications: {other: {charm: x}}",
    )
    assert [relation.ends for relation in loaded.relations] == [("store:extra", "other:extra")]


def test_removing_what_is_not_there_is_nothing(merged):
    assert list(merged("applications: {nobody: }").applications) == ["store", "client"]


def test_an_empty_mapping_changes_nothing(merged):
    assert merged("applications: {client: {}}").applications["client"].scale == 1


def test_a_new_application_is_added(merged):
    assert list(merged("applications: {new: {charm: x}}").applications) == [
        "store",
        "client",
        "new",
    ]


def test_one_value_replaces_another(merged):
    store = merged("applications: {store: {scale: 3, trust: false}}").applications["store"]
    assert (store.scale, store.trust, store.charm) == (3, False, "./build/store.charm")


def test_a_value_of_nothing_is_the_empty_one(merged):
    store = merged("applications: {store: {scale: , trust: }}").applications["store"]
    assert (store.scale, store.trust) == (0, False)


def test_num_units_of_an_overlay_replaces_scale(merged):
    assert merged("applications: {store: {num_units: 2}}").applications["store"].scale == 2


def test_options_are_merged_key_by_key(merged):
    store = merged("applications: {store: {options: {port: 1}}}").applications["store"]
    assert store.options == {"motd": "welcome", "port": 1}


def test_an_option_without_a_value_goes(merged):
    store = merged("applications: {store: {options: {motd: , port: 1}}}").applications["store"]
    assert store.options == {"port": 1}


def test_a_mapping_without_a_value_is_emptied(merged):
    assert merged("applications: {store: {options: }}").applications["store"].options == {}


def test_relations_are_appended(merged):
    loaded = merged("relations: [[store:extra, client:other]]", "relations: [[a:b, c:d]]")
    assert len(loaded.relations) == 3
    assert loaded.relations[0].ends == ("store:kv", "client:kv")


def test_overlays_come_in_their_order(merged):
    loaded = merged("applications: {store: {scale: 2}}", "applications: {store: {scale: 5}}")
    assert loaded.applications["store"].scale == 5


def test_further_documents_are_overlays(bundle):
    bundle.write_text(f"{bundle.read_text()}---\napplications: {{client: }}\n")
    assert list(bundles.load(bundle).applications) == ["store"]


def test_offers_may_stand_in_an_overlay(merged):
    text = "applications: {store: {offers: {kv: {endpoints: [kv]}}}}"
    assert "store" in merged(text).applications


def test_paths_are_relative_to_the_file_that_has_them(bundle, write):
    write("elsewhere/motd", "from elsewhere")
    overlay = write(
        "elsewhere/overlay.yaml",
        """\
        applications:
          second:
            charm: ../charms/client
            options: {greeting: "include-file://motd"}
        """,
    )
    loaded = bundles.load(bundle, [overlay])
    charms = bundles.load_charms(loaded)
    assert charms["second"].root == charms["client"].root
    assert loaded.applications["second"].options == {"greeting": "from elsewhere"}


def test_the_place_of_an_overlay(bundle, write):
    overlay = write("o.yaml", "applications:\n  store:\n    options:\n      prot: 1\n")
    loaded = bundles.load(bundle, [overlay])
    assert str(loaded.applications["store"].where("options", "prot")) == f"{overlay}:4"
