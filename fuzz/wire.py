"""Requests as they go over a connection that is kept alive: nothing is checked or mended on the way."""

import http.client
from collections.abc import Mapping

from fuzz.judging import Answer


class Wire:
    """One connection to the server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: http.client.HTTPConnection | None = None

    def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer. Where the server had closed the connection, asked once more over a new one."""
        try:
            return self._send(method, path, body, headers)
        except (http.client.HTTPException, ConnectionError):
            self.close()
            return self._send(method, path, body, headers)

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        connection = self._connection = self._connection or http.client.HTTPConnection(
            "127.0.0.1", self._port, timeout=120
        )
        connection.putrequest(method, path, skip_host="host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value.encode("latin-1"))
        connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        answered = Answer(
            response.status, {key.lower(): value for key, value in response.getheaders()}, response.read()
        )
        if response.will_close:
            self.close()
        return answered

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
