"""`ckf preview`: deploy a bundle in the simulator and report."""

from __future__ import annotations

import argparse
import contextlib
import io
import pathlib
import sys

from jujusim.cloud import Cloud
from rich.console import Console
from rich.text import Text

from ..bundle import InputError
from ..preview import Deployment, Request, prepare, target
from ..report import files, layout, masks, progress, refreshes, rights, status, table
from ..report.masks import Mask
from . import arguments, output, serving


def run(options: argparse.Namespace) -> int:
    """Deploy, report, and write what was asked for.

    Returns:
        The exit status.

    Raises:
        InputError: Something that was given is wrong.
    """
    out: pathlib.Path | None = options.out
    if out:
        files.check(out)
    asked = request(options, options.bundle, options.seed)
    with _where(options, asked) as cloud:
        deployment = prepare(asked, cloud)
        deployment.pauses = target.PAUSES if cloud else ()
        settle(deployment)
        mask = masks.of(deployment, show=options.show_secrets)
        if out:
            files.write(out, deployment, mask)
        show(deployment, mask, options)
        if options.serve:
            serving.keep(deployment)
    return 0 if deployment.good else 1


def _where(
    options: argparse.Namespace, asked: Request
) -> contextlib.AbstractContextManager[Cloud | None]:
    """The cluster to run on; None for one in memory.

    Raises:
        InputError: An option makes no sense without one.
    """
    if options.kube is None:
        for name in ("yes", "keep"):
            if getattr(options, name):
                raise InputError(f"--{name} goes with --kube")
        return contextlib.nullcontext()
    if options.serve:
        raise InputError("--serve serves the cluster in memory: it does not go with --kube")
    chosen = target.Target(options.kube, consent=options.yes, keep=options.keep)
    return target.taken(chosen, asked, lambda line: output.tell([Text(line)]))


def request(options: argparse.Namespace, bundle: pathlib.Path, seed: int) -> Request:
    """What the command line asks for.

    Raises:
        InputError: An option is given twice.
    """
    return Request(
        bundle=bundle,
        overlays=tuple(options.overlay),
        config=arguments.config(options.config),
        scale=arguments.scale(options.scale),
        model=Request.model if options.model is None else options.model,
        seed=seed,
        faults=options.faults or 0,
        juju=options.juju or Request.juju,
        charms=arguments.paths("--charm", options.charm),
        pythons=arguments.paths("--python", options.python),
        refreshes=tuple(options.refresh),
        files=arguments.paths("--files", options.files),
        hook_timeout=options.hook_timeout or Request.hook_timeout,
    )


def settle(deployment: Deployment, *, until: int = 0) -> None:
    """Run the hooks, and show how it goes on standard error."""
    console = Console(stderr=True, highlight=False)
    bundle = deployment.bundle
    relations = len(bundle.relations)
    output.tell(
        [
            Text(
                f"Deploying {bundle.path}: {len(bundle.applications)} applications, "
                f"{relations} relations"
            )
        ]
    )
    # What a charm prints must not get into the report.
    aside = sys.stderr or io.StringIO()
    with contextlib.redirect_stdout(aside), progress.shown(console) as watch:
        deployment.settle(watch, until=until)


def show(deployment: Deployment, mask: Mask, options: argparse.Namespace) -> None:
    """Report in the form that was asked for; a program's form is followed by the reasons."""
    found = rights.of(deployment.model) if options.rbac else {}
    if options.format == "table":
        width = output.width()
        report = table.report(deployment, mask, width=width, relations=options.relations)
        changes = refreshes.report(deployment.refreshed, mask, width=width)
        output.show(layout.sections(changes, report, rights.report(found, width=width)))
        return
    content = status.status(deployment, mask)
    if deployment.steps:
        content["preview"]["refreshes"] = mask.data(refreshes.data(deployment.refreshed))
    if options.rbac:
        content["preview"]["rbac"] = {app: each.to_dict() for app, each in found.items()}
    output.show_data(content, options.format)
    if not deployment.good:
        output.tell(table.reasons(deployment, mask, output.width()))
