# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf images`: every image that a deployment can pull, and the way to a private registry."""

import argparse
import dataclasses
import pathlib
from collections.abc import Iterator, Sequence

from rich.text import Text

from .. import images as catalogue
from ..bundle import InputError
from ..images import Image, probe
from ..preview import Request, prepare
from ..report import files, layout
from . import arguments, output, preview

_HEAD = b"# Every image from a private registry; made by ckf images.\n"


def configure(verb: argparse.ArgumentParser) -> None:
    """Give a parser the verb's arguments."""
    arguments.bundle(verb)
    arguments.deployment(verb)
    shown = verb.add_argument_group("what is shown")
    shown.add_argument(
        "--format", choices=("table", "json", "yaml", "txt"), default="table",
        help="a table, data, or one image a line (default: table)",
    )  # fmt: skip
    move = verb.add_argument_group("a private registry")
    move.add_argument(
        "--registry", metavar="HOST[/PREFIX]",
        help="print each image and where it goes there, one copy a line",
    )  # fmt: skip
    move.add_argument(
        "--overlay-out", type=pathlib.Path, metavar="FILE",
        help="with --registry, write an overlay with which the charms take all from there",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """List images, or what moves them; return 1 if one cannot be moved to the registry."""
    if options.overlay_out and not options.registry:
        raise InputError("--overlay-out goes with --registry")
    deployment = prepare(arguments.request(options, options.bundle, Request.seed))
    preview.settle(deployment)
    found = probe.completed(deployment, catalogue.of(deployment))
    if not options.registry:
        _list(found, options.format)
        return 0
    registry = options.registry.removeprefix("docker://").removeprefix("https://")
    copies = sorted({catalogue.moved(image, registry) for image in found})
    output.show(Text(f"{source} {target}") for source, target in copies)
    if options.overlay_out:
        content = files.yaml_bytes(catalogue.overlay(deployment.model, found, registry))
        output.save(options.overlay_out, _HEAD + content)
    output.tell(_notes(found, registry, deployment.request.image_repo))
    return 1 if any(not image.moved_by for image in found) else 0


def _list(found: Sequence[Image], form: str) -> None:
    if form == "txt":
        output.show(Text(line) for line in sorted({image.reference for image in found}))
    elif form == "table":
        output.show(_table(found, output.width()))
    else:
        output.show_data({"images": [dataclasses.asdict(image) for image in found]}, form)


def _table(found: Sequence[Image], width: int) -> Iterator[Text]:
    yield from layout.columns(catalogue.HEADERS, map(catalogue.row, found), width=width)
    distinct = len({image.reference for image in found})
    yield Text("")
    text = f"{layout.counted(distinct, 'image')}. Those of pods that users write are theirs."
    yield from map(Text, layout.wrapped(text, width))


def _notes(found: Sequence[Image], registry: str, repo: str) -> Iterator[Text]:
    yield Text(
        "Juju's own images: juju bootstrap --config "
        f"caas-image-repo={registry}/{repo.partition('/')[2]}"
    )
    for image in found:
        if not image.moved_by:
            text = f"{image.app}: nothing moves {image.reference}"
            yield Text(text, style="yellow")
