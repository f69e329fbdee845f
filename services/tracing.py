"""Spans of OpenTelemetry around the work, where TRACING=otel; elsewhere nothing, and nothing is imported.

Not the sending of them: ADOT's layer does that on Lambda, services.adapters.span_export in a container. A span holds
names, counts and ids: no variable of a request, no text of a statement, no customer's word. See docs/decisions/0028.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
Attributes = Mapping[str, str | int | float | bool]

CARRIED: Final = ("traceparent", "tracestate")
"What of a trace travels with a request or a message: https://www.w3.org/TR/trace-context/."
_NOTHING: Final = nullcontext()
_XRAY: Final = re.compile(r"(Root|Parent|Sampled)=([^;]+)")

_api: Any = None
"opentelemetry.trace, once begun."
_tracer: Any = None
_carrying: Any = None


def begin() -> None:
    """Make spans from now on. A warning, and none are made, where OpenTelemetry is not installed."""
    global _api, _tracer, _carrying
    try:
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
    except ImportError:
        log.warning("TRACING=otel, and there is no opentelemetry-api here: no spans are made")
        return
    _api, _tracer, _carrying = trace, trace.get_tracer("success-insights"), TraceContextTextMapPropagator()


def end() -> None:
    """Make no more spans."""
    global _tracer
    _tracer = None


def is_on() -> bool:
    return _tracer is not None


def span(
    name: str, attributes: Attributes | None = None, *, kind: str = "INTERNAL", parent: Mapping[str, str] | None = None
) -> AbstractContextManager[None]:
    """A span for as long as the block lasts, under the one around it; or under `parent`, linked with the one around it.

    `kind` is one of OpenTelemetry's. An exception marks it as failed by its type: messages may quote a customer.
    """
    return _NOTHING if _tracer is None else _spanning(name, attributes or {}, kind, parent or {})


def spanned(name: str, *, alone: bool = True) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A function each call of which is a span; unless `alone`, only of what happens within another."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def called(*arguments: P.args, **named: P.kwargs) -> T:
            if _tracer is None or not (alone or trace_id()):
                return function(*arguments, **named)
            with span(name):
                return function(*arguments, **named)

        return called

    return decorate


def note(attributes: Attributes, *, failed: bool = False) -> None:
    """Add to what is told of the span around this."""
    if _tracer is not None:
        around = _api.get_current_span()
        around.set_attributes(attributes)
        if failed:
            around.set_status(_api.StatusCode.ERROR)


def carrier() -> dict[str, str]:
    """What a message takes with it of the trace that it is sent in; empty where there is none."""
    carried: dict[str, str] = {}
    if _tracer is not None:
        _carrying.inject(carried)
    return carried


def trace_id() -> str:
    """The trace around this, in 32 hexadecimal digits; empty where there is none."""
    if _tracer is None:
        return ""
    context = _api.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""


def of_headers(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """The trace that a request belongs to: by traceparent, else by AWS's own header; empty where none surrounds it.

    >>> of_headers({b"x-amzn-trace-id": b"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"})
    {'traceparent': '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01'}
    """
    found = {name: headers[name.encode()].decode("latin-1") for name in CARRIED if name.encode() in headers}
    if "traceparent" in found:
        return found
    parts = dict(_XRAY.findall(headers.get(b"x-amzn-trace-id", b"").decode("latin-1")))
    if not {"Root", "Parent"} <= parts.keys():
        return {}
    root, sampled = parts["Root"].removeprefix("1-").replace("-", ""), parts.get("Sampled") == "1"
    return {"traceparent": f"00-{root}-{parts['Parent']}-{'01' if sampled else '00'}"}


@contextmanager
def _spanning(name: str, attributes: Attributes, kind: str, parent: Mapping[str, str]) -> Iterator[None]:
    around = _api.get_current_span().get_span_context()
    context = _carrying.extract(parent) if parent else None
    links = [_api.Link(around)] if parent and around.is_valid else []
    with _tracer.start_as_current_span(
        name, context=context, kind=_api.SpanKind[kind], attributes=attributes, links=links, record_exception=False,
        set_status_on_exception=False,
    ) as begun:  # fmt: skip
        try:
            yield
        except BaseException as error:
            begun.set_attribute("error.type", type(error).__name__)
            begun.set_status(_api.StatusCode.ERROR)
            raise
