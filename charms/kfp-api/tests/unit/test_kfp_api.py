# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The API of pipelines: database, object store, Services, proxies and what its users get."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm, Result, files
from ops import pebble, testing

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
HOST = "mysql-primary.example.svc.cluster.local."
S3 = {
    "endpoint": "https://s3.example.com",
    "access-key": "a-key",
    "secret-key": "a-secret-key",
    "region": "eu-west-1",
    "tls-ca-chain": '["a certificate"]',
}


def run(model: str = "kubeflow", **config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    return of(CHARM.state(config=options, model=model))


def of(state: testing.State) -> Result:
    return CHARM.run(state, "config_changed")


def service(result: Result) -> dict[str, Any]:
    return result.seen["plans"]["apiserver"]["services"]["apiserver"]


def environment(result: Result) -> dict[str, str]:
    return service(result)["environment"]


def related(*relations: testing.Relation, without: list[str]) -> testing.State:
    state = CHARM.state(without=without)
    return dataclasses.replace(state, relations=[*state.relations, *relations])


def database(bag: dict[str, str]) -> testing.Relation:
    return testing.Relation("relational-db", id=90, remote_app_name="db", remote_app_data=bag)


def external(**changes: str) -> testing.State:
    relation = testing.Relation(
        "s3-credentials", id=91, remote_app_name="s3", remote_app_data={**S3, **changes}
    )
    return related(relation, without=["object-storage"])


# The names by which steps and programs find each other


def test_programs_are_told_the_model():
    variables = environment(run(model="ml"))
    assert variables["POD_NAMESPACE"] == "ml"
    assert "kubeflow" not in json.dumps(variables).replace("kubeflow-userid", "").replace(
        "charmedkubeflow", ""
    ).replace("KUBEFLOW", "").replace("kubeflow-profiles", "")


@pytest.mark.parametrize(
    ("config", "ports"),
    [
        ({}, {8887: 8887, 8888: 8888}),
        ({"grpc_port": "9887"}, {9887: 9887, 8888: 8888, 8887: 9887}),
        ({"http_port": "9888"}, {8887: 8887, 9888: 9888, 8888: 9888}),
    ],
)
def test_service_answers_where_steps_ask_whatever_the_ports_are(
    config: dict[str, str], ports: dict[int, int]
):
    result = run(**config)
    wanted = result.seen["objects"]["Service/kubeflow/ml-pipeline"]["spec"]["ports"]
    assert {port["port"]: port["targetPort"] for port in wanted} == ports
    for number in set(ports.values()):
        assert f"=:{number}" in service(result)["command"]


def test_further_name_is_a_service_too():
    result = run(k8s_service_name="pipelines-api")
    names = {"Service/kubeflow/ml-pipeline", "Service/kubeflow/pipelines-api"}
    assert names <= set(result.seen["objects"])
    assert environment(result)["ML_PIPELINE_SERVICE_NAME"] == "pipelines-api"


@pytest.mark.parametrize(
    ("config", "option"),
    [
        ({"grpc_port": "8888"}, "grpc-port"),
        ({"http_port": "8887"}, "http-port"),
        ({"http_port": "9000", "grpc_port": "9000"}, "http-port"),
    ],
)
def test_ports_that_would_hide_each_other_are_refused(config: dict[str, str], option: str):
    status, message = run(**config).status
    assert status == "blocked"
    assert f"option {option} accepts a port other than" in message


def test_each_profile_has_a_visualization_server_of_its_own():
    """The server puts the profile's namespace behind the name."""
    variables = environment(run())
    assert variables["VISUALIZATIONSERVICE_NAME"] == "ml-pipeline-visualizationserver"
    assert variables["ML_PIPELINE_VISUALIZATIONSERVER_SERVICE_HOST"] == "kubeflow-profiles"


# The database


def test_database_of_the_relation():
    variables = environment(run())
    assert variables["DBCONFIG_MYSQLCONFIG_HOST"] == HOST
    assert variables["DBCONFIG_MYSQLCONFIG_PORT"] == "3306"
    assert variables["DBCONFIG_MYSQLCONFIG_DBNAME"] == "mlpipeline"
    assert variables["DBDRIVERNAME"] == "mysql"


def test_connection_to_a_server_that_became_read_only_is_dropped():
    parameters = json.loads(environment(run())["DBCONFIG_MYSQLCONFIG_EXTRAPARAMS"])
    assert parameters == {"rejectReadOnly": "true", "tls": "preferred"}


def test_certificate_of_the_database_is_checked_if_its_ca_is_known():
    bag = {"endpoints": f"{HOST}:3306", "username": "u", "password": "p"}
    state = related(database({**bag, "tls": "True", "tls-ca": "PEM"}), without=["relational-db"])
    result = of(state)
    parameters = json.loads(environment(result)["DBCONFIG_MYSQLCONFIG_EXTRAPARAMS"])
    assert parameters["tls"] == "true"
    assert result.files("apiserver")["/tmp/certificates/database.crt"] == "PEM\n"
    assert environment(result)["SSL_CERT_DIR"] == "/etc/ssl/certs:/tmp/certificates"


def older(**bag: str) -> testing.Relation:
    return testing.Relation(
        "mysql", id=92, remote_app_name="mariadb", remote_units_data={0: bag} if bag else {}
    )


def test_older_database_charm():
    bag = {"database": "db", "root_password": "hunter2", "host": "mariadb", "port": "3307"}
    variables = environment(of(related(older(**bag), without=["relational-db"])))
    assert variables["DBCONFIG_MYSQLCONFIG_HOST"] == "mariadb"
    assert variables["DBCONFIG_MYSQLCONFIG_PORT"] == "3307"
    assert variables["DBCONFIG_MYSQLCONFIG_USER"] == "root"


@pytest.mark.parametrize(
    ("relations", "without", "status"),
    [
        ((), ["relational-db"], "relate relational-db to an application that offers mysql_client"),
        ((older(),), [], "remove the relation mysql: relational-db takes its place"),
        ((older(),), ["relational-db"], "relation mysql: waiting for data"),
        (
            (database({}),),
            ["relational-db"],
            "relation relational-db: waiting for data from db",
        ),
    ],
)
def test_one_database(relations: Any, without: list[str], status: str):
    result = of(related(*relations, without=without))
    assert result.status[1] == status
    assert not result.seen["services"]["apiserver"]


# The object store


def test_store_in_the_cluster_has_the_name_that_older_steps_know():
    service_of_store = run(model="ml").seen["objects"]["Service/ml/minio-service"]["spec"]
    assert service_of_store["externalName"].endswith(".svc.cluster.local")


def test_external_store_with_region_tls_and_private_ca():
    result = of(external())
    variables = environment(result)
    assert variables["OBJECTSTORECONFIG_HOST"] == "s3.example.com"
    assert variables["OBJECTSTORECONFIG_PORT"] == "443"
    assert variables["OBJECTSTORECONFIG_SECURE"] == "true"
    assert variables["OBJECTSTORECONFIG_REGION"] == "eu-west-1"
    assert result.files("apiserver")["/tmp/certificates/object-store.crt"] == "a certificate\n"
    store = result.seen["objects"]["Service/kubeflow/minio-service"]["spec"]
    assert store["externalName"] == "s3.example.com"


def test_store_with_an_address_has_no_name():
    result = of(external(endpoint="http://10.1.0.9:9000"))
    assert "Service/kubeflow/minio-service" not in result.seen["objects"]
    assert result.status == ("active", "")


def test_ca_that_is_gone_is_no_longer_trusted():
    before = of(external())
    after = CHARM.run(
        dataclasses.replace(before.state, relations=external(**{"tls-ca-chain": "[]"}).relations),
        cluster=before.cluster,
    )
    assert "/tmp/certificates/object-store.crt" not in after.files("apiserver")
    assert "SSL_CERT_DIR" not in environment(after)


# Options that reach the steps of pipelines


def test_proxies_reach_the_steps_but_not_for_the_cluster():
    config = {"http_proxy": "http://proxy:3128", "https_proxy": "http://proxy:3128"}
    variables = environment(run("ml", no_proxy="10.0.0.0/8", **config))
    direct = variables["NO_PROXY"].split(",")
    assert variables["HTTPS_PROXY"] == "http://proxy:3128"
    for name in ("10.0.0.0/8", ".svc", "ml-pipeline.ml", "metadata-grpc-service.ml"):
        assert name in direct


def test_no_proxy_without_a_proxy():
    assert "NO_PROXY" not in environment(run(no_proxy="10.0.0.0/8"))


def test_fields_for_every_workflow():
    variables = environment(run(workflow_spec_patch="priority: 5"))
    assert json.loads(variables["COMPILED_PIPELINE_SPEC_PATCH"]) == {"priority": 5}


def test_patch_of_pods_is_left_to_argo_controller():
    status, message = run(workflow_spec_patch="podSpecPatch: {}").status
    assert status == "blocked"
    assert "podSpecPatch is argo-controller's" in message


def test_image_for_cached_steps_is_refused_by_name():
    status, message = run(cache_image="registry.example.com/busybox").status
    assert (status, message.startswith("option cache-image accepts")) == ("blocked", True)


# A server that does not start


def test_last_line_of_a_server_that_does_not_start_is_the_reason():
    line = "F1128 client_manager.go:330] values are too long for the new schema"
    complete = CHARM.complete
    before = files.before(complete.state)
    container = before.get_container("apiserver")
    folder = pathlib.Path(container.mounts["tmp"].source)
    (folder / "apiserver-last-output").write_text(f"starting\n{line}\n")
    check = next(item for item in container.check_infos if item.name == "apiserver-ready")
    down = dataclasses.replace(check, status=pebble.CheckStatus.DOWN, failures=3)
    infos = {*container.check_infos} - {check} | {down}
    unwell = dataclasses.replace(container, check_infos=infos)
    state = dataclasses.replace(before, containers=[unwell])
    result = CHARM.run(state, cluster=complete.cluster)
    assert result.status == (
        "waiting",
        f"container apiserver: check apiserver-ready fails: {line}",
    )


def test_slow_first_start_is_not_cut_short():
    """The check that restarts the server gives it a quarter of an hour."""
    plan = CHARM.complete.seen["plans"]["apiserver"]
    assert plan["services"]["apiserver"]["on-check-failure"] == {"apiserver-up": "restart"}
    up = plan["checks"]["apiserver-up"]
    assert (up["period"], up["threshold"]) == ("5m", 3)


def test_roles_of_users_are_parts_of_the_platforms():
    objects = run().seen["objects"]
    view = objects["ClusterRole//argo-aggregate-to-view"]
    assert view["metadata"]["labels"]["rbac.authorization.k8s.io/aggregate-to-view"] == "true"
    assert yaml.safe_dump(view["rules"]).count("delete") == 0
