# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The object store of a charm, by either of two relations."""

from __future__ import annotations

from typing import Any

import charmkit
import ops
import pytest
import yaml
from charmkit import object_store
from ops import testing

MINIO = {
    "access-key": "minio",
    "namespace": "ml",
    "port": 9000,
    "secret-key": "hunter22",
    "secure": False,
    "service": "minio",
}
S3 = {
    "access-key": "key",
    "secret-key": "hunter22",
    "endpoint": "https://s3.example.com",
    "region": "eu-west-1",
    "tls-ca-chain": '["one\\n", "two"]',
}


def minio(**changes: Any) -> testing.Relation:
    bag = {"_supported_versions": "- v1\n", "data": yaml.safe_dump({**MINIO, **changes})}
    return testing.Relation("object-storage", remote_app_name="minio", remote_app_data=bag)


def s3(**changes: str) -> testing.Relation:
    bag = {**S3, **changes}
    return testing.Relation("s3-credentials", remote_app_name="s3", remote_app_data=bag)


@pytest.fixture
def run(context: Any) -> Any:
    """Return the store that a charm finds, or the reason why there is none, and the state."""

    def hook(*relations: testing.Relation, bucket: str = "mlpipeline") -> Any:
        def components(charm: ops.CharmBase) -> list[charmkit.Component]:
            store = object_store.ObjectStoreRelation(charm, bucket=lambda: bucket, option="bucket")
            return [*store.parts, store]

        endpoints = {"object-storage": "object-storage", "s3-credentials": "s3"}
        meta = {"requires": {name: {"interface": item} for name, item in endpoints.items()}}
        ctx = context(components, meta=meta)
        state = testing.State(leader=True, relations=relations, model=testing.Model("ml"))
        with ctx(ctx.on.update_status(), state) as manager:
            after = manager.run()
            try:
                return manager.charm.made[-1].get(), after
            except charmkit.NotReady as reason:
                return reason, after

    return hook


def test_minio_beside_the_charm(run: Any) -> None:
    store, _ = run(minio())
    assert (store.url, store.bucket) == ("http://minio.ml:9000", "mlpipeline")
    assert (store.access_key, store.secret_key) == ("minio", "hunter22")
    assert (store.region, store.ca) == ("us-east-1", "")


@pytest.mark.parametrize(
    ("service", "namespace", "host"),
    [("minio", None, "minio.ml"), ("s3.example.com", None, "s3.example.com")],
)
def test_host_without_a_namespace(run: Any, service: str, namespace: None, host: str) -> None:
    store, _ = run(minio(service=service, namespace=namespace))
    assert store.host == host


def test_external_store(run: Any) -> None:
    store, _ = run(s3())
    assert (store.url, store.region) == ("https://s3.example.com:443", "eu-west-1")
    assert store.ca == "one\ntwo\n"


def test_bucket_is_requested(run: Any) -> None:
    relation = s3()
    _, after = run(relation, bucket="models")
    assert after.get_relation(relation.id).local_app_data == {
        "version": "1",
        "bucket": "models",
        "requested-secrets": '["access-key", "secret-key"]',
    }


@pytest.mark.parametrize(
    ("ours", "theirs", "bucket"),
    [
        ("mlpipeline", "", "mlpipeline"),
        ("mlpipeline", "shared", "shared"),
        ("shared", "shared", "shared"),
        ("mine", "", "mine"),
    ],
)
def test_one_bucket(run: Any, ours: str, theirs: str, bucket: str) -> None:
    store, _ = run(s3(bucket=theirs), bucket=ours)
    assert store.bucket == bucket


def test_buckets_that_disagree_are_named(run: Any) -> None:
    _, after = run(s3(bucket="shared"), bucket="mine")
    message = "option bucket accepts shared, the bucket of s3-credentials"
    assert after.unit_status == ops.BlockedStatus(message)


@pytest.mark.parametrize(
    ("relations", "status"),
    [
        ((), ops.BlockedStatus("relate object-storage or s3-credentials")),
        (
            (minio(), s3()),
            ops.BlockedStatus(
                "remove the relation object-storage or s3-credentials: one store is used"
            ),
        ),
        (
            (testing.Relation("s3-credentials", remote_app_name="s3"),),
            ops.WaitingStatus("relation s3-credentials: waiting for data from s3"),
        ),
    ],
)
def test_exactly_one_store(run: Any, relations: Any, status: ops.StatusBase) -> None:
    _, after = run(*relations)
    assert after.unit_status == status
