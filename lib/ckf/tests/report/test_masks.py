"""No secret value is shown, and nothing else is hidden."""

import base64

import pytest
import yaml
from ckf import preview
from ckf.report import masks

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
    assert masks.is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["secretName", "token-url", "passwords-file", "port", "access-key"]
)
def test_other_names(name):
    assert not masks.is_secret_name(name)


def test_a_value_in_all_its_forms():
    mask = masks.Mask(['a "quoted" value\nof two lines'])
    encoded = base64.b64encode(b'a "quoted" value\nof two lines').decode()
    text = f'x a "quoted" value\nof two lines y {encoded} "a \\"quoted\\" value\\nof two lines"'
    assert mask.text(text) == f'x {masks.MASK} y {masks.MASK} "{masks.MASK}"'


@pytest.mark.parametrize("style", [None, "'", '"', "|", ">"])
def test_a_value_in_yaml(style):
    value = "it's a long password: of many words " * 6 + "with an end"
    text = yaml.safe_dump({"x": value, "y": "other"}, default_style=style)
    assert masks.Mask([value]).text(text).replace("\n", "").count("password") == 0


def test_a_value_inside_another():
    mask = masks.Mask(["abcdefgh", "abcdefghij"])
    assert mask.text("abcdefghij abcdefgh") == f"{masks.MASK} {masks.MASK}"


def test_short_values_do_not_eat_words():
    assert masks.Mask(["minio", "a"]).text("minio/0 a") == "minio/0 a"


def test_keys_and_hashes():
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"
    digest = f"$2b$12${'a' * 53}"
    assert masks.Mask().text(f"x {key} {digest} y") == f"x {masks.MASK} {masks.MASK} y"
    certificate = "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----"
    assert masks.Mask().text(certificate) == certificate


def test_named_values():
    given = {"PASSWORD": "short", "secret": "secret:abc", "token": "", "port": "80"}
    assert masks.Mask().named(given) == {**given, "PASSWORD": masks.MASK}
    assert masks.Mask(active=False).named(given) == given


def test_data_keeps_its_shape():
    mask = masks.Mask(["longenough"])
    assert mask.data({"longenough": ["x longenough", 1, None, {"k": True}]}) == {
        "longenough": [f"x {masks.MASK}", 1, None, {"k": True}]
    }


def test_files_that_are_no_text():
    assert masks.Mask(["longenough"]).content(b"\xff\x00longenough\xfe") == (
        b"\xff\x00" + masks.MASK.encode() + b"\xfe"
    )


def deployment(bundle, **config):
    made = preview.prepare(preview.Request(bundle, config={"store": config}))
    made.settle()
    return made


def test_options_of_a_deployment(bundle):
    made = deployment(bundle, password=PASSWORD)
    assert masks.of(made).text(f"x {PASSWORD}") == f"x {masks.MASK}"
    assert masks.of(made, show=True).text(f"x {PASSWORD}") == f"x {PASSWORD}"


def test_what_everybody_knows_is_no_secret(bundle):
    made = deployment(bundle, password="kubeflow")
    assert masks.of(made).text("kubeflow") == "kubeflow"


CONNECTORS = "[{type: oidc, config: {clientID: kubeflow, clientSecret: a-client-secret}}]"


def test_secrets_in_a_document(bundle):
    made = deployment(bundle, motd=CONNECTORS)
    assert masks.of(made).text("x a-client-secret kubeflow") == f"x {masks.MASK} kubeflow"


def test_options_that_are_withheld():
    config = {"a": {"motd": CONNECTORS, "password": "x", "port": 1, "text": "{: ["}}
    assert masks.secret_options(config) == {"a": frozenset({"motd", "password"})}
