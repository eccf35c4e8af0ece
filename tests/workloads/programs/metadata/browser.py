# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Ask the ML Metadata server by gRPC-Web, as the page of pipelines does.

python browser.py PORT METHOD REQUEST, the request in JSON, prints the answer in JSON: the status
of HTTP, that of gRPC, its message, and what has been answered.
"""

import http.client
import json
import sys

from google.protobuf import json_format
from ml_metadata.proto import metadata_store_service_pb2 as service

PATH = "/ml_metadata.MetadataStoreService/"
HEADERS = {
    "content-type": "application/grpc-web+proto",
    "x-grpc-web": "1",
    "x-user-agent": "grpc-web-javascript/0.1",
    "origin": "https://kubeflow.example.com",
}
TRAILERS = 0x80


def frames(body):
    """Yield the kind and the content of each frame."""
    while body:
        length = int.from_bytes(body[1:5], "big")
        yield body[0], body[5 : 5 + length]
        body = body[5 + length :]


def main():
    """Print what is answered."""
    port, method, request = sys.argv[1:]
    message = json_format.Parse(request, getattr(service, f"{method}Request")())
    payload = message.SerializeToString()
    framed = b"\0" + len(payload).to_bytes(4, "big") + payload
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
    connection.request("POST", PATH + method, framed, HEADERS)
    answer = connection.getresponse()
    fields, found = dict(answer.getheaders()), getattr(service, f"{method}Response")()
    for kind, content in frames(answer.read()):
        if kind & TRAILERS:
            lines = content.decode().split("\r\n")
            fields.update(line.split(":", 1) for line in lines if line)
        else:
            found.ParseFromString(content)
    result = {
        "http": answer.status,
        "grpc": int(fields.get("grpc-status", -1)),
        "message": fields.get("grpc-message", ""),
        "origin": fields.get("access-control-allow-origin", ""),
        "answer": json_format.MessageToDict(found, preserving_proto_field_name=True),
    }
    print(json.dumps(result))


main()
