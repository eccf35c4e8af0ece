# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A preview's request: enough to do it again."""

from __future__ import annotations

import dataclasses
import pathlib
import shlex
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jujusim
from jujusim import versions, worker
from jujusim.state import IMAGES

from .. import bundle as bundles
from ..bundle import InputError


@dataclass(frozen=True)
class Request:
    """A deployment, before it happens.

    Attributes:
        config: Options by application, on top of the bundle's.
        scale: Units by application, instead of the bundle's.
        seed: What decides everything that Juju leaves to chance.
        faults: How much goes wrong, from 0 for nothing to 3, see `juju.Faults`.
        charms: Directories and packed charms by application, instead of the bundle's charms.
        pythons: Interpreters by application, for charms that run in processes of their own.
        hook_timeout: Seconds that a hook in a process of its own may take.
        files: Directories with the files of a container's image, by ``app/container``.
        refreshes: Applications and the charms that they are refreshed to, one after the other,
            when the model has settled.
        juju: The version of the controller.
        image_repo: Where Juju's own images are, the controller's option caas-image-repo.
    """

    bundle: pathlib.Path = pathlib.Path("bundle.yaml")
    overlays: tuple[pathlib.Path, ...] = ()
    config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, "dict[str, Any]"])
    scale: Mapping[str, int] = field(default_factory=dict[str, int])
    model: str = "kubeflow"
    seed: int = 0
    faults: int = 0
    charms: Mapping[str, pathlib.Path] = field(default_factory=dict[str, pathlib.Path])
    pythons: Mapping[str, pathlib.Path] = field(default_factory=dict[str, pathlib.Path])
    hook_timeout: float = worker.TIME_LIMIT
    refreshes: tuple[tuple[str, pathlib.Path], ...] = ()
    files: Mapping[str, pathlib.Path] = field(default_factory=dict[str, pathlib.Path])
    juju: str = versions.DEFAULT
    image_repo: str = IMAGES

    def to_dict(self, hidden: Mapping[str, frozenset[str]] | None = None) -> dict[str, Any]:
        """Return the request as JSON has it, with absolute paths.

        Args:
            hidden: Options whose values are left out, by application.
        """
        withheld = hidden or {}
        return {
            "bundle": str(self.bundle.absolute()),
            "overlays": [str(path.absolute()) for path in self.overlays],
            "config": {
                app: {
                    key: None if key in withheld.get(app, ()) else value
                    for key, value in values.items()
                }
                for app, values in self.config.items()
            },
            "scale": dict(self.scale),
            "model": self.model,
            "seed": self.seed,
            "faults": self.faults,
            "charms": _absolute(self.charms),
            "pythons": {
                # A mere name is looked for on the path when it is used.
                app: str(path.absolute()) if len(path.parts) > 1 else str(path)
                for app, path in self.pythons.items()
            },
            "files": _absolute(self.files),
            "hook-timeout": self.hook_timeout,
            "juju": self.juju,
            "caas-image-repo": self.image_repo,
            "refreshes": [[app, str(path.absolute())] for app, path in self.refreshes],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Request:
        """Return the request that `to_dict` has written.

        Raises:
            InputError: It is none.
        """
        try:
            return cls(
                bundle=pathlib.Path(values["bundle"]),
                overlays=tuple(pathlib.Path(path) for path in values["overlays"]),
                config={app: dict(options) for app, options in values["config"].items()},
                scale={app: int(count) for app, count in values["scale"].items()},
                model=str(values["model"]),
                seed=int(values["seed"]),
                faults=int(values["faults"]),
                charms=_paths(values["charms"]),
                pythons=_paths(values["pythons"]),
                files=_paths(values["files"]),
                juju=str(values.get("juju", versions.DEFAULT)),
                image_repo=str(values.get("caas-image-repo", IMAGES)),
                hook_timeout=float(values["hook-timeout"]),
                refreshes=tuple(
                    (str(app), pathlib.Path(path)) for app, path in values["refreshes"]
                ),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"the trace does not say what was deployed: {error!r}") from error

    def with_config(self, config: Mapping[str, Mapping[str, Any]]) -> Request:
        """Return the same with more options."""
        merged = {app: dict(options) for app, options in self.config.items()}
        for app, options in config.items():
            merged.setdefault(app, {}).update(options)
        return dataclasses.replace(self, config=merged)

    @property
    def withheld(self) -> list[str]:
        """Options of which the trace has no value, as ``app.option``."""
        return [
            f"{app}.{key}"
            for app, options in self.config.items()
            for key, value in options.items()
            if value is None
        ]

    def command(self, until: int, hidden: Mapping[str, frozenset[str]] | None = None) -> str:
        """Return the command line that stops after a hook, with ... for hidden values."""
        withheld = hidden or {}
        words = ["ckf", "replay", "--bundle", str(self.bundle)]
        for path in self.overlays:
            words += ["--overlay", str(path)]
        for app, options in self.config.items():
            for key, value in options.items():
                text = "..." if key in withheld.get(app, ()) else bundles.text(value)
                words += ["--config", f"{app}.{key}={text}"]
        for app, count in self.scale.items():
            words += ["--scale", f"{app}={count}"]
        for option, paths in (
            ("--charm", self.charms.items()),
            ("--python", self.pythons.items()),
            ("--files", self.files.items()),
            ("--refresh", self.refreshes),
        ):
            for app, path in paths:
                words += [option, f"{app}={path}"]
        for option, name in _PLAIN.items():
            value = getattr(self, name)
            if value != getattr(Request, name):
                words += [option, f"{value:g}" if isinstance(value, float) else str(value)]
        return shlex.join([*words, "--seed", str(self.seed), "--until", str(until)])


_PLAIN = {
    "--hook-timeout": "hook_timeout",
    "--caas-image-repo": "image_repo",
    "--model": "model",
    "--juju": "juju",
    "--faults": "faults",
}


def _absolute(paths: Mapping[str, pathlib.Path]) -> dict[str, str]:
    return {app: str(path.absolute()) for app, path in paths.items()}


def _paths(values: Mapping[str, str]) -> dict[str, pathlib.Path]:
    return {app: pathlib.Path(path) for app, path in values.items()}


_requests: weakref.WeakKeyDictionary[jujusim.Model, Request] = weakref.WeakKeyDictionary()


def remember(model: jujusim.Model, request: Request) -> None:
    """Note what a model has been made from."""
    _requests[model] = request


def replay_command(model: jujusim.Model, until: int = 0) -> str:
    """Return the command line that replays a model made by `deploy`.

    It stops by default after the first hook that failed without an injected fault, else the last.

    Raises:
        KeyError: The model has been made in another way.
    """
    failures = [record for record in model.trace.failures() if not record.injected]
    first = failures[0].number if failures else len(model.trace)
    return _requests[model].command(until or max(first, 1))
