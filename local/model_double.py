"""A stand-in for a language model: a server of OpenAI's protocol that writes about the facts in the prompt, or fails in
one of the ways that providers fail. For tests, and for trying the whole product without a key.

    POST /v1/chat/completions   as OpenAI's
    POST /mode                  {"mode": "lying", "seconds": 2}
    GET  /calls                 what it was asked
"""

import contextlib
import json
import math
import re
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from local import model_prose
from local.model_modes import MODES
from services.errors import Failure

HOST: Final = "127.0.0.1"
ONCE: Final = "-once"
STRICT: Final = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "minItems", "maxItems",
    "minimum", "maximum",
}  # fmt: skip
"Keywords of JSON schema that structured outputs take, as far as anybody here uses them."
REASONS: Final = re.compile(r"gpt-[5-9].*|o[1-9].*")
THINKING: Final = 64
"Tokens that a reasoning model thinks with before it writes."


class ModelDouble:
    """The server, on a thread of its own from `start` to `close`; usable in `with`. `mode` may be set at any time."""

    def __init__(self, port: int = 0, *, mode: str = "honest", seconds: float = 5.0) -> None:
        self.state = _State(mode, seconds)
        try:
            self._server = ThreadingHTTPServer((HOST, port), _handler(self.state))
        except OSError as error:
            raise Failure(f"port {port} cannot be listened on: {error.strerror}") from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="model double")

    @property
    def url(self) -> str:
        """What OPENAI_BASE_URL is to be."""
        return f"http://{HOST}:{self._server.server_address[1]}/v1"

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The bodies of the requests so far."""
        return self.state.calls

    def become(self, mode: str, *, seconds: float | None = None) -> None:
        """Behave so from the next request on, and forget the requests so far."""
        self.state.become(mode, seconds)
        self.state.calls.clear()
        self.state.seen.clear()

    def __enter__(self) -> "ModelDouble":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.state.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def serve(port: int, mode: str, seconds: float, say: Callable[[str], None]) -> int:
    """Run until Ctrl-C."""
    with ModelDouble(port, mode=mode, seconds=seconds) as double:
        say(f"a double of a model, {mode}: OPENAI_BASE_URL={double.url}")
        threading.Event().wait()
    return 0


@dataclass(slots=True)
class _State:
    mode: str
    seconds: float
    calls: list[dict[str, Any]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    seen: set[str] = field(default_factory=set)
    "Prompts that were read before."

    def become(self, mode: str, seconds: float | None) -> None:
        if mode not in MODES:
            raise ValueError(mode)
        self.mode = mode
        self.seconds = self.seconds if seconds is None else seconds

    def next_mode(self) -> str:
        """How to behave now; a mode that holds once gives way to honesty."""
        mode = self.mode
        if mode.endswith(ONCE):
            self.mode = "honest"
        return mode.removesuffix(ONCE)


@dataclass(eq=False)
class _Refusal(Exception):
    """An answer in OpenAI's error JSON."""

    status: int
    message: str
    type: str
    code: str | None
    param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def _completion(body: dict[str, Any], mode: str, state: _State) -> dict[str, Any]:
    """What the model answers, or a _Refusal."""
    _check(body, mode, state)
    told = model_prose.read("\n".join(one["content"] for one in body["messages"] if one["role"] == "user"))
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    ended = "stop"
    if mode == "length":
        message["content"], ended = "", "length"
    elif mode == "filtered":
        message["content"], ended = "", "content_filter"
    elif mode == "refusal":
        message["refusal"] = "I'm sorry, I can't help with that."
    elif mode == "empty":
        message["content"] = ""
    elif mode == "tool":
        message["tool_calls"] = [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
        ended = "tool_calls"
    elif mode == "wrong-schema":
        message["content"] = json.dumps({"headline": 1, "insights": [], "score": 97})
    elif mode == "obedient":
        answer, tools = model_prose.obedient(told)
        message["content"] = json.dumps(answer)
        message |= {"tool_calls": tools} if tools else {}
    else:
        answer = model_prose.lying(told) if mode == "lying" else model_prose.honest(told, literally="literals" in mode)
        text = json.dumps(answer)
        message["content"] = text[: len(text) * 2 // 3] if mode == "truncated" else text
    completion = {
        "id": f"chatcmpl-{uuid.uuid4().hex}", "object": "chat.completion", "created": int(time.time()),
        "model": body["model"], "service_tier": "default", "system_fingerprint": "fp_double",
        "choices": [{"index": 0, "message": message, "finish_reason": ended, "logprobs": None}],
    }  # fmt: skip
    return completion if mode == "no-usage" else {**completion, "usage": _usage(body, message, state)}


def _usage(body: Mapping[str, Any], message: Mapping[str, Any], state: _State) -> dict[str, Any]:
    """Four characters a token, as English text has on average; a prompt of 1,024 and more is cached in steps of 128."""
    asked = json.dumps(body["messages"])
    prompt, thinking = len(asked) // 4, THINKING if REASONS.fullmatch(body["model"]) else 0
    cached = prompt // 128 * 128 if asked in state.seen and prompt >= 1024 else 0
    state.seen.add(asked)
    written = thinking + math.ceil(len(message["content"] or message["refusal"] or "") / 4)
    return {
        "prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written,
        "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": thinking, "audio_tokens": 0},
    }  # fmt: skip


def _check(body: Mapping[str, Any], mode: str, state: _State) -> None:
    """Refuse what OpenAI refuses, and what the mode says."""
    if mode == "rate-limited":
        wait = {"retry-after": str(math.ceil(state.seconds)), "retry-after-ms": str(round(state.seconds * 1000))}
        raise _Refusal(429, "Rate limit reached. Please slow down.", "requests", "rate_limit_exceeded", headers=wait)
    if mode == "no-credit":
        message = "You exceeded your current quota, please check your plan and billing details."
        raise _Refusal(429, message, "insufficient_quota", "insufficient_quota")
    if mode == "broken":
        raise _Refusal(500, "The server had an error while processing your request.", "server_error", None)
    if mode == "unknown-model":
        message = f"The model `{body.get('model')}` does not exist or you do not have access to it."
        raise _Refusal(404, message, "invalid_request_error", "model_not_found")
    kind = body.get("response_format", {}).get("type")
    if kind == "json_schema":
        if mode == "no-json-schema":
            message = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
            raise _Refusal(400, message, "invalid_request_error", None, "response_format")
        _check_schema(body["response_format"]["json_schema"]["schema"], "")
    if kind == "json_object" and "json" not in json.dumps(body["messages"]).lower():
        message = (
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
        )
        raise _Refusal(400, message, "invalid_request_error", None, "messages")
    if REASONS.fullmatch(body["model"]):
        for name, other in (("max_tokens", "Use 'max_completion_tokens' instead."), ("temperature", "")):
            if name in body:
                message = f"Unsupported parameter: '{name}' is not supported with this model. {other}"
                raise _Refusal(400, message.strip(), "invalid_request_error", "unsupported_parameter", name)


def _check_schema(schema: Mapping[str, Any], at: str) -> None:
    """Refuse what is outside the strict subset of structured outputs."""
    whole = schema.get("type") != "object" or (
        schema.get("additionalProperties") is False and schema.get("required") == list(schema["properties"])
    )
    if not whole or not set(schema) <= STRICT or schema.get("enum") == []:
        message = f"Invalid schema for response_format 'insight': In context=({at}), it is outside the subset."
        raise _Refusal(400, message, "invalid_request_error", None, "response_format")
    for name, inner in schema.get("properties", {}).items():
        _check_schema(inner, f"{at}/{name}")
    for inner in [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]:
        _check_schema(inner, f"{at}/*")


def _handler(state: _State) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            if self.path == "/calls":
                self._send(200, {"calls": state.calls})
            elif self.path in ("/", "/mode"):
                self._send(200, {"mode": state.mode, "seconds": state.seconds, "modes": dict(MODES)})
            else:
                self._send(404, {"error": {"message": f"Unknown request URL: GET {self.path}", "code": "unknown_url"}})

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # whoever asked may have given up
                if self.path == "/mode":
                    self._become(content)
                elif self.path == "/v1/chat/completions":
                    self._complete(content)
                else:
                    error = {"message": f"Unknown request URL: POST {self.path}", "code": "unknown_url"}
                    self._send(404, {"error": error})

        def _become(self, content: bytes) -> None:
            try:
                asked = json.loads(content)
                state.become(asked["mode"], asked.get("seconds"))
            except (ValueError, KeyError, TypeError, AttributeError):
                self._send(400, {"error": {"message": f"a mode is one of {', '.join(MODES)}"}})
                return
            self._send(200, {"mode": state.mode, "seconds": state.seconds})

        def _complete(self, content: bytes) -> None:
            mode = state.next_mode()
            try:
                body = json.loads(content)
                state.calls.append(body)
                if mode == "unauthorized" or not self.headers.get("authorization", "").startswith("Bearer "):
                    # OpenAI shows a part of the key; other servers all of it
                    message = f"Incorrect API key provided: {self.headers.get('authorization', '')[7:]}."
                    raise _Refusal(401, message, "invalid_request_error", "invalid_api_key")
                if mode in ("slow", "silent"):
                    state.closing.wait(state.seconds if mode == "slow" else None)
                if mode == "html":
                    self._send(200, b"<!doctype html><title>Sign in</title>", "text/html")
                elif mode == "trickling":
                    self._trickle()
                else:
                    self._send(200, _completion(body, mode, state), half=mode == "half")
            except _Refusal as refusal:
                told = {"message": refusal.message, "type": refusal.type, "param": refusal.param, "code": refusal.code}
                self._send(refusal.status, {"error": told}, headers=refusal.headers)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                told = {"message": f"We could not parse your request: {error}", "type": "invalid_request_error"}
                self._send(400, {"error": {**told, "param": None, "code": None}})

        def _trickle(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("connection", "close")
            self.end_headers()
            self.close_connection = True
            while not state.closing.wait(0.02):
                self.wfile.write(b" ")

        def _send(
            self,
            status: int,
            answer: dict[str, Any] | bytes,
            kind: str = "application/json",
            *,
            headers: Mapping[str, str] | None = None,
            half: bool = False,
        ) -> None:
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {
                "content-type": kind, "content-length": str(len(content)), "x-request-id": f"req_{uuid.uuid4().hex}",
                "openai-processing-ms": "12", **(headers or {}),
            }.items():  # fmt: skip
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if half else content)
            self.close_connection = self.close_connection or half

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: GET /calls tells."""

    return Handler
