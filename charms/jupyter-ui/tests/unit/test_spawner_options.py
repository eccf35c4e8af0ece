# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Options that hold lists: each entry is checked, and a bad one named by its index and field."""

from __future__ import annotations

import pathlib
from typing import Any

import charmkit
import pytest
from charmkit import config
from jujusim.testing import Charm

CHARM = Charm.at(pathlib.Path(__file__).parents[2])

GPU = "{limitsKey: nvidia.com/gpu, uiName: NVIDIA}"
AFFINITY = "{configKey: a, displayName: A, affinity: %s}"
GROUP = "{groupKey: a, displayName: A, tolerations: [%s]}"
CLAIM = (
    "{metadata: {name: a}, spec: {accessModes: [ReadWriteOnce],"
    " resources: {requests: {storage: 5Gi}}}}"
)
NODE = "{nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: %s}}"
WHERE = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"
PODS = "{podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [%s]}}"


def problem(**options: Any) -> str:
    """What the charm is Blocked by, or nothing."""
    schema = CHARM.parts.options
    assert schema
    try:
        config.load(schema, {**CHARM.directory.defaults, **options})
    except charmkit.Blocked as reason:
        return reason.message
    return ""


def refused(option: str, value: Any) -> str:
    """The reason that is given."""
    message = problem(**{option: value})
    assert message.startswith(f"option {option} accepts ")
    return message


def test_reason_is_the_status():
    config = {"gpu-vendors": f"[{GPU}, {{uiName: AMD}}]"}
    message = (
        "option gpu-vendors accepts a YAML list of GPUs, each with limitsKey and uiName"
        " (got: gpu-vendors[1].limitsKey: is missing)"
    )
    assert CHARM.run(CHARM.state(config=config)).status == ("blocked", message)


@pytest.mark.parametrize("option", ["jupyter-images", "vscode-images", "rstudio-images"])
@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("[a:1, A b]", "[1]: is A b, not a container image"),
        ("[{image: a}]", "[0]: is not text"),
        ("[a, ~]", "[1]: is empty"),
        ("[a, b, a]", "[2]: is a, as in entry 0"),
    ],
)
def test_bad_image(option: str, value: str, what: str):
    assert f"{option}{what}" in refused(option, value)


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("{uiName: A}", ".limitsKey: is missing"),
        ("{limitsKey: amd.com/gpu}", ".uiName: is missing"),
        ("{limitsKey: gpu, uiName: A}", ".limitsKey: is gpu, not the name of an extended"),
        ("{limitsKey: kubernetes.io/a, uiName: A}", ".limitsKey: is kubernetes.io/a, not"),
        ("{limitsKey: amd.com/g p u, uiName: A}", ".limitsKey: is amd.com/g p u, not"),
        ("{limitsKey: 1, uiName: A}", ".limitsKey: is not text"),
        ('{limitsKey: amd.com/gpu, uiName: ""}', ".uiName: is empty"),
        ("{limitsKey: amd.com/gpu, uiName: A, num: 1}", ".num: is not known"),
        ("{limitsKey: nvidia.com/gpu, uiName: A}", ".limitsKey: is nvidia.com/gpu, as in entry 0"),
        ("nvidia.com/gpu", ": is not a mapping"),
    ],
)
def test_bad_gpu_vendor(entry: str, what: str):
    assert f"gpu-vendors[1]{what}" in refused("gpu-vendors", f"[{GPU}, {entry}]")


@pytest.mark.parametrize(
    "name",
    [
        "nvidia.com/gpu",
        "nvidia.com/mig-1g.5gb",
        "nvidia.com/mig-3g.20gb",
        "nvidia.com/gpu.shared",
        "amd.com/gpu",
        "habana.ai/gaudi",
        "gpu.intel.com/i915",
    ],
)
def test_gpu_vendor(name: str):
    vendors = f"[{{limitsKey: {name}, uiName: A}}]"
    assert not problem(**{"gpu-vendors": vendors, "gpu-vendors-default": name})


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("{configKey: a, affinity: {}}", ".displayName: is missing"),
        ("{configKey: none, displayName: A, affinity: {}}", ".configKey: is none, which is"),
        (AFFINITY % "{nodes: []}", ".affinity.nodes: is not known, only nodeAffinity"),
        (AFFINITY % "[]", ".affinity: is not a mapping"),
        (AFFINITY % NODE % "[]", f".{WHERE}: is not a mapping"),
        (AFFINITY % NODE % "{nodeSelectorTerms: []}", f".{WHERE}.nodeSelectorTerms: is empty"),
        (
            AFFINITY % NODE % "{nodeSelectorTerms: [{matchExpressions: [{key: a}]}]}",
            f".{WHERE}.nodeSelectorTerms[0].matchExpressions[0].operator: is missing",
        ),
        (
            AFFINITY
            % NODE
            % "{nodeSelectorTerms: [{}, {matchExpressions: [{key: a, operator: Is}]}]}",
            f".{WHERE}.nodeSelectorTerms[1].matchExpressions[0].operator: is Is, not In or NotIn",
        ),
        (
            AFFINITY
            % NODE
            % "{nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In}]}]}",
            ".matchExpressions[0].values: is empty, In takes some",
        ),
        (
            AFFINITY
            % NODE
            % "{nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In, values: [1]}]}]}",
            ".matchExpressions[0].values[0]: is not text",
        ),
        (
            AFFINITY
            % NODE
            % "{nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Gt, values: []}]}]}",
            ".matchExpressions[0].values: has 0 entries, Gt takes one",
        ),
        (AFFINITY % PODS % "{labelSelector: {}}", "[0].topologyKey: is missing"),
        (
            AFFINITY % PODS % "{topologyKey: a, labelSelector: {matchLabels: {a: 1}}}",
            "[0].labelSelector.matchLabels.a: is not text",
        ),
        (
            AFFINITY
            % "{podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{}]}}",
            "preferredDuringSchedulingIgnoredDuringExecution[0].weight: is missing",
        ),
        (
            AFFINITY % "{nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution:"
            " [{weight: 101, preference: {}}]}}",
            "[0].weight: is not a number from 1 to 100",
        ),
    ],
)
def test_bad_affinity(entry: str, what: str):
    good = "{configKey: good, displayName: Good, affinity: {}}"
    message = refused("affinity-options", f"[{good}, {entry}]")
    assert "affinity-options[1]." in message
    assert what in message


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("{groupKey: a, tolerations: []}", ".displayName: is missing"),
        ("{groupKey: none, displayName: A, tolerations: []}", ".groupKey: is none"),
        ("{groupKey: a, displayName: A, tolerations: {}}", ".tolerations: is not a list"),
        (GROUP % "{key: a, effect: Never}", ".tolerations[0].effect: is Never, not NoSchedule"),
        (GROUP % "{key: a, operator: In}", ".tolerations[0].operator: is In, not Exists or Equal"),
        (GROUP % "{operator: Exists}, {}", ".tolerations[1].operator: is not Exists, though"),
        (GROUP % "{key: a, operator: Exists, value: b}", ".tolerations[0].value: is not empty"),
        (GROUP % "{key: a, value: 1}", ".tolerations[0].value: is not text"),
        (GROUP % "{key: a b}", ".tolerations[0].key: is a b, not the key of a label"),
        (GROUP % "{keys: a}", ".tolerations[0].keys: is not known"),
        (
            GROUP % "{key: a, tolerationSeconds: 5}",
            ".tolerations[0].effect: is not NoExecute, though",
        ),
        (
            GROUP % "{key: a, effect: NoExecute, tolerationSeconds: soon}",
            ".tolerations[0].tolerationSeconds: is not a number",
        ),
    ],
)
def test_bad_tolerations(entry: str, what: str):
    good = "{groupKey: good, displayName: Good, tolerations: [{key: a, operator: Exists}]}"
    message = refused("tolerations-options", f"[{good}, {entry}]")
    assert f"tolerations-options[1]{what}" in message


def test_two_groups_of_one_key():
    message = refused("tolerations-options", f"[{GROUP % ''}, {GROUP % ''}]")
    assert "tolerations-options[1].groupKey: is a, as in entry 0" in message


@pytest.mark.parametrize(
    ("option", "key"),
    [
        ("gpu-vendors", "limitsKey"),
        ("affinity-options", "configKey"),
        ("tolerations-options", "groupKey"),
    ],
)
def test_default_that_names_no_entry(option: str, key: str):
    message = problem(**{f"{option}-default": "other"})
    assert message.startswith(f"option {option}-default accepts nothing, or a {key} of {option} (")


def test_default_that_no_longer_names_an_entry():
    """The message says what there is."""
    message = problem(**{"gpu-vendors": f"[{GPU}]", "gpu-vendors-default": "amd.com/gpu"})
    assert message.endswith("a limitsKey of gpu-vendors (nvidia.com/gpu)")


def test_gpus_of_no_vendor_that_nobody_can_choose():
    locked = {"read-only": "[gpus]", "gpu-number-default": 1}
    message = problem(**locked)
    assert message.startswith("option gpu-vendors-default accepts a limitsKey of gpu-vendors")
    assert not problem(**locked, **{"gpu-vendors-default": "amd.com/gpu"})
    assert not problem(**{"read-only": "[gpus]"})
    assert not problem(**{"gpu-number-default": 1})


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("{mount: /a}", ": needs one of newPvc and existingSource"),
        (f"{{newPvc: {CLAIM}}}", ".mount: is missing"),
        (f"{{mount: a, newPvc: {CLAIM}}}", ".mount: is a, not the path of a directory"),
        (f"{{mount: /a, newPvc: {CLAIM}, existingSource: {{}}}}", ".existingSource: needs one"),
        (
            "{mount: /a, existingSource: {emptyDir: 1}}",
            ".existingSource.emptyDir: is not a mapping",
        ),
        (
            "{mount: /a, existingSource: {persistentVolumeClaim: {name: a}}}",
            ".existingSource.persistentVolumeClaim.claimName: is missing",
        ),
        ("{mount: /a, newPvc: {metadata: {name: a}}}", ".newPvc.spec: is missing"),
        (
            f"{{mount: /a, newPvc: {CLAIM.replace('{name: a}', '{}')}}}",
            ".newPvc.metadata: needs one of name and generateName",
        ),
        (
            f"{{mount: /a, newPvc: {CLAIM.replace('name: a', 'name: A')}}}",
            ".newPvc.metadata.name: is A, not the name of a claim",
        ),
        (
            f"{{mount: /a, newPvc: {CLAIM.replace('name: a', 'namespace: a')}}}",
            ".newPvc.metadata.namespace: is not known",
        ),
        (
            f"{{mount: /a, newPvc: {CLAIM.replace('5Gi', 'much')}}}",
            ".newPvc.spec.resources.requests.storage: is much, not a size like 5Gi",
        ),
        (
            f"{{mount: /a, newPvc: {CLAIM.replace('ReadWriteOnce', 'Write')}}}",
            ".newPvc.spec.accessModes[0]: is Write, not ReadWriteOnce",
        ),
    ],
)
def test_bad_volume(entry: str, what: str):
    good = "{mount: /good, existingSource: {emptyDir: {medium: Memory}}}"
    assert f"data-volumes[1]{what}" in refused("data-volumes", f"[{good}, {entry}]")
    assert f"workspace-volume{what}" in refused("workspace-volume", entry)


@pytest.mark.parametrize(
    ("option", "value", "what"),
    [
        ("default-poddefaults", "[a, b c]", "default-poddefaults[1]: is b c, not the key of a"),
        ("default-poddefaults", "{a: b}", "not a list"),
        ("read-only", "[cpu, image]", "read-only[1]: is image, not imagePullPolicy or cpu"),
        ("read-only", "[workspaceVolume]", "read-only[0]: is workspaceVolume, not"),
        ("environment", "{1A: x}", "environment: 1A: is not the name of a variable"),
        ("environment", "{ONE: 1}", "environment.ONE: is not text"),
        ("environment", "[ONE]", "not a mapping"),
        ("gpu-number-default", 3, "0 or 1 or 2 or 4 or 8 GPUs (got: 3)"),
        ("gpu-number-default", -1, "(got: -1)"),
        ("cpu-default", "0", "(got: 0)"),
        ("cpu-default", "500m", "(got: 500m)"),
        ("cpu-default", "nan", "(got: nan)"),
        ("memory-default", "512Mi", "(got: 512Mi)"),
        ("memory-default", "Gi", "a number of Gi"),
        ("cpu-limit-factor", "0.5", "(got: 0.5)"),
        ("memory-limit-factor", "None", "(got: None)"),
        ("image-pull-policy", "Sometimes", "(got: Sometimes)"),
        ("gpu-vendors", "[", "not YAML, line 1"),
    ],
)
def test_other_bad_values(option: str, value: Any, what: str):
    assert what in refused(option, value)
