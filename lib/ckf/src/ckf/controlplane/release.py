# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Write the requirements of one more Kubernetes release for the Go module.

`k8s.io/kubernetes` points its staging modules at folders of its own repository, so a module that
requires it must replace each of them by the published module of the same release (v1.34.4 goes
with v0.34.4). Its own `go.mod` lists them; everything else follows from it.
"""

import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from . import build, source
from .source import ControlPlaneError


def add(release: str) -> Path:
    """Write `releases/<release>.mod` and its checksums, asking the Go module proxy.

    Args:
        release: A published Kubernetes release, such as `1.34.4`.

    Raises:
        ControlPlaneError: There is no Go, no such release, or its modules do not fit `main.go`.
    """
    if not re.fullmatch(r"1\.\d+\.\d+", release):
        raise ControlPlaneError(f"{release} is not a Kubernetes release such as 1.34.4")
    module, go = source.directory(), build.find_go()
    with tempfile.TemporaryDirectory() as scratch:
        draft = Path(scratch)
        shutil.copy(module / "main.go", draft)
        (draft / "go.mod").write_text(requirements(_upstream(go, release, draft), release))
        build.run_go(go, draft, "mod", "tidy")
        target = module / "releases" / f"{release}.mod"
        shutil.copy(draft / "go.mod", target)
        shutil.copy(draft / "go.sum", target.with_suffix(".sum"))
    return target


def requirements(upstream: dict[str, Any], release: str) -> str:
    """Return the `go.mod` that `go mod tidy` completes, from what `go mod edit -json` prints."""
    staging = [replaced["Old"]["Path"] for replaced in upstream["Replace"]]
    published = f"v0.{release.removeprefix('1.')}"
    return "\n".join(
        [
            "module controlplane\n",
            f"go {upstream['Go']}\n",
            f"require k8s.io/kubernetes v{release}\n",
            "replace (",
            *(f"\t{path} => {path} {published}" for path in staging),
            ")\n",
        ]
    )


def _upstream(go: str, release: str, folder: Path) -> dict[str, Any]:
    found = build.run_go(go, folder, "mod", "download", "-json", f"k8s.io/kubernetes@v{release}")
    return json.loads(build.run_go(go, folder, "mod", "edit", "-json", json.loads(found)["GoMod"]))
