# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The schemas of Experiment, Suggestion and Trial: the types that Katib's programs decode.

Upstream's definitions accept anything, and one object with a field of another type, whoever made
it, keeps the controller from listing all of its kind. So what the program could not decode is
refused, and all else is admitted as upstream admits it: fields that it does not know, and null for
any field.

Source: pkg/apis/controller of github.com/kubeflow/katib, v0.19.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]


def _of(kind: str, **more: Any) -> Schema:
    return {"type": kind, "nullable": True, **more}


def _record(**fields: Schema) -> Schema:
    return _of("object", properties=fields, **{"x-kubernetes-preserve-unknown-fields": True})


def _many(item: Schema) -> Schema:
    return _of("array", items=item)


def _object_of(spec: Schema, status: Schema) -> Schema:
    return {
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": True,
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": spec,
            "status": status,
        },
    }


TEXT = _of("string")
FLAG = _of("boolean")
INTEGER = _of("integer", format="int64")
# The API server does not hold a number to its format.
COUNT = _of("integer", format="int32", minimum=-(2**31), maximum=2**31 - 1)
NUMBER = _of("number", format="double")
TIME = _of("string", format="date-time")
TEXTS = _many(TEXT)
LABELS = _of("object", additionalProperties=TEXT)

# Kept as it is and parsed later; without a kind it could not be decoded.
_MANIFEST = _of(
    "object",
    required=["kind"],
    properties={"apiVersion": {"type": "string"}, "kind": {"type": "string", "minLength": 1}},
    **{"x-kubernetes-preserve-unknown-fields": True},
)

_PAIRS = _many(_record(name=TEXT, value=TEXT))
_CONDITIONS = _many(
    _record(
        type=TEXT,
        status=TEXT,
        reason=TEXT,
        message=TEXT,
        lastUpdateTime=TIME,
        lastTransitionTime=TIME,
    )
)
_TIMES = {"startTime": TIME, "completionTime": TIME, "lastReconcileTime": TIME}
_OBJECTIVE = _record(
    type=TEXT,
    goal=NUMBER,
    objectiveMetricName=TEXT,
    additionalMetricNames=TEXTS,
    metricStrategies=_PAIRS,
)
_ALGORITHM = _record(algorithmName=TEXT, algorithmSettings=_PAIRS)
_PARAMETERS = _many(
    _record(
        name=TEXT,
        parameterType=TEXT,
        feasibleSpace=_record(max=TEXT, min=TEXT, list=TEXTS, step=TEXT, distribution=TEXT),
    )
)
_OBSERVATION = _record(metrics=_many(_record(name=TEXT, min=TEXT, max=TEXT, latest=TEXT)))
_STOPPING_RULES = _many(_record(name=TEXT, value=TEXT, comparison=TEXT, startStep=INTEGER))
_NAS = _record(
    graphConfig=_record(numLayers=COUNT, inputSizes=_many(COUNT), outputSizes=_many(COUNT)),
    operations=_many(_record(operationType=TEXT, parameters=_PARAMETERS)),
)
_TRIAL_TEMPLATE = _record(
    retain=FLAG,
    trialSpec=_MANIFEST,
    configMap=_record(configMapName=TEXT, configMapNamespace=TEXT, templatePath=TEXT),
    trialParameters=_many(_record(name=TEXT, description=TEXT, reference=TEXT)),
    primaryPodLabels=LABELS,
    primaryContainerName=TEXT,
    successCondition=TEXT,
    failureCondition=TEXT,
)
_EXPERIMENT_STATUS = _record(
    **_TIMES,
    conditions=_CONDITIONS,
    currentOptimalTrial=_record(
        bestTrialName=TEXT, parameterAssignments=_PAIRS, observation=_OBSERVATION
    ),
    runningTrialList=TEXTS,
    pendingTrialList=TEXTS,
    failedTrialList=TEXTS,
    succeededTrialList=TEXTS,
    killedTrialList=TEXTS,
    earlyStoppedTrialList=TEXTS,
    metricsUnavailableTrialList=TEXTS,
    trials=COUNT,
    trialsSucceeded=COUNT,
    trialsFailed=COUNT,
    trialsKilled=COUNT,
    trialsPending=COUNT,
    trialsRunning=COUNT,
    trialsEarlyStopped=COUNT,
    trialMetricsUnavailable=COUNT,
)
_SUGGESTION = _object_of(
    _record(algorithm=_ALGORITHM, earlyStopping=_ALGORITHM, requests=COUNT, resumePolicy=TEXT),
    _record(
        algorithmSettings=_PAIRS,
        suggestionCount=COUNT,
        suggestions=_many(
            _record(
                parameterAssignments=_PAIRS,
                name=TEXT,
                earlyStoppingRules=_STOPPING_RULES,
                labels=LABELS,
            )
        ),
        **_TIMES,
        conditions=_CONDITIONS,
    ),
)


def schemas(kubernetes: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the schema of each kind, by its name in the plural.

    Args:
        kubernetes: Kubernetes' own schemas, by the names of its types.
    """
    collector = _record(
        source=_record(
            httpGet={**kubernetes["HTTPGetAction"], "nullable": True},
            fileSystemPath=_record(path=TEXT, kind=TEXT, format=TEXT),
            filter=_record(metricsFormat=TEXTS),
        ),
        collector=_record(
            kind=TEXT, customCollector={**kubernetes["Container"], "nullable": True}
        ),
    )
    return {
        "experiments": _object_of(_experiment_spec(collector), _EXPERIMENT_STATUS),
        "suggestions": _SUGGESTION,
        "trials": _object_of(
            _trial_spec(collector),
            _record(**_TIMES, conditions=_CONDITIONS, observation=_OBSERVATION),
        ),
    }


def _experiment_spec(collector: Schema) -> Schema:
    return _record(
        parameters=_PARAMETERS,
        objective=_OBJECTIVE,
        algorithm=_ALGORITHM,
        earlyStopping=_ALGORITHM,
        trialTemplate=_TRIAL_TEMPLATE,
        parallelTrialCount=COUNT,
        maxTrialCount=COUNT,
        maxFailedTrialCount=COUNT,
        metricsCollectorSpec=collector,
        nasConfig=_NAS,
        resumePolicy=TEXT,
    )


def _trial_spec(collector: Schema) -> Schema:
    return _record(
        objective=_OBJECTIVE,
        parameterAssignments=_PAIRS,
        earlyStoppingRules=_STOPPING_RULES,
        runSpec=_MANIFEST,
        retainRun=FLAG,
        metricsCollector=collector,
        primaryPodLabels=LABELS,
        primaryContainerName=TEXT,
        successCondition=TEXT,
        failureCondition=TEXT,
        labels=LABELS,
    )
