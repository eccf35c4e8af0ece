# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf replay`: run a deployment again and stop after one of its hooks."""

import argparse
import dataclasses
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import jujusim
from rich.text import Text

from ..bundle import InputError
from ..preview import Deployment, Request, prepare
from ..report import files, hook, layout, redaction, status, table
from . import arguments, output, preview

_RECORDED = (
    "overlay", "scale", "model", "faults", "charm", "python", "files", "refresh", "juju",
    "hook_timeout", "caas_image_repo",
)  # fmt: skip


def configure(verb: argparse.ArgumentParser) -> None:
    """Give a parser the verb's arguments."""
    what = verb.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "trace", nargs="?", metavar="TRACE", type=pathlib.Path,
        help="the events.jsonl that preview --out has written",
    )  # fmt: skip
    what.add_argument("--seed", type=int, metavar="N", help="the seed of the run")
    verb.add_argument(
        "--until", type=arguments.hook_number, required=True, metavar="K",
        help="the hook to stop after, from 1",
    )  # fmt: skip
    arguments.deployment(verb).add_argument(
        "--bundle", type=pathlib.Path, metavar="BUNDLE",
        help="the bundle (default: the trace's, or ./bundle.yaml)",
    )  # fmt: skip
    arguments.report(verb)


def run(options: argparse.Namespace) -> int:
    """Replay, stop and show the state; return 1 if the last hook failed."""
    request, records = _what(options)
    deployment = prepare(request)
    preview.settle(deployment, until=options.until)
    trace = deployment.model.trace
    if len(trace) < options.until:
        raise InputError(f"there is no hook {options.until}: the run has {len(trace)}")
    _compare(trace, records)
    _show(deployment, options)
    return 1 if trace[-1].failed else 0


def _what(options: argparse.Namespace) -> tuple[Request, Sequence[Mapping[str, Any]]]:
    """Return the request, from a trace or from the command line, and the trace's records."""
    if options.trace is None:
        return arguments.request(options, options.bundle or Request.bundle, options.seed), ()
    for name in _RECORDED:
        if getattr(options, name) not in (None, []):
            option = name.replace("_", "-")
            raise InputError(f"--{option} stands in the trace: it cannot be given with one")
    trace: pathlib.Path = options.trace
    header, records = files.read_trace(trace / files.TRACE if trace.is_dir() else trace)
    request = Request.from_dict(header).with_config(arguments.config(options))
    if request.withheld:
        raise InputError(
            f"the trace does not have the value of {request.withheld[0]}: give it with --config"
        )
    if options.bundle:
        request = dataclasses.replace(request, bundle=options.bundle)
    return request, records


def _compare(trace: jujusim.Trace, records: Sequence[Mapping[str, Any]]) -> None:
    """Say where the run is no longer the recorded one: charms or bundle have changed since."""
    for record, recorded in zip(trace, records, strict=False):
        was = (recorded.get("unit"), recorded.get("event"))
        if was != (record.unit, record.event):
            words = (
                f"From hook {record.number} on this is another run than the recorded one: "
                f"{record.unit} {record.event}, not {was[0]} {was[1]}"
            )
            output.tell([Text(words, style="yellow")])
            return


def _show(deployment: Deployment, options: argparse.Namespace) -> None:
    redactor = redaction.of(deployment, show=options.show_secrets)
    model = deployment.model
    if options.format == "table":
        width = output.width()
        lines = layout.sections(
            table.state(model, redactor, width=width, relations=options.relations),
            hook.report(model.trace[-1], redactor, width=width),
        )
        output.show(lines)
        return
    content = status.status(deployment, redactor)
    content["preview"]["hook"] = redactor.data(dataclasses.asdict(model.trace[-1]))
    output.show_data(content, options.format)
