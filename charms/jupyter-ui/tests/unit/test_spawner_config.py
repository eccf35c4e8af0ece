# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The configuration of the spawner page: field for field what the published template gives.

The expected values are facts: what that template gave for these options, read as YAML.
"""

from __future__ import annotations

import copy
import json
import pathlib
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
PATH = "/etc/config/spawner_ui_config.yaml"

DEFAULT = yaml.safe_load("""
allowCustomImage: true
hideRegistry: true
hideTag: false
imagePullPolicy: {readOnly: false, value: IfNotPresent}
image:
  value: charmedkubeflow/jupyter-scipy:1.10.0-0be57a5
  options:
    - charmedkubeflow/jupyter-scipy:1.10.0-0be57a5
    - docker.io/charmedkubeflow/jupyter-pytorch-full:v1.10.0-d7721a2
    - ghcr.io/kubeflow/kubeflow/notebook-servers/jupyter-pytorch-cuda-full:v1.10.0
    - ghcr.io/kubeflow/kubeflow/notebook-servers/jupyter-pytorch-gaudi-full:v1.10.0
    - charmedkubeflow/jupyter-tensorflow-full:1.10.0-448e378
    - ghcr.io/kubeflow/kubeflow/notebook-servers/jupyter-tensorflow-cuda-full:v1.10.0
imageGroupOne:
  value: charmedkubeflow/codeserver-python:1.10.0-55dcdeb
  options: [charmedkubeflow/codeserver-python:1.10.0-55dcdeb]
imageGroupTwo:
  value: charmedkubeflow/rstudio-tidyverse:v1.10.0-9a7bded
  options: [charmedkubeflow/rstudio-tidyverse:v1.10.0-9a7bded]
cpu: {readOnly: false, value: "0.5", limitFactor: "1.2"}
memory: {readOnly: false, value: 1.0Gi, limitFactor: "1.2"}
gpus:
  readOnly: false
  value:
    vendor: ""
    vendors:
      - {limitsKey: nvidia.com/gpu, uiName: NVIDIA}
      - {limitsKey: amd.com/gpu, uiName: AMD}
      - {limitsKey: habana.ai/gaudi, uiName: Intel Gaudi}
    num: none
workspaceVolume:
  readOnly: false
  value:
    mount: /home/jovyan
    newPvc:
      metadata: {name: "{notebook-name}-workspace"}
      spec: {resources: {requests: {storage: 5Gi}}, accessModes: [ReadWriteOnce]}
dataVolumes: {readOnly: false, value: []}
affinityConfig: {readOnly: false, value: "", options: []}
tolerationGroup: {readOnly: false, value: "", options: []}
shm: {readOnly: false, value: true}
configurations: {readOnly: false, value: [access-ml-pipeline]}
environment: {readOnly: false, value: {}}
""")

VENDORS = [
    {"limitsKey": "nvidia.com/mig-1g.5gb", "uiName": "A slice"},
    {"limitsKey": "nvidia.com/gpu.shared", "uiName": "A share"},
]
AFFINITIES = [
    {
        "configKey": "alone",
        "displayName": "A node of its own",
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [
                        {
                            "matchExpressions": [
                                {"key": "lifecycle", "operator": "In", "values": ["notebooks"]}
                            ]
                        }
                    ]
                }
            },
            "podAntiAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "labelSelector": {
                            "matchExpressions": [{"key": "notebook-name", "operator": "Exists"}]
                        },
                        "topologyKey": "kubernetes.io/hostname",
                        "namespaceSelector": {},
                    }
                ]
            },
        },
    }
]
TOLERATIONS = [
    {
        "groupKey": "gpu",
        "displayName": "GPU nodes",
        "tolerations": [
            {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
            {"key": "dedicated", "operator": "Equal", "value": "ml", "effect": "NoSchedule"},
        ],
    }
]
VOLUMES = [
    {
        "mount": "/data",
        "existingSource": {"persistentVolumeClaim": {"claimName": "data", "readOnly": True}},
    },
    {
        "mount": "/scratch",
        "newPvc": {
            "metadata": {"name": "{notebook-name}-scratch"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "10Gi"}},
                "storageClassName": "fast",
            },
        },
    },
]


def offered(**config: Any) -> dict[str, Any]:
    """What the page's server reads."""
    options = {name.replace("_", "-"): value for name, value in config.items()}
    result = CHARM.run(CHARM.state(config=options), "config_changed")
    assert result.status == ("active", "")
    content = yaml.safe_load(result.files("jupyter-ui")[PATH])
    assert list(content) == ["spawnerFormDefaults"]
    return content["spawnerFormDefaults"]


def default_with(changes: dict[str, Any]) -> dict[str, Any]:
    """The default with some fields changed, each named by its path."""
    expected = copy.deepcopy(DEFAULT)
    for path, value in changes.items():
        *parents, last = path.split(".")
        part = expected
        for name in parents:
            part = part[name]
        part[last] = value
    return expected


def test_default():
    assert offered() == DEFAULT


# For each option of the published charm: its value, and the fields that it changes.
PUBLISHED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"port": 5001}, {}),
    ({"url_prefix": "/notebooks"}, {}),
    ({"backend_mode": "development"}, {}),
    ({"secure_cookies": True}, {}),
    ({"jupyter_images": "[a:1, b:2]"}, {"image": {"value": "a:1", "options": ["a:1", "b:2"]}}),
    ({"jupyter_images": "[]"}, {"image": {"value": "", "options": []}}),
    ({"jupyter_images": "# none said"}, {}),
    ({"vscode_images": "- a"}, {"imageGroupOne": {"value": "a", "options": ["a"]}}),
    ({"vscode_images": "[]"}, {"imageGroupOne": {"value": "", "options": []}}),
    ({"rstudio_images": '["a", "b"]'}, {"imageGroupTwo": {"value": "a", "options": ["a", "b"]}}),
    ({"rstudio_images": "[]"}, {"imageGroupTwo": {"value": "", "options": []}}),
    ({"gpu_number_default": 1}, {"gpus.value.num": 1}),
    ({"gpu_number_default": 8}, {"gpus.value.num": 8}),
    ({"gpu_vendors": json.dumps(VENDORS)}, {"gpus.value.vendors": VENDORS}),
    ({"gpu_vendors": "[]"}, {"gpus.value.vendors": []}),
    ({"gpu_vendors": ""}, {"gpus.value.vendors": []}),
    ({"gpu_vendors_default": "habana.ai/gaudi"}, {"gpus.value.vendor": "habana.ai/gaudi"}),
    ({"affinity_options": json.dumps(AFFINITIES)}, {"affinityConfig.options": AFFINITIES}),
    (
        {"affinity_options": json.dumps(AFFINITIES), "affinity_options_default": "alone"},
        {"affinityConfig.options": AFFINITIES, "affinityConfig.value": "alone"},
    ),
    ({"tolerations_options": json.dumps(TOLERATIONS)}, {"tolerationGroup.options": TOLERATIONS}),
    (
        {"tolerations_options": json.dumps(TOLERATIONS), "tolerations_options_default": "gpu"},
        {"tolerationGroup.options": TOLERATIONS, "tolerationGroup.value": "gpu"},
    ),
    ({"default_poddefaults": "[]"}, {"configurations.value": []}),
    ({"default_poddefaults": ""}, {"configurations.value": []}),
    ({"default_poddefaults": "[a, b.c/d]"}, {"configurations.value": ["a", "b.c/d"]}),
]

# The same for the options that the published charm does not have: its template says these fields.
NEW: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"allow_custom_image": False}, {"allowCustomImage": False}),
    ({"hide_registry": False}, {"hideRegistry": False}),
    ({"hide_tag": True}, {"hideTag": True}),
    ({"image_pull_policy": "Always"}, {"imagePullPolicy.value": "Always"}),
    ({"cpu_default": "2"}, {"cpu.value": "2"}),
    ({"cpu_limit_factor": "none"}, {"cpu.limitFactor": "none"}),
    ({"memory_default": "4Gi"}, {"memory.value": "4Gi"}),
    ({"memory_limit_factor": "2.5"}, {"memory.limitFactor": "2.5"}),
    ({"workspace_volume": ""}, {"workspaceVolume.value": None}),
    ({"workspace_volume": json.dumps(VOLUMES[1])}, {"workspaceVolume.value": VOLUMES[1]}),
    ({"data_volumes": json.dumps(VOLUMES)}, {"dataVolumes.value": VOLUMES}),
    ({"shared_memory": False}, {"shm.value": False}),
    ({"environment": "{ONE: one}"}, {"environment.value": {"ONE": "one"}}),
    ({"read_only": "[gpus, shm]"}, {"gpus.readOnly": True, "shm.readOnly": True}),
]


@pytest.mark.parametrize(("options", "changes"), [*PUBLISHED, *NEW])
def test_each_option(options: dict[str, Any], changes: dict[str, Any]):
    assert offered(**options) == default_with(changes)


def test_every_option_is_tried():
    tried = {name.replace("_", "-") for options, _ in [*PUBLISHED, *NEW] for name in options}
    assert tried == set(CHARM.directory.options) - {"ui", "network-policy"}


def test_every_part_of_the_form_can_be_changed():
    """There is an option for everything in the file."""
    changed = {path.split(".")[0] for _, changes in [*PUBLISHED, *NEW] for path in changes}
    assert changed == set(DEFAULT)
