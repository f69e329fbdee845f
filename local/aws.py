"""The emulator of S3, SQS and SNS: moto's server, which writes every object through to a folder.

Not AWS: it checks no signature, and an upload form's limits (size, type, expiry) bind nobody here. So no page of
others may reach it, though a browser on this machine shows it.
"""

import logging
import threading
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import make_server

from local import children, options
from local.lambdas import ACCOUNT
from services.settings import is_loopback

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class WriteThrough:
    """A WSGI application around moto's: before a client hears that its object is stored, it is on disk too."""

    def __init__(self, application: "WSGIApplication", folder: Path) -> None:
        self._application = application
        self._folder = folder
        self._written: dict[str, str] = {}
        self._writing = threading.Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        answer = self._application(environ, start_response)
        bucket = s3_backends[ACCOUNT]["aws"].buckets.get(environ["PATH_INFO"].split("/")[1])
        if bucket is not None and environ["REQUEST_METHOD"] in {"PUT", "POST"}:
            with self._writing:  # another request may store something meanwhile
                for key in list(bucket.keys.values()):
                    if self._written.get(key.name) != key.etag:
                        self._write(key.name, key.value)
                        self._written[key.name] = key.etag
        return answer

    def _write(self, name: str, content: bytes) -> None:
        path = (self._folder / name).resolve()
        if path.is_relative_to(self._folder):  # a key may hold dots that lead elsewhere
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(path.name + ".part")
            part.write_bytes(content)
            part.replace(path)


class ForThisMachine:
    """A WSGI application for clients, pages of this machine and those of `origins`: moto itself lets every page in."""

    def __init__(self, application: "WSGIApplication", origins: Collection[str]) -> None:
        self._application = application
        self._origins = origins

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN")
        is_ours = origin is None or origin in self._origins or is_loopback(origin.partition("://")[2])
        if is_ours and is_loopback(environ.get("HTTP_HOST", "")):
            return self._application(environ, start_response)
        start_response("403 Forbidden", [("content-length", "0")])
        return []


def main() -> None:
    chosen = options.from_environment()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    application = WriteThrough(DomainDispatcherApplication(create_backend_app), chosen.data_dir / "files")
    origins = [origin.strip().rstrip("/") for origin in chosen.cors_origins.split(",")]
    server = make_server(options.HOST, chosen.aws_port, ForThisMachine(application, origins), threaded=True)
    children.end_with_supervisor()
    children.ready()
    server.serve_forever()


if __name__ == "__main__":
    main()
