# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pipelines in the simulator: database, object store, passwords that change, other model names."""

from __future__ import annotations

import json
from typing import Any

import jujusim
import pytest

from . import deployment


def environment(model: jujusim.Model, unit: str, container: str, service: str) -> dict[str, str]:
    plan: dict[str, Any] = model.unit(unit).containers[container].plan()
    return plan["services"][service]["environment"]


def api(model: jujusim.Model) -> dict[str, str]:
    return environment(model, "kfp-api/0", "apiserver", "apiserver")


APPLICATIONS = (
    *deployment.LOGIN,
    *("kfp-api", "kfp-db", "kfp-persistence", "kfp-schedwf", "kfp-ui", "kfp-viz"),
    *("kubeflow-dashboard", "kubeflow-profiles"),
)


@pytest.fixture
def pipelines() -> jujusim.Model:
    return deployment.deploy(only=APPLICATIONS, model="ml")


def test_pipelines_settle_in_a_model_of_any_name(pipelines: jujusim.Model):
    deployment.assert_well(pipelines)
    assert api(pipelines)["POD_NAMESPACE"] == "ml"
    host = "kfp-db-primary.ml.svc.cluster.local."
    assert api(pipelines)["DBCONFIG_MYSQLCONFIG_HOST"] == host
    assert api(pipelines)["OBJECTSTORECONFIG_HOST"] == "minio.ml"
    ports = deployment.objects(pipelines)["Service/ml/ml-pipeline"]["spec"]["ports"]
    assert {port["port"] for port in ports} == {8887, 8888}


def test_rotated_database_password_reaches_the_api(pipelines: jujusim.Model):
    before = api(pipelines)["DBCONFIG_MYSQLCONFIG_PASSWORD"]
    pipelines.run_action("kfp-db/0", "rotate")
    pipelines.settle()
    after = api(pipelines)["DBCONFIG_MYSQLCONFIG_PASSWORD"]
    assert after != before
    assert after in pipelines.secret_values()


def test_changed_key_of_the_object_store_reaches_api_and_pages(pipelines: jujusim.Model):
    pipelines.configure("minio", {"secret-key": "another-key-of-minio"})
    pipelines.settle()
    assert api(pipelines)["OBJECTSTORECONFIG_SECRETACCESSKEY"] == "another-key-of-minio"
    pages = environment(pipelines, "kfp-ui/0", "ml-pipeline-ui", "ml-pipeline-ui")
    assert pages["MINIO_SECRET_KEY"] == "another-key-of-minio"


def test_failover_of_the_database_needs_no_hook(pipelines: jujusim.Model):
    """The primary's name stays; a connection to a server that is read-only now is made anew."""
    before = api(pipelines)
    pipelines.scale("kfp-db", 2)
    pipelines.settle()
    pipelines.elect("kfp-db", "kfp-db/1")
    pipelines.settle()
    assert api(pipelines) == before
    assert json.loads(before["DBCONFIG_MYSQLCONFIG_EXTRAPARAMS"])["rejectReadOnly"] == "true"


def test_exactly_one_unit_starts_recurring_runs(pipelines: jujusim.Model):
    pipelines.scale("kfp-schedwf", 3)
    pipelines.settle()
    pipelines.elect("kfp-schedwf", "kfp-schedwf/2")
    pipelines.settle()
    plans = [
        pipelines.unit(f"kfp-schedwf/{number}").containers["ml-pipeline-scheduledworkflow"].plan()
        for number in range(3)
    ]
    assert ["controller" in plan.get("services", {}) for plan in plans] == [True, False, False]
    deployment.assert_well(pipelines)


def test_one_database_serves_pipelines_and_katib():
    """Each has a database and a user of its own there, and one may go without the other."""
    katib = ("katib-controller", "katib-db-manager", "katib-ui")
    model = deployment.deploy(only=(*APPLICATIONS, *katib))
    assert model.unit("katib-db-manager/0").status.name == "blocked"
    model.integrate("katib-db-manager:relational-db", "kfp-db:database")
    model.settle()
    deployment.assert_well(model)

    def manager() -> dict[str, str]:
        return environment(model, "katib-db-manager/0", "katib-db-manager", "katib-db-manager")

    assert manager()["DB_USER"] != api(model)["DBCONFIG_MYSQLCONFIG_USER"]
    assert manager()["DB_PASSWORD"] != api(model)["DBCONFIG_MYSQLCONFIG_PASSWORD"]
    assert manager()["KATIB_MYSQL_DB_DATABASE"] != api(model)["DBCONFIG_MYSQLCONFIG_DBNAME"]
    before = manager(), api(model)
    model.run_action("kfp-db/0", "rotate")
    model.settle()
    assert manager()["DB_PASSWORD"] != before[0]["DB_PASSWORD"]
    mine, password = api(model), "DBCONFIG_MYSQLCONFIG_PASSWORD"
    assert mine[password] != before[1][password]
    model.remove_relation("katib-db-manager:relational-db", "kfp-db:database")
    model.settle()
    assert model.unit("katib-db-manager/0").status.name == "blocked"
    assert api(model) == mine
    assert model.unit("kfp-api/0").status.name == "active"
