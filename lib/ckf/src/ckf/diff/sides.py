# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The sides of a comparison: a request, as it is here or in a revision of the repository."""

import contextlib
import dataclasses
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Generator

from ..bundle import InputError
from ..preview import Request, prepare
from .snapshot import Snapshot


@dataclasses.dataclass(frozen=True)
class Side:
    """One side.

    Attributes:
        revision: The revision of the repository that it is deployed from; empty for the files
            as they are.
        label: What a person calls it.
    """

    request: Request
    revision: str = ""
    label: str = ""


def take(side: Side, *, show: bool = False) -> Snapshot:
    """Deploy one side and return what it comes to; where `show` is set, with its secrets.

    Raises:
        InputError: It cannot be deployed, or there is no such revision.
    """
    if not side.revision:
        return deployed(side.request, show=show)
    with _checked_out(side) as (folder, request):
        kit = folder / "lib" / "charmkit" / "src"
        if not kit.is_dir():
            raise InputError(f"revision {side.revision} has no lib/charmkit")
        done = subprocess.run(
            [sys.executable, "-m", "ckf.diff"],
            input=json.dumps({"request": request.to_dict(), "show": show}),
            env={**os.environ, "PYTHONPATH": str(kit)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["it has ended"]
            raise InputError(f"revision {side.revision} cannot be deployed: {said[-1]}")
        return Snapshot(**json.loads(done.stdout))


def deployed(request: Request, *, show: bool) -> Snapshot:
    """Deploy what this process has, and return what it comes to.

    Raises:
        InputError: It cannot be deployed.
    """
    deployment = prepare(request)
    with contextlib.redirect_stdout(sys.stderr or io.StringIO()):
        deployment.settle()
    return Snapshot.of(deployment, show=show)


@contextlib.contextmanager
def _checked_out(side: Side) -> Generator[tuple[pathlib.Path, Request]]:
    """Lend the repository as it was, and the request with its files there."""
    bundle = side.request.bundle.absolute()
    top = pathlib.Path(_git(bundle.parent, "rev-parse", "--show-toplevel").decode().strip())
    archive = _git(top, "archive", "--format=tar", side.revision)
    with tempfile.TemporaryDirectory(prefix="ckf-revision-") as name:
        folder = pathlib.Path(name).resolve()
        with tarfile.open(fileobj=io.BytesIO(archive)) as content:
            # The `data` filter is not in every Python 3.10; this is git's own archive.
            content.extractall(folder)  # noqa: S202

        def there(path: pathlib.Path) -> pathlib.Path:
            whole = path.absolute()
            return folder / whole.relative_to(top) if whole.is_relative_to(top) else whole

        request = dataclasses.replace(
            side.request,
            bundle=there(bundle),
            overlays=tuple(map(there, side.request.overlays)),
            charms={app: there(path) for app, path in side.request.charms.items()},
        )
        yield folder, request


def _git(folder: pathlib.Path, *words: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=False)
    except OSError as error:
        raise InputError(f"a revision needs git: {error.strerror}") from error
    if done.returncode:
        raise InputError(f"git: {done.stderr.decode(errors='replace').strip().splitlines()[-1]}")
    return done.stdout
