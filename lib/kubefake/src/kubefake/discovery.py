# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Discovery: which groups, versions and resources are served, and which release this is."""

import re

from .resources import CUSTOM_VERBS, Resource
from .state import State
from .values import Object


def answer(cluster: State, path: str) -> Object | None:
    """Return the document at a discovery path; None where there is none."""
    parts = path.strip("/").split("/")
    if parts == ["version"]:
        return version(cluster.release)
    if parts == ["api"]:
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
    if parts == ["apis"]:
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": _groups(cluster)}
    if parts[0] == "api" and len(parts) == 2:
        return _resources(cluster, "", parts[1])
    if parts[0] == "apis" and len(parts) == 2:
        found = [group for group in _groups(cluster) if group["name"] == parts[1]]
        return {"kind": "APIGroup", "apiVersion": "v1", **found[0]} if found else None
    if parts[0] == "apis" and len(parts) == 3:
        return _resources(cluster, parts[1], parts[2])
    return None


def version(release: str) -> Object:
    """Return what `/version` says."""
    major, minor = release.split(".")
    return {
        "major": major,
        "minor": minor,
        "gitVersion": f"v{release}.0",
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": "",
        "platform": "linux/amd64",
    }


def _groups(cluster: State) -> list[Object]:
    found: dict[str, list[str]] = {}
    for resource in cluster.resources().values():
        versions = found.setdefault(resource.group, [])
        if resource.group and resource.version not in versions:
            versions.append(resource.version)
    return [_group(group, sorted(found[group], key=_rank)) for group in found if group]


def _group(name: str, versions: list[str]) -> Object:
    return {
        "name": name,
        "versions": [_group_version(name, each) for each in versions],
        "preferredVersion": _group_version(name, versions[0]),
    }


def _rank(version: str) -> tuple[int, int, int, str]:
    """Return the place of a version: stable before beta before alpha, higher before lower."""
    found = re.fullmatch(r"v(\d+)(?:(alpha|beta)(\d+))?", version)
    if not found:
        return 3, 0, 0, version
    major, stage, minor = found.groups()
    return (None, "beta", "alpha").index(stage), -int(major), -int(minor or 0), ""


def _group_version(group: str, version: str) -> Object:
    return {"groupVersion": f"{group}/{version}", "version": version}


def _resources(cluster: State, group: str, version: str) -> Object | None:
    found = [
        entry
        for resource in cluster.resources().values()
        if (resource.group, resource.version) == (group, version)
        for entry in _entries(resource)
    ]
    if not found:
        return None
    name = f"{group}/{version}" if group else version
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": name,
        "resources": found,
    }


def _entries(resource: Resource) -> list[Object]:
    main: Object = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(CUSTOM_VERBS if resource.custom else resource.verbs),
    }
    if resource.short_names:
        main["shortNames"] = list(resource.short_names)
    if resource.categories:
        main["categories"] = list(resource.categories)
    return [main, *(_part(resource, name) for name in sorted(resource.subresources))]


def _part(resource: Resource, name: str) -> Object:
    part: Object = {
        "name": f"{resource.plural}/{name}",
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": ["get", "patch", "update"],
    }
    if name == "token":
        group = {"group": "authentication.k8s.io", "version": "v1"}
        part |= {"kind": "TokenRequest", **group, "verbs": ["create"]}
    return part
