# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The Notebook that the Jupyter web app makes of its configuration and of a user's form.

A model of kubeflow/kubeflow, v1.10-branch, components/crud-web-apps/jupyter: of its page
(frontend/src/app/pages/form/form-new) and of its server (backend/apps), where each function names
its source.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

Object = dict[str, Any]
Form = Mapping[str, Any]

SERVER_TYPES = ("jupyter", "group-one", "group-two")
_ANNOTATION = "notebooks.kubeflow.org"
_FIELDS = {"workspace": "workspaceVolume", "datavols": "dataVolumes"}
"""Fields of the form that are called otherwise in the configuration."""


class RefusedError(Exception):
    """What the server answers with status 400."""


def form_of(
    spawner_config: Mapping[str, Any], name: str, namespace: str, **chosen: Any
) -> dict[str, Any]:
    """What the page sends if the user changes nothing but this: utils.ts, form-new.component.ts.

    Args:
        spawner_config: the content of spawner_ui_config.yaml.
        name: the notebook's name, which stands for `{notebook-name}` in names of claims.
        namespace: the user's.
        chosen: other fields of the form.
    """
    defaults: Object = copy.deepcopy(dict(spawner_config["spawnerFormDefaults"]))
    fields = ("imagePullPolicy", "affinityConfig", "tolerationGroup", "shm")
    gpus = defaults["gpus"]["value"]
    entered = {
        "name": name,
        "namespace": namespace,
        "serverType": "jupyter",
        "image": defaults["image"]["value"],
        "configurations": defaults["configurations"]["value"],
        "gpus": _chosen_gpus(gpus["num"], gpus["vendor"]),
        "workspace": _named(defaults["workspaceVolume"]["value"], name),
        "datavols": [_named(volume, name) for volume in defaults["dataVolumes"]["value"]],
        **{field: defaults[field]["value"] for field in fields},
        **_amounts("cpu", defaults["cpu"], "", chosen),
        **_amounts("memory", defaults["memory"], "Gi", chosen),
    }
    # Volumes are sent also where they are locked.
    locked = {field for field in entered if defaults.get(field, {}).get("readOnly")}
    return {field: value for field, value in entered.items() if field not in locked} | chosen


def notebook_of(spawner_config: Mapping[str, Any], form: Form) -> Object:
    """What the server makes of a form: default/routes/post.py, lines 15-76.

    Args:
        spawner_config: the content of spawner_ui_config.yaml.
        form: the body of the request, with the `namespace` that stands in its path.

    Raises:
        RefusedError: if the server refuses the form.
    """
    defaults: Object = spawner_config["spawnerFormDefaults"]
    notebook = _template(form["name"], form["namespace"])
    for part in _PARTS:
        part(notebook, form, defaults)
    for volume in _volumes(form, defaults):
        _mount(notebook, volume)
    return notebook


def claims_of(spawner_config: Mapping[str, Any], form: Form) -> list[Object]:
    """The claims that the server makes before the notebook: common/volumes.py, line 108.

    Args:
        spawner_config: the content of spawner_ui_config.yaml.
        form: as for `notebook_of`.
    """
    volumes = _volumes(form, spawner_config["spawnerFormDefaults"])
    claims = [copy.deepcopy(volume["newPvc"]) for volume in volumes if "newPvc" in volume]
    for claim in claims:
        claim |= {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
        claim["metadata"]["namespace"] = form["namespace"]
    return claims


def _chosen_gpus(number: str | int, vendor: str) -> Object:
    """The vendor is not sent where no number is chosen: form-gpus.component.ts."""
    return {"num": "none"} if number == "none" else {"num": str(number), "vendor": vendor}


def _amounts(resource: str, part: Object, unit: str, chosen: Form) -> Object:
    """A request and its limit, which follows it: utils.ts, lines 74-119."""
    if part.get("readOnly"):
        return {}
    request = _number(chosen.get(resource, part["value"]), unit)
    amounts = {resource: f"{request:g}{unit}"}
    if part["limitFactor"] != "none":
        amounts[f"{resource}Limit"] = f"{request * float(part['limitFactor']):.1f}{unit}"
    return amounts


def _named(volume: Object | None, notebook: str) -> Object | None:
    """The volume with the notebook's name in it: volume/new/name/name.component.ts."""
    name = (volume or {}).get("newPvc", {}).get("metadata", {}).get("name")
    if volume and name:
        metadata = volume["newPvc"]["metadata"]
        metadata["name"] = name.replace("{notebook-name}", notebook)
    return volume


def _template(name: str, namespace: str) -> Object:
    """common/yaml/notebook_template.yaml."""
    container = {
        "name": name,
        "image": "",
        "volumeMounts": [],
        "env": [],
        "resources": {"requests": {"cpu": "0.1", "memory": "0.1Gi"}},
    }
    annotations = {f"{_ANNOTATION}/server-type": "", f"{_ANNOTATION}/creator": "user"}
    spec = {
        "serviceAccountName": "default-editor",
        "containers": [container],
        "volumes": [],
        "tolerations": [],
    }
    return {
        "apiVersion": "kubeflow.org/v1beta1",
        "kind": "Notebook",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"app": name},
            "annotations": annotations,
        },
        "spec": {"template": {"spec": spec}},
    }


def _value(form: Form, defaults: Object, field: str, *, optional: bool = False) -> Any:
    """get_form_value: common/form.py, lines 15-59."""
    part = defaults.get(_FIELDS.get(field, field))
    if part is None:
        return form.get(field)
    if part.get("readOnly"):
        if field in form:
            raise RefusedError(f"'{field}' is readonly but a value was provided")
        return copy.deepcopy(part["value"])
    if form.get(field) is None and not optional:
        raise RefusedError(f"No value provided for: {field}")
    return copy.deepcopy(form.get(field))


def _pod(notebook: Object) -> Object:
    return notebook["spec"]["template"]["spec"]


def _container(notebook: Object) -> Object:
    return _pod(notebook)["containers"][0]


def _limit(notebook: Object, resource: str, amount: str) -> None:
    _container(notebook)["resources"].setdefault("limits", {})[resource] = amount


def _image(notebook: Object, form: Form, defaults: Object) -> None:
    """Lines 74-85; an image that the user has entered is looked up under `image` too."""
    entered = "customImage" if form.get("customImage") else "image"
    value = _value({"image": form.get(entered)}, defaults, "image")
    _container(notebook)["image"] = value.strip()


def _pull_policy(notebook: Object, form: Form, defaults: Object) -> None:
    """Lines 88-93."""
    _container(notebook)["imagePullPolicy"] = _value(form, defaults, "imagePullPolicy")


def _server_type(notebook: Object, form: Form, defaults: Object) -> None:
    """Lines 96-113."""
    kind = _value(form, defaults, "serverType")
    if kind not in SERVER_TYPES:
        raise RefusedError(f"'{kind}' is not a valid server type")
    annotations = notebook["metadata"]["annotations"]
    annotations[f"{_ANNOTATION}/server-type"] = kind
    if kind != "jupyter":
        annotations[f"{_ANNOTATION}/http-rewrite-uri"] = "/"
    if kind == "group-two":
        root = f'{{"X-RStudio-Root-Path":"/notebook/{form["namespace"]}/{form["name"]}/"}}'
        annotations[f"{_ANNOTATION}/http-headers-request-set"] = root


def _amount(resource: str, unit: str) -> Callable[[Object, Form, Object], None]:
    """CPU and memory, lines 116-142 and 145-175, which do the same but for the unit."""

    def part(notebook: Object, form: Form, defaults: Object) -> None:
        request = _value(form, defaults, resource)
        limit = _value(form, defaults, f"{resource}Limit")
        factor = defaults[resource].get("limitFactor")
        if not limit and factor != "none":
            limit = f"{round(_number(request, unit) * float(factor), 1)}{unit}"
        _container(notebook)["resources"]["requests"][resource] = request
        if not limit:
            return
        if _number(limit, unit) < _number(request, unit):
            raise RefusedError(f"{resource} limit must be greater than the request")
        _limit(notebook, resource, limit)

    return part


def _number(amount: str, unit: str) -> float:
    return float(amount.removesuffix(unit))


def _gpus(notebook: Object, form: Form, defaults: Object) -> None:
    """Lines 226-250."""
    gpus = _value(form, defaults, "gpus")
    if "num" not in gpus:
        raise RefusedError("'gpus' must have a 'num' field")
    if gpus["num"] == "none":
        return
    if "vendor" not in gpus:
        raise RefusedError("'gpus' must have a 'vendor' field")
    _limit(notebook, gpus["vendor"], str(gpus["num"]))


def _entry(form: Form, defaults: Object, field: str, key: str, what: str) -> Any:
    """What the chosen entry of a list holds, or None; a key that is not there chooses nothing."""
    chosen = _value(form, defaults, field)
    if chosen == "none":
        return None
    entries = [entry for entry in defaults[field]["options"] if entry[key] == chosen]
    return copy.deepcopy(entries[0][what]) if entries else None


def _tolerations(notebook: Object, form: Form, defaults: Object) -> None:
    """Lines 178-199."""
    found = _entry(form, defaults, "tolerationGroup", "groupKey", "tolerations")
    _pod(notebook)["tolerations"].extend(found or [])


def _affinity(notebook: Object, form: Form, defaults: Object) -> None:
    """Lines 202-223."""
    found = _entry(form, defaults, "affinityConfig", "configKey", "affinity")
    if found is not None:
        _pod(notebook)["affinity"] = found


def _configurations(notebook: Object, form: Form, defaults: Object) -> None:
    """Lines 253-261: the labels by which PodDefaults select; the webhook sees them on the pod."""
    labels = _value(form, defaults, "configurations")
    if not isinstance(labels, list):
        raise RefusedError("Labels for PodDefaults are not list")
    notebook["metadata"]["labels"] |= dict.fromkeys(labels, "true")


def _shared_memory(notebook: Object, form: Form, defaults: Object) -> None:
    """Lines 264-276."""
    if _value(form, defaults, "shm"):
        _pod(notebook)["volumes"].append({"name": "dshm", "emptyDir": {"medium": "Memory"}})
        mount = {"mountPath": "/dev/shm", "name": "dshm"}
        _container(notebook)["volumeMounts"].append(mount)


_PARTS = (
    _image,
    _pull_policy,
    _server_type,
    _amount("cpu", ""),
    _amount("memory", "Gi"),
    _gpus,
    _tolerations,
    _affinity,
    _configurations,
    _shared_memory,
)
"""In the order of post.py, lines 33-42."""


def _volumes(form: Form, defaults: Object) -> list[Object]:
    """post.py, lines 45-51: data first, then the workspace, if there is one."""
    data: list[Object] = _value(form, defaults, "datavols")
    workspace = _value(form, defaults, "workspace", optional=True)
    return [*data, *([workspace] if workspace else [])]


def _mount(notebook: Object, volume: Object) -> None:
    """common/volumes.py, lines 33-105; a source without a name gets one that is made up there."""
    if ("newPvc" in volume) == ("existingSource" in volume) or "mount" not in volume:
        raise RefusedError("Volume needs a mount, and one of existingSource and newPvc")
    if "newPvc" in volume:
        name = volume["newPvc"]["metadata"]["name"]
        source = {"persistentVolumeClaim": {"claimName": name}}
    else:
        source = volume["existingSource"]
        claim = source.get("persistentVolumeClaim", {})
        name = claim.get("claimName", "existing-source-volume")
    _pod(notebook)["volumes"].append({"name": name, **source})
    _container(notebook)["volumeMounts"].append({"name": name, "mountPath": volume["mount"]})
