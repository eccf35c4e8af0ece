# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Fake charms speak their side of the interfaces."""

import base64
import json
import lzma
import pathlib

import jujusim
import pytest
import yaml

FOLDER = pathlib.Path(jujusim.__file__).parent / "fakes"


@pytest.fixture
def fake():
    return lambda name: jujusim.CharmDir.load(FOLDER / name)


@pytest.fixture
def partner(write_charm):
    """A charm that writes given data into the databags of one endpoint."""

    def make(role, interface, app_data, unit_data=None):
        files = {
            "charmcraft.yaml": f"name: partner\n{role}: {{it: {{interface: {interface}}}}}",
            "src/data.json": json.dumps({"app": app_data, "unit": unit_data or {}}),
            "src/charm.py": """
                import json, ops
                class C(ops.CharmBase):
                    def __init__(self, framework):
                        super().__init__(framework)
                        for event in (self.on.it_relation_created, self.on.leader_elected):
                            framework.observe(event, self._write)
                        framework.observe(self.on.it_relation_changed, self._write)
                    def _write(self, _):
                        data = json.loads((self.charm_dir / "src/data.json").read_text())
                        self.unit.status = ops.ActiveStatus()
                        for relation in self.model.relations["it"]:
                            relation.data[self.unit].update(data["unit"])
                            if self.unit.is_leader():
                                relation.data[self.app].update(data["app"])
            """,
        }
        return jujusim.CharmDir.load(write_charm("partner", files))

    return make


def joined(model, fake, name, partner, endpoint):
    model.deploy(fake(name))
    model.deploy(partner)
    model.integrate(f"{name}:{endpoint}", "partner:it")
    model.settle()
    assert model.status().inactive == {}
    return model.relation(name, "partner")


def test_every_standin_loads_and_names_what_it_is():
    names = sorted(path.name for path in FOLDER.iterdir() if (path / "charmcraft.yaml").is_file())
    assert names == [
        "grafana-k8s",
        "loki-k8s",
        "mlflow-server",
        "mysql-k8s",
        "opentelemetry-collector-k8s",
        "prometheus-k8s",
    ]
    for name in names:
        charm = jujusim.CharmDir.load(FOLDER / name)
        assert charm.name == name
        assert "Fake" in charm.meta["summary"]


REQUEST = {"database": "shop", "requested-secrets": '["username", "password"]'}


def test_mysql_gives_credentials_in_a_secret(model, fake, partner):
    relation = joined(
        model, fake, "mysql-k8s", partner("requires", "mysql_client", REQUEST), "database"
    )
    bag = relation.apps["mysql-k8s"].content
    assert bag["endpoints"] == "mysql-k8s-primary.kubeflow.svc.cluster.local.:3306"
    assert bag["database"] == "shop"
    assert "password" not in bag
    secret = model.secrets.find(model.units["partner/0"], bag["secret-user"], None)
    assert set(secret.revisions[1]) == {"username", "password"}


def test_mysql_keeps_credentials_when_its_pod_is_replaced(model, fake, partner):
    relation = joined(
        model, fake, "mysql-k8s", partner("requires", "mysql_client", REQUEST), "database"
    )
    before = dict(relation.apps["mysql-k8s"].content)
    model.churn("mysql-k8s/0")
    model.settle()
    assert relation.apps["mysql-k8s"].content == before
    assert len(model.secrets.secrets) == 1


def test_mysql_at_rest_leaves_its_service_alone(model, fake, partner):
    joined(model, fake, "mysql-k8s", partner("requires", "mysql_client", REQUEST), "database")
    model.update_status()
    model.settle()
    passed = [record for record in model.trace if record.event == "update-status"]
    assert passed
    assert not any(record.pebble for record in passed)


def test_mysql_removes_a_relations_secret(model, fake, partner):
    joined(model, fake, "mysql-k8s", partner("requires", "mysql_client", REQUEST), "database")
    model.remove_relation("mysql-k8s", "partner")
    model.settle()
    assert model.secrets.secrets == {}


def test_mysql_gives_credentials_in_clear_to_those_who_ask_for_no_secrets(model, fake, partner):
    asking = partner("requires", "mysql_client", {"database": "shop"})
    bag = joined(model, fake, "mysql-k8s", asking, "database").apps["mysql-k8s"].content
    assert bag["username"].startswith("relation-")
    assert len(bag["password"]) >= 16
    assert model.secrets.secrets == {}


JOBS = [
    {"metrics_path": "/metrics", "static_configs": [{"targets": ["*:9000", "fixed:80"]}]},
]
TOPOLOGY = {"model": "kubeflow", "application": "partner"}
METRICS = {
    "scrape_jobs": json.dumps(JOBS),
    "scrape_metadata": json.dumps(TOPOLOGY),
    "alert_rules": json.dumps({"groups": [{"name": "g", "rules": [{"alert": "A", "expr": "1"}]}]}),
}
UNIT = {"prometheus_scrape_unit_address": "10.9.9.9", "prometheus_scrape_unit_name": "partner/0"}


def files(model, unit, container):
    return {k: v.decode() for k, v in model.units[unit].containers[container].files().items()}


def test_prometheus_spreads_wildcards_over_units(model, fake, partner):
    exporter = partner("provides", "prometheus_scrape", METRICS, UNIT)
    joined(model, fake, "prometheus-k8s", exporter, "metrics-endpoint")
    written = files(model, "prometheus-k8s/0", "prometheus")
    (job,) = yaml.safe_load(written["/etc/prometheus/prometheus.yml"])["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["10.9.9.9:9000", "fixed:80"]}]
    assert job["job_name"] == "juju_kubeflow_partner_0"
    assert "expr" in written["/etc/prometheus/rules/partner.rules"]


@pytest.mark.parametrize(
    "bad",
    [
        {"scrape_jobs": "["},
        {"scrape_jobs": "[{}]"},
        {"alert_rules": '{"groups": [{"rules": [{}]}]}'},
    ],
)
def test_prometheus_says_what_is_wrong(model, fake, partner, bad):
    exporter = partner("provides", "prometheus_scrape", {**METRICS, **bad}, UNIT)
    relation = joined(model, fake, "prometheus-k8s", exporter, "metrics-endpoint")
    event = json.loads(relation.apps["prometheus-k8s"].content["event"])
    assert event["valid"] is False
    assert event["errors"]


def dashboards(text):
    content = base64.b64encode(lzma.compress(text.encode())).decode()
    return {"dashboards": json.dumps({"templates": {"file:one": {"content": content}}})}


def test_grafana_unpacks_dashboards(model, fake, partner):
    board = partner("provides", "grafana_dashboard", dashboards('{"title": "One"}'))
    joined(model, fake, "grafana-k8s", board, "grafana-dashboard")
    written = files(model, "grafana-k8s/0", "grafana")
    path = "/etc/grafana/provisioning/dashboards/partner_one.json"
    assert json.loads(written[path]) == {"title": "One"}


def test_grafana_says_what_is_wrong(model, fake, partner):
    board = partner("provides", "grafana_dashboard", dashboards("not json"))
    relation = joined(model, fake, "grafana-k8s", board, "grafana-dashboard")
    assert json.loads(relation.apps["grafana-k8s"].content["event"])["valid"] is False


def test_loki_tells_every_unit_where_logs_go(model, fake, partner):
    rules = {"alert_rules": json.dumps({"groups": [{"name": "g"}]})}
    relation = joined(
        model, fake, "loki-k8s", partner("requires", "loki_push_api", rules), "logging"
    )
    model.scale("loki-k8s", 2)
    model.settle()
    urls = [
        json.loads(relation.units[f"loki-k8s/{number}"].content["endpoint"])["url"]
        for number in range(2)
    ]
    host = "http://loki-k8s-{}.loki-k8s-endpoints.kubeflow.svc.cluster.local:3100/loki/api/v1/push"
    assert urls == [host.format(0), host.format(1)]
    assert "/loki/rules/fake/partner.rules" in files(model, "loki-k8s/0", "loki")


STORAGE = {
    "access-key": "minio",
    "namespace": "kubeflow",
    "port": 9000,
    "secret-key": "secret-key-of-minio",
    "secure": False,
    "service": "minio",
}


def test_mlflow_is_blocked_until_it_has_a_database_and_then_waits_for_storage(model, fake):
    model.deploy(fake("mlflow-server"))
    model.settle()
    assert model.status().apps["mlflow-server"].status.name == "blocked"
    model.deploy(fake("mysql-k8s"))
    model.integrate("mlflow-server:relational-db", "mysql-k8s:database")
    model.settle()
    status = model.status().apps["mlflow-server"].status
    assert status == jujusim.Status("waiting", "Waiting for object-storage relation data")


def test_mlflow_joins_everything(model, fake, partner):
    provider = partner(
        "provides",
        "object-storage",
        {"_supported_versions": "- v1\n", "data": yaml.safe_dump(STORAGE)},
    )
    model.deploy(fake("mysql-k8s"))
    model.deploy(fake("prometheus-k8s"))
    model.deploy(fake("mlflow-server"))
    model.integrate("mlflow-server:relational-db", "mysql-k8s:database")
    model.integrate("mlflow-server:metrics-endpoint", "prometheus-k8s")
    model.deploy(provider)
    model.integrate("mlflow-server:object-storage", "partner:it")
    model.settle()
    assert model.status().inactive == {}
    plan = model.units["mlflow-server/0"].containers["mlflow-server"].plan()
    environment = plan["services"]["mlflow-server"]["environment"]
    assert environment["MLFLOW_S3_ENDPOINT_URL"] == "http://minio.kubeflow:9000"
    assert (
        "mysql-k8s-primary.kubeflow.svc.cluster.local.:3306/mlflow"
        in (environment["MLFLOW_BACKEND_STORE_URI"])
    )
    scraped = files(model, "prometheus-k8s/0", "prometheus")["/etc/prometheus/prometheus.yml"]
    assert f"{model.units['mlflow-server/0'].address}:5000" in scraped


@pytest.mark.parametrize(
    ("endpoint", "interface", "key"),
    [
        ("dashboard-links", "kubeflow_dashboard_links", "dashboard_links"),
        ("ingress", "ingress", "data"),
    ],
)
def test_mlflow_publishes_what_needs_no_data(model, fake, partner, endpoint, interface, key):
    model.deploy(fake("mlflow-server"))
    model.deploy(partner("provides", interface, {"_supported_versions": "- v1\n"}))
    relation = model.integrate(f"mlflow-server:{endpoint}", "partner:it")
    model.settle()
    assert "/mlflow/" in relation.apps["mlflow-server"].content[key]


@pytest.mark.parametrize("endpoint", ["secrets", "pod-defaults"])
def test_mlflow_hands_manifests_to_users_namespaces(model, fake, write_charm, endpoint):
    files_ = {
        "charmcraft.yaml": "name: both\nprovides:\n"
        "  storage: {interface: object-storage}\n  manifests: {interface: kubernetes_manifest}\n",
        "src/charm.py": f"""
            import ops
            class C(ops.CharmBase):
                def __init__(self, framework):
                    super().__init__(framework)
                    framework.observe(self.on.storage_relation_created, self._write)
                def _write(self, event):
                    event.relation.data[self.app]["data"] = {yaml.safe_dump(STORAGE)!r}
        """,
    }
    model.deploy(jujusim.CharmDir.load(write_charm("both", files_)))
    model.deploy(fake("mysql-k8s"))
    model.deploy(fake("mlflow-server"))
    model.integrate("mlflow-server:relational-db", "mysql-k8s:database")
    model.integrate("mlflow-server:object-storage", "both:storage")
    relation = model.integrate(f"mlflow-server:{endpoint}", "both:manifests")
    model.settle()
    text = relation.apps["mlflow-server"].content["kubernetes_manifests"]
    kinds = {manifest["kind"] for manifest in json.loads(text)}
    assert kinds == {{"secrets": "Secret", "pod-defaults": "PodDefault"}[endpoint]}


def test_collector_spreads_wildcards_over_units_and_keeps_rules(model, fake, partner):
    name = "opentelemetry-collector-k8s"
    exporter = partner("provides", "prometheus_scrape", METRICS, UNIT)
    joined(model, fake, name, exporter, "metrics-endpoint")
    (job,) = yaml.safe_load(files(model, f"{name}/0", "otelcol")["/etc/otelcol/config.yaml"])[
        "receivers"
    ]["prometheus"]["config"]["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["10.9.9.9:9000", "fixed:80"]}]
    assert "/etc/otelcol/prometheus_alert_rules/partner.rules" in files(
        model, f"{name}/0", "otelcol"
    )


def test_collector_keeps_dashboards_until_their_relation_goes(model, fake, partner):
    name = "opentelemetry-collector-k8s"
    board = partner("provides", "grafana_dashboard", dashboards('{"title": "One"}'))
    joined(model, fake, name, board, "grafana-dashboards-consumer")
    path = "/etc/otelcol/grafana_dashboards/partner.json"
    assert json.loads(files(model, f"{name}/0", "otelcol")[path]) == {"title": "One"}
    model.remove_relation(name, "partner")
    model.settle()
    assert path not in files(model, f"{name}/0", "otelcol")


def test_collector_says_where_logs_go(model, fake, partner):
    name = "opentelemetry-collector-k8s"
    asking = partner("requires", "loki_push_api", {})
    relation = joined(model, fake, name, asking, "receive-loki-logs")
    host = f"http://{name}-0.{name}-endpoints.kubeflow.svc.cluster.local:3500"
    url = json.loads(relation.units[f"{name}/0"].content["endpoint"])["url"]
    assert url == f"{host}/loki/api/v1/push"
