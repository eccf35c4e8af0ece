"""The charm in the Canonical Observability Stack: metrics, alerts, dashboards and logs."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import json
import lzma
import pathlib
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import ops

from . import alert_rules, compare, topology, wire
from .interfaces import grafana_dashboard, loki_push_api, prometheus_scrape
from .relations import Provider, Requirer
from .status import Blocked, Waiting

Job = dict[str, Any]
"""A scrape job as in Prometheus' configuration; `*` in a target is each unit's address."""


def job(port: int, path: str = "/metrics", **more: Any) -> Job:
    """A scrape job for one port of every unit.

    Args:
        port: where the metrics are served.
        path: the path they are served under.
        more: further keys of the job, for example `scrape_interval`.
    """
    return {"metrics_path": path, "static_configs": [{"targets": [f"*:{port}"]}], **more}


class MetricsEndpoint(Provider[prometheus_scrape.Scrape, None]):
    """Metrics and alert rules for Prometheus.

    Args:
        charm: the charm; its alert rules are in `src/prometheus_alert_rules`.
        jobs: returns the scrape jobs.
        name: the endpoint in charmcraft.yaml.
        serves: returns whether this unit runs the workload; one that does not has no metrics.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        jobs: Callable[[], list[Job]],
        name: str = "metrics-endpoint",
        *,
        serves: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(charm, name, prometheus_scrape.INTERFACE, send=self._scrape)
        self._jobs = jobs
        self._serves = serves

    def reconcile(self) -> None:
        """Every unit tells its address, the leader the rest."""
        nothing = dict.fromkeys(wire.keys(prometheus_scrape.Address), "")
        for relation in self.relations:
            address = wire.to_plain(self._address(relation)) if self._serves() else nothing
            self.update(relation.data[self.charm.unit], address)
        super().reconcile()

    def _scrape(self) -> prometheus_scrape.Scrape:
        return prometheus_scrape.Scrape(
            scrape_metadata=topology.metadata(self.charm),
            scrape_jobs=self._jobs(),
            alert_rules=alert_rules.load(self.charm, "src/prometheus_alert_rules"),
        )

    def _address(self, relation: ops.Relation) -> prometheus_scrape.Address:
        binding = self.charm.model.get_binding(relation)
        address = binding.network.bind_address if binding else None
        if address is None:
            raise Waiting(f"relation {self.name}: waiting for this unit's address")
        return prometheus_scrape.Address(str(address), self.charm.unit.name)


class GrafanaDashboards(Provider[grafana_dashboard.Dashboards, None]):
    """The dashboards in `src/grafana_dashboards`, for Grafana.

    Args:
        charm: the charm.
        name: the endpoint in charmcraft.yaml.
    """

    def __init__(self, charm: ops.CharmBase, name: str = "grafana-dashboard") -> None:
        super().__init__(charm, name, grafana_dashboard.INTERFACE, send=self._dashboards)

    def _dashboards(self) -> grafana_dashboard.Dashboards:
        directory = pathlib.Path(self.charm.charm_dir) / "src/grafana_dashboards"
        paths = sorted(directory.glob("*.json*"))
        templates = {f"file:{path.stem}": self._template(path) for path in paths}
        # Grafana's charm expects some id here; a random one would change the databag in each hook.
        digest = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(templates, sort_keys=True))
        return grafana_dashboard.Dashboards({"templates": templates, "uuid": str(digest)})

    def _template(self, path: pathlib.Path) -> dict[str, Any]:
        place = topology.metadata(self.charm)
        del place["charm_name"]
        alternative = f"{self.charm.meta.name}-file:{path.stem}".encode()
        return {
            "charm": self.charm.meta.name,
            "content": _compressed(path),
            "juju_topology": place,
            "inject_dropdowns": True,
            "dashboard_alt_uid": hashlib.shake_256(alternative).hexdigest(8),
        }


class LogForwarding(Requirer[loki_push_api.Source, None]):
    """The logs of every workload container to Loki, by Pebble itself.

    Pebble forwards logs since Juju 3.4.

    Args:
        charm: the charm.
        name: the endpoint in charmcraft.yaml.
    """

    def __init__(self, charm: ops.CharmBase, name: str = "logging") -> None:
        super().__init__(charm, name, loki_push_api.INTERFACE, send=self._source)

    def events(self) -> Iterable[ops.BoundEvent]:
        """The relation, and the start of each container, whose plan is empty then."""
        ready = [self.charm.on[name].pebble_ready for name in self.charm.unit.containers]
        return [*super().events(), *ready]

    def reconcile(self) -> None:
        """Point each container's log targets at the endpoints that there are."""
        super().reconcile()
        targets = self._targets()
        for container in self.charm.unit.containers.values():
            if container.can_connect():
                self._forward(container, targets)

    def status(self) -> ops.StatusBase:
        """Blocked for a unit whose endpoint is malformed."""
        for relation, unit in self._units():
            self._url(relation, unit)
        return super().status()

    def _source(self) -> loki_push_api.Source:
        return loki_push_api.Source(metadata=topology.metadata(self.charm), alert_rules={})

    def _targets(self) -> dict[str, str]:
        """The push URL of each unit that collects logs, by the unit's name."""
        urls: dict[str, str] = {}
        for relation, unit in self._units():
            # One that is malformed shows in the status.
            with contextlib.suppress(Blocked):
                urls[unit.name] = self._url(relation, unit)
        return {name: url for name, url in urls.items() if url}

    def _units(self) -> list[tuple[ops.Relation, ops.Unit]]:
        return [(relation, unit) for relation in self.relations for unit in relation.units]

    def _url(self, relation: ops.Relation, unit: ops.Unit) -> str:
        try:
            endpoint = json.loads(relation.data[unit].get("endpoint", "{}"))
            return str(endpoint.get("url") or "")
        except (ValueError, AttributeError) as error:
            reason = f"bad data from {unit.name}: endpoint is not a JSON mapping"
            raise Blocked(f"relation {self.name}: {reason}") from error

    def _forward(self, container: ops.Container, targets: dict[str, str]) -> None:
        try:
            plan = container.get_plan().to_dict().get("log-targets", {})
            gone = {name: {**target, "services": ["-all"]} for name, target in plan.items()}
            wanted = {**gone, **{name: self._target(url) for name, url in targets.items()}}
            if not compare.holds(wanted, plan):
                layer = ops.pebble.Layer({"log-targets": wanted})  # pyright: ignore[reportArgumentType]
                container.add_layer(f"{container.name}-log-forwarding", layer, combine=True)
        except ops.pebble.ConnectionError as error:
            raise Waiting(f"waiting for container {container.name} to restart") from error

    def _target(self, url: str) -> dict[str, Any]:
        labels = {**topology.labels(self.charm), "juju_unit": self.charm.unit.name}
        labels["charm"] = labels.pop("juju_charm")
        return {
            "override": "replace",
            "type": "loki",
            "location": url,
            "services": ["all"],
            "labels": {"product": "Juju", **labels},
        }


@functools.cache
def _compressed(path: pathlib.Path) -> str:
    return base64.b64encode(lzma.compress(path.read_bytes())).decode()
