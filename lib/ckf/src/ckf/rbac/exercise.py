# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A run of the bundle: everything that a charm may ask of Kubernetes, in a few thousand hooks."""

import dataclasses
from typing import Any

import jujusim
import kubefake
from jujusim import rights as accounts
from jujusim.cluster_backend import InMemory
from jujusim.testing import charm as testing_charm
from jujusim.testing import options
from kubefake import rbac

from .. import bundle as bundles
from ..bundle import Bundle, Charms
from ..bundle import charms as bundle_charms
from ..preview import deployment
from . import rights
from .rules import Ask, widened

USER = "alice"
_PROFILE_NAMESPACE = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {"name": USER, "labels": {"app.kubernetes.io/part-of": "kubeflow-profile"}},
}
_RBAC = "rbac.authorization.k8s.io"
_JUJU_IS_ADMINISTRATOR = {
    "apiVersion": f"{_RBAC}/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "controller-ckf"},
    "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": "cluster-admin"},
    "subjects": [{"apiGroup": _RBAC, "kind": "User", "name": accounts.CONTROLLER}],
}


@dataclasses.dataclass
class LifecycleRun:
    """A model that is led through everything that happens to a deployment.

    It is deployed and related; a user's namespace appears; every option is changed and put back;
    units are added, lead and leave; update-status comes; actions run; all of it is removed, in
    either order, since what goes first decides who deletes what they share.

    Args:
        granted: What each application's account may do; by default everything.

    Attributes:
        asked: What each application's calls took.
        deployed: The objects as they were when everything was active.
    """

    bundle: Bundle
    charms: Charms
    granted: jujusim.Granted | None = None
    model_name: str = "kubeflow"
    asked: dict[str, dict[bool, set[Ask]]] = dataclasses.field(
        default_factory=dict[str, "dict[bool, set[Ask]]"]
    )
    deployed: list[dict[str, Any]] = dataclasses.field(default_factory=list[dict[str, Any]])

    def __post_init__(self) -> None:
        self.cluster = kubefake.Cluster(load_balancer=True)
        # With an authorizer of its own the cluster minds RBAC, and Juju's rules are its roles.
        self.cluster.authorize = rbac.Authorizer(self.cluster)
        self.cluster.create(_JUJU_IS_ADMINISTRATOR)
        self.model = jujusim.Model(
            self.model_name, cluster=InMemory(self.cluster), granted=self.granted
        )
        self._seen = 0
        self._chosen: dict[str, set[str]] = {}

    def run(self) -> None:
        """Go through all of it."""
        self.deploy()
        self.deployed = self.cluster.objects()
        for phase in (self.use, self.reconfigure, self.scale, self.act):
            phase()
        self.remove(list(self.model.apps))
        self.deploy()
        self.remove(list(reversed(self.model.apps)))

    def deploy(self) -> None:
        """Deploy everything and relate it."""
        deployment.fill(self.model, self.bundle, self.charms)
        self._settle()

    def use(self) -> None:
        """A user comes."""
        self.cluster.create(_PROFILE_NAMESPACE)
        self._settle()

    def reconfigure(self) -> None:
        """Change each option of each charm of this repository, and put it back."""
        for name, app in list(self.model.apps.items()):
            if app.charm.root.is_relative_to(bundle_charms.FAKES):
                continue
            original = {key: app.config.get(key) for key in app.charm.options}
            for option in options.of(testing_charm.Charm.at(app.charm.root)):
                change = _change(option)
                value = change.get(option.name)
                # Where a value is one of few, so are the names with it.
                words = option.parser.accepts.split(" or ")
                if isinstance(value, str) and value and value not in words:
                    self._chosen.setdefault(name, {USER}).add(value)
                for config in (change, original):
                    self.model.configure(name, config)
                    self.model.settle()
                    self._note()

    def scale(self) -> None:
        """Add a unit to each application, let it lead, and remove it."""
        for name in self.model.apps:
            self.model.add_unit(name)
        self._settle()
        for app in self.model.apps.values():
            self.model.elect(app.name, max(app.units.values(), key=lambda unit: unit.number).name)
        self._settle()
        for name in self.model.apps:
            self.model.remove_unit(name)
        self._settle()

    def act(self) -> None:
        """Run every action; those that ask for it get the model's name as confirmation."""
        for name, app in self.model.apps.items():
            for action, declared in app.charm.actions.items():
                confirm = "confirm" in (declared.get("params") or {})
                params = {"confirm": self.model.name} if confirm else {}
                self.model.run_action(f"{name}/leader", action, params)
                self.model.settle()
        # Where one defines again what it has purged, another one has objects again only then.
        for _ in range(2):
            self._settle()

    def remove(self, order: list[str]) -> None:
        """Remove everything, one application after another."""
        for name in order:
            self.model.remove_application(name)
            self.model.settle()
        self._settle()

    def _settle(self) -> None:
        self.model.settle()
        self.model.update_status()
        self.model.settle()
        self._note()

    def _note(self) -> None:
        """Add up what has been asked for since the last time."""
        journal, self._seen = self.cluster.journal[self._seen :], len(self.cluster.journal)
        objects = [stored.obj for _, _, stored in self.cluster.store.everything()]
        for app in self.bundle.applications:
            user = accounts.account(self.model.name, app)
            mine = self.asked.setdefault(app, {True: set(), False: set()})
            for inside, asks in rights.asked(journal, user, self.model.name, objects).items():
                mine[inside] |= asks

    def _wide(self, app: str) -> dict[bool, set[Ask]]:
        """Return what an application has asked for, without names that a user chooses."""
        chosen = self._chosen.get(app, {USER})
        return {inside: widened(asks, chosen) for inside, asks in self.asked[app].items()}

    def rights(self) -> dict[str, rights.Rights]:
        """Return what each application of this repository has needed and given."""
        return {
            app: rights.made(self.model.name, app, self._wide(app), self.deployed)
            for app in sorted(self.asked)
            if self.bundle.applications[app].is_local
        }


def of_bundle(bundle: Bundle, granted: jujusim.Granted | None = None) -> LifecycleRun:
    """Lead a bundle through its whole lifecycle.

    Raises:
        BundleError: A charm cannot be loaded.
    """
    lifecycle = LifecycleRun(bundle, bundles.load_charms(bundle), granted)
    lifecycle.run()
    return lifecycle


def _change(option: options.Option) -> dict[str, Any]:
    """Return a config with another value of an option; the same where it has only one."""
    try:
        return option.change
    except LookupError:
        if option.elsewhere:
            return {}
        raise
