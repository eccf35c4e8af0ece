# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Rules of admission webhook configurations."""

from . import errors
from .errors import Cause
from .values import Object, list_at, map_at, maps_in


def validate(_: Object | None, new: Object) -> list[Cause]:
    """Return what is wrong with a webhook configuration."""
    found: list[Cause] = []
    seen: set[str] = set()
    for index, hook in enumerate(maps_in(new.get("webhooks"))):
        path = f"webhooks[{index}]"
        name = hook.get("name", "")
        if name.count(".") < 2:
            why = "should be a domain with at least three segments separated by dots"
            found.append(errors.invalid_value(f"{path}.name", name, why))
        elif name in seen:
            found.append(errors.duplicate(f"{path}.name", name))
        seen.add(name)
        found += _webhook(hook, path)
    return found


def _webhook(hook: Object, path: str) -> list[Cause]:
    versions = list_at(hook, "admissionReviewVersions")
    found: list[Cause] = []
    if not versions:
        why = "must specify one of v1, v1beta1"
        found.append(errors.required(f"{path}.admissionReviewVersions", why))
    elif not {"v1", "v1beta1"} & set(versions):
        why = "must include at least one of v1, v1beta1"
        found.append(errors.invalid_value(f"{path}.admissionReviewVersions", versions, why))
    effects = ["None", "NoneOnDryRun"]
    if not hook.get("sideEffects"):
        why = f"must specify one of {', '.join(effects)}"
        found.append(errors.required(f"{path}.sideEffects", why))
    elif hook["sideEffects"] not in effects:
        found.append(errors.unsupported(f"{path}.sideEffects", hook["sideEffects"], list(effects)))
    if hook.get("failurePolicy") not in {"Fail", "Ignore"}:
        choices = ["Fail", "Ignore"]
        given = hook.get("failurePolicy")
        found.append(errors.unsupported(f"{path}.failurePolicy", given, list(choices)))
    if not 1 <= hook.get("timeoutSeconds", 10) <= 30:
        why = "the timeout value must be between 1 and 30 seconds"
        found.append(errors.invalid_value(f"{path}.timeoutSeconds", hook["timeoutSeconds"], why))
    return found + _webhook_rules(hook, path) + _webhook_client(hook, f"{path}.clientConfig")


def _webhook_rules(hook: Object, path: str) -> list[Cause]:
    return [
        errors.required(f"{path}.rules[{index}].{name}")
        for index, rule in enumerate(maps_in(hook.get("rules")))
        for name in ("operations", "apiGroups", "apiVersions", "resources")
        if not rule.get(name)
    ]


def _webhook_client(hook: Object, path: str) -> list[Cause]:
    client = map_at(hook, "clientConfig")
    url = client.get("url")
    if bool(url) == bool(client.get("service")):
        return [errors.required(path, "exactly one of url or service is required")]
    if url and not url.startswith("https://"):
        scheme = url.partition(":")[0]
        why = "'https' is the only allowed URL scheme; desired format: https://host[/path]"
        return [errors.invalid_value(f"{path}.url", scheme, why)]
    return []
