# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Whether AuthorizationPolicies let a request in.

A model of Istio 1.28's rules for policies that allow: one rule of one policy is enough, of which
every part matches; without a policy for the workload everything is let in. A value may begin or
end in a star. Slashes of a path are not merged, as in a mesh that does not ask for it.
Source: https://istio.io/latest/docs/reference/config/security/authorization-policy/ and
https://istio.io/latest/docs/reference/config/security/normalization/
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

Object = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Call:
    """A request as it comes to a workload.

    Attributes:
        principal: Who the mesh says calls, empty for who is not in it.
        path: The path.
        method: The method.
        user: The header that names the user.
        probe: The header by which Knative knows its own probes.
        port: The port of the pod.
    """

    principal: str = ""
    path: str = "/v1/models/one:predict"
    method: str = "POST"
    user: str = ""
    probe: str = ""
    port: str = "8012"

    @property
    def namespace(self) -> str:
        """The namespace of who calls."""
        return self.principal.split("/")[2] if self.principal else ""


def lets_in(
    policies: Iterable[Object], call: Call, labels: Mapping[str, str] | None = None
) -> bool:
    """Tell whether the policies of a namespace let a call in to a pod with these labels."""
    specs = [policy["spec"] for policy in policies]
    found = [spec for spec in specs if _selected(spec) <= (labels or {}).items()]
    assert all(spec.get("action", "ALLOW") == "ALLOW" for spec in found)
    rules = [rule for spec in found for rule in spec.get("rules", ())]
    return not found or any(_matches(rule, call) for rule in rules)


def _selected(spec: Object) -> Any:
    return spec.get("selector", {}).get("matchLabels", {}).items()


def _matches(rule: Object, call: Call) -> bool:
    sources = [each["source"] for each in rule.get("from", ())]
    operations = [each["operation"] for each in rule.get("to", ())]
    return (
        (not sources or any(_all(source, _source(call)) for source in sources))
        and (not operations or any(_all(each, _operation(call)) for each in operations))
        and all(
            _one(each["values"], _condition(each["key"], call)) for each in rule.get("when", ())
        )
    )


def _source(call: Call) -> dict[str, str]:
    return {"principals": call.principal, "namespaces": call.namespace}


def _operation(call: Call) -> dict[str, str]:
    return {"methods": call.method, "paths": call.path, "ports": call.port}


def _condition(key: str, call: Call) -> str:
    return {
        "request.headers[k-network-probe]": call.probe,
        "request.headers[kubeflow-userid]": call.user,
        "source.namespace": call.namespace,
    }[key]


def _all(wanted: Object, given: Mapping[str, str]) -> bool:
    return all(_one(values, given[name]) for name, values in wanted.items())


def _one(values: Iterable[str], given: str) -> bool:
    return bool(given) and any(_like(value, given) for value in values)


def _like(value: str, given: str) -> bool:
    if value.startswith("*"):
        return given.endswith(value[1:])
    return given.startswith(value[:-1]) if value.endswith("*") else given == value
