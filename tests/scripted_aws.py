"""A server of AWS's JSON protocol that gives its answers one by one, and keeps what it was asked."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from services.settings import CredentialsPlace

PLACE = CredentialsPlace("AKIDTESTING", "secret")
Answer = tuple[int, dict[str, Any] | str]


class ScriptedAws:
    """`with ScriptedAws((200, {...})) as aws: aws.url`. The last answer is given again and again."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        script, asked = list(answers), self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.do_POST()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked.append((self.path, headers, json.loads(body or b"null")))
                status, told = script.pop(0) if len(script) > 1 else script[0]
                content = (told if isinstance(told, str) else json.dumps(told)).encode()
                self.send_response_only(status)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def parameters(**values: str) -> Answer:
    """What SSM answers: a name `a` stands for the parameter /a."""
    found = [{"Name": f"/{name}", "Value": value, "Type": "SecureString"} for name, value in values.items()]
    return 200, {"Parameters": found, "InvalidParameters": []}


def refused(name: str, status: int = 400) -> Answer:
    return status, {"__type": name, "message": "not for a log: hunter2"}
