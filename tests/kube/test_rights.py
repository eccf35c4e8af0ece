# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What charms and workloads may do: recorded, enough, and no more."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import pytest
from ckf import bundle as bundles_of_files
from ckf import rbac
from ckf.rbac import exercise, findings, lists, reference
from jujusim.rights import account

from . import bundles
from .bundles import Cluster, Run, eventually

RECORD = "if that is meant, run: python -m ckf.rbac record"
REVIEWS = "/apis/authorization.k8s.io/v1"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
ADMISSION = "/apis/admissionregistration.k8s.io/v1"
RECORDED = lists.read(lists.DIRECTORY)

LIFE = pytest.mark.xdist_group("rights")
WHOLE = pytest.mark.xdist_group("whole")
"""On the same server as the tests of `test_bundle.py`."""


@pytest.fixture(scope="module")
def life() -> exercise.LifecycleRun:
    """The bundle's life in memory, where each charm may do what is recorded, and nothing else.

    What is refused has been asked for too.
    """
    bundle = bundles_of_files.load(pathlib.Path("bundle.yaml"), ())
    return exercise.of_bundle(bundle, lists.granted(RECORDED))


# The lists.


@LIFE
def test_no_application_needs_or_gives_more_than_is_recorded(life: exercise.LifecycleRun) -> None:
    found = life.rights()
    assert found.keys() == RECORDED.keys(), RECORD
    for app, rights in found.items():
        differences = lists.differences(RECORDED[app][0], rights)
        assert not differences, "\n".join([f"{app}:", *differences, RECORD])


@LIFE
def test_a_life_has_met_every_kind_of_write(life: exercise.LifecycleRun) -> None:
    """Otherwise the lists would say little."""
    verbs = {ask.verb for asked in life.asked.values() for asks in asked.values() for ask in asks}
    assert verbs >= {"create", "patch", "delete", "get", "list", "bind", "escalate"}
    assert not life.model.apps


@pytest.mark.parametrize("app", RECORDED)
def test_what_leads_to_more_rights_has_a_reason(app: str) -> None:
    rights, reasons = RECORDED[app]
    assert findings.of(rights) == sorted(reasons), f"edit {lists.DIRECTORY}/{app}.yaml"
    assert all(len(reason.split()) > 3 for reason in reasons.values())


def test_wildcards_and_every_secret_are_for_few() -> None:
    kinds = {
        (app, kind)
        for app, (rights, _) in RECORDED.items()
        for where, ask in rights.asks()
        for kind in findings.kinds(where, ask)
    }
    assert {app for app, kind in kinds if kind == "wildcard"} == {
        "istio-pilot",
        "katib-controller",
    }
    assert {app for app, kind in kinds if kind == "secrets"} == {
        "istio-pilot",
        "kfp-ui",
        "knative-operator",
        "kserve-controller",
        "metacontroller-operator",
    }


def test_the_reference_is_what_is_recorded() -> None:
    assert reference.PATH.read_text() == reference.page(RECORDED), RECORD


# The rights of charms.


@LIFE
def test_recorded_rights_are_enough_for_a_whole_life(life: exercise.LifecycleRun) -> None:
    assert not bundles.forbidden(life.cluster.journal)
    assert not life.model.trace.failures()


@WHOLE
def test_the_recorded_rights_are_enough_on_a_real_server(run: Run) -> None:
    run.assert_well()
    run.elect_others()
    run.pass_by()
    assert not bundles.forbidden(run.server.journal)
    run.assert_well()


BEHIND = {"oidc-gatekeeper", "istio-pilot", "istio-ingressgateway"}
"""Without the gatekeeper the gateway stays closed."""


@pytest.mark.parametrize("verb", ["patch", "escalate", "bind", "list"])
def test_a_missing_right_shows(verb: str) -> None:
    inside, everywhere = lists.granted(RECORDED)["dex-auth"]
    fewer = [
        {**rule, "verbs": [each for each in rule["verbs"] if each != verb]} for rule in everywhere
    ]
    granted = {**lists.granted(RECORDED), "dex-auth": (inside, fewer)}
    whole = bundles_of_files.load(pathlib.Path("bundle.yaml"), ())
    # Dex, those behind it, and one that goes on without them.
    names = {"dex-auth", "kubeflow-roles", *BEHIND}
    apps = {name: app for name, app in whole.applications.items() if name in names}
    ends = [(each, {end.partition(":")[0] for end in each.ends}) for each in whole.relations]
    relations = tuple(each for each, joined in ends if joined <= names)
    bundle = dataclasses.replace(whole, applications=apps, relations=relations)
    life = exercise.LifecycleRun(bundle, bundles_of_files.load_charms(bundle), granted)
    life.deploy()
    statuses = life.model.status().inactive
    assert statuses["dex-auth/0"].name == "blocked"
    assert "juju trust dex-auth" in statuses["dex-auth/0"].message
    assert {name.partition("/")[0] for name in statuses} <= {"dex-auth", *BEHIND}
    assert bundles.forbidden(life.cluster.journal)


# The rights of workloads.


def accounts() -> list[tuple[str, str]]:
    return [(app, name) for app, (rights, _) in RECORDED.items() for name in rights.workload]


@pytest.fixture(scope="module")
def untrusted(shared: Cluster, run: Run) -> Run:
    """The same deployment after Juju's own grants are taken away."""
    for app in run.model.apps:
        for path in (
            f"{RBAC}/namespaces/kubeflow/rolebindings/{app}",
            f"{RBAC}/clusterrolebindings/kubeflow-{app}",
        ):
            shared.http.delete(path).raise_for_status()
    return run


@WHOLE
@pytest.mark.parametrize(("app", "name"), accounts())
def test_a_workload_may_do_what_its_sources_call_and_no_more(
    shared: Cluster, untrusted: Run, app: str, name: str
) -> None:
    rights, _ = RECORDED[app]
    inside = set(rbac.expand([*rights.workload[name]["namespace"], *every(rights, name)]))
    outside = set(rbac.expand(every(rights, name)))
    user = account(untrusted.model.name, name)
    for namespace, expected in ((untrusted.model.name, inside), ("default", outside)):
        nobody = held(shared, account(namespace, "nobody"), namespace)
        # The server's authorizer reads a cache: what was taken away lasts a moment.
        eventually(
            lambda where=namespace, known=nobody, wanted=expected: (
                held(shared, user, where) - known == wanted
            )
        )


def every(rights: rbac.Rights, name: str) -> list[dict[str, Any]]:
    return rights.workload[name]["cluster"]


def held(cluster: Cluster, user: str, namespace: str) -> set[rbac.Ask]:
    """Everything that a user may do in a namespace, as the server says."""
    review = {"spec": {"namespace": namespace}}
    answer = cluster.http.post(
        f"{REVIEWS}/selfsubjectrulesreviews", json=review, headers={"impersonate-user": user}
    )
    return set(rbac.expand(answer.raise_for_status().json()["status"]["resourceRules"]))


CALLS = {
    "dex-auth": (
        [("GET", "/apis/dex.coreos.com/v1/namespaces/kubeflow/passwords")],
        [
            ("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"),
            ("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"),
            ("GET", "/api/v1/namespaces/kubeflow/secrets"),
            ("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/any"),
        ],
    ),
    "oidc-gatekeeper": (
        [("POST", "/apis/authentication.k8s.io/v1/tokenreviews")],
        [("GET", "/api/v1/namespaces/kubeflow/secrets")],
    ),
    "istiod": (
        [
            ("GET", "/apis/networking.istio.io/v1/virtualservices"),
            ("GET", "/apis/security.istio.io/v1/authorizationpolicies"),
            ("GET", "/api/v1/endpoints"),
            ("GET", "/api/v1/secrets"),
            ("POST", "/api/v1/namespaces/kubeflow/configmaps"),
            ("POST", "/apis/authentication.k8s.io/v1/tokenreviews"),
            ("GET", f"{ADMISSION}/mutatingwebhookconfigurations"),
        ],
        [
            ("POST", "/apis/networking.istio.io/v1/namespaces/kubeflow/virtualservices"),
            ("POST", "/api/v1/namespaces/default/secrets"),
            ("POST", "/api/v1/namespaces/kubeflow/pods"),
            ("DELETE", f"{ADMISSION}/mutatingwebhookconfigurations/any"),
            ("GET", f"{RBAC}/clusterroles"),
        ],
    ),
    "istio-reader-service-account": (
        [("GET", "/api/v1/services"), ("GET", "/apis/networking.istio.io/v1/sidecars")],
        [
            ("POST", "/api/v1/namespaces/kubeflow/services"),
            ("GET", "/api/v1/configmaps"),
            ("GET", f"{ADMISSION}/mutatingwebhookconfigurations"),
        ],
    ),
    "istio-ingressgateway-workload-service-account": (
        [("GET", "/api/v1/namespaces/kubeflow/secrets")],
        [
            ("GET", "/api/v1/secrets"),
            ("POST", "/api/v1/namespaces/kubeflow/secrets"),
            ("GET", "/api/v1/namespaces/kubeflow/configmaps"),
        ],
    ),
    "kubeflow-dashboard": (
        [
            ("GET", "/api/v1/namespaces"),
            ("GET", "/api/v1/events"),
            ("GET", "/api/v1/nodes"),
            ("GET", "/api/v1/namespaces/kubeflow/configmaps/centraldashboard-config"),
        ],
        [
            ("GET", "/api/v1/namespaces/kubeflow/configmaps"),
            ("GET", "/api/v1/namespaces/default/configmaps/centraldashboard-config"),
            ("GET", "/api/v1/secrets"),
            ("GET", "/api/v1/pods"),
            ("DELETE", "/api/v1/namespaces/default"),
        ],
    ),
    "kubeflow-profiles": (
        [
            ("GET", "/apis/kubeflow.org/v1/profiles"),
            ("GET", "/api/v1/serviceaccounts"),
            ("GET", "/api/v1/resourcequotas"),
            ("GET", f"{RBAC}/rolebindings"),
            ("POST", "/api/v1/namespaces"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/kubeflow/leases"),
        ],
        [
            ("GET", "/api/v1/secrets"),
            ("GET", "/api/v1/namespaces/kubeflow/configmaps"),
            ("GET", "/apis/coordination.k8s.io/v1/leases"),
            ("GET", f"{RBAC}/clusterrolebindings"),
            ("POST", f"{RBAC}/clusterroles"),
        ],
    ),
    "admission-webhook": (
        [("GET", "/apis/kubeflow.org/v1alpha1/poddefaults")],
        [
            ("POST", "/apis/kubeflow.org/v1alpha1/namespaces/default/poddefaults"),
            ("GET", "/api/v1/pods"),
            ("GET", "/api/v1/namespaces/kubeflow/secrets"),
        ],
    ),
    "jupyter-controller": (
        [
            ("GET", "/apis/kubeflow.org/v1/notebooks"),
            ("GET", "/api/v1/pods"),
            ("POST", "/apis/apps/v1/namespaces/default/statefulsets"),
            ("POST", "/api/v1/namespaces/default/services"),
            ("POST", "/apis/networking.istio.io/v1/namespaces/default/virtualservices"),
        ],
        [
            ("DELETE", "/apis/kubeflow.org/v1/namespaces/default/notebooks/any"),
            ("DELETE", "/apis/apps/v1/namespaces/default/statefulsets/any"),
            ("POST", "/api/v1/namespaces/default/pods"),
            ("GET", "/api/v1/secrets"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/kubeflow/leases"),
        ],
    ),
    "jupyter-ui": (
        [
            ("GET", "/api/v1/namespaces"),
            ("GET", "/api/v1/nodes"),
            ("GET", "/apis/storage.k8s.io/v1/storageclasses"),
            ("POST", "/apis/kubeflow.org/v1/namespaces/default/notebooks"),
            ("POST", "/api/v1/namespaces/default/persistentvolumeclaims"),
            ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews"),
        ],
        [
            ("GET", "/api/v1/secrets"),
            ("POST", "/api/v1/namespaces/default/pods"),
            ("DELETE", "/api/v1/namespaces/default/persistentvolumeclaims/any"),
            ("POST", "/apis/kubeflow.org/v1alpha1/namespaces/default/poddefaults"),
        ],
    ),
    "katib-controller": (
        [
            ("GET", "/apis/kubeflow.org/v1beta1/experiments"),
            ("PATCH", "/apis/kubeflow.org/v1beta1/namespaces/default/trials/any/status"),
            ("POST", "/apis/batch/v1/namespaces/default/jobs"),
            ("POST", "/apis/kubeflow.org/v1/namespaces/default/pytorchjobs"),
            ("POST", "/apis/apps/v1/namespaces/default/deployments"),
            ("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/kubeflow/leases"),
        ],
        [
            ("GET", "/api/v1/secrets"),
            ("GET", "/api/v1/pods"),
            ("DELETE", "/apis/kubeflow.org/v1beta1/namespaces/default/experiments/any"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases"),
        ],
    ),
    "katib-ui": (
        [
            ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews"),
            ("DELETE", "/apis/kubeflow.org/v1beta1/namespaces/default/experiments/any"),
            ("POST", "/api/v1/namespaces/default/configmaps"),
            ("GET", "/api/v1/namespaces/default/pods"),
        ],
        [
            ("GET", "/api/v1/secrets"),
            ("DELETE", "/apis/kubeflow.org/v1beta1/namespaces/default/trials/any"),
            ("POST", "/api/v1/namespaces/default/pods"),
        ],
    ),
    "kubeflow-volumes": (
        [
            ("GET", "/api/v1/persistentvolumeclaims"),
            ("POST", "/api/v1/namespaces/default/persistentvolumeclaims"),
            ("POST", "/apis/kubeflow.org/v1alpha1/namespaces/default/pvcviewers"),
            ("GET", "/apis/kubeflow.org/v1/notebooks"),
        ],
        [
            ("POST", "/apis/kubeflow.org/v1/namespaces/default/notebooks"),
            ("GET", "/api/v1/persistentvolumes"),
            ("GET", "/api/v1/secrets"),
            ("DELETE", "/api/v1/namespaces/default/pods/any"),
        ],
    ),
    "pvcviewer-operator": (
        [
            ("GET", "/apis/kubeflow.org/v1alpha1/pvcviewers"),
            ("POST", "/apis/apps/v1/namespaces/default/deployments"),
            ("POST", "/apis/networking.istio.io/v1/namespaces/default/virtualservices"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/kubeflow/leases"),
        ],
        [
            ("DELETE", "/apis/kubeflow.org/v1alpha1/namespaces/default/pvcviewers/any"),
            ("DELETE", "/api/v1/namespaces/default/persistentvolumeclaims/any"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases"),
            ("GET", "/api/v1/namespaces/kubeflow/secrets"),
        ],
    ),
    "tensorboard-controller": (
        [
            ("GET", "/apis/tensorboard.kubeflow.org/v1alpha1/tensorboards"),
            ("GET", "/api/v1/persistentvolumeclaims"),
            ("POST", "/apis/apps/v1/namespaces/default/deployments"),
            ("POST", "/apis/networking.istio.io/v1/namespaces/default/virtualservices"),
        ],
        [
            (
                "DELETE",
                "/apis/tensorboard.kubeflow.org/v1alpha1/namespaces/default/tensorboards/a",
            ),
            ("POST", "/api/v1/namespaces/default/pods"),
            ("GET", "/api/v1/secrets"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/kubeflow/leases"),
        ],
    ),
    "tensorboards-web-app": (
        [
            ("GET", "/api/v1/persistentvolumeclaims"),
            ("POST", "/apis/tensorboard.kubeflow.org/v1alpha1/namespaces/default/tensorboards"),
            ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews"),
        ],
        [
            ("POST", "/api/v1/namespaces/default/persistentvolumeclaims"),
            ("GET", "/api/v1/pods"),
            ("GET", "/api/v1/secrets"),
        ],
    ),
    "argo-controller": (
        [
            ("GET", "/apis/argoproj.io/v1alpha1/workflows"),
            ("POST", "/api/v1/namespaces/default/pods"),
            ("GET", "/api/v1/namespaces/kubeflow/secrets/mlpipeline-minio-artifact"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/kubeflow/leases"),
        ],
        [
            ("GET", "/api/v1/secrets"),
            ("GET", "/api/v1/namespaces/default/secrets/mlpipeline-minio-artifact"),
            ("POST", "/apis/argoproj.io/v1alpha1/namespaces/default/cronworkflows"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases"),
        ],
    ),
    "kfp-api": (
        [
            ("POST", "/apis/argoproj.io/v1alpha1/namespaces/default/workflows"),
            ("POST", "/apis/kubeflow.org/v1beta1/namespaces/default/scheduledworkflows"),
            ("GET", "/api/v1/namespaces/default/pods/any/log"),
            ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews"),
            ("POST", "/apis/authentication.k8s.io/v1/tokenreviews"),
        ],
        [
            ("GET", "/api/v1/secrets"),
            ("POST", "/api/v1/namespaces/default/pods"),
            ("GET", "/api/v1/namespaces/kubeflow/configmaps"),
        ],
    ),
    "kfp-metadata-writer": (
        [("GET", "/api/v1/pods"), ("GET", "/api/v1/namespaces/default/pods/any")],
        [
            ("POST", "/api/v1/namespaces/default/pods"),
            ("DELETE", "/api/v1/namespaces/default/pods/any"),
            ("GET", "/api/v1/secrets"),
        ],
    ),
    "kfp-persistence": (
        [
            ("GET", "/apis/argoproj.io/v1alpha1/workflows"),
            ("GET", "/apis/kubeflow.org/v1beta1/scheduledworkflows"),
        ],
        [
            ("POST", "/apis/argoproj.io/v1alpha1/namespaces/default/workflows"),
            ("GET", "/api/v1/pods"),
            ("GET", "/api/v1/secrets"),
        ],
    ),
    "kfp-schedwf": (
        [
            ("GET", "/apis/kubeflow.org/v1beta1/scheduledworkflows"),
            ("POST", "/apis/argoproj.io/v1alpha1/namespaces/default/workflows"),
            ("POST", "/api/v1/namespaces/default/events"),
        ],
        [
            ("POST", "/api/v1/namespaces/default/pods"),
            ("GET", "/api/v1/secrets"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/kubeflow/leases"),
        ],
    ),
    "kfp-ui": (
        [
            ("GET", "/api/v1/namespaces/default/pods/any/log"),
            ("GET", "/apis/argoproj.io/v1alpha1/namespaces/default/workflows/any"),
            ("POST", "/apis/kubeflow.org/v1beta1/namespaces/default/viewers"),
            ("GET", "/api/v1/namespaces/default/secrets/mlpipeline-minio-artifact"),
        ],
        [
            ("GET", "/api/v1/secrets"),
            ("POST", "/api/v1/namespaces/default/pods"),
            ("DELETE", "/apis/argoproj.io/v1alpha1/namespaces/default/workflows/any"),
        ],
    ),
    "kfp-viewer": (
        [
            ("GET", "/apis/kubeflow.org/v1beta1/viewers"),
            ("POST", "/apis/apps/v1/namespaces/default/deployments"),
            ("POST", "/api/v1/namespaces/default/services"),
        ],
        [
            ("POST", "/api/v1/namespaces/default/pods"),
            ("GET", "/api/v1/secrets"),
            ("GET", "/api/v1/configmaps"),
        ],
    ),
    "knative-operator": (
        [
            ("GET", "/apis/operator.knative.dev/v1beta1/knativeservings"),
            ("POST", "/api/v1/namespaces"),
            ("POST", "/apis/apps/v1/namespaces/default/deployments"),
            ("POST", f"{RBAC}/clusterroles"),
        ],
        [
            ("DELETE", "/apis/operator.knative.dev/v1beta1/namespaces/default/knativeservings/a"),
            ("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/any"),
            ("DELETE", "/api/v1/namespaces/default"),
            ("POST", "/apis/kubeflow.org/v1/namespaces/default/notebooks"),
        ],
    ),
    "kserve-controller": (
        [
            ("GET", "/apis/serving.kserve.io/v1beta1/inferenceservices"),
            ("POST", "/apis/apps/v1/namespaces/default/deployments"),
            ("GET", "/api/v1/namespaces/default/secrets/any"),
            ("POST", "/apis/networking.istio.io/v1/namespaces/default/virtualservices"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/kubeflow/leases"),
        ],
        [
            ("GET", "/api/v1/secrets"),
            ("POST", "/apis/serving.kserve.io/v1beta1/namespaces/default/inferenceservices"),
            ("POST", "/api/v1/namespaces/default/pods"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases"),
        ],
    ),
    "metacontroller-operator-charm": (
        [
            ("GET", "/apis/metacontroller.k8s.io/v1alpha1/decoratorcontrollers"),
            ("GET", "/api/v1/namespaces"),
            ("POST", "/api/v1/namespaces/default/secrets"),
            ("POST", "/apis/kubeflow.org/v1alpha1/namespaces/default/poddefaults"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/kubeflow/leases"),
        ],
        [
            ("POST", "/apis/metacontroller.k8s.io/v1alpha1/decoratorcontrollers"),
            ("POST", "/api/v1/namespaces"),
            ("POST", f"{RBAC}/clusterroles"),
            ("POST", "/api/v1/namespaces/default/pods"),
        ],
    ),
    "training-operator-workload": (
        [
            ("GET", "/apis/kubeflow.org/v1/pytorchjobs"),
            ("POST", "/api/v1/namespaces/default/pods"),
            ("POST", "/api/v1/namespaces/default/services"),
            ("GET", "/api/v1/namespaces/kubeflow/secrets"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/kubeflow/leases"),
        ],
        [
            ("GET", "/api/v1/secrets"),
            ("POST", "/apis/kubeflow.org/v1/namespaces/default/pytorchjobs"),
            ("POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases"),
            ("POST", f"{RBAC}/clusterroles"),
        ],
    ),
}
"""Calls of each workload, and calls that are none of its business."""


@WHOLE
@pytest.mark.parametrize("name", [name for _, name in accounts()])
def test_a_workloads_calls_are_answered_and_others_denied(
    shared: Cluster, untrusted: Run, name: str
) -> None:
    user = account(untrusted.model.name, name)
    assert name in CALLS, "say in CALLS what this workload does"
    allowed, denied = CALLS[name]
    for method, path in allowed:
        # An empty object gets past the authorizer and is refused for what it lacks.
        eventually(lambda m=method, p=path: ask(shared, user, m, p) != 403)
        # A kind that is new is answered with 429 while the server sets it up; objects that are
        # not there and patches without a type get past the authorizer too.
        assert ask(shared, user, method, path) in (200, 201, 400, 404, 415, 422, 429), path
    for method, path in denied:
        assert ask(shared, user, method, path) == 403, path


def ask(cluster: Cluster, user: str, method: str, path: str) -> int:
    body = {} if method == "POST" else None
    answer = cluster.http.request(
        method, path, json=body, params={"dryRun": "All"}, headers={"impersonate-user": user}
    )
    return answer.status_code


@WHOLE
def test_a_profile_controller_binds_only_the_platforms_roles(
    shared: Cluster, untrusted: Run
) -> None:
    user = account(untrusted.model.name, "kubeflow-profiles")
    path = f"{RBAC}/namespaces/default/rolebindings"
    for role, status in (("kubeflow-admin", 201), ("cluster-admin", 403)):
        group = "rbac.authorization.k8s.io"
        binding = {
            "metadata": {"name": "owner"},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": group, "kind": "User", "name": "alice"}],
        }
        answer = shared.http.post(
            path, json=binding, params={"dryRun": "All"}, headers={"impersonate-user": user}
        )
        assert answer.status_code == status, answer.text
