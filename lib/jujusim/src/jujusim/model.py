# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A Juju model in memory, with Juju's verbs."""

import datetime
import pathlib
import shutil
import weakref
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from kubefake import Cluster

from . import config as options
from . import constraints as limits
from . import integrate, lifecycle, refresh, rights, scheduler, status, versions
from .charm import CharmDir
from .cluster_backend import ClusterBackend, InMemory
from .entities import Application, Event, Relation, Side, Unit
from .errors import JujuError
from .faults import Faults
from .objects import KubernetesObjects
from .ops_internals import Reply
from .secrets import USER_GRANT
from .state import ModelState
from .trace import Record

_GRACEFUL = 2 / 15


class Model(ModelState):
    """One model. Verbs change it; hooks run only in `step`, `settle` and `run_action`.

    Whatever Juju would refuse, such as a name that is taken or not there, raises `JujuError` with
    the sentence that Juju has for it, and changes nothing.

    Args:
        name: The model's name, which is its Kubernetes namespace.
        seed: Decides everything that Juju leaves to chance; the same seed gives the same run.
        cluster: The Kubernetes API that charms talk to; None for none.
        juju_version: The controller's version, which charms are told; see `versions` for what
            depends on it.
        faults: How much goes wrong, from 0 for nothing to 3.
        granted: By application, the rules of its account in the namespace and in the whole
            cluster, instead of those that Juju gives; an application that is not in it may do
            nothing.
        real_time: Whether the model's time is that of the machine, and not the seed's: charms in
            processes of their own, and a real cluster, have no other.
    """

    def __init__(
        self,
        name: str = "kubeflow",
        *,
        seed: int = 0,
        cluster: Cluster | ClusterBackend | None = None,
        juju_version: str = versions.DEFAULT,
        faults: int = 0,
        granted: rights.Granted | None = None,
        real_time: bool = False,
    ):
        backend = InMemory(cluster) if isinstance(cluster, Cluster) else cluster
        # Only a cluster in memory lives in the seed's time.
        real_time = real_time or not isinstance(backend, InMemory | None)
        super().__init__(name, seed, backend, juju_version, granted, real_time=real_time)
        self._cleanup = weakref.finalize(self, shutil.rmtree, str(self.folder), True)
        self.faults = Faults(self, faults)
        if self.backend:
            self.objects = KubernetesObjects(self, self.backend)
            self.objects.add_model()
            self.backend.restrict(rights.of_model(rights.account(name, ""), self._rules, name))

    def close(self) -> None:
        """Remove the containers' files."""
        self._cleanup()

    # Verbs.

    def deploy(
        self,
        charm: CharmDir,
        name: str = "",
        *,
        units: int = 1,
        config: Mapping[str, Any] | None = None,
        trust: bool = False,
        storage: Mapping[str, str] | None = None,
        channel: str = "",
        resources: Mapping[str, str] | None = None,
        constraints: str = "",
        pools: Mapping[str, str] | None = None,
    ) -> Application:
        """Deploy an application.

        Args:
            charm: What it runs.
            name: The application's name; the charm's when empty.
            units: How many units.
            config: Options that differ from their defaults.
            trust: Whether its hooks are cluster administrators.
            storage: Size by storage name, such as ``{"data": "10G"}``.
            channel: Shown in the status.
            resources: Images by resource, instead of those that the charm names.
            constraints: As ``juju deploy --constraints`` takes them.
            pools: Storage pools by storage; each counts as a storage class of its name.

        Raises:
            JujuError: The name is taken, or an option or storage is unknown or has a bad value.
        """
        name = name or charm.name
        if name in self.apps:
            raise JujuError(f'application "{name}" already exists')
        unknown = sorted(set(storage or {}) - set(charm.storage))
        if unknown:
            raise JujuError(f'charm "{charm.name}" has no storage "{unknown[0]}"')
        chosen = options.parse(charm, config or {})
        app = Application(name, charm, trust, channel, chosen, storage=dict(storage or {}))
        app.resources, app.pools = dict(resources or {}), dict(pools or {})
        app.constraints = limits.parse(constraints)
        self.apps[name] = app
        for endpoint in charm.endpoints.values():
            if endpoint.role == "peers":
                lifecycle.relate(self, (Side(name, endpoint),))
        self.objects.add_app(app)
        for _ in range(units):
            lifecycle.add_unit(self, app)
        return app

    def integrate(self, one: str, two: str) -> Relation:
        """Relate two applications, each named as ``application`` or ``application:endpoint``.

        Raises:
            JujuError: As Juju does when nothing fits, several endpoints do, the relation exists
                or a limit is reached.
        """
        pair = integrate.infer(self.apps, one, two)
        integrate.check(self.relations.values(), pair)
        for side in pair:
            if self.apps[side.app].dying:
                raise JujuError(f'cannot add relation: application "{side.app}" is not alive')
        return lifecycle.relate(self, pair, at_once=False)

    def configure(self, app: str, values: Mapping[str, Any]) -> None:
        """Set options; None resets one to its default.

        Raises:
            JujuError: An option is unknown or the value has the wrong type; nothing is changed.
        """
        target = self.app(app)
        changed = options.merge(target.charm, target.config, values)
        if {**target.charm.defaults, **changed} != {**target.charm.defaults, **target.config}:
            target.config_version += 1
        target.config = changed

    def trust(self, app: str, *, trust: bool = True) -> None:
        """Grant or take away cluster administration; a ``config-changed`` follows."""
        self.app(app).trust = trust
        self.objects.add_app(self.app(app))

    def add_unit(self, app: str, count: int = 1) -> list[Unit]:
        """Add units."""
        return [lifecycle.add_unit(self, self.app(app)) for _ in range(count)]

    def remove_unit(self, app: str, count: int = 1) -> list[str]:
        """Remove the units with the highest numbers, as a StatefulSet does."""
        target = self.app(app)
        alive = [unit for _, unit in sorted(target.units.items()) if not unit.dying]
        if count > len(alive):
            raise JujuError(f'application "{app}" has {len(alive)} units, cannot remove {count}')
        leaving = alive[len(alive) - count :]
        for unit in leaving:
            lifecycle.kill_unit(unit)
        lifecycle.reap(self)
        return [unit.name for unit in leaving]

    def scale(self, app: str, units: int) -> None:
        """Add or remove units until there are ``units``."""
        missing = units - self.app(app).planned_units
        if missing > 0:
            self.add_unit(app, missing)
        elif missing < 0:
            self.remove_unit(app, -missing)

    def remove_relation(self, one: str, two: str) -> None:
        """Remove a relation, named as for `integrate`."""
        self.relation(one, two).dying = True
        lifecycle.reap(self)

    def remove_application(self, name: str) -> None:
        """Remove an application with its relations, units and own secrets."""
        app = self.app(name)
        app.dying = True
        for relation in list(self.relations.values()):
            if relation.joins(name) and not relation.is_peer:
                relation.dying = True
        for unit in list(app.units.values()):
            lifecycle.kill_unit(unit)
        lifecycle.reap(self)

    def destroy(self, *, graceful: Collection[str] | None = None) -> None:
        """Destroy the model: all applications, and then the namespace with all that is in it.

        Juju takes most pods away before their charms have run a hook: of 15 units of a real model
        two ran ``remove``. What the others have made in the whole cluster stays unless Juju finds
        it by its labels, or Kubernetes by its owners.

        Args:
            graceful: Units that still run their last hooks; drawn from the seed if not given.
        """
        self.destroyed = True
        if graceful is None:
            graceful = [name for name in self.units if self.random.random() < _GRACEFUL]
        for app in self.apps.values():
            app.dying = True
        for relation in self.relations.values():
            relation.dying = relation.dying or not relation.is_peer
        for name, unit in self.units.items():
            lifecycle.kill_unit(unit)
            unit.removed = unit.removed or name not in graceful
        lifecycle.reap(self)
        if not self.apps:
            self.objects.remove_model()

    def refresh(self, name: str, charm: CharmDir) -> None:
        """Upgrade an application to another version of its charm, or to another charm.

        Pods are replaced one after another, the highest number first. Options that the charm does
        not know, or knows with another type, are dropped; peer relations that it does not have go.

        Raises:
            JujuError: As Juju refuses the charm, see `jujusim.refresh.check`.
        """
        app = self.app(name)
        refresh.check(app, charm, self.relations.values(), self.juju_version)
        lifecycle.refresh(self, app, charm)

    def run_action(
        self, unit: str, name: str, params: Mapping[str, Any] | None = None
    ) -> scheduler.ActionResult:
        """Run an action now.

        Args:
            unit: ``app/0`` or ``app/leader``.
            name: The action's name.
            params: Its parameters; declared defaults are added.
        """
        target = self.unit(unit)
        given = options.action_params(target.charm, name, params or {})
        event = Event("action", name, params=given)
        return scheduler.run_action(self, target, event)

    def advance(self, *, days: float = 0, hours: float = 0) -> None:
        """Let time pass: secrets may be due to rotate or expire."""
        self.elapsed += datetime.timedelta(days=days, hours=hours)
        self.secrets.due(self.units)

    def add_secret(self, name: str, content: Mapping[str, str]) -> str:
        """Add a secret of the user.

        Returns:
            Its URI, for an option of type secret.
        """
        return f"secret:{self.secrets.add_user_secret(name, content).id}"

    def update_secret(self, name: str, content: Mapping[str, str]) -> None:
        """Give a user's secret a new revision."""
        secret = self.secrets.user_secret(name)
        secret.revisions[secret.latest + 1] = dict(content)

    def grant_secret(self, name: str, app: str) -> None:
        """Let an application read a user's secret."""
        grants = self.secrets.user_secret(name).grants
        grants.setdefault(USER_GRANT, set()).add(self.app(app).name)

    def revoke_secret(self, name: str, app: str) -> None:
        """Take back a grant."""
        grants = self.secrets.user_secret(name).grants
        grants.setdefault(USER_GRANT, set()).discard(self.app(app).name)

    def churn(self, unit: str, *, graceful: bool = True) -> None:
        """Replace a unit's pod.

        Args:
            unit: The unit.
            graceful: Whether the charm still sees ``stop``; not when its node was lost.
        """
        target = self.unit(unit)
        if graceful:
            target.replacing = True
        else:
            lifecycle.replace_pod(self, target)

    def resolve(self, unit: str, *, retry: bool = True) -> None:
        """Resolve a unit's failed hook: try it again at the next `settle`, or skip it."""
        target = self.unit(unit)
        if target.failed is None:
            raise JujuError(f'unit "{unit}" is not in an error state')
        scheduler.resolve(self, target, retry=retry)

    def handle_exec(self, app: str, container: str, prefix: Sequence[str], reply: Reply) -> None:
        """Say what a command does that charms run in a container; without it there is none.

        Args:
            app: The application.
            container: The container.
            prefix: What the command begins with; the longest one that fits counts.
            reply: Is given the command and returns its output, or raises `ops.pebble.ExecError`.
        """
        handlers = self.app(app).commands.setdefault(container, {})
        handlers[tuple(prefix)] = reply
        for unit in self.app(app).units.values():
            unit.containers[container].commands.update(handlers)

    def provide_files(self, app: str, container: str, folder: pathlib.Path) -> None:
        """Say which files a container's image brings along; without it there are none.

        Args:
            app: The application.
            container: The container.
            folder: The directory that has them, as the container's ``/``; they are there from the
                container's next start on.
        """
        target = self.app(app)
        if container not in target.charm.containers:
            raise JujuError(f'charm "{target.charm.name}" has no container "{container}"')
        target.images[container] = folder

    def elect(self, app: str, unit: str) -> None:
        """Make a unit the leader."""
        target = self.unit(unit)
        lifecycle.elect(self, self.app(app), target)

    def fail_pods(self, workload: str, reason: str, message: str = "") -> None:
        """Let the pods of a Deployment or StatefulSet that a charm has made fail.

        Args:
            workload: Its name, in the model's namespace.
            reason: Why its containers wait, such as those in `kubefake.kubelet`.
            message: What the kubelet says; by default its own words.
        """
        self._with_pods(workload).fail_pods(workload, reason, message)

    def heal_pods(self, workload: str) -> None:
        """Let the pods of a Deployment or StatefulSet run again."""
        self._with_pods(workload).heal_pods(workload)

    def _with_pods(self, workload: str) -> ClusterBackend:
        if self.backend is None or workload not in self.backend.workloads():
            raise JujuError(f'there is no Deployment or StatefulSet "{workload}" with pods')
        return self.backend

    def fail_check(self, unit: str, container: str, check: str) -> None:
        """Let a Pebble check fail until it is down."""
        lifecycle.set_check(self.unit(unit), container, check, up=False)

    def recover_check(self, unit: str, container: str, check: str) -> None:
        """Let a Pebble check succeed again."""
        lifecycle.set_check(self.unit(unit), container, check, up=True)

    # Running.

    def step(self) -> Record | None:
        """Run one hook; None when there is nothing to do."""
        return scheduler.step(self)

    def settle(self, max_hooks: int | None = None) -> int:
        """Run hooks until there is nothing to do; a hook that keeps failing is left failed.

        Args:
            max_hooks: How many hooks are too many; by default a number that grows with the model.

        Returns:
            How many hooks ran.

        Raises:
            Livelock: More than ``max_hooks`` ran.
        """
        return scheduler.settle(self, max_hooks)

    def run(self, until: int) -> Record | None:
        """Run hooks until hook number ``until`` has run, and return the last record."""
        record = self.trace[-1] if self.trace else None
        while len(self.trace) < until:
            following = self.step()
            if following is None:
                break
            record = following
        return record

    # Questions.

    def status(self) -> status.ModelStatus:
        """Return what ``juju status --relations`` shows."""
        return status.model_status(self.name, self.apps.values(), self.relations.values())

    def app(self, name: str) -> Application:
        """Return an application."""
        if name not in self.apps:
            raise JujuError(f'application "{name}" not found')
        return self.apps[name]

    def unit(self, name: str) -> Unit:
        """Return a unit, named ``app/0`` or ``app/leader``."""
        app, _, number = name.partition("/")
        if number == "leader":
            number = str(self.app(app).leader)
        units = self.units
        if f"{app}/{number}" not in units:
            raise JujuError(f'unit "{name}" not found')
        return units[f"{app}/{number}"]

    def relation(self, one: str, two: str) -> Relation:
        """Return the relation between two applications, named as for `integrate`."""
        found = [
            relation
            for relation in self.relations.values()
            if not relation.is_peer and _fits(relation, one) and _fits(relation, two)
        ]
        if not found:
            raise JujuError(f'relation "{one} {two}" not found')
        if len(found) > 1:
            raise JujuError(f'"{one} {two}" could refer to {", ".join(map(str, found))}')
        return found[0]

    def secret_values(self) -> list[str]:
        """Return every value of every revision of every secret, to be masked."""
        return [
            value
            for secret in self.secrets.secrets.values()
            for content in secret.revisions.values()
            for value in content.values()
        ]


def _fits(relation: Relation, text: str) -> bool:
    app, _, endpoint = text.partition(":")
    return any(
        side.app == app and (not endpoint or side.endpoint.name == endpoint)
        for side in relation.sides
    )
