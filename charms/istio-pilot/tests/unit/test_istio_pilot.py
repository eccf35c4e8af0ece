# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Istio Pilot: releases, routes, the gateway, TLS."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import json
import pathlib
from typing import Any

import pytest
import yaml
from charmkit import x509 as certificates
from jujusim.testing import Charm, Result, pem
from kubefake import Cluster, controller_writes
from ops import testing

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
FILTER = "EnvoyFilter/kubeflow/istio-pilot-authn-filter"
GATEWAY = "Gateway/kubeflow/istio-gateway"
SECRET = "Secret/kubeflow/istio-gateway-gateway-secret"
CLOSED = "the gateway is closed: relate ingress-auth, or set authentication=while-related"
SERVICE = {
    "metadata": {"name": "istio-ingressgateway-workload", "namespace": "kubeflow"},
    "spec": {
        "type": "LoadBalancer",
        "ports": [{"name": "http2", "port": 80}, {"name": "https", "port": 443}],
    },
}


def route(app: str, prefix: str, number: int, **more: Any) -> testing.Relation:
    data = {"service": app, "port": 80, "prefix": prefix, **more}
    bag = {"_supported_versions": "[v1]", "data": yaml.safe_dump(data)}
    return testing.Relation("ingress", id=number, remote_app_name=app, remote_app_data=bag)


def state(*relations: testing.Relation, **details: Any) -> testing.State:
    """A state whose endpoints of these names are related so, and so only."""
    names = {relation.endpoint for relation in relations}
    base = CHARM.state(without=[*names], **details)
    return dataclasses.replace(base, relations={*base.relations, *relations})


def related(before: testing.State, *relations: testing.Relation) -> testing.State:
    """The same, with these relations in place of all of their endpoints."""
    names = {relation.endpoint for relation in relations}
    kept = {item for item in before.relations if item.endpoint not in names}
    return dataclasses.replace(before, relations=kept | {*relations})


def unrelated(before: testing.State, endpoint: str) -> testing.State:
    kept = {item for item in before.relations if item.endpoint != endpoint}
    return dataclasses.replace(before, relations=kept)


def run(before: testing.State, cluster: Cluster | None = None) -> Result:
    return CHARM.run(before, "config_changed", cluster=cluster)


def routes(result: Result) -> dict[str, dict[str, Any]]:
    return {name: found[0] for name, found in every_route(result).items()}


def every_route(result: Result) -> dict[str, list[dict[str, Any]]]:
    found = [obj for obj in result.seen["objects"].values() if obj["kind"] == "VirtualService"]
    return {obj["metadata"]["name"]: obj["spec"]["http"] for obj in found}


def routes_in_full(result: Result) -> dict[str, list[dict[str, Any]]]:
    found = [obj for obj in result.seen["objects"].values() if obj["kind"] == "VirtualService"]
    return {obj["metadata"]["name"]: obj["spec"]["http"] for obj in found}


def address(cluster: Cluster, **entry: str) -> Cluster:
    """The cluster, whose load balancer has given the gateway an address."""
    cluster.install("", "services", SERVICE)
    key = ("kubeflow", "istio-ingressgateway-workload")
    stored = cluster.store.get(("", "services"), key)
    assert stored
    status = {"loadBalancer": {"ingress": [entry]}}
    controller_writes.rewrite(cluster, ("", "services"), key, {**stored.obj, "status": status})
    return cluster


def info(result: Result) -> dict[str, str]:
    return dict(result.state.get_relations("gateway-info")[0].local_app_data)


# --- releases ---


def installed(tag: str) -> Cluster:
    """A cluster in which somebody has installed istiod."""
    container = {"name": "discovery", "image": f"docker.io/istio/pilot:{tag}"}
    labels = {"istio": "pilot"}
    spec = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    }
    cluster = CHARM.cluster()
    metadata = {"name": "istiod", "namespace": "kubeflow"}
    cluster.install("apps", "deployments", {"metadata": metadata, "spec": spec})
    return cluster


def image(result: Result) -> str:
    istiod = result.seen["objects"]["Deployment/kubeflow/istiod"]
    return istiod["spec"]["template"]["spec"]["containers"][0]["image"]


@pytest.mark.parametrize("tag", ["1.28.0", "1.28.4", "1.27.3", "custom"])
def test_goes_up_by_one_release(tag: str):
    result = run(CHARM.state(), installed(tag))
    assert result.status == ("active", "")
    assert image(result) == "docker.io/istio/pilot:1.28.0"


@pytest.mark.parametrize(
    ("tag", "way"),
    [
        ("1.26.1", "goes up by one release at a time: refresh to 1.27 first"),
        ("1.24.0", "goes up by one release at a time: refresh to 1.25 first"),
        ("1.29.0", "does not go back"),
        ("2.0.0", "does not go back"),
    ],
)
def test_goes_no_further(tag: str, way: str):
    result = run(CHARM.state(), installed(tag))
    assert result.status[0] == "blocked"
    assert way in result.status[1]
    assert image(result) == f"docker.io/istio/pilot:{tag}"
    assert not [name for name in result.seen["objects"] if "WebhookConfiguration" in name]


def test_workloads_move_without_a_gap():
    istiod = CHARM.complete.seen["objects"]["Deployment/kubeflow/istiod"]
    rolling = istiod["spec"]["strategy"]["rollingUpdate"]
    assert rolling == {"maxSurge": "100%", "maxUnavailable": "25%"}


def test_webhooks_are_istiods_to_fill_in():
    """It writes a certificate authority and makes the validating ones strict."""
    first = CHARM.complete
    cluster = first.cluster.copy()
    table = ("admissionregistration.k8s.io", "validatingwebhookconfigurations")
    for key, row in cluster.store.rows(table):
        webhooks = [
            {
                **hook,
                "failurePolicy": "Fail",
                "clientConfig": {**hook["clientConfig"], "caBundle": "Q0E="},
            }
            for hook in row.obj["webhooks"]
        ]
        controller_writes.rewrite(cluster, table, key, {**row.obj, "webhooks": webhooks})
    again = CHARM.run(first.state, cluster=cluster)
    assert again.writes == []


# --- routes ---


def test_a_route():
    result = run(state(route("web", "/web/", 20, rewrite="/")))
    assert routes(result)["web"] == {
        "match": [{"uri": {"prefix": "/web/"}}],
        "rewrite": {"uri": "/"},
        "route": [
            {"destination": {"host": "web.kubeflow.svc.cluster.local", "port": {"number": 80}}}
        ],
    }


@pytest.mark.parametrize("prefix", ["/web", "/"])
def test_a_prefix_that_takes_its_path_without_a_slash_needs_no_redirect(prefix: str):
    assert len(every_route(run(state(route("web", prefix, 20))))["web"]) == 1


def test_a_path_without_the_slash_of_its_prefix_is_led_there():
    (_, redirect) = every_route(run(state(route("web", "/web/", 20))))["web"]
    assert redirect == {
        "match": [{"uri": {"exact": "/web"}}],
        "redirect": {"uri": "/web/"},
    }


def test_a_route_without_rewrite_keeps_its_prefix():
    result = run(state(route("web", "/web/", 20)))
    assert routes(result)["web"]["rewrite"] == {"uri": "/web/"}


def guarded(*queries: str) -> testing.Relation:
    """A relation with a charm of ours that wants requests refused."""
    asked = route("app", "/app/", 21, rewrite="/", **{"required-query": list(queries)})
    bag = {**asked.remote_app_data, "_supported_versions": "[v1, v3]"}
    return dataclasses.replace(asked, remote_app_data=bag)


def test_requests_without_a_query_parameter_are_refused_below_a_path():
    """Servers may take paths in any case, and what a rewrite leaves of them."""
    result = run(state(guarded("/app/files/?owner")))
    assert result.status == ("active", "")
    passed, refused, rest, _ = routes_in_full(result)["app"]
    (match,) = passed["match"]
    assert match == {
        "uri": {"prefix": "/app/files/"},
        "ignoreUriCase": True,
        "queryParams": {"owner": {"regex": ".+"}},
    }
    assert passed["rewrite"] == {"uri": "/files/"}
    assert passed["route"] == rest["route"]
    assert refused["match"] == [{"uri": {"prefix": "/app/files/"}, "ignoreUriCase": True}]
    assert refused["directResponse"]["status"] == 403
    assert "route" not in refused
    assert rest["match"] == [{"uri": {"prefix": "/app/"}}]


@pytest.mark.parametrize("query", ["/other/?owner", "/app/files/", "/app/?", "/app/?a&b"])
def test_a_query_that_cannot_be_required_is_refused_by_name(query: str):
    status, message = run(state(guarded(query))).status
    assert status == "blocked"
    assert "required-query" in message


def test_a_route_to_another_namespace():
    bag = {
        "_supported_versions": "[v2]",
        "data": yaml.safe_dump(
            {"service": "web", "port": 80, "prefix": "/web", "namespace": "other"}
        ),
    }
    relation = testing.Relation("ingress", id=20, remote_app_name="web", remote_app_data=bag)
    destination = routes(run(state(relation)))["web"]["route"][0]["destination"]
    assert destination["host"] == "web.other.svc.cluster.local"


@pytest.mark.parametrize("prefix", ["/web", "/web/"])
def test_the_first_keeps_a_path(prefix: str):
    result = run(state(route("one", "/web", 20), route("two", prefix, 21)))
    assert result.status == ("blocked", "relation ingress: two asks for /web, which one has")
    assert routes(result).keys() == {"one"}


def test_an_older_relation_does_not_take_a_path_later():
    first = run(state(route("one", "/one", 20), route("two", "/two", 21)))
    later = related(first.state, route("one", "/two", 20), route("two", "/two", 21))
    result = run(later, first.cluster)
    assert result.status == ("blocked", "relation ingress: one asks for /two, which two has")
    assert routes(result).keys() == {"two"}


def test_a_path_is_free_when_its_owner_goes():
    first = run(state(route("one", "/web", 20), route("two", "/web", 21)))
    result = run(related(first.state, route("two", "/web", 21)), first.cluster)
    assert result.status == ("active", "")
    assert routes(result).keys() == {"two"}


def test_one_bad_route_does_not_stop_the_others():
    result = run(state(route("one", "/one", 20), route("two", "/two", 21, port="http")))
    assert result.status[0] == "blocked"
    assert "bad data from two: port" in result.status[1]
    assert routes(result).keys() == {"one"}


@pytest.mark.parametrize(
    "more", [{"service": "No_Service"}, {"port": 0}, {"port": 65536}, {"namespace": "No.Space"}]
)
def test_what_istiod_would_refuse_is_not_applied(more: dict[str, Any]):
    result = run(state(route("web", "/web", 20, **more)))
    assert result.status[0] == "blocked"
    assert "relation ingress: bad data from web" in result.status[1]
    assert routes(result) == {}


# --- the gateway ---


def test_filter_and_gateway():
    objects = CHARM.complete.seen["objects"]
    ports = {
        patch["match"]["listener"].get("portNumber")
        for patch in objects[FILTER]["spec"]["configPatches"]
    }
    assert ports == {8080, 8443, None}
    assert objects[GATEWAY]["spec"]["selector"] == {"istio": "ingressgateway"}


def test_filter_is_there_before_the_gateway():
    writes = [item.resource for item in CHARM.run(CHARM.state(), "start").writes]
    assert writes.index("envoyfilters") < writes.index("gateways")


def test_never_related_is_open():
    result = run(CHARM.state(without=["ingress-auth"]))
    assert result.status == ("active", "")
    assert GATEWAY in result.seen["objects"]
    assert FILTER not in result.seen["objects"]


def test_always_is_closed_from_the_start():
    result = run(CHARM.state(without=["ingress-auth"], config={"authentication": "always"}))
    assert result.status == ("blocked", CLOSED)
    assert GATEWAY not in result.seen["objects"]


def test_withdrawn_is_closed():
    first = CHARM.complete
    result = run(unrelated(first.state, "ingress-auth"), first.cluster)
    assert result.status == ("blocked", CLOSED)
    assert GATEWAY not in result.seen["objects"]
    deleted = [item.resource for item in result.writes if item.verb == "delete"]
    assert deleted == ["gateways"]


def test_withdrawn_is_open_where_that_is_wanted():
    config = {"authentication": "while-related"}
    first = run(CHARM.state(config=config))
    result = run(unrelated(first.state, "ingress-auth"), first.cluster)
    assert result.status == ("active", "")
    assert GATEWAY in result.seen["objects"]
    assert FILTER not in result.seen["objects"]


@pytest.mark.parametrize(
    "bag", [{}, {"_supported_versions": "[v1]"}, {"_supported_versions": "[v9]"}]
)
def test_without_data_is_closed(bag: dict[str, str]):
    first = CHARM.complete
    relation = testing.Relation("ingress-auth", id=50, remote_app_name="auth", remote_app_data=bag)
    result = run(related(first.state, relation), first.cluster)
    assert result.status[0] in ("waiting", "blocked")
    assert GATEWAY not in result.seen["objects"]


def test_two_authorizers_are_one_too_many():
    first = CHARM.complete
    one = first.state.get_relations("ingress-auth")[0]
    assert isinstance(one, testing.Relation)
    two = dataclasses.replace(one, id=60, remote_app_name="second")
    result = run(related(first.state, one, two), first.cluster)
    assert result.status[0] == "blocked"
    assert "ingress-auth takes one application" in result.status[1]
    assert GATEWAY not in result.seen["objects"]


def test_a_bad_option_does_not_keep_the_door_open():
    first = CHARM.complete
    before = unrelated(first.state, "ingress-auth")
    before = dataclasses.replace(before, config={"image-configuration": "[]"})
    result = run(before, first.cluster)
    assert result.status[0] == "blocked"
    assert GATEWAY not in result.seen["objects"]


def test_headers_are_optional():
    data = yaml.safe_dump({"service": "auth", "port": 8080})
    bag = {"_supported_versions": "[v1]", "data": data}
    relation = testing.Relation("ingress-auth", id=50, remote_app_name="auth", remote_app_data=bag)
    patches = run(state(relation)).seen["objects"][FILTER]["spec"]["configPatches"]
    service = patches[0]["patch"]["value"]["typed_config"]["http_service"]
    assert service.keys() == {"server_uri"}


def test_gateway_is_up_with_an_address():
    cluster = address(CHARM.cluster(), ip="10.64.140.43")
    assert info(run(CHARM.state(), cluster))["gateway_up"] == "true"
    closed = CHARM.state(without=["ingress-auth"], config={"authentication": "always"})
    assert info(run(closed, address(CHARM.cluster(), ip="10.64.140.43")))["gateway_up"] == "false"


def test_the_service_is_the_one_that_the_option_names():
    cluster = address(CHARM.cluster(), ip="10.64.140.43")
    result = run(CHARM.state(config={"gateway-service-name": "another"}), cluster)
    assert info(result)["gateway_up"] == "false"


# --- How the gateway is reached ---


def told(result: Result) -> Any:
    bag = result.state.get_relation(NEW_APP.id).local_app_data
    return yaml.safe_load(bag["data"]).get("url")


NEW_APP = dataclasses.replace(
    route("app", "/app", 41),
    remote_app_data={
        "_supported_versions": "[v1, v3]",
        "data": "{service: app, port: 80, prefix: /app}",
    },
)


def test_those_who_can_hear_it_are_told_how_the_gateway_is_reached():
    result = run(state(NEW_APP), address(CHARM.cluster(), ip="10.64.140.43"))
    assert told(result) == "http://10.64.140.43"


def test_nothing_is_told_before_there_is_an_address():
    assert told(run(state(NEW_APP))) is None


def test_published_applications_are_told_nothing():
    result = run(state(route("app", "/app", 42)), address(CHARM.cluster(), ip="10.64.140.43"))
    assert "data" not in result.state.get_relation(42).local_app_data


@pytest.mark.parametrize(
    ("name", "url"),
    [("kubeflow.example.com", "http://kubeflow.example.com"), ("*.example.com", "http://lb.org")],
)
def test_a_name_goes_before_an_address(name: str, url: str):
    cluster = address(CHARM.cluster(), hostname="lb.org")
    assert told(run(state(NEW_APP, config={"csr-domain-name": name}), cluster)) == url


def test_an_address_of_ipv6_and_a_port_of_its_own():
    cluster = address(CHARM.cluster(), ip="2001:db8::1")
    key = ("kubeflow", "istio-ingressgateway-workload")
    stored = cluster.store.get(("", "services"), key)
    assert stored
    ports = [{**port, "port": 8080} for port in stored.obj["spec"]["ports"]]
    spec = {**stored.obj["spec"], "ports": ports}
    controller_writes.rewrite(cluster, ("", "services"), key, {**stored.obj, "spec": spec})
    assert told(run(state(NEW_APP), cluster)) == "http://[2001:db8::1]:8080"


def test_an_address_inside_the_cluster_is_not_told():
    cluster = CHARM.cluster()
    spec = {**SERVICE["spec"], "type": "ClusterIP"}
    cluster.install("", "services", {**SERVICE, "spec": spec})
    assert told(run(state(NEW_APP), cluster)) == ""


# --- TLS ---

KEY = certificates.new_key()


def certificate(key: str, *, days: int = 60) -> str:
    now = datetime.datetime.now(datetime.timezone.utc)
    start, end = now - datetime.timedelta(days=60), now + datetime.timedelta(days=days)
    return pem.self_signed(key, "test", start, end)


def with_secret(before: testing.State, content: dict[str, str]) -> testing.State:
    secret = testing.Secret(content)
    config = {**before.config, "tls-secret-id": secret.id}
    return dataclasses.replace(before, secrets={*before.secrets, secret}, config=config)


ABOVE = certificate(certificates.new_key())


def servers(result: Result) -> dict[int, dict[str, Any]]:
    found = result.seen["objects"][GATEWAY]["spec"]["servers"]
    return {server["port"]["number"]: server.get("tls", {}) for server in found}


def test_plain():
    assert servers(CHARM.complete) == {8080: {}}


def test_with_tls_http_only_redirects():
    pair = {"tls-crt": certificate(KEY), "tls-key": KEY}
    result = run(with_secret(CHARM.state(), pair))
    assert result.status == ("active", "")
    assert servers(result) == {
        8080: {"httpsRedirect": True},
        8443: {"mode": "SIMPLE", "credentialName": "istio-gateway-gateway-secret"},
    }
    data = result.seen["objects"][SECRET]["data"]
    assert base64.b64decode(data["tls.crt"]).decode() == pair["tls-crt"]
    assert base64.b64decode(data["tls.key"]).decode() == pair["tls-key"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({"tls-crt": certificate(KEY)}, "the secret has no tls-key"),
        ({"tls-key": KEY}, "the secret has no tls-crt"),
        ({"tls-crt": "nonsense", "tls-key": KEY}, "the certificate is not PEM"),
        ({"tls-crt": certificate(KEY), "tls-key": "nonsense"}, "the private key is not PEM"),
        (
            {"tls-crt": certificate(KEY), "tls-key": certificates.new_key()},
            "the certificate does not match the private key",
        ),
        ({"tls-crt": certificate(KEY, days=-1), "tls-key": KEY}, "the certificate has expired"),
    ],
)
def test_bad_secret_leaves_what_runs(content: dict[str, str], what: str):
    first = run(with_secret(CHARM.state(), {"tls-crt": certificate(KEY), "tls-key": KEY}))
    result = run(with_secret(first.state, content), first.cluster)
    assert result.status[0] == "blocked"
    assert result.status[1].startswith("option tls-secret-id: ")
    assert what in result.status[1]
    assert result.seen["objects"] == first.seen["objects"]


def test_the_end_of_the_certificate_of_a_secret_is_told_before_it_comes():
    soon = certificate(KEY, days=29)
    result = run(with_secret(CHARM.state(), {"tls-crt": soon, "tls-key": KEY}))
    end = certificates.not_after(soon)[:10]
    assert result.status == ("active", f"option tls-secret-id: the certificate ends on {end}")


def test_unknown_secret():
    config = {"tls-secret-id": "secret:cvq2bk7nmp25c7t8sdg0"}
    result = run(CHARM.state(config=config))
    assert result.status[0] == "blocked"
    assert "juju grant-secret" in result.status[1]
    assert GATEWAY not in result.seen["objects"]


def authority(**data: str) -> testing.Relation:
    return testing.Relation(
        "certificates", id=70, remote_app_name="authority", remote_app_data=data
    )


def request(result: Result) -> str:
    bag = result.state.get_relation(70).local_unit_data
    (item,) = json.loads(bag["certificate_signing_requests"])
    assert item["ca"] is False
    return item["certificate_signing_request"]


def kept(result: Result) -> dict[str, str]:
    """The application's secret with the key and the request."""
    found = [item for item in result.state.secrets if "private-key" in item.tracked_content]
    (secret,) = found
    assert secret.owner == "app"
    return dict(secret.latest_content or secret.tracked_content)


def answered(result: Result, made: str, **more: Any) -> testing.State:
    item = {
        "certificate_signing_request": request(result),
        "certificate": made,
        "ca": "ca",
        "chain": [made, ABOVE],
        **more,
    }
    old = result.state.get_relation(70)
    assert isinstance(old, testing.Relation)
    new = dataclasses.replace(old, remote_app_data={"certificates": json.dumps([item])})
    return dataclasses.replace(result.state, relations={*result.state.relations} - {old} | {new})


def test_certificate_is_requested_and_served():
    asked = run(state(authority()), address(CHARM.cluster(), ip="10.64.140.43"))
    assert asked.status[0] == "waiting"
    assert GATEWAY not in asked.seen["objects"]
    assert certificates.requested_host(request(asked)) == "10.64.140.43"
    made = certificate(kept(asked)["private-key"])
    result = run(answered(asked, made), asked.cluster)
    assert result.status == ("active", "")
    assert servers(result)[8080] == {"httpsRedirect": True}
    served = base64.b64decode(result.seen["objects"][SECRET]["data"]["tls.crt"]).decode()
    assert served.startswith(made.strip())
    assert served.count("BEGIN CERTIFICATE") == 2
    encrypted = dataclasses.replace(result.state, relations=[*result.state.relations, NEW_APP])
    assert told(run(encrypted, result.cluster)) == "https://10.64.140.43"


def test_without_an_authority_nothing_is_requested_or_kept():
    first = run(CHARM.state(without=["certificates"]))
    assert not [item for item in first.state.secrets if "private-key" in item.tracked_content]
    other = CHARM.run(CHARM.as_unit(first.state, 1), unit=1, cluster=first.cluster)
    assert other.status == ("active", "")


def test_until_the_certificate_comes_what_runs_stays():
    first = CHARM.complete
    result = run(related(first.state, authority()), first.cluster)
    assert result.status[0] == "waiting"
    assert servers(result) == {8080: {}}


@pytest.mark.parametrize(
    ("entry", "config", "host"),
    [
        ({"hostname": "lb.example.com"}, {}, "lb.example.com"),
        (
            {"ip": "10.64.140.43"},
            {"csr-domain-name": "kubeflow.example.com"},
            "kubeflow.example.com",
        ),
        ({}, {}, "istio-ingressgateway-workload.kubeflow.svc"),
    ],
)
def test_host_of_the_request(entry: dict[str, str], config: dict[str, Any], host: str):
    cluster = address(CHARM.cluster(), **entry)
    assert (
        certificates.requested_host(request(run(state(authority(), config=config), cluster)))
        == host
    )


def test_new_host_new_request_same_key():
    asked = run(state(authority()))
    moved = dataclasses.replace(asked.state, config={"csr-domain-name": "new.example.com"})
    result = run(moved, asked.cluster)
    assert certificates.requested_host(request(result)) == "new.example.com"
    assert kept(result)["private-key"] == kept(asked)["private-key"]


def test_a_new_pod_sends_the_same_request():
    asked = run(state(authority()))
    other = CHARM.as_unit(asked.state, 1, leader=True)
    result = CHARM.run(other, unit=1, cluster=asked.cluster)
    assert request(result) == request(asked)


def test_key_of_a_published_charm_is_taken_over():
    left = testing.Secret({"private-key": KEY}, label="cert-handler-private-vault", owner="unit")
    sent = certificates.signing_request(KEY, "istio-ingressgateway-workload.kubeflow.svc")
    text = json.dumps([{"certificate_signing_request": sent, "ca": False}])
    relation = dataclasses.replace(
        authority(), local_unit_data={"certificate_signing_requests": text}
    )
    before = state(relation)
    result = run(dataclasses.replace(before, secrets={*before.secrets, left}))
    assert request(result) == sent


@pytest.mark.parametrize(
    ("key", "days", "what"),
    [("", -1, "the certificate has expired"), (KEY, 30, "does not match the private key")],
    ids=["expired", "of another key"],
)
def test_bad_certificate_leaves_what_runs(key: str, days: int, what: str):
    asked = run(state(authority()))
    own = kept(asked)["private-key"]
    good = run(answered(asked, certificate(own)), asked.cluster)
    result = run(answered(good, certificate(key or own, days=days)), good.cluster)
    assert result.status[0] == "blocked"
    assert what in result.status[1]
    assert result.seen["objects"] == good.seen["objects"]


def test_a_revoked_certificate_is_not_served():
    asked = run(state(authority()))
    made = certificate(kept(asked)["private-key"])
    result = run(answered(asked, made, revoked=True), asked.cluster)
    assert result.status[0] == "waiting"
    assert GATEWAY not in result.seen["objects"]


def test_relation_and_secret_are_one_too_many():
    pair = {"tls-crt": certificate(KEY), "tls-key": KEY}
    result = run(with_secret(state(authority()), pair))
    assert result.status[0] == "blocked"
    assert "remove one: option tls-secret-id or relation certificates" in result.status[1]


def test_without_the_authority_it_is_plain_again():
    asked = run(state(authority()))
    good = run(answered(asked, certificate(kept(asked)["private-key"])), asked.cluster)
    result = run(unrelated(good.state, "certificates"), good.cluster)
    assert servers(result) == {8080: {}}
    assert SECRET not in result.seen["objects"]


# --- the rest ---


def test_cni_takes_both_folders():
    one = run(CHARM.state(config={"cni-bin-dir": "/opt/cni/bin"}))
    assert not [name for name in one.seen["objects"] if "istio-cni" in name]
    config = {"cni-bin-dir": "/opt/cni/bin", "cni-conf-dir": "/etc/cni/net.d"}
    both = run(CHARM.state(config=config)).seen["objects"]
    volumes = both["DaemonSet/kubeflow/istio-cni-node"]["spec"]["template"]["spec"]["volumes"]
    paths = {volume["name"]: volume["hostPath"]["path"] for volume in volumes}
    assert paths["cni-bin-dir"] == "/opt/cni/bin"
    assert paths["cni-net-dir"] == "/etc/cni/net.d"
    injector = both["ConfigMap/kubeflow/istio-sidecar-injector"]["data"]
    notes = json.loads(injector["config"])["injectedAnnotations"]
    assert notes == {"traffic.sidecar.istio.io/excludeOutboundIPRanges": "0.0.0.0/0"}
    assert json.loads(injector["values"])["pilot"]["cni"]["enabled"] is True


@pytest.mark.parametrize(
    ("least", "most", "autoscaled"), [(1, 5, True), (2, 2, False), (3, 1, False)]
)
def test_replicas(least: int, most: int, autoscaled: bool):
    config = {"istiod-replicas": least, "istiod-max-replicas": most}
    objects = run(CHARM.state(config=config)).seen["objects"]
    assert ("HorizontalPodAutoscaler/kubeflow/istiod" in objects) == autoscaled
    assert ("PodDisruptionBudget/kubeflow/istiod" in objects) == (least > 1)
    if not autoscaled:
        assert objects["Deployment/kubeflow/istiod"]["spec"]["replicas"] == least


def test_an_autoscaler_is_not_fought_over():
    first = CHARM.complete
    cluster = first.cluster.copy()
    key = ("kubeflow", "istiod")
    stored = cluster.store.get(("apps", "deployments"), key)
    assert stored
    spec = {**stored.obj["spec"], "replicas": 4}
    controller_writes.rewrite(cluster, ("apps", "deployments"), key, {**stored.obj, "spec": spec})
    assert CHARM.run(first.state, cluster=cluster).writes == []


def test_images_of_a_private_registry():
    text = (
        "{global-hub: registry.example.com/istio, global-tag: 1.28.3, pilot-image: other/pilot:9}"
    )
    result = run(CHARM.state(config={"image-configuration": text}))
    assert image(result) == "other/pilot:9"
    injector = result.seen["objects"]["ConfigMap/kubeflow/istio-sidecar-injector"]["data"]
    values = json.loads(injector["values"])["global"]
    assert (values["hub"], values["tag"]) == ("registry.example.com/istio", "1.28.3")


def test_units_that_do_not_lead_write_nothing():
    result = CHARM.run(CHARM.as_unit(CHARM.complete.state, 1), unit=1)
    assert result.status == ("active", "")
    assert result.requests == []


# --- What needs no login ---


def authorizer(*exempt: str, app: str = "oidc-gatekeeper") -> testing.Relation:
    data = {
        "service": app,
        "port": 8080,
        "allowed-request-headers": ["cookie"],
        "allowed-response-headers": ["kubeflow-userid"],
        "exempt-paths": list(exempt),
    }
    bag = {"_supported_versions": "[v1, v2]", "data": yaml.safe_dump(data)}
    return testing.Relation("ingress-auth", id=70, remote_app_name=app, remote_app_data=bag)


ROUTES = (
    route("jupyter-ui", "/jupyter/", 71),
    route("dex-auth", "/dex", 72),
    route("oidc-gatekeeper", "/authservice", 73),
)


@pytest.mark.parametrize("path", ["/", "/j", "/jupyter", "/jupyter/", "/dex", "/dex/"])
def test_an_exemption_that_opens_anothers_route_closes_the_gateway(path: str):
    opened = run(state(authorizer("/dex/auth"), *ROUTES))
    assert GATEWAY in opened.seen["objects"]
    closed = run(related(opened.state, authorizer(path)), opened.cluster)
    assert GATEWAY not in closed.seen["objects"]
    kind, message = closed.status
    assert kind == "blocked"
    assert message.startswith(f"the gateway is closed: oidc-gatekeeper exempts {path} from login")
    assert "correct oidc-gatekeeper's skip-auth-urls" in message
    again = run(related(closed.state, authorizer("/dex/auth")), closed.cluster)
    assert GATEWAY in again.seen["objects"]


@pytest.mark.parametrize(
    "path", ["/dex/auth", "/dex/theme/", "/authservice", "/authservice/", "/x"]
)
def test_an_exemption_inside_a_route_or_of_the_authorizers_own_is_its_own_affair(path: str):
    result = run(state(authorizer(path), *ROUTES))
    assert result.status == ("active", "")
    assert GATEWAY in result.seen["objects"]


def test_an_authorizer_that_says_nothing_of_exemptions_is_taken():
    """The published one speaks the first version."""
    relation = authorizer()
    bag = {**relation.remote_app_data, "_supported_versions": "[v1]"}
    result = run(state(dataclasses.replace(relation, remote_app_data=bag), *ROUTES))
    assert result.status == ("active", "")


REMOVED = {"request_mutations": [{"remove": "kubeflow-userid"}, {"remove": "kubeflow_userid"}]}


def test_clients_cannot_send_the_header_that_says_who_they_are():
    """Envoy runs the filters in their order: the header goes before the authorizer sets it."""
    patches = run(state(authorizer(), *ROUTES)).seen["objects"][FILTER]["spec"]["configPatches"]
    for port in (8080, 8443):
        inserted = _inserted(patches, port)
        assert [item["operation"] for item in inserted] == ["INSERT_FIRST", "INSERT_FIRST"]
        # Of two filters that are put first, the later one is.
        authorization, removal = (item["value"] for item in inserted)
        assert authorization["name"] == "envoy.filters.http.ext_authz"
        assert removal["typed_config"]["mutations"] == REMOVED


def test_nobody_is_named_on_the_port_for_requests_from_within_the_cluster():
    """Knative's Gateway opens it; nobody is asked there who it is."""
    patches = run(state(authorizer(), *ROUTES)).seen["objects"][FILTER]["spec"]["configPatches"]
    (removal,) = _inserted(patches, 8081)
    assert removal["value"]["typed_config"]["mutations"] == REMOVED


def _inserted(patches: list[dict[str, Any]], port: int) -> list[dict[str, Any]]:
    """What is put into a port's listener; a patch without a port is for all of them."""
    return [
        patch["patch"]
        for patch in patches
        if patch["match"]["listener"].get("portNumber", port) == port
    ]


def test_a_header_goes_in_each_spelling_that_workloads_take_for_it():
    relation = authorizer()
    data = relation.remote_app_data["data"].replace("kubeflow-userid", "x-auth-user")
    bag = {**relation.remote_app_data, "data": data}
    asked = dataclasses.replace(relation, remote_app_data=bag)
    patches = run(state(asked, *ROUTES)).seen["objects"][FILTER]["spec"]["configPatches"]
    names = ("x-auth-user", "x-auth_user", "x_auth-user", "x_auth_user")
    assert patches[-1]["patch"]["value"]["typed_config"]["mutations"] == {
        "request_mutations": [{"remove": name} for name in names]
    }


@pytest.mark.parametrize(
    ("images", "what"),
    [
        ("{global-hub: docker.io/istio}", "global-tag: is missing"),
        ("{global-hub: a, global-tag: ~}", "global-tag: is missing"),
        (
            "{global-hub: a, global-tag: 1.28.0, pilot-image: Bad Image}",
            "pilot-image: a/Bad Image",
        ),
        ("{global-hub: https://a, global-tag: 1.28.0}", "is no image"),
        ("{global-hub: a, global-tag: one two}", "is no image"),
        ("{global-hub: a, global-tag: 1.28.0, pilot: b}", "pilot: is not known"),
    ],
)
def test_images_that_are_none_are_refused(images: str, what: str):
    kind, message = run(CHARM.state(config={"image-configuration": images})).status
    assert kind == "blocked"
    assert what in message


@pytest.mark.parametrize(
    ("images", "image"),
    [
        ("{global-hub: a.io/b, global-tag: 1.20}", "a.io/b/pilot:1.20"),
        ("{global-hub: a.io/b/, global-tag: 1.28.0, pilot-image: }", "a.io/b/pilot:1.28.0"),
        ("{global-hub: a, global-tag: ' 1.28.0 ', pilot-image: null}", "a/pilot:1.28.0"),
    ],
)
def test_images_are_text_as_it_is_written(images: str, image: str):
    seen = run(CHARM.state(config={"image-configuration": images})).seen
    (container,) = seen["objects"]["Deployment/kubeflow/istiod"]["spec"]["template"]["spec"][
        "containers"
    ]
    assert container["image"] == image


@pytest.mark.parametrize("option", ["cni-bin-dir", "cni-conf-dir"])
def test_one_folder_of_the_plugin_is_no_use_without_the_other(option: str):
    (other,) = {"cni-bin-dir", "cni-conf-dir"} - {option}
    kind, message = run(CHARM.state(config={option: "/opt/cni"})).status
    assert kind == "blocked"
    assert message.startswith(f"option {other} accepts the path of a folder")
