# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Who may do what: roles, bindings, impersonation, escalation and reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Object, Server

RBAC = "/apis/rbac.authorization.k8s.io/v1"
ROLES = f"{RBAC}/namespaces/{{ns}}/roles"
BINDINGS = f"{RBAC}/namespaces/{{ns}}/rolebindings"
MAPS = "/api/v1/namespaces/{ns}/configmaps"
GROUP = "rbac.authorization.k8s.io"


def account(server: Server) -> Server:
    """Return the server as a service account of the test's namespace sees it."""
    return server.impersonate(f"system:serviceaccount:{server.ns}:worker")


def subject(server: Server) -> Object:
    return {"kind": "ServiceAccount", "name": "worker", "namespace": server.ns}


def grant(server: Server, *rules: Object) -> None:
    """Give the service account rights in its namespace."""
    server.create(ROLES, {"metadata": {"name": "r"}, "rules": list(rules)}).ok()
    bind(server, BINDINGS, "Role", "r")


def bind(server: Server, path: str, kind: str, name: str) -> None:
    binding = {
        "metadata": {"name": server.me},
        "roleRef": {"apiGroup": GROUP, "kind": kind, "name": name},
        "subjects": [subject(server)],
    }
    server.create(path, binding).ok()
    if "namespaces" not in path:
        server.cleanup(path + "/{me}")


def cluster_role(server: Server, *rules: Object, name: str = "", **fields: Any) -> str:
    role = {"metadata": {"name": name or server.me}, "rules": list(rules), **fields}
    server.create(f"{RBAC}/clusterroles", role).ok()
    server.cleanup(f"{RBAC}/clusterroles/{role['metadata']['name']}")
    return role["metadata"]["name"]


def allowed(server: Server, method: str, path: str, **arguments: Any) -> bool:
    return account(server).ask(method, path, **arguments).status != 403


def rule(resources: str, *verbs: str, group: str = "", names: list[str] | None = None) -> Object:
    found: Object = {"apiGroups": [group], "resources": [resources], "verbs": list(verbs)}
    return {**found, "resourceNames": names} if names else found


def test_without_rights_nothing_is_allowed(server: Server) -> None:
    worker = account(server)
    user = f"system:serviceaccount:{server.ns}:worker"
    answer = worker.get(MAPS)
    assert (answer.status, answer.reason) == (403, "Forbidden")
    assert answer.message == (
        f'configmaps is forbidden: User "{user}" cannot list resource "configmaps" in API group '
        f'"" in the namespace "{server.ns}"'
    )
    assert worker.get("/apis/apps/v1/namespaces/{ns}/deployments/d/status").message == (
        f'deployments.apps "d" is forbidden: User "{user}" cannot get resource '
        f'"deployments/status" in API group "apps" in the namespace "{server.ns}"'
    )
    assert worker.get("/api/v1/nodes").message == (
        f'nodes is forbidden: User "{user}" cannot list resource "nodes" in API group "" at the '
        "cluster scope"
    )
    assert worker.create(MAPS, {"metadata": {"name": "c"}}).status == 403
    assert worker.get("/metrics").status == 403


def test_discovery_is_allowed_to_everybody(server: Server) -> None:
    worker = account(server)
    for path in ("/api", "/apis", "/api/v1", "/apis/apps/v1", "/version", "/healthz"):
        assert worker.get(path).status == 200


def test_a_role_allows_its_verbs_in_its_namespace(server: Server) -> None:
    grant(server, rule("configmaps", "get", "list"))
    server.eventually(lambda: allowed(server, "GET", MAPS))
    worker = account(server)
    assert worker.get(f"{MAPS}/absent").status == 404
    assert worker.create(MAPS, {"metadata": {"name": "c"}}).status == 403
    assert worker.get("/api/v1/configmaps").status == 403
    assert worker.get("/api/v1/namespaces/default/configmaps").status == 403
    assert worker.get("/api/v1/namespaces/{ns}/secrets").status == 403
    assert worker.get(MAPS, watch="true").status == 403


def test_names_narrow_a_rule(server: Server) -> None:
    grant(server, rule("configmaps", "get", "list", "create", names=["c"]))
    server.eventually(lambda: allowed(server, "GET", f"{MAPS}/c"))
    worker = account(server)
    assert worker.get(f"{MAPS}/d").status == 403
    assert worker.get(MAPS).status == 403
    assert worker.get(MAPS, fieldSelector="metadata.name=c").status == 200
    assert worker.create(MAPS, {"metadata": {"name": "c"}}).status == 403


def test_subresources_have_rights_of_their_own(server: Server) -> None:
    grant(server, rule("deployments/status", "get", group="apps"))
    path = "/apis/apps/v1/namespaces/{ns}/deployments/d"
    server.eventually(lambda: allowed(server, "GET", f"{path}/status"))
    assert account(server).get(path).status == 403


def test_a_cluster_role_can_be_bound_in_a_namespace(server: Server) -> None:
    cluster_role(server, rule("configmaps", "list"), rule("nodes", "list"))
    bind(server, BINDINGS, "ClusterRole", server.me)
    server.eventually(lambda: allowed(server, "GET", MAPS))
    assert account(server).get("/api/v1/configmaps").status == 403
    assert account(server).get("/api/v1/nodes").status == 403


def test_a_cluster_role_can_be_bound_everywhere(server: Server) -> None:
    metrics = {"nonResourceURLs": ["/metrics", "/debug/*"], "verbs": ["get"]}
    cluster_role(server, rule("configmaps", "list"), metrics)
    bind(server, f"{RBAC}/clusterrolebindings", "ClusterRole", server.me)
    server.eventually(lambda: allowed(server, "GET", "/api/v1/configmaps"))
    assert allowed(server, "GET", "/metrics")
    assert allowed(server, "GET", "/debug/absent")
    assert not allowed(server, "GET", "/configz")


def test_a_wildcard_allows_everything(server: Server) -> None:
    bind(server, f"{RBAC}/clusterrolebindings", "ClusterRole", "cluster-admin")
    server.eventually(lambda: allowed(server, "GET", "/api/v1/nodes"))
    assert account(server).create(MAPS, {"metadata": {"name": "c"}}).status == 201


def test_an_apply_that_creates_needs_the_right_to_create(server: Server) -> None:
    grant(server, rule("configmaps", "patch", "get"))
    server.eventually(lambda: allowed(server, "GET", f"{MAPS}/c"))
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    answer = account(server).apply(f"{MAPS}/c", obj)
    assert (answer.status, answer.reason) == (403, "Forbidden")
    server.apply(f"{MAPS}/c", obj).ok()
    assert account(server).apply(f"{MAPS}/c", obj, "two").status == 200


def test_impersonation_is_a_right(server: Server) -> None:
    cluster_role(server, rule("configmaps", "get"))
    bind(server, f"{RBAC}/clusterrolebindings", "ClusterRole", server.me)
    user = server.impersonate("jane")
    assert user.get(MAPS).message.startswith('configmaps is forbidden: User "jane" cannot list')


ESCALATORS = rule("*", "create", "update", "patch", "get", "delete", group=GROUP)


def test_nobody_gives_more_than_he_has(server: Server) -> None:
    grant(server, ESCALATORS, rule("configmaps", "get"))
    server.eventually(lambda: allowed(server, "GET", f"{ROLES}/r"))
    worker = account(server)
    less = {"metadata": {"name": "less"}, "rules": [rule("configmaps", "get")]}
    worker.create(ROLES, less).ok()
    more = {"metadata": {"name": "more"}, "rules": [rule("configmaps", "get", "list")]}
    answer = worker.create(ROLES, more)
    assert (answer.status, answer.reason) == (403, "Forbidden")
    assert answer.message.startswith(
        f'roles.rbac.authorization.k8s.io "more" is forbidden: user '
        f'"system:serviceaccount:{server.ns}:worker" '
    )
    assert "is attempting to grant RBAC permissions not currently held:" in answer.message
    assert "configmaps" in answer.message
    assert worker.merge(f"{ROLES}/less", {"rules": more["rules"]}).status == 403
    assert server.gone(f"{ROLES}/more")


def binding(server: Server, kind: str, name: str) -> Object:
    ref = {"apiGroup": GROUP, "kind": kind, "name": name}
    return {"metadata": {"name": "b"}, "roleRef": ref, "subjects": [subject(server)]}


def test_nobody_binds_more_than_he_has(server: Server) -> None:
    grant(server, ESCALATORS, rule("configmaps", "get"))
    server.eventually(lambda: allowed(server, "GET", f"{ROLES}/r"))
    worker = account(server)
    answer = worker.create(BINDINGS, binding(server, "ClusterRole", "cluster-admin"))
    assert (answer.status, answer.reason) == (403, "Forbidden")
    assert "attempting to grant RBAC permissions not currently held" in answer.message
    assert worker.create(BINDINGS, binding(server, "Role", "r")).status == 201
    absent = binding(server, "Role", "absent")
    assert worker.create(BINDINGS, {**absent, "metadata": {"name": "a"}}).status == 404


@pytest.mark.parametrize(("verb", "resource"), [("escalate", "roles"), ("bind", "clusterroles")])
def test_two_verbs_allow_to_give_more(server: Server, verb: str, resource: str) -> None:
    grant(server, ESCALATORS, rule(resource, verb, group=GROUP))
    server.eventually(lambda: allowed(server, "GET", f"{ROLES}/r"))
    worker = account(server)
    if verb == "escalate":
        more = {"metadata": {"name": "more"}, "rules": [rule("secrets", "*")]}
        worker.create(ROLES, more).ok()
    else:
        worker.create(BINDINGS, binding(server, "ClusterRole", "view")).ok()


def test_a_cluster_role_gathers_rules(server: Server) -> None:
    label = {"example.com/gather": server.me}
    parts = (rule("pods", "get"), rule("nodes", "list"))
    for index, part in enumerate(parts):
        name = f"{server.me}-{index}"
        cluster_role(server, part, name=name)
        server.merge(f"{RBAC}/clusterroles/{name}", {"metadata": {"labels": label}}).ok()
    selector = {"clusterRoleSelectors": [{"matchLabels": label}]}
    cluster_role(server, aggregationRule=selector)
    path = f"{RBAC}/clusterroles/{server.me}"

    def rules() -> list[Object]:
        found = server.get(path).ok()["rules"] or []
        return sorted(found, key=lambda each: each["resources"])

    server.eventually(lambda: rules() == sorted(parts, key=lambda each: each["resources"]))
    server.delete(f"{RBAC}/clusterroles/{server.me}-0").ok()
    server.eventually(lambda: rules() == [parts[1]])
    owner = next(
        each for each in server.get(path).ok()["metadata"]["managedFields"]
        if "f:rules" in each["fieldsV1"]
    )  # fmt: skip
    assert (owner["manager"], owner["operation"]) == (
        "clusterrole-aggregation-controller", "Apply",
    )  # fmt: skip


def test_an_applied_cluster_role_that_gathers_is_not_written_again(server: Server) -> None:
    label = {"example.com/gather": server.me}
    name = f"{server.me}-0"
    cluster_role(server, rule("pods", "get"), name=name)
    server.merge(f"{RBAC}/clusterroles/{name}", {"metadata": {"labels": label}}).ok()
    path = f"{RBAC}/clusterroles/{server.me}"
    role = {
        "apiVersion": f"{GROUP}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": server.me},
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": label}]},
    }
    server.apply(path, role).ok()
    server.cleanup(path)
    server.eventually(lambda: server.get(path).ok()["rules"])
    before = server.get(path).ok()["metadata"]["resourceVersion"]
    assert server.apply(path, role).ok()["metadata"]["resourceVersion"] == before
    answer = server.apply(path, {**role, "rules": []})
    assert answer.message == (
        'Apply failed with 1 conflict: conflict with "clusterrole-aggregation-controller": .rules'
    )


def test_rights_that_gather_come_and_go(server: Server) -> None:
    label = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    custom = server.define()
    role = {"metadata": {"labels": label}}
    name = cluster_role(server, rule("things", "list", group=custom.group))
    bind(server, BINDINGS, "ClusterRole", "view")
    server.eventually(lambda: allowed(server, "GET", MAPS))
    assert not allowed(server, "GET", custom.path)
    server.merge(f"{RBAC}/clusterroles/{name}", role).ok()
    server.eventually(lambda: allowed(server, "GET", custom.path))


REVIEWS = "/apis/authorization.k8s.io/v1"


def test_anybody_may_ask_what_he_may(server: Server) -> None:
    grant(server, rule("configmaps", "get"))
    server.eventually(lambda: allowed(server, "GET", f"{MAPS}/c"))

    def ask(verb: str) -> bool:
        asked = {"verb": verb, "resource": "configmaps", "namespace": server.ns}
        review = {"spec": {"resourceAttributes": asked}}
        path = f"{REVIEWS}/selfsubjectaccessreviews"
        return account(server).create(path, review).ok()["status"]["allowed"]

    assert ask("get")
    assert not ask("list")


def test_an_administrator_may_ask_for_others(server: Server) -> None:
    grant(server, rule("configmaps", "get"))
    server.eventually(lambda: allowed(server, "GET", f"{MAPS}/c"))
    asked = {"verb": "get", "resource": "configmaps", "namespace": server.ns}
    user = f"system:serviceaccount:{server.ns}:worker"
    path = f"{REVIEWS}/subjectaccessreviews"
    review = {"spec": {"user": user, "resourceAttributes": asked}}
    assert server.create(path, review).ok()["status"]["allowed"]
    review["spec"]["user"] = "jane"
    assert not server.create(path, review).ok()["status"]["allowed"]
    assert account(server).create(path, review).status == 403


def test_anybody_may_ask_for_his_rules(server: Server) -> None:
    grant(server, rule("configmaps", "get"))
    server.eventually(lambda: allowed(server, "GET", f"{MAPS}/c"))
    review = {"spec": {"namespace": server.ns}}
    status = account(server).create(f"{REVIEWS}/selfsubjectrulesreviews", review).ok()["status"]
    assert rule("configmaps", "get") in status["resourceRules"]


def test_reviews_are_stored_nowhere(server: Server) -> None:
    answer = server.get(f"{REVIEWS}/selfsubjectaccessreviews")
    assert (answer.status, answer.reason) == (405, "MethodNotAllowed")
