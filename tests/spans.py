"""The spans of a test, kept in memory by OpenTelemetry's own SDK, and drawn as trees."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services import tracing


class Spans:
    """What has ended so far."""

    def __init__(self, kept: InMemorySpanExporter) -> None:
        self._kept = kept

    def forget(self) -> None:
        self._kept.clear()

    def all(self) -> Sequence[ReadableSpan]:
        """In the order in which they began."""
        return sorted(self._kept.get_finished_spans(), key=lambda span: span.start_time or 0)

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.all() if span.name == name]

    def tree(self) -> list[str]:
        """A line a span, those below another indented under it. Statements that follow each other are one line."""
        spans = self.all()
        ids = {span.context.span_id for span in spans if span.context}
        roots = [span for span in spans if span.parent is None or span.parent.span_id not in ids]
        return [line for root in roots for line in _lines(root, spans, 0)]


@contextmanager
def kept() -> Iterator[Spans]:
    """Spans are made for as long as this lasts."""
    exporter = _exporter()
    exporter.clear()
    tracing.begin()
    try:
        yield Spans(exporter)
    finally:
        tracing.end()


@cache
def _exporter() -> InMemorySpanExporter:
    """One for the process: OpenTelemetry lets nobody replace the provider."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


def _lines(span: ReadableSpan, spans: Sequence[ReadableSpan], depth: int) -> list[str]:
    lines = [f"{'  ' * depth}{'sql' if _is_sql(span) else span.name}"]
    for one in spans:
        if one.parent is not None and span.context is not None and one.parent.span_id == span.context.span_id:
            below = _lines(one, spans, depth + 1)
            lines += below if not (_is_sql(one) and lines[-1] == below[0]) else []
    return lines


def _is_sql(span: ReadableSpan) -> bool:
    return "db.system.name" in (span.attributes or {})
