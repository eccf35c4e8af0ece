# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The rules that Juju gives an application's account, applied to requests.

Those of Juju 3.6 are in ``caas/kubernetes/provider/application/trust.go``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kubefake import Attributes, rbac

Rules = Sequence[dict[str, Any]]
Granted = Mapping[str, tuple[Rules, Rules]]
"""By application, the rules of its account in the namespace and in the whole cluster."""


CONTROLLER = "system:serviceaccount:controller-ckf:controller"
"""The user that Juju itself is, of the form of the account of a controller named ckf."""

EVERYTHING = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]


def account(model: str, app: str) -> str:
    """Return the user as whom the hooks of an application call Kubernetes."""
    return f"system:serviceaccount:{model}:{app}"


def juju_rules(model: str, *, trust: bool) -> tuple[Rules, Rules]:
    """Return what an application may do in the model's namespace, and in the whole cluster."""
    if trust:
        return EVERYTHING, EVERYTHING
    namespaces = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list"]}
    shown = ["pods", "services"]
    inside = [
        {**namespaces, "resourceNames": [model]},
        {"apiGroups": [""], "resources": shown, "verbs": ["get", "list", "patch"]},
        {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]},
    ]
    return inside, [namespaces]


def of_model(
    prefix: str, rules: Callable[[str], tuple[Rules, Rules] | None], namespace: str
) -> Callable[[str, Attributes], bool]:
    """Decide for the accounts of a model's applications; everybody else may do everything.

    Their names begin with ``prefix``; ``rules`` returns None for what is no application.
    """

    def decide(user: str, asked: Attributes) -> bool:
        known = rules(user.removeprefix(prefix)) if user.startswith(prefix) else None
        # Paths that are no resources (discovery, version) are open to every account.
        if known is None or not asked.resource:
            return True
        inside, everywhere = known
        held = [*everywhere, *(inside if asked.namespace == namespace else ())]
        return any(rbac.allows(rule, asked) for rule in held)

    return decide
