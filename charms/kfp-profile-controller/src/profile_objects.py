# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What a profile's namespace has for pipelines, as Metacontroller is told.

Metacontroller compares these with what the Kubernetes API keeps. What that has in another form
(empty mappings, quantities that are not in their shortest) would differ each time and be written
again in each resync, so there is none of it. Sources: kubeflow/pipelines 2.15,
backend/src/v2/objectstore/config.go and backend/src/v2/config/env.go (kfp-launcher);
kubeflow/manifests 1.10, pipelines-profile-controller; the published charm for names.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterable
from typing import Any

Object = dict[str, Any]

KEYS_SECRET = "mlpipeline-minio-artifact"  # noqa: S105  the name of a Secret
CA_CONFIG_MAP = "object-store-ca"
CA_KEY = "ca.crt"
ARTIFACT_PROXY = "ml-pipeline-ui-artifact"
VIEWER = "viewer"
"""The label `app` of pods that kfp-viewer starts for the pipelines page."""

VISUALIZATION_SERVER = "ml-pipeline-visualizationserver"
USER = 584792
"""The user `_daemon_` of the images; by its name Kubernetes cannot tell that it is not root."""

PLACEHOLDER = "{namespace}"
"""Stands for the profile's name in options."""

OWNER_PLACEHOLDER = "{owner of the namespace}"
"""Stands for the profile's owner in what is made here."""

NAMESPACE_LABEL = "pipelines.kubeflow.org/enabled"
"""Namespaces in which it is `true` get these objects."""

OPTIONAL_KINDS = {
    "PodDefault": ("kubeflow.org/v1alpha1", "poddefaults"),
    "AuthorizationPolicy": ("security.istio.io/v1beta1", "authorizationpolicies"),
}
"""Kinds that other charms define."""

ATTACHMENTS = (
    ("v1", "secrets"),
    ("v1", "configmaps"),
    ("apps/v1", "deployments"),
    ("v1", "services"),
    *OPTIONAL_KINDS.values(),
)
"""Every kind that a profile may have got, so that what is no longer wanted goes."""


@dataclasses.dataclass(frozen=True)
class Store:
    """The object store, as pods of users reach it.

    Args:
        host: its host name.
        port: its port.
        secure: whether it speaks TLS.
        region: its region.
        access_key: the user.
        secret_key: the user's key.
        ca: the CA of its certificate, PEM; empty if it is trusted anyway.
    """

    host: str
    port: int
    secure: bool
    region: str
    access_key: str
    secret_key: str
    ca: str = ""


@dataclasses.dataclass(frozen=True)
class Pod:
    """An optional pod in each profile.

    Args:
        image: its image.
        pull_policy: when nodes pull it.
        resources: its requests and limits.
    """

    image: str
    pull_policy: str
    resources: Object


def keys(store: Store) -> Object:
    """Return the Secret with the keys of the store."""
    content = {"accesskey": store.access_key, "secretkey": store.secret_key}
    content |= {CA_KEY: store.ca} if store.ca else {}
    data = {name: base64.b64encode(text.encode()).decode() for name, text in content.items()}
    return _object("v1", "Secret", KEYS_SECRET, type="Opaque", data=data)


def launcher(store: Store, pipeline_root: str) -> Object:
    """Return the ConfigMap that tells steps where the store is; without it they guess.

    The program knows the store by the scheme of the pipeline's root: `minio` or `s3`.
    """
    provider = {
        "default": {
            "endpoint": f"{store.host}:{store.port}",
            "region": store.region,
            "disableSSL": not store.secure,
            "forcePathStyle": True,
            "credentials": {
                "fromEnv": False,
                "secretRef": {
                    "secretName": KEYS_SECRET,
                    "accessKeyKey": "accesskey",
                    "secretKeyKey": "secretkey",
                },
            },
        }
    }
    providers = json.dumps({"minio": provider, "s3": provider}, sort_keys=True)
    data = {"defaultPipelineRoot": pipeline_root, "providers": providers}
    return _object("v1", "ConfigMap", "kfp-launcher", data=data)


def store_ca(store: Store) -> Object:
    """Return the ConfigMap with the CA that steps trust beside the usual ones."""
    return _object("v1", "ConfigMap", CA_CONFIG_MAP, data={CA_KEY: store.ca})


def metadata_server(host: str, port: int) -> Object:
    """Return the ConfigMap that tells steps where the ML Metadata server is."""
    data = {"METADATA_GRPC_SERVICE_HOST": host, "METADATA_GRPC_SERVICE_PORT": str(port)}
    return _object("v1", "ConfigMap", "metadata-grpc-configmap", data=data)


def pod_default() -> Object:
    """Return the PodDefault by which notebooks may ask to use pipelines."""
    token = {"path": "token", "expirationSeconds": 7200, "audience": "pipelines.kubeflow.org"}
    directory, volume = "/var/run/secrets/kubeflow/pipelines", "volume-kf-pipeline-token"
    spec = {
        "desc": "Allow access to Kubeflow Pipelines",
        "selector": {"matchLabels": {"access-ml-pipeline": "true"}},
        "env": [{"name": "KF_PIPELINES_SA_TOKEN_PATH", "value": f"{directory}/token"}],
        "volumes": [{"name": volume, "projected": {"sources": [{"serviceAccountToken": token}]}}],
        "volumeMounts": [{"name": volume, "mountPath": directory, "readOnly": True}],
    }
    return _object("kubeflow.org/v1alpha1", "PodDefault", "access-ml-pipeline", spec=spec)


def owner_policy(activator: str = "") -> Object:
    """Return the policy by which owners reach what runs in their namespaces.

    Requests with a user's name have passed the gateway, and those for models that have to start
    pods also Knative's activator; the culling of notebooks asks for kernels. The published policy
    lets in every user who has logged in.

    Args:
        activator: the activator's principal. If it is empty, the mesh does not know the activator,
            and so whoever sends is believed who the owner is.
    """
    kernels = {"operation": {"methods": ["GET"], "paths": ["*/api/kernels"]}}
    owner: Object = {"when": [_user(OWNER_PLACEHOLDER)]}
    if activator:
        owner["from"] = [{"source": {"principals": [activator]}}]
    version, _ = OPTIONAL_KINDS["AuthorizationPolicy"]
    name = "ns-owner-access-istio-charmed"
    spec = {"rules": [owner, {"to": [kernels]}]}
    return _object(version, "AuthorizationPolicy", name, spec=spec)


def artifact_policy(readers: str) -> Object:
    """Return the policy by which users reach the artifacts of a profile.

    The pipelines page is not in the mesh, so that requests of a profile's contributors cannot be
    told from those of anybody who has logged in.

    Args:
        readers: `owner`, or all `users`.
    """
    user = _user("*" if readers == "users" else OWNER_PLACEHOLDER)
    return _page_policy(ARTIFACT_PROXY, ARTIFACT_PROXY, user)


def viewer_policy() -> Object:
    """Return the policy by which owners see, on the pipelines page, what viewers show."""
    return _page_policy("ml-pipeline-viewer", VIEWER, _user(OWNER_PLACEHOLDER))


def _page_policy(name: str, app: str, user: Object) -> Object:
    """Return the policy for pods that the pipelines page asks, which the mesh does not know."""
    version, _ = OPTIONAL_KINDS["AuthorizationPolicy"]
    spec: Object = {"selector": {"matchLabels": {"app": app}}, "rules": [{"when": [user]}]}
    return _object(version, "AuthorizationPolicy", name, spec=spec)


def _user(name: str) -> Object:
    return {"key": "request.headers[kubeflow-userid]", "values": [name]}


def visualization_policy(api_principal: str) -> Object:
    """Return the policy by which the pipelines API reaches the visualization server."""
    version, _ = OPTIONAL_KINDS["AuthorizationPolicy"]
    spec = {
        "selector": {"matchLabels": {"app": VISUALIZATION_SERVER}},
        "rules": [{"from": [{"source": {"principals": [api_principal]}}]}],
    }
    return _object(version, "AuthorizationPolicy", VISUALIZATION_SERVER, spec=spec)


def artifact_proxy(store: Store, pod: Pod) -> list[Object]:
    """Return the Deployment and Service through which the pipelines page reads artifacts."""
    host, _, namespace = store.host.partition(".")
    plain = {
        "MINIO_HOST": host if namespace else store.host,
        "MINIO_NAMESPACE": namespace,
        "MINIO_PORT": str(store.port),
        "MINIO_SSL": "true" if store.secure else "false",
    }
    secret = {"MINIO_ACCESS_KEY": "accesskey", "MINIO_SECRET_KEY": "secretkey"}
    # A variable without a value is empty; the API drops a value that is.
    environment: list[Object] = [
        {"name": name} | ({"value": text} if text else {}) for name, text in plain.items()
    ]
    for name, key in secret.items():
        reference = {"secretKeyRef": {"name": KEYS_SECRET, "key": key}}
        environment.append({"name": name, "valueFrom": reference})
    return [
        _deployment(ARTIFACT_PROXY, 3000, pod, env=environment),
        _service(ARTIFACT_PROXY, 80, 3000),
    ]


def visualization_server(pod: Pod) -> list[Object]:
    """Return the Deployment and Service of the visualization server."""
    return [
        _deployment(VISUALIZATION_SERVER, 8888, pod),
        _service(VISUALIZATION_SERVER, 8888, 8888),
    ]


def attachments(defined: Iterable[str]) -> list[Object]:
    """Return the attachments of the DecoratorController.

    Args:
        defined: those of `OPTIONAL_KINDS` that the cluster has; Metacontroller does not start at
            all with one that it has not.
    """
    missing = {OPTIONAL_KINDS[kind] for kind in OPTIONAL_KINDS.keys() - set(defined)}
    return [
        {"apiVersion": version, "resource": name, "updateStrategy": {"method": "InPlace"}}
        for version, name in ATTACHMENTS
        if (version, name) not in missing
    ]


def _object(api_version: str, kind: str, name: str, **fields: Any) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}} | fields


def _deployment(name: str, port: int, pod: Pod, **more: Any) -> Object:
    container = {
        "name": name,
        "image": pod.image,
        "imagePullPolicy": pod.pull_policy,
        "ports": [{"containerPort": port}],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "runAsUser": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **({"resources": pod.resources} if pod.resources else {}),
        **more,
    }
    labels = {"app": name}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [container], "serviceAccountName": "default-editor"},
    }
    spec = {"selector": {"matchLabels": labels}, "template": template}
    made = _object("apps/v1", "Deployment", name, spec=spec)
    return made | {"metadata": {"name": name, "labels": labels}}


def _service(name: str, port: int, target: int) -> Object:
    ports = [{"name": "http", "port": port, "protocol": "TCP", "targetPort": target}]
    made = _object("v1", "Service", name, spec={"ports": ports, "selector": {"app": name}})
    return made | {"metadata": {"name": name, "labels": {"app": name}}}
