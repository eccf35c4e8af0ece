# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Discovery: which groups, versions and resources are served, and which release this is."""

import re

from .resources import CUSTOM_VERBS, Resource
from .state import State
from .values import Object


def answer(cluster: State, path: str) -> Object | None:
    """Return the document at a discovery path; None where there is none."""
    match path.strip("/").split("/"):
        case ["version"]:
            return version(cluster.release)
        case ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        case ["apis"]:
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": _groups(cluster)}
        case ["api", wanted]:
            return _resources(cluster, wanted)
        case ["apis", name]:
            found = [group for group in _groups(cluster) if group["name"] == name]
            return {"kind": "APIGroup", "apiVersion": "v1", **found[0]} if found else None
        case ["apis", group, wanted]:
            return _resources(cluster, f"{group}/{wanted}")
        case _:
            return None


def version(release: str) -> Object:
    """Return what `/version` says."""
    major, minor = release.split(".")
    said = {
        "gitVersion": f"v{release}.0", "gitTreeState": "clean", "platform": "linux/amd64",
        "buildDate": "1970-01-01T00:00:00Z", "gitCommit": "", "goVersion": "", "compiler": "",
    }  # fmt: skip
    return {"major": major, "minor": minor, **said}


def _groups(cluster: State) -> list[Object]:
    found: dict[str, set[str]] = {}
    for resource in cluster.resources().values():
        if resource.group:
            found.setdefault(resource.group, set()).add(resource.version)
    groups: list[Object] = []
    for name, versions in found.items():
        every = sorted(versions, key=_rank)
        listed = [{"groupVersion": f"{name}/{each}", "version": each} for each in every]
        groups.append({"name": name, "versions": listed, "preferredVersion": listed[0]})
    return groups


def _rank(version: str) -> tuple[int, int, int, str]:
    """Return the place of a version: stable before beta before alpha, higher before lower."""
    found = re.fullmatch(r"v(\d+)(?:(alpha|beta)(\d+))?", version)
    if not found:
        return 3, 0, 0, version
    major, stage, minor = found.groups()
    return (None, "beta", "alpha").index(stage), -int(major), -int(minor or 0), ""


def _resources(cluster: State, api_version: str) -> Object | None:
    served = cluster.resources().values()
    every = (resource for resource in served if resource.api_version == api_version)
    found = [entry for resource in every for entry in _entries(resource)]
    listed = {"groupVersion": api_version, "resources": found}
    return {"kind": "APIResourceList", "apiVersion": "v1", **listed} if found else None


def _entries(resource: Resource) -> list[Object]:
    common = {"namespaced": resource.namespaced, "kind": resource.kind}
    main: Object = {
        **common,
        "name": resource.plural,
        "singularName": resource.singular,
        "verbs": list(CUSTOM_VERBS if resource.custom else resource.verbs),
    }
    if resource.short_names:
        main["shortNames"] = list(resource.short_names)
    if resource.categories:
        main["categories"] = list(resource.categories)
    found = [main]
    for name in sorted(resource.subresources):
        part = {**common, "name": f"{resource.plural}/{name}", "singularName": ""}
        if name == "token":
            group = {"group": "authentication.k8s.io", "version": "v1"}
            part |= {"kind": "TokenRequest", **group, "verbs": ["create"]}
        found.append({"verbs": ["get", "patch", "update"], **part})
    return found
