# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The object store that a charm works with, over whichever relation it comes.

Charms offer two endpoints, of which exactly one is related: `object-storage`, a MinIO beside them,
and `s3-credentials`, any store with the S3 API.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import ops

from ._component import Component
from ._status import Blocked
from .interfaces import object_storage, s3

DEFAULT_BUCKET = "mlpipeline"
"""The bucket of pipelines, unless an option or the store's provider names another."""

DEFAULT_REGION = "us-east-1"
"""What clients sign requests with where no region is given."""


@dataclasses.dataclass(frozen=True)
class ObjectStore:
    """Where an object store is, and the keys to it.

    Args:
        host: its host name.
        port: its port.
        secure: whether it speaks TLS.
        access_key: the user.
        secret_key: the user's key.
        bucket: the bucket to use.
        region: its region.
        ca: the CA of its certificate, PEM; empty if clients trust it anyway.
        in_cluster: whether the host is `<service>.<namespace>` of this cluster.
    """

    host: str
    port: int
    secure: bool
    access_key: str
    secret_key: str
    bucket: str
    region: str = DEFAULT_REGION
    ca: str = ""
    in_cluster: bool = False

    @property
    def endpoint(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL."""
        return f"{'https' if self.secure else 'http'}://{self.endpoint}"


class ObjectStoreRelation(Component):
    """The one object store that is related, by `object-storage` or by `s3-credentials`.

    Args:
        charm: the charm.
        bucket: returns the bucket of the charm's options.
        option: the name of that option.
        default: its default, which gives way to the bucket that the provider names.
        required: without a store the charm is Blocked.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        *,
        bucket: Callable[[], str] = lambda: DEFAULT_BUCKET,
        option: str = "",
        default: str = DEFAULT_BUCKET,
        required: bool = True,
    ) -> None:
        super().__init__(charm)
        self._required = required
        self._bucket = bucket
        self._option = option
        self._default = default
        self._minio = object_storage.Requirer(charm)
        self._s3 = s3.Requirer(charm, data=self._request)
        self.parts = (self._minio, self._s3)

    def get(self) -> ObjectStore:
        """Return the object store.

        Raises:
            Blocked: if none or two are related, or option and provider name different buckets.
            Waiting: if the related one has not said everything yet.
        """
        self._check_one()
        return self._from_s3() if self._s3.relations else self._from_minio()

    def get_or_none(self) -> ObjectStore | None:
        """Return the object store, or None if none is related.

        Raises:
            Blocked: if two are related, or option and provider name different buckets.
            Waiting: if the related one has not said everything yet.
        """
        related = self._minio.relations or self._s3.relations
        return self.get() if related else None

    def status(self) -> ops.StatusBase:
        """Return Blocked unless exactly one is related, or none need be, and the buckets agree."""
        if self._required:
            self.get()
        else:
            self.get_or_none()
        return ops.ActiveStatus()

    def _check_one(self) -> None:
        related = [item.name for item in (self._minio, self._s3) if item.relations]
        if not related:
            raise Blocked("relate object-storage or s3-credentials")
        if len(related) > 1:
            raise Blocked(f"remove the relation {related[0]} or {related[1]}: one store is used")

    def _request(self) -> s3.BucketRequest:
        return s3.BucketRequest(self._bucket())

    def _from_minio(self) -> ObjectStore:
        store = self._minio.get()
        host = self._host(store)
        return ObjectStore(
            host=host,
            in_cluster=host != store.service,
            port=int(store.port),
            secure=store.secure,
            access_key=store.access_key,
            secret_key=store.secret_key,
            bucket=self._bucket(),
        )

    def _host(self, store: object_storage.ObjectStorage) -> str:
        """Return a name that resolves from every namespace; a name with dots does already."""
        if not store.namespace and "." in store.service:
            return store.service
        return f"{store.service}.{store.namespace or self.charm.model.name}"

    def _from_s3(self) -> ObjectStore:
        store = self._s3.get()
        return ObjectStore(
            host=store.host,
            port=store.port,
            secure=store.secure,
            access_key=store.access_key,
            secret_key=store.secret_key,
            bucket=self._agreed(store.bucket),
            region=store.region or DEFAULT_REGION,
            ca="".join(f"{text.strip()}\n" for text in store.tls_ca_chain),
        )

    def _agreed(self, theirs: str) -> str:
        """Return the bucket; the option's default gives way to what the provider names."""
        ours = self._bucket()
        if not theirs or theirs == ours:
            return ours
        if ours == self._default:
            return theirs
        raise Blocked(f"option {self._option} accepts {theirs}, the bucket of s3-credentials")
