# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Dashboards of the controllers that follow custom resources."""

from __future__ import annotations

from ..panels import AT_LEAST_ONE, Board, Panel, from_on, graph, number, up_to
from . import parts

_ELECTED = number(
    "Elected",
    "How many units are elected as the controller; it must be one.",
    "short",
    "sum(leader_election_master_status{T})",
    AT_LEAST_ONE,
)


def _status(about: str, *more: Panel) -> tuple[Panel, ...]:
    """Return what all of controller-runtime's controllers show first.

    Args:
        about: What it means that one answers.
        more: Panels before the share of reconciliations that did not fail.
    """
    return (
        *parts.answering(about),
        *parts.started(),
        *more,
        parts.RECONCILED_WELL,
        parts.over_time(),
    )


_SATURATION = (parts.OBJECTS_WAITING, *parts.process())

JUPYTER = Board(
    charm="jupyter-controller",
    title="Notebook controller",
    about="The controller of notebooks: is it up, how many there are, what fails, how fast it is.",
    status=_status(parts.STANDBY),
    rate=(parts.RECONCILIATIONS, parts.CALLS),
    errors=(parts.FAILED_RECONCILIATIONS, parts.REFUSED_CALLS),
    duration=(parts.TIME_TO_RECONCILE, parts.TIME_IN_QUEUE),
    saturation=_SATURATION,
    special=(
        graph(
            "Notebooks by namespace",
            "How many notebooks have a server, stopped ones too. A namespace that lost its last"
            " one counts on until the controller starts anew.",
            "short",
            {"{{namespace}}": "max by (namespace) (notebook_running{T})"},
        ),
        graph(
            "New servers",
            "StatefulSets made for notebooks, by the hour.",
            "short",
            {
                "{{namespace}}": "3600 * sum by (namespace)"
                " (rate(notebook_create_total{T}[$__rate_interval]))"
            },
        ),
        graph(
            "Servers not made",
            "StatefulSets of notebooks that the Kubernetes API refused, by the hour.",
            "short",
            {
                "{{namespace}}": "3600 * sum by (namespace)"
                " (rate(notebook_create_failed_total{T}[$__rate_interval]))"
            },
        ),
    ),
)

TENSORBOARD = Board(
    charm="tensorboard-controller",
    title="TensorBoard controller",
    about="The controller of TensorBoards: is it up, what it does, what fails, how fast it is.",
    status=_status(parts.STANDBY),
    rate=(parts.RECONCILIATIONS, parts.CALLS),
    errors=(parts.FAILED_RECONCILIATIONS, parts.RETRIES, parts.REFUSED_CALLS),
    duration=(parts.TIME_TO_RECONCILE, parts.TIME_IN_QUEUE),
    saturation=_SATURATION,
)

PVCVIEWER = Board(
    charm="pvcviewer-operator",
    title="PVCViewer controller",
    about="The controller of PVCViewers and its webhooks: are they up, what fails, how fast they"
    " are.",
    status=_status(parts.WEBHOOKS, _ELECTED),
    rate=(parts.RECONCILIATIONS, parts.WEBHOOK_CALLS, parts.CALLS),
    errors=(parts.FAILED_RECONCILIATIONS, parts.FAILED_WEBHOOK_CALLS, parts.REFUSED_CALLS),
    duration=(parts.TIME_TO_RECONCILE, parts.TIME_OF_WEBHOOKS),
    saturation=_SATURATION,
)

KATIB = Board(
    charm="katib-controller",
    title="Katib",
    about="Katib's controller: is it up, how experiments and trials do, what fails, how fast it"
    " is.",
    status=_status(parts.WEBHOOKS, _ELECTED),
    rate=(parts.RECONCILIATIONS, parts.WEBHOOK_CALLS),
    errors=(parts.FAILED_RECONCILIATIONS, parts.FAILED_WEBHOOK_CALLS),
    duration=(parts.TIME_TO_RECONCILE, parts.TIME_OF_WEBHOOKS),
    saturation=_SATURATION,
    special=(
        graph(
            "Experiments and trials",
            "How many there are now, by how they stand.",
            "short",
            {
                "experiments {{status}}": "sum by (status) (katib_experiments_current{T})",
                "trials {{status}}": "sum by (status) (katib_trials_current{T})",
            },
        ),
        graph(
            "Trials that failed",
            "Trials that failed, those that ended without a measurement, and experiments.",
            "ops",
            {
                "failed": "sum(rate(katib_trial_failed_total{T}[$__rate_interval]))",
                "not measured": "sum(rate(katib_trial_metrics_unavailable_total{T}"
                "[$__rate_interval]))",
                "experiments": "sum(rate(katib_experiment_failed_total{T}[$__rate_interval]))",
            },
        ),
    ),
)

TRAINING = Board(
    charm="training-operator",
    title="Training operator",
    about="The operator of training jobs: is it up, how many jobs start and fail, how fast it is.",
    status=_status(
        "How many replicas of the operator answer Prometheus now, as one target behind their"
        " Service."
    ),
    rate=(parts.RECONCILIATIONS, parts.WEBHOOK_CALLS),
    errors=(parts.FAILED_RECONCILIATIONS, parts.FAILED_WEBHOOK_CALLS),
    duration=(parts.TIME_TO_RECONCILE, parts.TIME_OF_WEBHOOKS),
    saturation=_SATURATION,
    special=(
        graph(
            "Jobs",
            "Jobs that were made, ended well, and were deleted, by framework.",
            "ops",
            {
                f"{{{{framework}}}} {words}": "sum by (framework)"
                f" (rate(training_operator_jobs_{what}_total{{T}}[$__rate_interval]))"
                for what, words in (
                    ("created", "made"),
                    ("successful", "ended well"),
                    ("deleted", "deleted"),
                )
            },
        ),
        graph(
            "Jobs that failed",
            "Jobs that failed, and those that were started again, by framework.",
            "ops",
            {
                f"{{{{framework}}}} {words}": "sum by (framework)"
                f" (rate(training_operator_jobs_{what}_total{{T}}[$__rate_interval]))"
                for what, words in (("failed", "failed"), ("restarted", "again"))
            },
        ),
    ),
)

KSERVE = Board(
    charm="kserve-controller",
    title="KServe",
    about="The manager of models and its webhooks, which pods of models pass too: are they up,"
    " what fails, how fast they are.",
    status=_status(parts.WEBHOOKS, _ELECTED),
    rate=(parts.RECONCILIATIONS, parts.WEBHOOK_CALLS, parts.CALLS),
    errors=(parts.FAILED_RECONCILIATIONS, parts.FAILED_WEBHOOK_CALLS, parts.REFUSED_CALLS),
    duration=(parts.TIME_TO_RECONCILE, parts.TIME_OF_WEBHOOKS),
    saturation=_SATURATION,
    special=(
        graph(
            "Certificate",
            "How often the manager read its certificate, and failed to.",
            "ops",
            {
                "read": "sum(rate(certwatcher_read_certificate_total{T}[$__rate_interval]))",
                "failed": "sum(rate(certwatcher_read_certificate_errors_total{T}"
                "[$__rate_interval]))",
            },
        ),
    ),
)

PROFILES = Board(
    charm="kubeflow-profiles",
    title="Profiles",
    about="The profile controller and the access management API: are they up, what fails, how"
    " fast they are.",
    status=_status("How many of the units' programs answer Prometheus now, two of each."),
    rate=(
        parts.RECONCILIATIONS,
        graph(
            "Requests to the access management API",
            "What the dashboard and others ask for, by what it is.",
            "reqps",
            {"{{action}}": "sum by (action) (rate(request_kf{T}[$__rate_interval]))"},
        ),
        parts.CALLS,
    ),
    errors=(
        parts.FAILED_RECONCILIATIONS,
        graph(
            "Failed requests to the access management API",
            "Requests that it refused or could not serve, by what was asked.",
            "reqps",
            {"{{action}}": "sum by (action) (rate(request_kf_failure{T}[$__rate_interval]))"},
        ),
        parts.REFUSED_CALLS,
    ),
    duration=(parts.TIME_TO_RECONCILE, parts.TIME_IN_QUEUE),
    saturation=_SATURATION,
    special=(
        graph(
            "Heartbeats",
            "Signs of life of both programs; each sends one every ten seconds.",
            "ops",
            {"{{component}}": "sum by (component) (rate(service_heartbeat{T}[$__rate_interval]))"},
        ),
    ),
)

_PROGRAMS = {"operator": "knative_operator", "webhook": "operator_webhook"}
"""Knative's programs put their names before those of metrics."""

_RECONCILED = "knative_operator_reconcile_count{T%s}[%s]"


def _sampled(what: str) -> str:
    """Return the mean of what Knative looks at twice a second and counts in a histogram."""
    metric = f"knative_operator_workqueue_{what}_seconds"
    sums, counts = (f"rate({metric}_{part}{{T}}[$__rate_interval])" for part in ("sum", "count"))
    return f"{sums} / {counts}"


KNATIVE = Board(
    charm="knative-operator",
    title="Knative operator",
    about="The operator that installs Knative, and its webhook: are they up, what fails, how long"
    " it takes.",
    status=(
        *parts.answering("How many programs of the units answer Prometheus now."),
        number(
            "Reconciled well",
            "The share of reconciliations in the chosen time that did not fail.",
            "percentunit",
            "sum(increase("
            + _RECONCILED % (',success="true"', "$__range")
            + ")) / sum(increase("
            + _RECONCILED % ("", "$__range")
            + "))",
            from_on(0.9, 0.99),
        ),
        number(
            "Longest at work",
            "How long the operator has been at the resource that it began first.",
            "s",
            f"max({_sampled('longest_running_processor')})",
            up_to(60, 600),
        ),
        parts.over_time(),
    ),
    rate=(
        graph(
            "Reconciliations",
            "How often the operator compared a resource with the cluster, by its kind.",
            "ops",
            {
                "{{reconciler}}": "sum by (reconciler)"
                " (rate(" + _RECONCILED % ("", "$__rate_interval") + "))"
            },
        ),
        graph(
            "Calls to Kubernetes",
            "Requests to the Kubernetes API, by program.",
            "reqps",
            {
                name: f"sum(rate({metric}_client_results{{T}}[$__rate_interval]))"
                for name, metric in _PROGRAMS.items()
            },
        ),
    ),
    errors=(
        graph(
            "Failed reconciliations",
            "Those that ended with an error and are tried again.",
            "ops",
            {
                "{{reconciler}}": "sum by (reconciler)"
                " (rate(" + _RECONCILED % (',success="false"', "$__rate_interval") + "))"
            },
        ),
    ),
    duration=(
        parts.quantiles(
            "Time for a resource",
            "How long it takes to handle a resource",
            "knative_operator_reconcile_latency_bucket{T}",
            "ms",
        ),
        parts.quantiles(
            "Time of calls to Kubernetes",
            "How long the Kubernetes API takes to answer",
            "knative_operator_client_latency_bucket{T}",
        ),
    ),
    saturation=(
        graph(
            "Unfinished work",
            "For how long resources have been in work without an end, summed up by queue.",
            "s",
            {"{{name}}": f"sum by (name) ({_sampled('unfinished_work')})"},
        ),
        graph(
            "Heap",
            "Memory in use by the programs, by unit.",
            "bytes",
            {
                f"{name} of {{{{juju_unit}}}}": f"sum by (juju_unit) ({of}_go_heap_in_use{{T}})"
                for name, of in _PROGRAMS.items()
            },
        ),
    ),
)

BOARDS = (JUPYTER, TENSORBOARD, PVCVIEWER, KATIB, TRAINING, KSERVE, PROFILES, KNATIVE)
