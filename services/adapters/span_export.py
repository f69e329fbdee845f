"""Sends spans to a collector by OTLP over HTTP, from a process that nobody else does it for: a container, `make run`.

Where to and how often is told by OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT ...), which its SDK reads.
"""

import logging
from typing import TYPE_CHECKING

from services import tracing

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger(__name__)

_provider: "TracerProvider | None" = None


def begin(service: str) -> None:
    """Make spans of this process and send them in the background, the last ones when it ends.

    A warning, and none are sent, where the SDK is not installed. Once a process.
    """
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("TRACING=otel, and there is no SDK of OpenTelemetry here: no spans are sent")
        return
    named = Resource.create({"service.name": service}).merge(OTELResourceDetector().detect())
    global _provider
    _provider = provider = TracerProvider(resource=named)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    tracing.begin()


def end() -> None:
    """Send what is left, and no more after that."""
    if _provider is not None:
        _provider.shutdown()
