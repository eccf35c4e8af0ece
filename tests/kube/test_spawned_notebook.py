# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The model of the spawner, with the configuration that the charm writes for overlays/gpu.yaml."""

from __future__ import annotations

import functools
import pathlib
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm

from . import spawned_notebook as spawner

ROOT = pathlib.Path(__file__).parents[2]
CHARM = Charm.at(ROOT / "charms/jupyter-ui")


@functools.cache
def _written(overlay: bool, options: tuple[tuple[str, Any], ...]) -> str:
    bundle = yaml.safe_load((ROOT / "overlays/gpu.yaml").read_text())
    gpu: dict[str, Any] = bundle["applications"]["jupyter-ui"]["options"] if overlay else {}
    result = CHARM.run(CHARM.state(config={**gpu, **dict(options)}), "config_changed")
    assert result.status == ("active", "")
    return result.files("jupyter-ui")["/etc/config/spawner_ui_config.yaml"]


def config(*, overlay: bool = True, **options: Any) -> dict[str, Any]:
    """The spawner's configuration for some options."""
    named = {name.replace("_", "-"): value for name, value in options.items()}
    return yaml.safe_load(_written(overlay, tuple(named.items())))


def notebook(written: dict[str, Any], **chosen: Any) -> dict[str, Any]:
    return spawner.notebook_of(written, spawner.form_of(written, "one", "ann", **chosen))


def pod(made: dict[str, Any]) -> dict[str, Any]:
    return made["spec"]["template"]["spec"]


def container(made: dict[str, Any]) -> dict[str, Any]:
    return pod(made)["containers"][0]


def test_nothing_chosen():
    """What the server of the published charm made of its default form."""
    claim = {"persistentVolumeClaim": {"claimName": "one-workspace"}}
    expected = {
        "serviceAccountName": "default-editor",
        "containers": [
            {
                "name": "one",
                "image": "charmedkubeflow/jupyter-scipy:1.10.0-0be57a5",
                "imagePullPolicy": "IfNotPresent",
                "env": [],
                "resources": {
                    "requests": {"cpu": "0.5", "memory": "1Gi"},
                    "limits": {"cpu": "0.6", "memory": "1.2Gi"},
                },
                "volumeMounts": [
                    {"mountPath": "/dev/shm", "name": "dshm"},
                    {"name": "one-workspace", "mountPath": "/home/jovyan"},
                ],
            }
        ],
        "volumes": [
            {"name": "dshm", "emptyDir": {"medium": "Memory"}},
            {"name": "one-workspace", **claim},
        ],
        "tolerations": [],
    }
    made = notebook(config(overlay=False))
    assert pod(made) == expected
    assert made["metadata"]["labels"] == {"app": "one", "access-ml-pipeline": "true"}


@pytest.mark.parametrize(
    "resource",
    [
        "nvidia.com/gpu",
        "nvidia.com/mig-1g.5gb",
        "nvidia.com/gpu.shared",
        "amd.com/gpu",
        "habana.ai/gaudi",
    ],
)
def test_gpus(resource: str):
    offered = config()["spawnerFormDefaults"]["gpus"]["value"]["vendors"]
    assert resource in [vendor["limitsKey"] for vendor in offered]
    made = notebook(config(), gpus={"num": "2", "vendor": resource})
    assert container(made)["resources"]["limits"][resource] == "2"


def test_gpus_by_default():
    made = notebook(config(gpu_number_default=1, gpu_vendors_default="amd.com/gpu"))
    assert container(made)["resources"]["limits"]["amd.com/gpu"] == "1"


@pytest.mark.parametrize("group", ["nvidia", "amd", "gaudi"])
def test_tolerations(group: str):
    (toleration,) = pod(notebook(config(), tolerationGroup=group))["tolerations"]
    assert toleration["operator"] == "Exists"
    assert pod(notebook(config(tolerations_options_default=group)))["tolerations"] == [toleration]


@pytest.mark.parametrize("group", ["none", "another", ""])
def test_tolerations_that_are_not_offered(group: str):
    assert pod(notebook(config(), tolerationGroup=group))["tolerations"] == []


@pytest.mark.parametrize(("key", "label"), [("a100", "product"), ("large-memory", "memory")])
def test_affinity(key: str, label: str):
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    affinity = pod(notebook(config(), affinityConfig=key))["affinity"]
    (term,) = affinity["nodeAffinity"][required]["nodeSelectorTerms"]
    assert term["matchExpressions"][0]["key"] == f"nvidia.com/gpu.{label}"
    assert "affinity" not in pod(notebook(config(), affinityConfig="none"))


def test_pod_defaults_are_labels():
    labels = notebook(config(), configurations=["gpu", "proxy"])["metadata"]["labels"]
    assert labels == {"app": "one", "gpu": "true", "proxy": "true"}


def test_limits():
    none = notebook(config(cpu_limit_factor="none", memory_limit_factor="none"))
    assert "limits" not in container(none)["resources"]
    follow = notebook(config(), cpu="2", memory="4Gi")
    assert container(follow)["resources"]["limits"] == {"cpu": "2.4", "memory": "4.8Gi"}
    more = notebook(config(), cpu="2", cpuLimit="3", memory="4Gi", memoryLimit="")
    assert container(more)["resources"]["limits"] == {"cpu": "3", "memory": "4.8Gi"}
    with pytest.raises(spawner.RefusedError, match="cpu limit"):
        notebook(config(), cpu="2", cpuLimit="1")


def test_what_is_locked_comes_from_the_configuration():
    written = config(
        read_only="[gpus, cpu]", gpu_number_default=1, gpu_vendors_default="amd.com/gpu"
    )
    form = spawner.form_of(written, "one", "ann")
    assert not {"gpus", "cpu", "cpuLimit"} & set(form)
    resources = container(spawner.notebook_of(written, form))["resources"]
    assert resources["limits"]["amd.com/gpu"] == "1"
    assert resources["requests"]["cpu"] == "0.5"
    with pytest.raises(spawner.RefusedError, match="readonly"):
        notebook(written, gpus={"num": "2", "vendor": "amd.com/gpu"})


@pytest.mark.parametrize("kind", ["group-one", "group-two"])
def test_other_kinds_of_servers(kind: str):
    annotations = notebook(config(), serverType=kind)["metadata"]["annotations"]
    assert annotations["notebooks.kubeflow.org/http-rewrite-uri"] == "/"
    rstudio = "notebooks.kubeflow.org/http-headers-request-set" in annotations
    assert rstudio == (kind == "group-two")


def test_volumes():
    volumes = (
        "[{mount: /data, existingSource: {persistentVolumeClaim: {claimName: data}}},"
        " {mount: /scratch, existingSource: {emptyDir: {}}}]"
    )
    written = config(data_volumes=volumes, workspace_volume="", shared_memory=False)
    form = spawner.form_of(written, "one", "ann")
    made = spawner.notebook_of(written, form)
    assert [volume["name"] for volume in pod(made)["volumes"]] == [
        "data",
        "existing-source-volume",
    ]
    assert [mount["mountPath"] for mount in container(made)["volumeMounts"]] == [
        "/data",
        "/scratch",
    ]
    assert spawner.claims_of(written, form) == []


def test_claims():
    written = config()
    (claim,) = spawner.claims_of(written, spawner.form_of(written, "one", "ann"))
    assert claim["metadata"] == {"name": "one-workspace", "namespace": "ann"}
    assert claim["spec"]["resources"]["requests"] == {"storage": "5Gi"}


@pytest.mark.parametrize(
    "chosen",
    [
        {"image": None},
        {"serverType": "other"},
        {"gpus": {}},
        {"gpus": {"num": "1"}},
        {"configurations": "gpu"},
        {"datavols": [{"mount": "/a"}]},
    ],
)
def test_refused(chosen: dict[str, Any]):
    with pytest.raises(spawner.RefusedError):
        notebook(config(), **chosen)
