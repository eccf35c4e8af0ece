# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf preview`: deploy a bundle in the simulator and report."""

import argparse
import contextlib
import dataclasses
import io
import os
import pathlib
import shlex
import sys
import threading

from jujusim.cluster_backend import ClusterBackend, InMemory
from kubefake import serve
from rich.console import Console
from rich.text import Text

from .. import html
from ..bundle import InputError
from ..preview import Deployment, Request, prepare, target
from ..report import (
    files,
    layout,
    progress,
    redaction,
    refreshes,
    resources,
    rights,
    status,
    table,
)
from ..report.redaction import Redactor
from . import arguments, output


def configure(verb: argparse.ArgumentParser) -> None:
    """Give a parser the verb's arguments."""
    arguments.bundle(verb)
    arguments.deployment(verb).add_argument(
        "--seed", type=int, default=Request.seed, metavar="N",
        help="another order of events (default: 0)",
    )  # fmt: skip
    report = arguments.report(verb)
    report.add_argument(
        "--out", type=pathlib.Path, metavar="DIR",
        help="write manifests, Pebble plans, files, databags and the trace to DIR",
    )  # fmt: skip
    page = "write one page about all of it to FILE, for a browser or a printer"
    report.add_argument("--html", type=pathlib.Path, metavar="FILE", help=page)
    rights = "list what charms and workloads may do in Kubernetes"
    report.add_argument("--rbac", action="store_true", help=rights)
    sums = "add up the CPU and memory that pods ask for, by application and in total"
    report.add_argument("--resources", action="store_true", help=sums)
    where = verb.add_argument_group("where it runs")
    where.add_argument(
        "--kube", metavar="WHERE",
        help="a real API server: envtest starts one, a kubeconfig names a cluster's",
    )  # fmt: skip
    for flag, words in (
        ("--yes", "with --kube KUBECONFIG, allow objects outside the model's namespace"),
        ("--keep", "with --kube KUBECONFIG, leave in the cluster what was made"),
        ("--serve", "keep the cluster up for kubectl, on loopback, until interrupted"),
    ):
        where.add_argument(flag, action="store_true", help=words)


def run(options: argparse.Namespace) -> int:
    """Deploy, report, and write what was asked for; return 1 if not all is well."""
    out: pathlib.Path | None = options.out
    if out:
        files.check(out)
    if options.html:
        _check_page(options.html)
    asked = arguments.request(options, options.bundle, options.seed)
    with _where(options, asked) as backend:
        deployment = prepare(asked, backend)
        deployment.pauses = target.PAUSES if backend else ()
        settle(deployment)
        redactor = redaction.of(deployment, show=options.show_secrets)
        if out:
            files.write(out, deployment, redactor)
        if options.html:
            output.save(options.html, html.render(deployment, redactor))
        show(deployment, redactor, options)
        if options.serve:
            _serve(deployment)
    return 0 if deployment.good else 1


def _check_page(path: pathlib.Path) -> None:
    """Refuse what cannot be written before anything is deployed."""
    if path.is_dir():
        raise InputError(f"cannot write {path}: it is a directory")
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"cannot write {path}: {path.parent} is no directory to write to")


def _where(
    options: argparse.Namespace, asked: Request
) -> contextlib.AbstractContextManager[ClusterBackend | None]:
    """Return the cluster to run on, None for one in memory; refuse what goes with the other."""
    if options.kube is None:
        for name in ("yes", "keep"):
            if getattr(options, name):
                raise InputError(f"--{name} goes with --kube")
        return contextlib.nullcontext()
    if options.serve:
        raise InputError("--serve serves the cluster in memory: it does not go with --kube")
    chosen = target.Target(options.kube, consent=options.yes, keep=options.keep)
    return target.taken(chosen, asked, lambda line: output.tell([Text(line)]))


def settle(deployment: Deployment, *, until: int = 0) -> None:
    """Run the hooks, and show how it goes on standard error."""
    console = Console(stderr=True, highlight=False)
    bundle = deployment.bundle
    apps = layout.counted(len(bundle.applications), "application")
    relations = layout.counted(len(bundle.relations), "relation")
    output.tell([Text(f"Deploying {bundle.path}: {apps}, {relations}")])
    # What a charm prints must not get into the report.
    aside = sys.stderr or io.StringIO()
    with contextlib.redirect_stdout(aside), progress.shown(console) as watch:
        deployment.settle(watch, until=until)


def show(deployment: Deployment, redactor: Redactor, options: argparse.Namespace) -> None:
    """Report in the form that was asked for; a program's form is followed by the reasons."""
    found = rights.of(deployment.model) if options.rbac else {}
    sums = resources.of(deployment) if options.resources else None
    if options.format == "table":
        width = output.width()
        report = table.report(deployment, redactor, width=width, relations=options.relations)
        changes = refreshes.report(deployment.refreshed, redactor, width=width)
        asked = (rights.report(found, width=width), resources.report(sums, width=width))
        output.show(layout.sections(changes, report, *asked))
        return
    content = status.status(deployment, redactor)
    if deployment.steps:
        content["preview"]["refreshes"] = redactor.data(refreshes.data(deployment.refreshed))
    if options.rbac:
        content["preview"]["rbac"] = {app: dataclasses.asdict(each) for app, each in found.items()}
    if sums:
        content["preview"]["resources"] = sums.to_dict()
    output.show_data(content, options.format)
    if not deployment.good:
        output.tell(table.reasons(deployment, redactor, output.width()))


def _serve(deployment: Deployment) -> None:
    """Serve the cluster, from now on without faults, until the process is interrupted."""
    backend = deployment.model.backend
    if not isinstance(backend, InMemory):
        raise TypeError("a real cluster is served already")
    backend.cluster.faults = None
    try:
        with (
            target.ended_in_order(),
            contextlib.suppress(KeyboardInterrupt),
            serve.served(backend.cluster) as server,
        ):
            path = server.folder / "kubeconfig"
            server.kubeconfig(path, namespace=deployment.model.name)
            output.tell(map(Text, _words(server.url, str(path))))
            threading.Event().wait()
    except OSError as error:
        raise InputError(f"the cluster cannot be served: {error}") from error


def _words(url: str, path: str) -> tuple[str, ...]:
    return (
        "",
        f"The cluster is served at {url} until Ctrl-C ends it. In another terminal:",
        f"  export KUBECONFIG={shlex.quote(path)}",
        "  kubectl get all -A",
    )
