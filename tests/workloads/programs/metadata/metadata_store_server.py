# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""ML Metadata's engine behind gRPC, with the flags of its own server that the charm uses.

Upstream's server is a program in C++ that no registry has; the engine is the same one.
"""

import argparse
import pathlib
from concurrent import futures

import grpc
from google.protobuf import text_format
from ml_metadata.metadata_store.pywrap.metadata_store_extension import metadata_store as engine
from ml_metadata.proto import metadata_store_pb2

CODES = {code.value[0]: code for code in grpc.StatusCode}


class Service(grpc.GenericRpcHandler):
    """Hands each request to the engine, and its answer back, as bytes."""

    def __init__(self, store):
        self._store = store

    def service(self, handler_call_details):
        """Return the handler of a method, None where the engine has no such method."""
        method = getattr(engine, handler_call_details.method.rpartition("/")[2], None)

        def call(request, context):
            answer, message, code = method(self._store, request)
            if code:
                context.abort(CODES[code], message.decode())
            return answer

        return method and grpc.unary_unary_rpc_method_handler(call)


def opened(path, upgrade):
    """Open the database that a file names."""
    text = pathlib.Path(path).read_text()
    config = text_format.Parse(text, metadata_store_pb2.MetadataStoreServerConfig())
    migration = metadata_store_pb2.MigrationOptions(enable_upgrade_migration=upgrade)
    serialized = config.connection_config.SerializeToString(), migration.SerializeToString()
    return engine.CreateMetadataStore(*serialized)


def main():
    """Serve until it is killed."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--metadata_store_server_config_file", required=True)
    parser.add_argument("--grpc_port", type=int, required=True)
    parser.add_argument("--enable_database_upgrade", choices=("true", "false"), default="false")
    flags = parser.parse_args()
    upgrade = flags.enable_database_upgrade == "true"
    store = opened(flags.metadata_store_server_config_file, upgrade)
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
    server.add_generic_rpc_handlers([Service(store)])
    server.add_insecure_port(f"0.0.0.0:{flags.grpc_port}")
    server.start()
    print(f"Server listening on 0.0.0.0:{flags.grpc_port}", flush=True)
    server.wait_for_termination()


main()
