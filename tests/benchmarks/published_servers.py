# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Models of the published charms' sync servers: what they do for a request, and how they serve.

Both run on `http.server`, one request and one connection after the other, with HTTP/1.0. The
dispatcher reads each manifest's file, renders it with Jinja2 and parses it as YAML; the profile
controller makes its objects and prints them and the request. Both log the request. Written from
their behaviour; sources: canonical/resource-dispatcher-rock, resource_dispatcher/src, and
canonical/kfp-operators, branch track/2.15, charms/kfp-profile-controller/files/upstream.
"""

from __future__ import annotations

import http.server
import json
import pathlib
import sys
from collections.abc import Callable
from typing import Any

import jinja2
import yaml

Object = dict[str, Any]


def dispatcher(directory: pathlib.Path) -> Callable[[Object], Object]:
    """Return the dispatcher's way to an answer, from the manifests in a directory."""

    def sync(request: Object) -> Object:
        namespace = request["object"]["metadata"]["name"]
        manifests: list[Object] = []
        for path in sorted(directory.glob("**/*.yaml")):
            text = jinja2.Template(path.read_text()).render(NAMESPACE=namespace)
            manifest = yaml.safe_load(text)
            manifest["metadata"]["namespace"] = namespace
            manifests.append(manifest)
        return {"status": {"resources-ready": "True"}, "attachments": manifests}

    return sync


def profile_controller(path: pathlib.Path) -> Callable[[Object], Object]:
    """Return the profile controller's way to an answer, from the manifests in a JSON file."""
    made = json.loads(path.read_text())

    def sync(request: Object) -> Object:
        namespace = request["object"]["metadata"]["name"]
        manifests = [
            {**item, "metadata": {**item["metadata"], "namespace": namespace}} for item in made
        ]
        sys.stderr.write(json.dumps(request["object"], indent=2, sort_keys=True))
        sys.stderr.write(json.dumps(manifests, indent=2, sort_keys=True))
        return {"status": {"kubeflow-pipelines-ready": "True"}, "attachments": manifests}

    return sync


def serve(port: int, sync: Callable[[Object], Object]) -> None:
    """Serve until the process is ended."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that http.server calls
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            sys.stderr.write(f"Request is {request}\n")
            answer = json.dumps(sync(request)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(answer)

    http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()


MODELS = {"dispatcher": dispatcher, "profile": profile_controller}

if __name__ == "__main__":
    serve(int(sys.argv[2]), MODELS[sys.argv[1]](pathlib.Path(sys.argv[3])))
