# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Dashboards of pipelines and of what they stand on: workflows, objects in profiles, storage."""

from __future__ import annotations

from ..panels import AT_LEAST_ONE, Board, from_on, graph, label, number
from . import parts


def _counted(prefix: str, *what: str) -> dict[str, str]:
    return {each: f"sum(rate({prefix}_{each}_requests{{T}}[$__rate_interval]))" for each in what}


API = Board(
    charm="kfp-api",
    title="Pipelines API",
    about="The API of pipelines: is it up, what it is asked for, what becomes of runs, what it"
    " needs.",
    status=(
        *parts.answering(),
        *parts.started(),
        number("Runs", "Runs in the database.", "short", "max(run_server_run_count{T})"),
        number(
            "Pipelines",
            "Pipelines in the database.",
            "short",
            "max(pipeline_server_pipeline_count{T})",
        ),
        parts.over_time(),
    ),
    rate=(
        graph(
            "Requests for runs",
            "Requests that are about runs, by what is asked.",
            "reqps",
            _counted("run_server", "create", "get", "list", "terminate", "retry"),
        ),
        graph(
            "Requests for recurring runs",
            "Requests that are about recurring runs, by what is asked.",
            "reqps",
            _counted("job_server", "create", "get", "list", "enable", "disable"),
        ),
        graph(
            "Requests for pipelines",
            "Requests that are about pipelines, by what is asked.",
            "reqps",
            _counted("pipeline_server", "create", "get", "list", "delete"),
        ),
    ),
    errors=(
        graph(
            "Runs that failed",
            "Workflows that ended badly, by profile, as seen by the server since its start.",
            "short",
            {"{{profile}}": "sum by (profile) (resource_manager_workflow_runs_failed{T})"},
        ),
        graph(
            "Runs that succeeded",
            "Workflows that ended well, by profile, as seen by the server since its start.",
            "short",
            {"{{profile}}": "sum by (profile) (resource_manager_workflow_runs_success{T})"},
        ),
    ),
    duration=(parts.scrape(),),
    saturation=(*parts.process(), parts.goroutines()),
    special=(
        graph(
            "Workflows removed",
            "Workflows of finished runs that were deleted.",
            "ops",
            {"removed": "sum(rate(resource_manager_workflow_gc{T}[$__rate_interval]))"},
        ),
        graph(
            "Artifacts read",
            "Requests for artifacts of runs; each streams a file.",
            "reqps",
            {"artifacts": "sum(rate(run_server_read_artifact_requests{T}[$__rate_interval]))"},
        ),
    ),
)

_TOOK = "argo_workflows_operation_duration_seconds_bucket{T}"
ARGO = Board(
    charm="argo-controller",
    title="Argo Workflow Controller",
    about="Workflows of pipelines: how many, what fails, how long they wait.",
    status=(
        *parts.answering(),
        number(
            "Leaders",
            "How many controllers work; it must be one.",
            "short",
            "sum(argo_workflows_is_leader{T})",
            AT_LEAST_ONE,
        ),
        parts.over_time(),
    ),
    rate=(
        graph(
            "Calls to Kubernetes",
            "Requests to the Kubernetes API, by what is done.",
            "reqps",
            {
                "{{verb}}": "sum by (verb)"
                " (rate(argo_workflows_k8s_request_total{T}[$__rate_interval]))"
            },
        ),
    ),
    errors=(
        graph(
            "Errors of the controller",
            "Errors, by cause.",
            "ops",
            {
                "{{cause}}": "sum by (cause)"
                " (rate(argo_workflows_error_count{T}[$__rate_interval]))"
            },
        ),
        graph(
            "Missing pods",
            "Pods that were expected and are not there.",
            "ops",
            {"missing": "sum(rate(argo_workflows_pod_missing{T}[$__rate_interval]))"},
        ),
        graph(
            "Refused calls to Kubernetes",
            "Requests that the Kubernetes API did not answer well, by code; 404 and 409 are part"
            " of its life.",
            "reqps",
            {
                "{{verb}} {{status_code}}": "sum by (verb, status_code)"
                ' (rate(argo_workflows_k8s_request_total{T,status_code=~"[45].."}'
                "[$__rate_interval]))"
            },
        ),
    ),
    duration=(
        parts.quantiles("Time for a workflow", "How long one pass over a workflow takes", _TOOK),
    ),
    saturation=(
        graph(
            "Objects waiting",
            "How many objects wait in each queue.",
            "short",
            {"{{queue_name}}": "sum by (queue_name) (argo_workflows_queue_depth_gauge{T})"},
        ),
        graph(
            "Busy workers",
            "Workers at work, by kind.",
            "short",
            {"{{worker_type}}": "sum by (worker_type) (argo_workflows_workers_busy_count{T})"},
        ),
    ),
    special=(
        graph(
            "Workflows by status",
            "Workflows in the cluster.",
            "short",
            {"{{status}}": "sum by (status) (argo_workflows_gauge{T})"},
        ),
        graph(
            "Pods by phase",
            "Pods of steps in the cluster.",
            "short",
            {"{{phase}}": "sum by (phase) (argo_workflows_pods_gauge{T})"},
        ),
        graph(
            "Pending pods",
            "Pods that could not start, by reason.",
            "ops",
            {
                "{{reason}}": "sum by (reason)"
                " (rate(argo_workflows_pod_pending_count{T}[$__rate_interval]))"
            },
        ),
    ),
)

_BROWSERS = 'envoy_http_conn_manager_prefix="browsers"'
_SERVER = 'envoy_cluster_name="metadata"'
ENVOY = Board(
    charm="envoy",
    title="Envoy",
    about="The gateway to ML metadata: is it up, what is asked of it, what fails.",
    status=(
        *parts.answering(),
        number(
            "Uptime",
            "How long the proxy that started last has run.",
            "dtdurations",
            "min(envoy_server_uptime{T})",
        ),
        number(
            "Servers reached",
            "Addresses of the ML Metadata server that Envoy knows and that are well.",
            "short",
            f"max(envoy_cluster_membership_healthy{{T,{_SERVER}}})",
            AT_LEAST_ONE,
        ),
        parts.over_time(),
    ),
    rate=(
        graph(
            "Requests",
            "Requests of browsers, by kind of answer.",
            "reqps",
            {
                "{{envoy_response_code_class}}xx": "sum by (envoy_response_code_class)"
                f" (rate(envoy_http_downstream_rq_xx{{T,{_BROWSERS}}}[$__rate_interval]))"
            },
        ),
    ),
    errors=(
        graph(
            "Failed connections",
            "Connections to the server that fail.",
            "ops",
            {
                "failed": "sum(rate(envoy_cluster_upstream_cx_connect_fail"
                f"{{T,{_SERVER}}}[$__rate_interval]))"
            },
        ),
        graph(
            "Requests without a server",
            "Requests for which no server was well.",
            "reqps",
            {
                "none": "sum(rate(envoy_cluster_upstream_cx_none_healthy"
                f"{{T,{_SERVER}}}[$__rate_interval]))"
            },
        ),
    ),
    duration=(
        parts.quantiles(
            "Time to answer",
            "How long the server takes to answer",
            f"envoy_cluster_upstream_rq_time_bucket{{T,{_SERVER}}}",
            "ms",
        ),
    ),
    saturation=(
        graph(
            "Connections",
            "Open connections of browsers, and to the server.",
            "short",
            {
                "browsers": f"sum(envoy_http_downstream_cx_active{{T,{_BROWSERS}}})",
                "server": f"sum(envoy_cluster_upstream_cx_active{{T,{_SERVER}}})",
            },
        ),
        graph(
            "Requests under way",
            "Requests that the server has not answered yet.",
            "short",
            {"active": f"sum(envoy_cluster_upstream_rq_active{{T,{_SERVER}}})"},
        ),
        graph(
            "Memory",
            "Memory that Envoy has allocated.",
            "bytes",
            {"{{juju_unit}}": "envoy_server_memory_allocated{T}"},
        ),
    ),
)

_SYNCS = "metacontroller_sync_requests_total{T%s}[$__rate_interval]"
METACONTROLLER = Board(
    charm="metacontroller-operator",
    title="Metacontroller",
    about="Objects in profiles: how often they are compared, what fails, how long it takes.",
    status=(*parts.answering(), *parts.started(), parts.over_time()),
    rate=(
        graph(
            "Syncs",
            "Calls of the sync servers, by controller and answer.",
            "reqps",
            {
                "{{controller_name}} {{code}}": "sum by (controller_name, code) (rate("
                + _SYNCS % ""
                + "))"
            },
        ),
        parts.CALLS,
    ),
    errors=(
        graph(
            "Failed syncs",
            "Calls that a sync server refused.",
            "reqps",
            {
                "{{controller_name}} {{code}}": "sum by (controller_name, code) (rate("
                + _SYNCS % ',code!="200"'
                + "))"
            },
        ),
        parts.REFUSED_CALLS,
        parts.RETRIES,
    ),
    duration=(
        parts.quantiles(
            "Time of sync servers",
            "How long a sync server takes to answer",
            "metacontroller_sync_request_duration_histogram_seconds_bucket{T}",
        ),
        parts.TIME_IN_QUEUE,
    ),
    saturation=(parts.OBJECTS_WAITING, *parts.process()),
)


def _sync_server(charm: str, title: str, about: str) -> Board:
    return Board(
        charm=charm,
        title=title,
        about=about,
        status=(
            *parts.answering(),
            number(
                "Ready",
                "How many units have manifests to answer with.",
                "short",
                "sum(sync_server_ready{T})",
                AT_LEAST_ONE,
            ),
            number(
                "Manifests",
                "How many objects each profile gets.",
                "short",
                "max(sync_server_manifests{T})",
            ),
            parts.over_time(),
        ),
        rate=(
            graph(
                "Requests",
                "Requests of Metacontroller and of Prometheus, by path.",
                "reqps",
                {
                    "{{path}}": "sum by (path)"
                    " (rate(sync_server_requests_total{T}[$__rate_interval]))"
                },
            ),
        ),
        errors=(
            graph(
                "Failed requests",
                "Answers other than 200, by path and code.",
                "reqps",
                {
                    "{{path}} {{code}}": "sum by (path, code)"
                    ' (rate(sync_server_requests_total{T,code!="200"}[$__rate_interval]))'
                },
            ),
            graph(
                "Failed reloads",
                "Manifests that could not be read; the server goes on with the former ones.",
                "ops",
                {
                    "failed": "sum(rate(sync_server_reload_failures_total{T}[$__rate_interval]))",
                    "in all": "sum(rate(sync_server_reloads_total{T}[$__rate_interval]))",
                },
            ),
        ),
        duration=(
            parts.quantiles(
                "Time of syncs", "How long an answer takes", "sync_server_sync_seconds_bucket{T}"
            ),
        ),
        saturation=(
            graph(
                "Connections",
                "Open connections, by unit.",
                "short",
                {"{{juju_unit}}": "sync_server_connections{T}"},
            ),
        ),
    )


_REFUSED = {
    "auth": "signature",
    "invalid": "malformed",
    "header": "header",
    "timestamp": "clock",
}
_FIRST_BYTE = 'sum(rate(minio_s3_time_ttfb_seconds_distribution{T,le="%s"}[$__rate_interval]))'
MINIO = Board(
    charm="minio",
    title="MinIO",
    about="Object storage: is it up, what is asked of it, what fails, how full is it.",
    status=(
        *parts.answering(
            "How many units answer Prometheus now. In server mode one serves, the others stand by"
            " and show as down."
        ),
        *parts.started("minio_node_process_starttime_seconds"),
        label(
            "Version",
            "The version that runs.",
            "version",
            "max by (version) (minio_software_version_info{T})",
        ),
        number(
            "Free space",
            "What is left on the volume; nothing in gateway mode.",
            "bytes",
            "min(minio_node_disk_free_bytes{T})",
            from_on(1073741824, 5368709120),
        ),
        parts.over_time(),
    ),
    rate=(
        graph(
            "Requests",
            "S3 requests, by API call.",
            "reqps",
            {"{{api}}": "sum by (api) (rate(minio_s3_requests_total{T}[$__rate_interval]))"},
        ),
        graph(
            "Bytes",
            "What clients send and get.",
            "Bps",
            {
                what: f"sum(rate(minio_s3_traffic_{what}_bytes{{T}}[$__rate_interval]))"
                for what in ("received", "sent")
            },
        ),
    ),
    errors=(
        graph(
            "Failed requests",
            "Answers other than 2xx, by API call; those that the client gave up on are apart.",
            "reqps",
            {
                "{{api}}": "sum by (api)"
                " (rate(minio_s3_requests_errors_total{T}[$__rate_interval]))",
                "given up": "sum(rate(minio_s3_requests_canceled_total{T}[$__rate_interval]))",
            },
        ),
        graph(
            "Share that failed",
            "Failed requests in all; the alert is at 10 %.",
            "percentunit",
            {
                "failed": "sum(rate(minio_s3_requests_errors_total{T}[$__rate_interval]))"
                " / sum(rate(minio_s3_requests_total{T}[$__rate_interval]))"
            },
        ),
        graph(
            "Refused requests",
            "What MinIO refuses before it looks at the call, by reason.",
            "reqps",
            {
                words: f"sum(rate(minio_s3_requests_rejected_{what}_total{{T}}[$__rate_interval]))"
                for what, words in _REFUSED.items()
            },
        ),
    ),
    duration=(
        graph(
            "First byte in time",
            "The share of answers that begin within 0.1, 0.5 and 2.5 s, in those that begin within"
            " 10 s: MinIO counts no slower ones.",
            "percentunit",
            {
                f"{bound[:3]} s": f"{_FIRST_BYTE % bound} / {_FIRST_BYTE % '10.000'}"
                for bound in ("0.100", "0.500", "2.500")
            },
        ),
    ),
    saturation=(
        graph(
            "Volume",
            "The share of the volume in use.",
            "percentunit",
            {
                "{{juju_unit}} {{disk}}": "minio_node_disk_used_bytes{T}"
                " / minio_node_disk_total_bytes{T}"
            },
        ),
        graph(
            "Requests under way",
            "What is being served, and what waits because of the limit on concurrent requests.",
            "short",
            {
                "in flight": "sum(minio_s3_requests_inflight_total{T})",
                "waiting": "sum(minio_s3_requests_waiting_total{T})",
            },
        ),
        graph(
            "CPU",
            "Cores in use, by unit.",
            "short",
            {"{{juju_unit}}": "rate(minio_node_process_cpu_total_seconds{T}[$__rate_interval])"},
        ),
        graph(
            "Memory",
            "Resident memory, by unit.",
            "bytes",
            {"{{juju_unit}}": "minio_node_process_resident_memory_bytes{T}"},
        ),
        graph(
            "File descriptors",
            "The share of the limit that is open, by unit.",
            "percentunit",
            {
                "{{juju_unit}}": "minio_node_file_descriptor_open_total{T}"
                " / minio_node_file_descriptor_limit_total{T}"
            },
        ),
    ),
    special=(
        graph(
            "Buckets",
            "The ten largest, as MinIO's scanner last saw them.",
            "bytes",
            {"{{bucket}}": "topk(10, max by (bucket) (minio_bucket_usage_total_bytes{T}))"},
        ),
    ),
)

BOARDS = (
    API,
    ARGO,
    ENVOY,
    METACONTROLLER,
    MINIO,
    _sync_server(
        "kfp-profile-controller",
        "Pipelines in profiles",
        "The sync server of what pipelines need in each profile: is it up, what fails, how fast"
        " it is.",
    ),
    _sync_server(
        "resource-dispatcher",
        "Resource dispatcher",
        "The sync server of what other charms put into profiles: is it up, what fails, how fast"
        " it is.",
    ),
)
