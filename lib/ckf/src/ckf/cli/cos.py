# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf cos`: write what the observability stack gets of a bundle, or check that it is current."""

import argparse
import pathlib
from collections.abc import Iterator

from .. import bundle as bundles
from ..cos import boards, dashboards, overlays, runbooks
from . import arguments, output


def configure(parser: argparse.ArgumentParser) -> None:
    """Give a parser the command's arguments."""
    arguments.bundle(parser)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a file would change"
    )


def run(options: argparse.Namespace) -> int:
    """Write the files; or return 1 if they are to be checked and one is not current."""
    return output.generate(_files(options.bundle), "cos", check=options.check)


def _files(bundle: pathlib.Path) -> Iterator[tuple[pathlib.Path, str]]:
    root = bundle.parent
    _, charms = bundles.load_checked(bundle)
    for name, text in overlays.files(charms).items():
        yield root / "overlays" / name, text
    described = list(boards.read(root / "charms"))
    for board in described:
        path = root / "charms" / board.charm / f"src/grafana_dashboards/{board.charm}.json"
        yield path, dashboards.render(board)
    if (root / "docs/reference").is_dir():
        yield root / "docs/reference/dashboards.md", dashboards.page(described)
        for charm, text in runbooks.pages(root / "charms"):
            yield root / f"docs/how-to/runbooks/{charm}.md", text
