"""The web server: uvicorn in front of the gateway in front of `handler.graphql`."""

import socket

import uvicorn

from local import children, explorer, options
from local.gateway import Gateway


def main() -> None:
    from handler import graphql

    children.log_as("web")
    chosen = options.from_environment()
    gateway = Gateway(graphql, assets=explorer.assets())
    server = uvicorn.Server(
        uvicorn.Config(gateway, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=5)
    )
    with socket.create_server((options.HOST, chosen.port), backlog=256) as listening:
        children.end_with_supervisor()
        children.ready()
        server.run(sockets=[listening])
    gateway.close()


if __name__ == "__main__":
    main()
