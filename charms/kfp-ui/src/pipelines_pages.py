# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The pages of pipelines, as the dashboard links to them."""

from __future__ import annotations

from charmkit.interfaces import kubeflow_dashboard_links as links

PREFIX = "/pipeline"
ARTIFACTS = f"{PREFIX}/artifacts/?namespace"
"""Without a namespace the server would read an artifact itself, whoever asks."""


def _page(text: str, path: str, icon: str) -> links.Link:
    return links.menu(text, f"{PREFIX}/#/{path}", icon)


def _shortcut(text: str, path: str, desc: str) -> links.Link:
    return links.Link(text, f"{PREFIX}/#/{path}", "quick", desc=desc)


LINKS = links.Links(
    (
        _page("Experiments (KFP)", "experiments", "done-all"),
        _page("Pipelines", "pipelines", "kubeflow:pipeline-centered"),
        _page("Runs", "runs", "maps:directions-run"),
        _page("Recurring Runs", "recurringruns", "device:access-alarm"),
        _page("Artifacts", "artifacts", "editor:bubble-chart"),
        _page("Executions", "executions", "av:play-arrow"),
        _shortcut("Upload a Pipeline", "pipelines", "Kubeflow Pipelines"),
        _shortcut("View Pipeline Runs", "runs", "Pipelines"),
        links.documentation(
            "Kubeflow Pipelines", "https://www.kubeflow.org/docs/components/pipelines/"
        ),
    )
)
