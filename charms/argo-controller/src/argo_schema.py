# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Schemas of what Argo's typed resources share: artifacts, where they lie, parameters.

Source: argo-workflows v3.7.3, manifests/base/crds/full, as the published charm applies them.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_INT32: Schema = {"type": "integer", "format": "int32"}


def _object(texts: str = "", flags: str = "", required: str = "", **more: Any) -> Schema:
    """Return the schema of a mapping: names of text and boolean fields, and other fields."""
    fields: Schema = dict.fromkeys(texts.split(), _TEXT) | dict.fromkeys(flags.split(), _FLAG)
    schema: Schema = {"type": "object"}
    if fields | more:
        schema["properties"] = fields | more
    return schema | ({"required": required.split()} if required else {})


def _mapping(value: Schema) -> Schema:
    return {"type": "object", "additionalProperties": value}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


_KEY: Schema = _object(
    "key", "optional", required="key", name={"type": "string", "default": ""}
) | {"x-kubernetes-map-type": "atomic"}
"""A key of a Secret or ConfigMap."""


def _keys(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), _KEY)


_HTTP = _object(
    "url",
    required="url",
    auth=_object(
        basicAuth=_object(**_keys("passwordSecret usernameSecret")),
        clientCert=_object(**_keys("clientCertSecret clientKeySecret")),
        oauth2=_object(
            scopes=_TEXTS,
            endpointParams=_list(_object("key value", required="key")),
            **_keys("clientIDSecret clientSecretSecret tokenURLSecret"),
        ),
    ),
    headers=_list(_object("name value", required="name value")),
)
_S3 = _object(
    "bucket endpoint key region roleARN",
    "insecure useSDKCreds",
    createBucketIfNotPresent=_object(flags="objectLocking"),
    encryptionOptions=_object(
        "kmsEncryptionContext kmsKeyId",
        "enableEncryption",
        **_keys("serverSideCustomerKeySecret"),
    ),
    **_keys("accessKeySecret caSecret secretKeySecret sessionTokenSecret"),
)
_STORES: dict[str, Any] = {
    "artifactory": _object("url", required="url", **_keys("passwordSecret usernameSecret")),
    "azure": _object(
        "blob container endpoint",
        "useSDKCreds",
        "blob container endpoint",
        **_keys("accountKeySecret"),
    ),
    "gcs": _object("bucket key", required="key", **_keys("serviceAccountKeySecret")),
    "git": _object(
        "branch repo revision",
        "disableSubmodules insecureIgnoreHostKey insecureSkipTLS singleBranch",
        "repo",
        depth={"type": "integer", "format": "int64"},
        fetch=_TEXTS,
        **_keys("passwordSecret sshPrivateKeySecret usernameSecret"),
    ),
    "hdfs": _object(
        "dataTransferProtection hdfsUser krbRealm krbServicePrincipalName krbUsername path",
        "force",
        "path",
        addresses=_TEXTS,
        **_keys("krbCCacheSecret krbConfigConfigMap krbKeytabSecret"),
    ),
    "http": _HTTP,
    "oss": _object(
        "bucket endpoint key securityToken",
        "createBucketIfNotPresent useSDKCreds",
        "key",
        lifecycleRule=_object(markDeletionAfterDays=_INT32, markInfrequentAccessAfterDays=_INT32),
        **_keys("accessKeySecret secretKeySecret"),
    ),
    "raw": _object("data", required="data"),
    "s3": _S3,
}
_ARCHIVE = _object(none=_object(), tar=_object(compressionLevel=_INT32), zip=_object())
_GC = _object(
    "serviceAccountName",
    podMetadata=_object(annotations=_mapping(_TEXT), labels=_mapping(_TEXT)),
    strategy={
        "type": "string",
        "enum": ["", "OnWorkflowCompletion", "OnWorkflowDeletion", "Never"],
    },
)
_VALUE_FROM = _object(
    "default event expression jqFilter jsonPath parameter path",
    supplied=_object(),
    **_keys("configMapKeyRef"),
)

ARTIFACT_LOCATION = _object(flags="archiveLogs", **_STORES)
ARTIFACT = _object(
    "from fromExpression globalName name path subPath",
    "archiveLogs deleted optional recurseMode",
    "name",
    archive=_ARCHIVE,
    artifactGC=_GC,
    mode=_INT32,
    **_STORES,
)
PARAMETER = _object(
    "default description globalName name value",
    required="name",
    enum=_TEXTS,
    valueFrom=_VALUE_FROM,
)
