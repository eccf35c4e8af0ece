# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Options of one kind refuse the same, in whichever charm they are; text stays what it is."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

import charmkit
import yaml
from charmkit import config as charm_config
from jujusim.testing import Charm, Result
from jujusim.testing.options import Option

KINDS = {
    r".*-url|.*service-endpoint": charm_config.url(),
    r"(.*-)?image": charm_config.image(),
    r"ssl-cert|tls-cert": charm_config.certificates(),
    r"ssl-key|tls-key": charm_config.private_key(),
    r"ssl-ca|ca-bundle|ca-certificates|tls-ca": charm_config.ca_bundle(),
    r"(.*[-_])?bucket([-_]name)?": charm_config.bucket(),
    r".*annotations": charm_config.object_annotations(),
    r".*-namespace": charm_config.object_name("Namespace"),
    r".*-domain|.*-domain-name": charm_config.host(),
}
"""What an option is by its name."""

LOOK_LIKE_OTHERS = ("1e3", "12e5", "0891234567", "0o17", "y", "no", "null", "~", "2024-01-01")
"""Texts that one parser of YAML or another takes for something else."""


def refusal(charm: Charm, option: Option, value: Any) -> str:
    """What is said of a value, or nothing if it is accepted."""
    schema = charm.parts.options
    assert schema
    raw = {**charm.directory.defaults, **option.base, option.name: value}
    try:
        charm_config.load(schema, raw)
    except charmkit.Blocked as blocked:
        return blocked.message
    return ""


def test_each_value_that_is_known_to_be_wrong_is_refused_by_name(
    charm: Charm, refusing_option: Option
) -> None:
    for value in refusing_option.parser.invalid_examples:
        assert refusal(charm, refusing_option, value).startswith(
            f"option {refusing_option.name} accepts {refusing_option.parser.accepts}"
        ), value


def test_an_option_of_a_kind_refuses_what_others_of_the_kind_do(
    charm: Charm, option: Option
) -> None:
    for pattern, kind in KINDS.items():
        if isinstance(option.default, str) and re.fullmatch(pattern, option.name):
            for value in charm_config.parser(kind).more_invalid_examples:
                # What has no scheme may be given one.
                if value and value not in ("example.com", option.default):
                    assert refusal(charm, option, value), value


def test_a_refusal_shows_nothing_of_a_users_name_and_password(
    charm: Charm, refusing_option: Option
) -> None:
    value = "https://someone:hunter22@example.com"
    if re.fullmatch(r".*-url|.*service-endpoint", refusing_option.name):
        message = refusal(charm, refusing_option, value)
        assert message
        assert "hunter22" not in message


def test_text_in_files_stays_text(charm: Charm, text_option: Option) -> None:
    words = [word for word in LOOK_LIKE_OTHERS if not refusal(charm, text_option, word)]
    for word in words[:4]:
        state = charm.state(config={**text_option.base, text_option.name: word})
        for path, text in _files(charm, charm.run(state, "config_changed", cluster=charm.defined)):
            assert not _loose(text, word), f"{path}: {word} is not quoted"


def _files(charm: Charm, result: Result) -> Iterator[tuple[str, str]]:
    for container in charm.directory.containers:
        for path, text in result.files(container).items():
            if path.endswith((".yaml", ".yml", ".json")):
                yield path, text


def _loose(text: str, word: str) -> bool:
    """Whether a text is a scalar without quotes in YAML; in JSON there is none."""
    try:
        json.loads(text)
    except ValueError:
        tokens = list(yaml.scan(text))
        return any(
            isinstance(item, yaml.ScalarToken) and item.plain and item.value == word
            for item in tokens
        )
    return False


def test_a_running_workload_is_left_alone_by_pem_that_is_none(
    charm: Charm, pem_option: Option
) -> None:
    before = charm.complete
    for value in pem_option.parser.invalid_examples:
        state = dataclasses.replace(before.state, config={pem_option.name: value})
        after = charm.run(state, "config_changed", cluster=before.cluster)
        assert after.status[0] == "blocked"
        assert after.seen == before.seen
