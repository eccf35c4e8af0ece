# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""No secret value is shown, and nothing else is hidden."""

import base64

import pytest
import yaml
from ckf import preview
from ckf.report import redaction

PASSWORD = "correct horse/battery"


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "PASSWORD",
        "MINIO_ROOT_PASSWORD",
        "client-secret",
        "secret-key",
        "API_TOKEN",
        "clientSecret",
        "bindPW",
        "secretKey",
    ],
)
def test_names_of_secrets(name):
    assert redaction.is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["secretName", "token-url", "passwords-file", "port", "access-key"]
)
def test_other_names(name):
    assert not redaction.is_secret_name(name)


def test_a_value_in_all_its_forms():
    redactor = redaction.Redactor(['a "quoted" value\nof two lines'])
    encoded = base64.b64encode(b'a "quoted" value\nof two lines').decode()
    text = f'x a "quoted" value\nof two lines y {encoded} "a \\"quoted\\" value\\nof two lines"'
    assert (
        redactor.text(text)
        == f'x {redaction.REDACTED} y {redaction.REDACTED} "{redaction.REDACTED}"'
    )


@pytest.mark.parametrize("style", [None, "'", '"', "|", ">"])
def test_a_value_in_yaml(style):
    value = "it's a long password: of many words " * 6 + "with an end"
    text = yaml.safe_dump({"x": value, "y": "other"}, default_style=style)
    assert redaction.Redactor([value]).text(text).replace("\n", "").count("password") == 0


def test_a_value_inside_another():
    redactor = redaction.Redactor(["abcdefgh", "abcdefghij"])
    assert redactor.text("abcdefghij abcdefgh") == f"{redaction.REDACTED} {redaction.REDACTED}"


def test_short_values_do_not_eat_words():
    assert redaction.Redactor(["minio", "a"]).text("minio/0 a") == "minio/0 a"


def test_keys_and_hashes():
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"
    digest = f"$2b$12${'a' * 53}"
    assert (
        redaction.Redactor().text(f"x {key} {digest} y")
        == f"x {redaction.REDACTED} {redaction.REDACTED} y"
    )
    certificate = "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----"
    assert redaction.Redactor().text(certificate) == certificate


def test_named_values():
    given = {"PASSWORD": "short", "secret": "secret:abc", "token": "", "port": "80"}
    assert redaction.Redactor().named(given) == {**given, "PASSWORD": redaction.REDACTED}
    assert redaction.Redactor(active=False).named(given) == given


def test_data_keeps_its_shape():
    redactor = redaction.Redactor(["longenough"])
    assert redactor.data({"longenough": ["x longenough", 1, None, {"k": True}]}) == {
        "longenough": [f"x {redaction.REDACTED}", 1, None, {"k": True}]
    }


def test_files_that_are_no_text():
    assert redaction.Redactor(["longenough"]).content(b"\xff\x00longenough\xfe") == (
        b"\xff\x00" + redaction.REDACTED.encode() + b"\xfe"
    )


def deployment(bundle, **config):
    made = preview.prepare(preview.Request(bundle, config={"store": config}))
    made.settle()
    return made


def test_options_of_a_deployment(bundle):
    made = deployment(bundle, password=PASSWORD)
    assert redaction.of(made).text(f"x {PASSWORD}") == f"x {redaction.REDACTED}"
    assert redaction.of(made, show=True).text(f"x {PASSWORD}") == f"x {PASSWORD}"


def test_what_everybody_knows_is_no_secret(bundle):
    made = deployment(bundle, password="kubeflow")
    assert redaction.of(made).text("kubeflow") == "kubeflow"


CONNECTORS = "[{type: oidc, config: {clientID: kubeflow, clientSecret: a-client-secret}}]"


def test_secrets_in_a_document(bundle):
    made = deployment(bundle, motd=CONNECTORS)
    assert (
        redaction.of(made).text("x a-client-secret kubeflow") == f"x {redaction.REDACTED} kubeflow"
    )


def test_options_that_are_withheld():
    config = {"a": {"motd": CONNECTORS, "password": "x", "port": 1, "text": "{: ["}}
    assert redaction.secret_options(config) == {"a": frozenset({"motd", "password"})}
