# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A model of another name: nothing that a charm makes says `kubeflow` for it."""

from __future__ import annotations

import dataclasses
import functools
import re

from jujusim.testing import Charm, Result, leaves
from jujusim.testing.options import Option

HARD_CODED = re.compile(r"\.kubeflow\.svc|\.kubeflow:|ns/kubeflow/|\.kubeflow$")


@functools.cache
def in_ml(charm: Charm) -> Result:
    return charm.run(charm.state(model="ml"), "config_changed")


def test_no_model_name_is_built_in(charm: Charm):
    result = in_ml(charm)
    assert result.status == ("active", "")
    assert [text for text in leaves(result.seen) if HARD_CODED.search(text)] == []
    assert not {name for name in result.seen["objects"] if "/kubeflow/" in name}


def test_no_option_brings_one_back(charm: Charm, option: Option):
    state = dataclasses.replace(in_ml(charm).state, config=option.change)
    result = charm.run(state, "config_changed", cluster=in_ml(charm).cluster)
    assert [text for text in leaves(result.seen) if HARD_CODED.search(text)] == []


def test_objects_are_in_the_model(charm: Charm):
    result = in_ml(charm)
    before = charm.cluster("ml").store.everything()
    known = {(table, key) for table, key, _ in before}
    every = [(table, key) for table, key, _ in result.cluster.store.everything()]
    made = [(table, key) for table, key in every if (table, key) not in known]
    own = {key[1] for table, key in made if table == ("", "namespaces")}
    assert {key[0] for _, key in made} <= {"", "ml", *own}
