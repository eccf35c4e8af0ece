# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What ``--out`` writes."""

import json
import os

import pytest
import yaml
from ckf import bundle as bundles
from ckf import preview
from ckf.report import files, redaction

PASSWORD = "a long password"


@pytest.fixture
def write_out(bundle, tmp_path):
    def write(*, show=False, **options):
        options.setdefault("config", {"store": {"password": PASSWORD}})
        made = preview.prepare(preview.Request(bundle, **options))
        made.settle()
        out = tmp_path / "out"
        files.check(out)
        files.write(out, made, redaction.of(made, show=show))
        return out, made

    return write


def read(path):
    return yaml.safe_load(path.read_text())


def test_kubernetes_objects(write_out):
    out, _ = write_out()
    service = read(out / "kubernetes/store/Service-kubeflow-store.yaml")
    assert list(service)[:3] == ["apiVersion", "kind", "metadata"]
    assert [port["port"] for port in service["spec"]["ports"]] == [8080]
    assert set(service["metadata"]) == {"name", "namespace", "labels"}
    role = out / "kubernetes/store/ClusterRole-kubeflow-store.yaml"
    assert "namespace" not in read(role)["metadata"]
    assert sorted(path.name for path in (out / "kubernetes").iterdir()) == ["client", "store"]


def test_as_many_files_as_objects_are_counted(write_out):
    from ckf.preview import cluster

    out, made = write_out()
    written = list((out / "kubernetes").rglob("*.yaml"))
    assert len(written) == sum(cluster.counts(cluster.objects(made.model)).values())


def test_plans(write_out):
    out, _ = write_out()
    service = read(out / "pebble/store-0/web.yaml")["services"]["web"]
    assert service["command"] == "serve"
    assert service["environment"] == {
        "PASSWORD": redaction.REDACTED,
        "NAME": "store",
        "LINK": f"http://u:{redaction.REDACTED}@x",
    }
    assert read(out / "pebble/store-0/bare.yaml") == {}


def test_files(write_out):
    out, _ = write_out()
    content = json.loads((out / "files/store-0/web/etc/store/web.json").read_text())
    assert content == {
        "password": redaction.REDACTED,
        "encoded": redaction.REDACTED,
        "user": "store",
    }
    blob = (out / "files/store-0/web/etc/store/blob").read_bytes()
    assert blob == b"\xff\x00" + redaction.REDACTED.encode()
    assert not (out / "files/store-0/bare").exists()


def test_databags(write_out):
    out, made = write_out(scale={"store": 2})
    number = made.model.relation("store", "client").id
    content = read(out / f"relations/{number}-store.kv--client.kv.yaml")
    assert content["interface"] == "kv"
    assert content["endpoints"] == ["store:kv", "client:kv"]
    assert content["databags"]["store"] == {
        "url": "http://store:8080",
        "password": redaction.REDACTED,
    }
    assert sorted(content["databags"]) == ["client", "client/0", "store", "store/0", "store/1"]


def test_the_trace(write_out):
    out, made = write_out(seed=6)
    first, *records = map(json.loads, (out / "events.jsonl").read_text().splitlines())
    assert first["request"]["seed"] == 6
    assert first["request"]["config"] == {"store": {"password": None}}
    assert [record["number"] for record in records] == list(range(1, len(made.model.trace) + 1))


def test_no_secret_is_anywhere(write_out):
    for fail in ("", "Install"):
        out, _ = write_out(config={"store": {"password": PASSWORD, "fail": fail}})
        for path in out.rglob("*"):
            assert path.is_dir() or PASSWORD.encode() not in path.read_bytes(), path


def test_secrets_can_be_shown(write_out):
    out, _ = write_out(show=True)
    assert read(out / "pebble/store-0/web.yaml")["services"]["web"]["environment"]["PASSWORD"] == (
        PASSWORD
    )
    assert PASSWORD in (out / "files/store-0/web/etc/store/web.json").read_text()
    secret = read(out / "kubernetes/store/Secret-kubeflow-store-application-config.yaml")
    assert redaction.REDACTED not in secret["data"].values()
    assert json.loads((out / "events.jsonl").read_text().splitlines()[0])["request"]["config"] == {
        "store": {"password": PASSWORD}
    }


def test_kubernetes_secrets_are_masked_whole(write_out):
    out, _ = write_out()
    secret = read(out / "kubernetes/store/Secret-kubeflow-store-application-config.yaml")
    assert set(secret["data"].values()) == {redaction.REDACTED}


def test_an_earlier_output_is_replaced(write_out):
    out, _ = write_out(scale={"store": 2})
    mine = out / "notes.txt"
    mine.write_text("mine")
    write_out()
    assert sorted(path.name for path in (out / "pebble").iterdir()) == ["client-0", "store-0"][1:]
    assert mine.read_text() == "mine"


def test_a_link_in_an_earlier_output_is_not_followed(write_out, tmp_path):
    out, _ = write_out()
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    files._remove(out / "pebble")
    (out / "pebble").symlink_to(precious)
    write_out()
    assert (precious / "file").exists()
    assert not (out / "pebble").is_symlink()


def test_an_output_that_was_not_finished_is_replaced(write_out):
    out, _ = write_out()
    trace = out / "events.jsonl"
    trace.write_text(trace.read_text()[:-20])
    files.check(out)


def refused(path):
    with pytest.raises(bundles.InputError) as caught:
        files.check(path)
    return str(caught.value)


def test_another_directory_is_refused(tmp_path):
    (tmp_path / "notes").touch()
    assert "is not empty, and not what an earlier preview has written" in refused(tmp_path)
    (tmp_path / "events.jsonl").write_text('{"some": "other"}\n')
    assert "is not empty" in refused(tmp_path)


def test_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    assert refused(tmp_path / "file").endswith("it is a file")
    assert refused(tmp_path / "file/below").endswith("Not a directory")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    assert "Permission denied" in refused(tmp_path)


def test_an_empty_directory_is_taken(tmp_path):
    files.check(tmp_path)


def test_names_are_safe():
    assert files._safe("Role-kubeflow-minio") == "Role-kubeflow-minio"
    for name in ("../../etc/passwd", "system:auth:x", "a/b", "..", "x" * 300):
        safe = files._safe(name)
        assert "/" not in safe
        assert len(safe) < 255
        assert safe not in (".", "..")
    assert files._safe("a:b") != files._safe("a;b")
