# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Values go into templates as data: whatever stands in them, they stay what they are."""

from __future__ import annotations

import json
import pathlib
import textwrap
from collections.abc import Callable
from typing import Any

import jinja2
import pytest
from charmkit import _templates

Render = Callable[..., Any]


@pytest.fixture
def render(tmp_path: pathlib.Path) -> Render:
    """Return the only object in a template, with these variables."""

    def rendered(text: str, **context: Any) -> Any:
        path = tmp_path / "it.yaml.j2"
        path.write_text(textwrap.dedent(text).lstrip())
        (obj,) = _templates.render(path, context)
        return obj

    return rendered


LOOKALIKES = [
    "123", "1.5", "1e3", "0x1f", "0o17", "017", "1_000", "true", "True", "yes", "on", "off", "n",
    "null", "~", "", "2026-11-28", "12:30:45", ".inf", "=", "<<", "-", "- a", "a: b", "a # b",
    "{a: b}", "[a", "*anchor", "&anchor", "!tag", "%directive", "@at", "`tick", "'", '"', "'a'",
    '"a"', "---", "...", "|", ">", "?", " a ", "\ta", "a\\nb", "\u00e9", "\U0001f600", "{{ app }}",
    "{% if x %}",
]  # fmt: skip


@pytest.mark.parametrize("value", LOOKALIKES)
@pytest.mark.parametrize("written", ["{{ value }}", "'{{ value }}'", '"{{ value }}"'])
def test_text_stays_the_same_text_whatever_it_looks_like(
    render: Render, value: str, written: str
) -> None:
    assert render(f"a: {written}\n", value=value) == {"a": value}


@pytest.mark.parametrize("value", LOOKALIKES)
def test_text_stays_the_same_within_other_text(render: Render, value: str) -> None:
    assert render("a: x-{{ value }}.{{ value }}\n", value=value) == {"a": f"x-{value}.{value}"}


@pytest.mark.parametrize("value", LOOKALIKES)
def test_text_may_be_a_key_and_an_item(render: Render, value: str) -> None:
    text = """
        keys:
          {{ value }}: here
        block:
          - {{ value }}
        flow: [{{ value }}, {b: {{ value }}}]
    """
    assert render(text, value=value) == {
        "keys": {value: "here"},
        "block": [value],
        "flow": [value, {"b": value}],
    }


@pytest.mark.parametrize(
    "value", ["one\ntwo", "one\n\n  two: 2\n", "\n", "a\n---\nb", "x\n# y", "\ta\n b", "a\r\nb"]
)
def test_text_of_several_lines_needs_no_indentation(render: Render, value: str) -> None:
    assert render("a:\n  b: {{ value }}\nc: d\n", value=value) == {"a": {"b": value}, "c": "d"}


@pytest.mark.parametrize("value", LOOKALIKES)
def test_a_value_in_a_block_scalar_is_part_of_its_text(render: Render, value: str) -> None:
    text = """
        a: |
          first: {{ value }}
          last
    """
    assert render(text, value=value) == {"a": f"first: {value}\nlast\n"}


@pytest.mark.parametrize(
    "value", [0, 8080, -1, 1.5, True, False, None, [], {}, [1, "1", [True]], {"a": {"b": None}}]
)
def test_a_value_that_stands_alone_keeps_its_type_and_structure(
    render: Render, value: Any
) -> None:
    found = render("a: {{ value }}\n", value=value)
    assert found == {"a": value}
    assert type(found["a"]) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (8080, "8080"),
        (True, "true"),
        (None, "null"),
        (["a", 1], '["a", 1]'),
        ({"b": 1}, '{"b": 1}'),
    ],
)
def test_a_value_within_other_text_is_written_as_json(
    render: Render, value: Any, text: str
) -> None:
    assert render("a: x {{ value }}\n", value=value) == {"a": f"x {text}"}


def test_structures_are_not_looked_into(render: Render) -> None:
    value = {"{{ a }}": ["{{ value }}", "on", 123]}
    assert render("a: {{ value }}\n", value=value) == {"a": value}


def test_a_value_that_holds_a_token_puts_in_no_other_value(render: Render) -> None:
    """Whoever knows the form of a token does not know this process' random part of it."""
    for token in ("\ue0000-0\ue001", "\ue000deadbeefdeadbeef-0\ue001", "\ue000-0\ue001"):
        text = "a: {{ secret }}\nb: {{ value }}\nc: x{{ value }}\n"
        found = render(text, secret="hunter2", value=token)
        assert found == {"a": "hunter2", "b": token, "c": f"x{token}"}


def test_a_value_with_yaml_in_it_adds_no_fields(render: Render) -> None:
    value = "a\nrules:\n  - verbs: ['*']\n---\nkind: ClusterRole"
    assert render("name: {{ value }}\n", value=value) == {"name": value}


def test_a_macro_puts_in_what_it_is_called_with(render: Render) -> None:
    text = """
        {% macro port(name, number) %}
        - name: {{ name }}
          port: {{ number }}
        {% endmacro %}
        ports:
        {{ port("on", 80) }}
        {{ port(name, 443) }}
    """
    assert render(text, name="123") == {
        "ports": [{"name": "on", "port": 80}, {"name": "123", "port": 443}]
    }


def test_a_macro_may_call_another(render: Render) -> None:
    text = """
        {% macro host(name) %}{{ name }}.{{ model }}.svc{% endmacro %}
        {% macro entry(name) %}{url: {{ host(name) }}}{% endmacro %}
        a: {{ entry("true") }}
    """
    assert render(text, model="null") == {"a": {"url": "true.null.svc"}}


def test_loops_and_conditions_see_the_values_themselves(render: Render) -> None:
    text = """
        {% for key, value in values.items() if value %}
        {{ key }}: {{ value + 1 }}
        {% endfor %}
        {% set total = values.values() | sum %}
        total: {{ total }}
        both: {{ "a" ~ total }}
    """
    assert render(text, values={"on": 1, "off": 0, "5": 2}) == {
        "on": 2,
        "5": 3,
        "total": 3,
        "both": "a3",
    }


def test_tojson_and_base64_make_text(render: Render) -> None:
    value = {"a": ["b", 1, None], "c": 'd"\n'}
    text = """
        json: {{ value | tojson }}
        base64: {{ "a: b" | base64 }}
        block: |
          {{ value | tojson }}
    """
    found = render(text, value=value)
    assert json.loads(found["json"]) == json.loads(found["block"]) == value
    assert found["base64"] == "YTogYg=="


def test_a_missing_variable_is_named(render: Render) -> None:
    for text in ("a: {{ colour }}\n", "a: x{{ colour }}\n", "a: {{ colour | base64 }}\n"):
        with pytest.raises(jinja2.UndefinedError, match="colour"):
            render(text)


def test_what_is_not_yaml_names_the_template(render: Render) -> None:
    with pytest.raises(ValueError, match=r"it\.yaml\.j2"):
        render("a: [\n")


def test_a_template_makes_several_objects_or_none(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "it.yaml.j2"
    path.write_text(
        "---\na: {{ value }}\n---\n# nothing\n---\n{% if value %}\nb: 1\n{% endif %}\n"
    )
    assert _templates.render(path, {"value": "on"}) == [{"a": "on"}, {"b": 1}]
    assert _templates.render(path, {"value": ""}) == [{"a": ""}]


def test_rendering_again_takes_the_new_values(render: Render) -> None:
    for value in ("one", 2, {"three": 3}, "one"):
        assert render("a: {{ value }}\n", value=value) == {"a": value}


def test_a_failed_rendering_leaves_nothing_to_the_next(render: Render) -> None:
    with pytest.raises(jinja2.UndefinedError):
        render("a: {{ one }}{{ missing }}\n", one="hunter2")
    assert render("a: {{ value }}\n", value="x") == {"a": "x"}


def test_schemas_of_kubernetes_go_in_as_structure(render: Render) -> None:
    found = render("schema: {{ schema.EnvVar }}\n")["schema"]
    assert found["type"] == "object"
    assert found["required"] == ["name"]
