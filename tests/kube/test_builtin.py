# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the server fills in, forbids and keeps as it was, kind by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Object, Server

CORE = "/api/v1/namespaces/{ns}"
SERVICES = f"{CORE}/services"
SECRETS = f"{CORE}/secrets"
CLAIMS = f"{CORE}/persistentvolumeclaims"
APPS = "/apis/apps/v1/namespaces/{ns}"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
HOOKS = "/apis/admissionregistration.k8s.io/v1"
GROUP = "rbac.authorization.k8s.io"


def service(name: str = "s", **spec: Any) -> Object:
    return {"metadata": {"name": name}, "spec": spec}


def test_a_service_is_completed(server: Server) -> None:
    made = server.create(SERVICES, service(ports=[{"port": 80}], selector={"a": "b"})).ok()
    spec = made["spec"]
    assert spec.pop("clusterIPs") == [spec.pop("clusterIP")]
    assert spec == {
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "internalTrafficPolicy": "Cluster",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "selector": {"a": "b"},
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
    }
    assert made["status"] == {"loadBalancer": {}}


def test_addresses_are_unique_and_stay(server: Server) -> None:
    made = [
        server.create(SERVICES, service(name, ports=[{"port": 80}])).ok()["spec"]["clusterIP"]
        for name in "abc"
    ]
    assert len(set(made)) == 3
    replaced = server.put(f"{SERVICES}/a", service("a", ports=[{"port": 81}])).ok()
    assert replaced["spec"]["clusterIP"] == made[0]
    answer = server.merge(f"{SERVICES}/a", {"spec": {"clusterIP": "None"}})
    assert (answer.status, answer.fields) == (422, ["spec.clusterIPs[0]"])


def test_a_headless_service_has_no_address(server: Server) -> None:
    made = server.create(SERVICES, service(clusterIP="None", selector={"a": "b"})).ok()
    assert (made["spec"]["clusterIP"], made["spec"]["clusterIPs"]) == ("None", ["None"])
    assert made["spec"]["ipFamilies"] == ["IPv4"]


def test_a_public_service_gets_ports_and_loses_them(server: Server) -> None:
    path = f"{SERVICES}/s"
    made = server.create(SERVICES, service(type="NodePort", ports=[{"port": 80}])).ok()
    port = made["spec"]["ports"][0]["nodePort"]
    assert 30000 <= port < 32768
    assert made["spec"]["externalTrafficPolicy"] == "Cluster"
    balanced = server.merge(path, {"spec": {"type": "LoadBalancer"}}).ok()
    assert balanced["spec"]["ports"][0]["nodePort"] == port
    assert balanced["spec"]["allocateLoadBalancerNodePorts"] is True
    back = server.merge(path, {"spec": {"type": "ClusterIP"}}).ok()["spec"]
    assert "nodePort" not in back["ports"][0]
    assert not {"externalTrafficPolicy", "allocateLoadBalancerNodePorts"} & set(back)


def test_each_port_of_a_service_has_a_node_port_of_its_own(server: Server) -> None:
    ports = [{"name": "a", "port": 80}, {"name": "b", "port": 443}]
    made = server.create(SERVICES, service(type="NodePort", ports=ports)).ok()
    assert len({port["nodePort"] for port in made["spec"]["ports"]}) == 2


def test_an_external_name_has_no_address(server: Server) -> None:
    made = server.create(SERVICES, service(type="ExternalName", externalName="a.example.com"))
    assert made.ok()["spec"] == {
        "type": "ExternalName", "externalName": "a.example.com", "sessionAffinity": "None",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({}, "spec.ports"),
        ({"ports": [{"port": 0}]}, "spec.ports[0].port"),
        ({"ports": [{"port": 80}, {"port": 81}]}, "spec.ports[0].name"),
        ({"ports": [{"port": 80, "name": "a"}, {"port": 81, "name": "a"}]}, "spec.ports[1].name"),
        ({"ports": [{"port": 80, "name": "a"}, {"port": 80, "name": "b"}]}, "spec.ports[1]"),
        ({"ports": [{"port": 80, "name": "A_B"}]}, "spec.ports[0].name"),
        ({"ports": [{"port": 80, "protocol": "ICMP"}]}, "spec.ports[0].protocol"),
        ({"ports": [{"port": 80, "targetPort": "not_a_name"}]}, "spec.ports[0].targetPort"),
        ({"ports": [{"port": 80}], "type": "Other"}, "spec.type"),
        ({"type": "ExternalName"}, "spec.externalName"),
    ],
)
def test_services_have_rules(server: Server, spec: Object, field: str) -> None:
    answer = server.create(SERVICES, service(**spec))
    assert (answer.status, answer.reason) == (422, "Invalid")
    assert field in answer.fields


def container(**fields: Any) -> Object:
    return {"name": "c", "image": "example.com/x:1", **fields}


def workload(*containers: Object, pod: Object | None = None, **spec: Any) -> Object:
    template = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": list(containers) or [container()], **(pod or {})},
    }
    selector = {"matchLabels": {"a": "b"}}
    return {
        "metadata": {"name": "w"},
        "spec": {"selector": selector, "template": template, **spec},
    }


def test_a_deployment_is_completed(server: Server) -> None:
    body = workload(container(ports=[{"containerPort": 80}]), replicas=0)
    spec = server.create(f"{APPS}/deployments", body).ok()["spec"]
    pod = spec.pop("template")["spec"]
    assert spec == {
        "replicas": 0,
        "selector": {"matchLabels": {"a": "b"}},
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"},
        },
        "progressDeadlineSeconds": 600,
        "revisionHistoryLimit": 10,
    }
    assert pod == {
        "containers": [
            container(
                ports=[{"containerPort": 80, "protocol": "TCP"}],
                imagePullPolicy="IfNotPresent",
                resources={},
                terminationMessagePath="/dev/termination-log",
                terminationMessagePolicy="File",
            )
        ],
        "dnsPolicy": "ClusterFirst",
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
    }


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("x", "Always"), ("x:latest", "Always"), ("host:5000/x", "Always"),
        ("x:1", "IfNotPresent"), ("host:5000/x:1", "IfNotPresent"),
        ("x@sha256:" + "0" * 64, "IfNotPresent"),
    ],
)  # fmt: skip
def test_the_tag_decides_how_images_are_pulled(server: Server, image: str, policy: str) -> None:
    body = workload(container(image=image), replicas=0)
    made = server.create(f"{APPS}/deployments", body, dryRun="All").ok()
    (found,) = made["spec"]["template"]["spec"]["containers"]
    assert found["imagePullPolicy"] == policy


def test_parts_of_a_pod_are_completed(server: Server) -> None:
    probe = {"httpGet": {"port": 80}}
    env = [{"name": "P", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]
    token = {"serviceAccountToken": {"path": "t"}}
    volumes = [
        {"name": "c", "configMap": {"name": "x"}},
        {"name": "s", "secret": {"secretName": "x"}},
        {"name": "p", "projected": {"sources": [token]}},
        {"name": "h", "hostPath": {"path": "/x"}},
        {"name": "e"},
    ]
    pod = {"volumes": volumes, "serviceAccountName": "a"}
    body = workload(container(livenessProbe=probe, env=env), pod=pod, replicas=0)
    spec = server.create(f"{APPS}/deployments", body).ok()["spec"]["template"]["spec"]
    (found,) = spec["containers"]
    assert found["livenessProbe"] == {
        "httpGet": {"path": "/", "port": 80, "scheme": "HTTP"},
        "failureThreshold": 3, "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1,
    }  # fmt: skip
    assert found["env"][0]["valueFrom"]["fieldRef"]["apiVersion"] == "v1"
    assert spec["serviceAccount"] == "a"
    assert spec["volumes"] == [
        {"name": "c", "configMap": {"name": "x", "defaultMode": 420}},
        {"name": "s", "secret": {"secretName": "x", "defaultMode": 420}},
        {"name": "p", "projected": {"defaultMode": 420, "sources": [
            {"serviceAccountToken": {"path": "t", "expirationSeconds": 3600}}]}},
        {"name": "h", "hostPath": {"path": "/x", "type": ""}},
        {"name": "e", "emptyDir": {}},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (workload(selector={"matchLabels": {"a": "z"}}), "spec.template.metadata.labels"),
        (workload(selector=None), "spec.selector"),
        (workload(selector={}), "spec.selector"),
        (workload(replicas=-1), "spec.replicas"),
        (workload(pod={"containers": []}), "spec.template.spec.containers"),
        (workload(container(name="")), "spec.template.spec.containers[0].name"),
        (workload(container(name="A_")), "spec.template.spec.containers[0].name"),
        (workload(container(), container()), "spec.template.spec.containers[1].name"),
        (workload(container(image="")), "spec.template.spec.containers[0].image"),
        (workload(container(ports=[{"containerPort": 0}])),
         "spec.template.spec.containers[0].ports[0].containerPort"),
        (workload(container(ports=[{"containerPort": 80, "name": "much-too-long-name"}])),
         "spec.template.spec.containers[0].ports[0].name"),
        (workload(container(env=[{"name": "A=B", "value": "x"}])),
         "spec.template.spec.containers[0].env[0].name"),
        (workload(container(volumeMounts=[{"name": "absent", "mountPath": "/x"}])),
         "spec.template.spec.containers[0].volumeMounts[0].name"),
        (workload(container(imagePullPolicy="Sometimes")),
         "spec.template.spec.containers[0].imagePullPolicy"),
        (workload(container(resources={"limits": {"cpu": "1"}, "requests": {"cpu": "2"}})),
         "spec.template.spec.containers[0].resources.requests"),
        (workload(pod={"restartPolicy": "Never"}), "spec.template.spec.restartPolicy"),
        (workload(pod={"volumes": [{"name": "v"}, {"name": "v"}]}),
         "spec.template.spec.volumes[1].name"),
        (workload(pod={"initContainers": [container(name="")]}),
         "spec.template.spec.initContainers[0].name"),
    ],
)  # fmt: skip
def test_workloads_have_rules(server: Server, body: Object, field: str) -> None:
    answer = server.create(f"{APPS}/deployments", body)
    assert (answer.status, answer.reason) == (422, "Invalid")
    assert field in answer.fields


def test_a_quantity_that_is_none_cannot_be_read(server: Server) -> None:
    body = workload(container(resources={"limits": {"cpu": "much"}}))
    answer = server.create(f"{APPS}/deployments", body)
    assert (answer.status, answer.reason) == (400, "BadRequest")
    assert "quantities must match the regular expression" in answer.message


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0.5", "500m"), ("1000m", "1"), ("1.5Gi", "1536Mi"), ("1024Mi", "1Gi"), ("1e3", "1e3"),
        ("10E2", "1e3"), ("100000", "100k"), ("0", "0"), (2, "2"), ("1500m", "1500m"),
        ("2048", "2048"),
        ("1024Ki", "1Mi"), ("500Ki", "500Ki"), ("0.1Gi", "107374182400m"),
    ],
)  # fmt: skip
def test_quantities_are_kept_in_one_notation(server: Server, given: object, kept: str) -> None:
    body = workload(container(resources={"limits": {"memory": given}}), replicas=0)
    answer = server.create(f"{APPS}/deployments", body, dryRun="All")
    limits = answer.ok()["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]
    assert list(limits.values()) == [kept]


def test_a_selector_cannot_be_changed(server: Server) -> None:
    server.create(f"{APPS}/deployments", workload(replicas=0)).ok()
    change = workload(selector={"matchLabels": {"c": "d"}})["spec"]
    change["template"]["metadata"] = {"labels": {"a": "b", "c": "d"}}
    answer = server.merge(f"{APPS}/deployments/w", {"spec": change})
    assert (answer.status, answer.fields) == (422, ["spec.selector"])


def test_a_stateful_set_is_completed_and_mostly_fixed(server: Server) -> None:
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claims = [{"metadata": {"name": "v"}, "spec": claim}]
    body = workload(replicas=0, serviceName="s", volumeClaimTemplates=claims)
    spec = server.create(f"{APPS}/statefulsets", body).ok()["spec"]
    assert spec["podManagementPolicy"] == "OrderedReady"
    assert spec["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
    assert spec["persistentVolumeClaimRetentionPolicy"] == {
        "whenDeleted": "Retain", "whenScaled": "Retain",
    }  # fmt: skip
    assert spec["volumeClaimTemplates"] == [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "v"},
            "spec": {**claim, "volumeMode": "Filesystem"},
            "status": {"phase": "Pending"},
        }
    ]
    path = f"{APPS}/statefulsets/w"
    answer = server.merge(path, {"spec": {"serviceName": "t"}})
    assert (answer.status, answer.fields) == (422, ["spec"])
    server.merge(path, {"spec": {"minReadySeconds": 1}}).ok()


def test_a_job_finds_its_pods_by_its_uid(server: Server) -> None:
    path = "/apis/batch/v1/namespaces/{ns}/jobs"
    template = {"spec": {"containers": [container()], "restartPolicy": "Never"}}
    body = {"metadata": {"name": "j"}, "spec": {"suspend": True, "template": template}}
    job = server.create(path, body).ok()
    selector = {"batch.kubernetes.io/controller-uid": job["metadata"]["uid"]}
    assert job["spec"]["selector"] == {"matchLabels": selector}
    labels = job["spec"]["template"]["metadata"]["labels"]
    assert labels == {
        **selector, "controller-uid": job["metadata"]["uid"],
        "job-name": "j", "batch.kubernetes.io/job-name": "j",
    }  # fmt: skip
    assert (job["spec"]["backoffLimit"], job["spec"]["parallelism"]) == (6, 1)
    answer = server.merge(f"{path}/j", {"spec": {"template": {"spec": {"nodeName": "x"}}}})
    assert answer.status == 422
    assert answer.fields[0].startswith("spec.template")


def test_a_pod_is_admitted_and_mostly_fixed(server: Server) -> None:
    path = f"{CORE}/pods"
    limits = {"limits": {"cpu": "1", "memory": "1Gi"}}
    spec = {"containers": [container(resources=limits)], "nodeName": "absent"}
    pod = server.create(path, {"metadata": {"name": "p"}, "spec": spec}).ok()
    assert pod["spec"]["serviceAccountName"] == "default"
    assert pod["spec"]["enableServiceLinks"] is True
    assert (pod["spec"]["priority"], pod["spec"]["preemptionPolicy"]) == (
        0,
        "PreemptLowerPriority",
    )
    assert {each["key"] for each in pod["spec"]["tolerations"]} == {
        "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable",
    }  # fmt: skip
    assert pod["spec"]["containers"][0]["resources"]["requests"] == limits["limits"]
    assert pod["status"]["phase"] == "Pending"
    answer = server.merge(f"{path}/p", {"spec": {"hostname": "x"}})
    assert (answer.status, answer.fields) == (422, ["spec"])
    change = {"spec": {"containers": [{"name": "c", "image": "example.com/x:2"}]}}
    assert server.strategic(f"{path}/p", change).status == 200
    server.delete(f"{path}/p", {"gracePeriodSeconds": 0}).ok()


@pytest.mark.only_real("no volume with a token is added to pods in memory: nothing would read it")
def test_a_pod_gets_its_token(server: Server) -> None:
    spec = {"containers": [container()], "nodeName": "absent"}
    pod = server.create(f"{CORE}/pods", {"metadata": {"name": "p"}, "spec": spec}).ok()
    mounts = pod["spec"]["containers"][0]["volumeMounts"]
    assert mounts[0]["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount"
    server.delete(f"{CORE}/pods/p", {"gracePeriodSeconds": 0}).ok()


@pytest.mark.only_real("nothing runs in memory: Deployments, Jobs and their kin make no pods")
def test_a_deployment_makes_pods(server: Server) -> None:
    server.create(f"{APPS}/deployments", workload()).ok()
    server.eventually(lambda: server.get(f"{CORE}/pods", labelSelector="a=b").ok()["items"])


@pytest.mark.only_real("admission webhooks are not called in memory")
def test_a_webhook_that_cannot_be_reached_refuses(server: Server) -> None:
    custom = server.define()
    body = hook(rules=[{"apiGroups": [custom.group], "apiVersions": ["*"], "resources": ["*"],
                        "operations": ["CREATE"]}])  # fmt: skip
    path = f"{HOOKS}/validatingwebhookconfigurations"
    server.create(path, {"metadata": {"name": server.me}, "webhooks": [body]}).ok()
    server.cleanup(path + "/{me}")

    def refused() -> bool:
        answer = server.create(custom.path, custom.thing(), dryRun="All")
        return (answer.status, answer.reason) == (500, "InternalError")

    server.eventually(refused)


@pytest.mark.only_real("pod security levels are not enforced in memory")
def test_pod_security_is_enforced(server: Server) -> None:
    label = {"pod-security.kubernetes.io/enforce": "restricted"}
    server.merge("/api/v1/namespaces/{ns}", {"metadata": {"labels": label}}).ok()
    answer = server.create(f"{CORE}/pods", {"metadata": {"name": "p"},
                                            "spec": {"containers": [container()]}})  # fmt: skip
    assert (answer.status, answer.reason) == (403, "Forbidden")
    assert "violates PodSecurity" in answer.message


@pytest.mark.only_real("quotas and limit ranges are stored in memory, and not enforced")
def test_quotas_are_enforced(server: Server) -> None:
    quota = {"metadata": {"name": "q"}, "spec": {"hard": {"count/configmaps": "0"}}}
    server.create(f"{CORE}/resourcequotas", quota).ok()
    server.eventually(
        lambda: (
            server.create(f"{CORE}/configmaps", {"metadata": {"generateName": "c-"}}).status == 403
        )
    )


def test_a_secret_is_completed(server: Server) -> None:
    body = {"metadata": {"name": "s"}, "stringData": {"a": "b"}, "data": {"c": "ZA=="}}
    made = server.create(SECRETS, body).ok()
    assert (made["type"], made["data"]) == ("Opaque", {"a": "Yg==", "c": "ZA=="})
    assert "stringData" not in made
    answer = server.merge(f"{SECRETS}/s", {"type": "example.com/other"})
    assert (answer.status, answer.fields) == (422, ["type"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"data": {"a": "not base64"}}, 400),
        ({"data": {"a b": "Yg=="}}, 422),
        ({"type": "kubernetes.io/tls", "data": {"tls.crt": "Yg=="}}, 422),
        ({"type": "kubernetes.io/dockerconfigjson", "data": {}}, 422),
        ({"type": "kubernetes.io/service-account-token"}, 422),
    ],
)
def test_secrets_have_rules(server: Server, body: Object, status: int) -> None:
    assert server.create(SECRETS, {"metadata": {"name": "s"}, **body}).status == status


@pytest.mark.parametrize("plural", ["secrets", "configmaps"])
def test_what_is_immutable_cannot_be_changed(server: Server, plural: str) -> None:
    path = f"{CORE}/{plural}"
    body = {"metadata": {"name": "i"}, "immutable": True, "data": {"a": "Yg=="}}
    server.create(path, body).ok()
    assert server.merge(f"{path}/i", {"data": {"a": "ZA=="}}).fields == ["data"]
    assert server.merge(f"{path}/i", {"immutable": False}).fields == ["immutable"]
    server.merge(f"{path}/i", {"metadata": {"labels": {"a": "b"}}}).ok()


def test_config_maps_have_rules(server: Server) -> None:
    body = {"metadata": {"name": "c"}, "data": {"a b": "c"}}
    assert server.create(f"{CORE}/configmaps", body).fields == ["data[a b]"]
    body["data"] = {"a": "b"}
    body["binaryData"] = {"a": "Yg=="}
    assert server.create(f"{CORE}/configmaps", body).status == 422


def claim(**spec: Any) -> Object:
    given = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {"metadata": {"name": "p"}, "spec": {**given, **spec}}


def test_a_claim_is_completed_and_mostly_fixed(server: Server) -> None:
    made = server.create(CLAIMS, claim()).ok()
    assert made["spec"]["volumeMode"] == "Filesystem"
    assert made["status"] == {"phase": "Pending"}
    for change in ({"resources": {"requests": {"storage": "2Gi"}}}, {"volumeMode": "Block"}):
        answer = server.merge(f"{CLAIMS}/p", {"spec": change})
        assert answer.status == 422
        assert "spec" in answer.fields
    server.merge(f"{CLAIMS}/p", {"spec": {"storageClassName": "x"}}).ok()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"accessModes": []}, "spec.accessModes"),
        ({"accessModes": ["Never"]}, "spec.accessModes"),
        ({"resources": {}}, "spec.resources[storage]"),
    ],
)
def test_claims_have_rules(server: Server, change: Object, field: str) -> None:
    assert field in server.create(CLAIMS, claim(**change)).fields


def binding(**fields: Any) -> Object:
    ref = {"apiGroup": GROUP, "kind": "ClusterRole", "name": "view"}
    return {"metadata": {"name": "b"}, "roleRef": ref, **fields}


def test_a_binding_is_completed_and_its_role_is_fixed(server: Server) -> None:
    path = f"{RBAC}/namespaces/{{ns}}/rolebindings"
    subjects = [
        {"kind": "User", "name": "u"},
        {"kind": "Group", "name": "g"},
        {"kind": "ServiceAccount", "name": "a", "namespace": "x"},
    ]
    made = server.create(path, binding(subjects=subjects)).ok()
    assert [each.get("apiGroup") for each in made["subjects"]] == [GROUP, GROUP, None]
    answer = server.merge(f"{path}/b", {"roleRef": {"name": "edit"}})
    assert (answer.status, answer.fields) == (422, ["roleRef"])
    assert "cannot change roleRef" in answer.message


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"roleRef": {"apiGroup": GROUP, "kind": "Other", "name": "x"}}, "roleRef.kind"),
        ({"roleRef": {"apiGroup": "other", "kind": "Role", "name": "x"}}, "roleRef.apiGroup"),
        ({"roleRef": {"apiGroup": GROUP, "kind": "Role", "name": ""}}, "roleRef.name"),
        ({"subjects": [{"kind": "Other", "name": "x"}]}, "subjects[0].kind"),
        ({"subjects": [{"kind": "User", "name": ""}]}, "subjects[0].name"),
    ],
)
def test_bindings_have_rules(server: Server, change: Object, field: str) -> None:
    path = f"{RBAC}/namespaces/{{ns}}/rolebindings"
    answer = server.create(path, binding(**change))
    assert (answer.status, answer.reason) == (422, "Invalid")
    assert field in answer.fields


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"apiGroups": [""], "resources": ["pods"]}, "rules[0].verbs"),
        ({"resources": ["pods"], "verbs": ["get"]}, "rules[0].apiGroups"),
        ({"apiGroups": [""], "verbs": ["get"]}, "rules[0].resources"),
        ({"nonResourceURLs": ["/x"], "verbs": ["get"]}, "rules[0].nonResourceURLs"),
    ],
)
def test_roles_have_rules(server: Server, rule: Object, field: str) -> None:
    path = f"{RBAC}/namespaces/{{ns}}/roles"
    answer = server.create(path, {"metadata": {"name": "r"}, "rules": [rule]})
    assert (answer.status, answer.fields) == (422, [field])


def test_a_role_without_rules_says_so(server: Server) -> None:
    path = f"{RBAC}/namespaces/{{ns}}/roles"
    made = server.create(path, {"metadata": {"name": "r"}, "rules": []}).ok()
    assert made["rules"] is None


def hook(**fields: Any) -> Object:
    return {
        "name": "check.example.com",
        "clientConfig": {"service": {"name": "s", "namespace": "absent"}},
        "rules": [{"apiGroups": ["absent.example.com"], "apiVersions": ["*"],
                   "operations": ["CREATE"], "resources": ["*"]}],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        **fields,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["mutating", "validating"])
def test_a_webhook_is_completed(server: Server, kind: str) -> None:
    path = f"{HOOKS}/{kind}webhookconfigurations"
    made = server.create(path, {"metadata": {"name": server.me}, "webhooks": [hook()]}).ok()
    server.cleanup(path + "/{me}")
    (found,) = made["webhooks"]
    again = {"reinvocationPolicy": "Never"} if kind == "mutating" else {}
    service = {"name": "s", "namespace": "absent", "port": 443}
    assert found == {
        **hook(clientConfig={"service": service}),
        "rules": [{**hook()["rules"][0], "scope": "*"}],
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "namespaceSelector": {},
        "objectSelector": {},
        "timeoutSeconds": 10,
        **again,
    }
    assert made["metadata"]["generation"] == 1


def test_a_certificate_that_a_controller_filled_in_stays(server: Server) -> None:
    path = f"{HOOKS}/mutatingwebhookconfigurations/{{me}}"
    body = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": server.me},
        "webhooks": [hook()],
    }
    server.apply(path, body).ok()
    server.cleanup(path)
    bundle = {"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": "Yg=="}
    filled = server.json_patch(path, bundle).ok()
    again = server.apply(path, body).ok()
    assert again["webhooks"][0]["clientConfig"]["caBundle"] == "Yg=="
    assert again["metadata"]["resourceVersion"] == filled["metadata"]["resourceVersion"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "short"}, "webhooks[0].name"),
        ({"sideEffects": None}, "webhooks[0].sideEffects"),
        ({"sideEffects": "Some"}, "webhooks[0].sideEffects"),
        ({"admissionReviewVersions": []}, "webhooks[0].admissionReviewVersions"),
        ({"admissionReviewVersions": ["v9"]}, "webhooks[0].admissionReviewVersions"),
        ({"clientConfig": {}}, "webhooks[0].clientConfig"),
        ({"clientConfig": {"url": "http://x"}}, "webhooks[0].clientConfig.url"),
        ({"failurePolicy": "Maybe"}, "webhooks[0].failurePolicy"),
        ({"timeoutSeconds": 31}, "webhooks[0].timeoutSeconds"),
        ({"rules": [{"apiGroups": ["x"]}]}, "webhooks[0].rules[0].resources"),
    ],
)
def test_webhooks_have_rules(server: Server, change: Object, field: str) -> None:
    path = f"{HOOKS}/mutatingwebhookconfigurations"
    body = {"metadata": {"name": server.me}, "webhooks": [hook(**change)]}
    answer = server.create(path, body)
    assert (answer.status, answer.reason) == (422, "Invalid")
    assert field in answer.fields


def test_network_policies_say_what_they_are_about(server: Server) -> None:
    path = "/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies"
    for name, spec, types in (
        ("a", {"ingress": [{"ports": [{"port": 80}]}]}, ["Ingress"]),
        ("b", {"egress": [{}]}, ["Ingress", "Egress"]),
    ):
        body = {"metadata": {"name": name}, "spec": {"podSelector": {}, **spec}}
        made = server.create(path, body).ok()
        assert made["spec"]["policyTypes"] == types
        assert made["spec"]["podSelector"] == {}
    assert server.get(f"{path}/a").ok()["spec"]["ingress"][0]["ports"] == [
        {"port": 80, "protocol": "TCP"}
    ]
