# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The repository's own bundle and overlays; and that a preview of it notices what is broken."""

import json
import pathlib
import re
import shutil

import pytest
from ckf import bundle, preview
from ckf.cli import main
from ckf.report import files, redaction

ROOT = pathlib.Path(__file__).parents[4]
CHARMS = re.findall(r"\./build/([a-z-]+)\.charm", (ROOT / "bundle.yaml").read_text())
OVERLAYS = sorted(path.name for path in (ROOT / "overlays").glob("*.yaml"))


@pytest.fixture
def ckf(capsys):
    def run(*words):
        status = main(words)
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def copy(tmp_path):
    """A copy of the bundle and its charms, to be broken."""
    shutil.copy(ROOT / "bundle.yaml", tmp_path)
    for charm in CHARMS:
        ignore = shutil.ignore_patterns("tests", "build", "__pycache__")
        shutil.copytree(ROOT / "charms" / charm, tmp_path / "charms" / charm, ignore=ignore)
    return tmp_path


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def previewed(ckf, directory):
    """What a preview says that must fail: the report, and each application's status."""
    status, out, _ = ckf("preview", str(directory / "bundle.yaml"))
    assert status == 1
    return out


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_alone_is_what_juju_takes(ckf, overlay):
    bundle, overlay = str(ROOT / "bundle.yaml"), str(ROOT / "overlays" / overlay)
    status, out, err = ckf("check", bundle, "--overlay", overlay)
    assert status == 0, out + err


# The two roads to the observability stack have relations in common: one of them is taken.
@pytest.mark.parametrize(
    "overlays",
    [[each for each in OVERLAYS if each != "cos-collector.yaml"], ["cos-collector.yaml"]],
    ids=["together", "collector"],
)
def test_the_bundle_with_overlays(ckf, overlays):
    words = [word for name in overlays for word in ("--overlay", str(ROOT / "overlays" / name))]
    words += ["--model", "ml", "--format", "json"]
    status, out, err = ckf("preview", str(ROOT / "bundle.yaml"), *words)
    assert status == 0, err
    assert json.loads(out)["preview"]["hook-errors"] == []


PLANTED = """

def _planted():
    raise RuntimeError("planted")


def _init(self, framework, original={charm}.__init__):
    original(self, framework)
    self.reconciler.components[-1].reconcile = _planted


{charm}.__init__ = _init
"""


@pytest.mark.parametrize("half", [CHARMS[::2], CHARMS[1::2]], ids=["one", "other"])
def test_an_exception_in_a_component(ckf, copy, half):
    """In every second charm at once: a run for each of them would cost as many bundles."""
    for charm in half:
        path = copy / "charms" / charm / "src/charm.py"
        name = re.findall(r"^class (\w+)\(ops\.CharmBase\)", path.read_text(), re.MULTILINE)[0]
        path.write_text(path.read_text() + PLANTED.format(charm=name))
    out = previewed(ckf, copy)
    apps = bundle.load(copy / "bundle.yaml").applications.values()
    broken = {app.name for app in apps if app.charm in {f"./build/{name}.charm" for name in half}}
    cause = r"^  (\S+) +error +hook failed: .*RuntimeError: planted$"
    assert set(re.findall(cause, out, re.MULTILINE)) == broken


def test_a_missing_relation_and_a_missing_databag_key(ckf, copy):
    """Far from each other in the bundle: one deployment has both."""
    relation = "  - [dex-auth:dex-oidc-config, oidc-gatekeeper:dex-oidc-config]\n"
    edit(copy / "bundle.yaml", relation, "")
    edit(
        copy / "charms/kubeflow-profiles/src/charm.py",
        "Service(self.app.name, str(self.options.get().port))",
        "Service(self.app.name, None)",
    )
    out = previewed(ckf, copy)
    assert re.search(r"^  oidc-gatekeeper +blocked +.*dex-oidc-config", out, re.MULTILINE)
    cause = r"^  kubeflow-dashboard +\w+ +.*kubeflow-profiles.*service-port is missing"
    assert re.search(cause, out, re.MULTILINE)


def test_no_secret_of_the_bundle_is_written(tmp_path):
    overlays = tuple(ROOT / "overlays" / name for name in ("cos.yaml", "mlflow.yaml"))
    connectors = (
        "[{type: oidc, id: x, name: x, config: {issuer: https://login.example.com, clientID: x,"
        " clientSecret: a-client-secret, redirectURI: https://kf.example.com/dex/callback}}]"
    )
    config = {"dex-auth": {"connectors": connectors, "static-password": "a-user-password"}}
    made = preview.prepare(preview.Request(ROOT / "bundle.yaml", overlays, config))
    made.settle()
    assert made.good
    files.check(tmp_path)
    files.write(tmp_path, made, redaction.of(made))
    texts = {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    passwords = [value for value in made.model.secret_values() if len(value) > 20]
    assert len(passwords) > 3
    for secret in (*passwords, "a-client-secret", "a-user-password"):
        assert [path for path, text in texts.items() if secret in text] == []
    # The user's name is kept in a secret too, but names of applications are no secrets.
    minio = texts[tmp_path / "kubernetes/minio/Service-kubeflow-minio.yaml"]
    assert redaction.REDACTED not in minio
