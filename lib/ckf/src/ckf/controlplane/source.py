# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The Go module that the control plane is built from, and the releases it can be built for.

The module lies in the repository (`tests/kube/controlplane`), so it is found from a checkout only.
"""

import hashlib
import os
from pathlib import Path

DEFAULT_RELEASE = "1.34.4"
"""The release that is used where none is named; the Makefile's `K8S` says the same."""

MODULE = Path("tests/kube/controlplane")


class ControlPlaneError(Exception):
    """The control plane cannot be built, found or started; the text says what to do."""


def directory() -> Path:
    """Return the Go module's folder in the checkout that this package is imported from.

    Raises:
        ControlPlaneError: The package was installed without its repository.
    """
    found = Path(__file__).resolve().parents[5] / MODULE
    if not (found / "main.go").is_file():
        raise ControlPlaneError(
            f"{MODULE} is not next to this installation of ckf: work in a checkout of the "
            "repository, or name a folder with etcd and kube-apiserver in KUBEBUILDER_ASSETS"
        )
    return found


def releases(module: Path) -> list[str]:
    """Return the Kubernetes releases that `module` has requirements for, oldest first."""
    found = [path.stem for path in (module / "releases").glob("*.mod")]
    return sorted(found, key=lambda release: [int(part) for part in release.split(".")])


def requested(release: str | None = None) -> str:
    """Return `release`, else what the environment variable `K8S` names, else the default."""
    return release or os.environ.get("K8S") or DEFAULT_RELEASE


def modfile(module: Path, release: str) -> Path:
    """Return the file with the requirements of `release`; its checksums lie next to it.

    Raises:
        ControlPlaneError: There is none; the message lists the releases that there are.
    """
    known = releases(module)
    if release not in known:
        raise ControlPlaneError(
            f"Kubernetes {release} cannot be built here: choose one of {', '.join(known)}, or add "
            f"it ({MODULE}/README.md says how)"
        )
    return module / "releases" / f"{release}.mod"


def digest(module: Path, release: str) -> str:
    """Return what changes whenever the source that `release` is built from changes."""
    requirements = modfile(module, release)
    content = hashlib.sha256()
    for path in (module / "main.go", requirements, requirements.with_suffix(".sum")):
        content.update(hashlib.sha256(path.read_bytes()).digest())
    return content.hexdigest()[:12]
