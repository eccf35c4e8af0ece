# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Every metric and label that a rule or a panel asks for is one that the program has."""

from __future__ import annotations

import re

import pytest

from . import exposition, expressions, shipped


@pytest.fixture(params=shipped.SCRAPED)
def scraped(request: pytest.FixtureRequest) -> str:
    return request.param


def asked(charm: str) -> list[tuple[str, expressions.Selector]]:
    return [
        (expression, selector)
        for expression in shipped.expressions(charm)
        for selector in expressions.selectors(expression)
    ]


def test_each_metric_is_exposed(scraped: str) -> None:
    known = exposition.of(scraped).samples
    for expression, selector in asked(scraped):
        assert selector.metric in known, f"{selector.metric}: {expression}"


def test_each_label_is_one_that_the_metric_has(scraped: str) -> None:
    known = exposition.of(scraped).samples
    for expression, selector in asked(scraped):
        labels = set().union(*known[selector.metric]) | exposition.TOPOLOGY
        named = {label for label, _, _ in selector.matchers} | selector.labels
        assert named <= labels, f"{selector.metric} lacks {sorted(named - labels)}: {expression}"


def test_each_matcher_finds_a_sample(scraped: str) -> None:
    known = exposition.of(scraped).samples
    for expression, selector in asked(scraped):
        matchers = [each for each in selector.matchers if each[0] not in exposition.TOPOLOGY]
        found = [
            sample
            for sample in known[selector.metric]
            if all(_matches(sample.get(label, ""), op, value) for label, op, value in matchers)
        ]
        assert found, f"nothing matches {matchers} of {selector.metric}: {expression}"


def _matches(found: str, operator: str, value: str) -> bool:
    equal = bool(re.fullmatch(value, found)) if operator.endswith("~") else value == found
    return equal != operator.startswith("!")


def test_no_rule_takes_a_metric_that_comes_late_for_one_that_is_gone(scraped: str) -> None:
    known = exposition.of(scraped)
    for expression, selector in asked(scraped):
        late = known.is_lazy(selector.metric)
        assert not (selector.absent and late), f"absent({selector.metric}): {expression}"


def test_the_head_names_the_source(scraped: str) -> None:
    lines = (exposition.FOLDER / f"{scraped}.txt").read_text().splitlines()
    assert lines[0].startswith("# ")
    assert re.search(r"\.(go|py|h|cc|ts|js|yaml)\b|istio\.io/docs", "\n".join(lines[:6]))


def test_there_is_one_file_for_each_charm_with_metrics() -> None:
    assert sorted(path.stem for path in exposition.FOLDER.iterdir()) == shipped.SCRAPED
