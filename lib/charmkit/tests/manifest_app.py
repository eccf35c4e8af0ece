# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""An application that has nothing but Kubernetes objects, whose templates tests write."""

from __future__ import annotations

import pathlib
import textwrap
from collections.abc import Callable
from typing import Any

import charmkit
import ops
from charmkit import kube
from ops import testing

CONFIG_MAP = kube.Kind("v1", "ConfigMap", namespaced=True)
SECRET = kube.Kind("v1", "Secret", namespaced=True)
ROLE = kube.Kind("rbac.authorization.k8s.io/v1", "ClusterRole", namespaced=False)
CRD = kube.Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition", namespaced=False)
WEBHOOK = kube.Kind(
    "admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", namespaced=False
)

SETTINGS = """
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: {{ app }}-settings
      namespace: {{ model }}
    data:
      colour: {{ colour }}
"""
ROLE_TEXT = """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: {{ app }}
    rules:
      - apiGroups: [""]
        resources: [pods]
        verbs: [get, list]
"""
CRD_TEXT = """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata:
      name: boxes.example.com
    spec:
      group: example.com
      names: {kind: Box, listKind: BoxList, plural: boxes, singular: box}
      scope: Namespaced
      versions:
        - name: v1
          served: true
          storage: true
          schema:
            openAPIV3Schema:
              type: object
              x-kubernetes-preserve-unknown-fields: true
"""
WEBHOOK_TEXT = """
    apiVersion: admissionregistration.k8s.io/v1
    kind: MutatingWebhookConfiguration
    metadata:
      name: {{ app }}
    webhooks:
      - name: {{ app }}.example.com
        clientConfig:
          service: {name: {{ app }}, namespace: {{ model }}, path: /mutate}
        rules:
          - apiGroups: [example.com]
            apiVersions: [v1]
            operations: [CREATE]
            resources: [boxes]
        sideEffects: None
        admissionReviewVersions: [v1]
"""


class App:
    """An application with templates and a context that can be changed between hooks.

    Attributes:
        variables: the context; an exception among them is raised.
        parts: the templates of each of its components, by the component's name.
        more: further arguments of each component.
    """

    def __init__(self, context: Any, root: pathlib.Path) -> None:
        self._context = context
        self._root = root
        self.variables: dict[str, Any] = {"colour": "green"}
        self.parts = {"main": "src/manifests/*.yaml.j2"}
        self.more: dict[str, Any] = {}
        (root / "src/manifests").mkdir(parents=True)

    def template(self, name: str, text: str) -> None:
        path = self._root / "src/manifests" / f"{name}.yaml.j2"
        path.write_text(textwrap.dedent(text).lstrip())

    def ctx(self, app: str = "app") -> testing.Context[Any]:
        def values() -> dict[str, Any]:
            for value in self.variables.values():
                if isinstance(value, Exception):
                    raise value
            return self.variables

        def components(charm: ops.CharmBase) -> list[charmkit.Component]:
            return [
                charmkit.Manifests(charm, name, context=values, files=files, **self.more)
                for name, files in self.parts.items()
            ]

        return self._context(components, charm_root=self._root, app_name=app)

    def hook(
        self,
        name: str = "update_status",
        *,
        leader: bool = True,
        units: int = 1,
        app: str = "app",
        model: str = "ml",
    ) -> Any:
        """Run a hook; the unit's status after it."""
        ctx = self.ctx(app)
        state = testing.State(leader=leader, model=testing.Model(model), planned_units=units)
        return ctx.run(getattr(ctx.on, name)(), state).unit_status

    def look(self, question: Callable[[charmkit.Manifests], Any]) -> Any:
        """What the first component answers in a hook of the leader."""
        ctx = self.ctx()
        state = testing.State(leader=True, model=testing.Model("ml"))
        with ctx(ctx.on.update_status(), state) as manager:
            return question(manager.charm.made[0])
