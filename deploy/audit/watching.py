"""Rules on what wakes somebody: alarms that reach a topic, logs that end, an API that is bounded."""

from collections.abc import Iterator
from typing import Any

from deploy.audit.queues import dead_letter_queues, feeds
from deploy.audit.roles import functions
from deploy.audit.template import Finding, Resource, Template, each, names, text

API = "AWS::ApiGatewayV2::Api"


def every_alarm_reaches_a_topic(template: Template) -> Iterator[Finding]:
    for alarm in template.of("AWS::CloudWatch::Alarm"):
        told = [template.referred(one) for one in each(alarm.properties.get("AlarmActions"))]
        if not any(one is not None and one.kind == "AWS::SNS::Topic" for one in told):
            yield Finding(
                "every-alarm-reaches-a-topic",
                alarm.name,
                "AlarmActions",
                "names no topic: nobody hears it",
            )
        if text(alarm.properties.get("ActionsEnabled", True)).lower() == "false":
            yield Finding("every-alarm-reaches-a-topic", alarm.name, "ActionsEnabled", "is false")


def what_can_fail_has_an_alarm(template: Template) -> Iterator[Finding]:
    watched = set(_watched(template))
    wanted: list[tuple[str, Resource, str]] = []
    for function in functions(template):
        wanted += [("Errors", function, "a function that fails"), ("Throttles", function, "a function that is refused")]
    for _, queue, _ in feeds(template):
        wanted.append(("ApproximateAgeOfOldestMessage", queue, "work that waits"))
    for queue in dead_letter_queues(template):
        wanted.append(("ApproximateNumberOfMessagesVisible", queue, "work that was given up"))
    for api in template.of(API):
        wanted.append(("5xx", api, "answers that failed"))
        wanted.append(("Latency", api, "answers that are slow"))
    for metric, resource, what in wanted:
        if (metric.lower(), resource.name) not in watched:
            yield Finding(
                "what-can-fail-has-an-alarm", resource.name, f"AWS::CloudWatch::Alarm({metric})",
                f"is missing: nobody is told of {what}",
            )  # fmt: skip


def _watched(template: Template) -> Iterator[tuple[str, str]]:
    """Metrics in lower case, each with the logical id of what it is of."""
    for alarm in template.of("AWS::CloudWatch::Alarm"):
        for metric in _metrics(alarm):
            for dimension in each(metric.get("Dimensions")):
                for name in _meant(template, dimension.get("Value")):
                    yield text(metric.get("MetricName")).lower(), name


def _metrics(alarm: Resource) -> Iterator[dict[str, Any]]:
    yield dict(alarm.properties)
    for query in each(alarm.properties.get("Metrics")):
        yield (query.get("MetricStat") or {}).get("Metric") or {}


def _meant(template: Template, value: Any) -> Iterator[str]:
    """The resources that a dimension names, by reference or by their own name."""
    yield from (name for name in names(text(value)) if name in template.resources)
    line = template.plain(value)
    for resource in template.resources.values():
        if line in (template.plain(resource.properties.get(key)) for key in ("FunctionName", "QueueName", "Name")):
            yield resource.name


def alarms_watch_what_is_there(template: Template) -> Iterator[Finding]:
    for alarm in template.of("AWS::CloudWatch::Alarm"):
        for metric in _metrics(alarm):
            for dimension in each(metric.get("Dimensions")):
                if dimension.get("Name") in {"FunctionName", "QueueName", "ApiId"} and not list(
                    _meant(template, dimension.get("Value"))
                ):
                    yield Finding(
                        "alarms-watch-what-is-there", alarm.name, f"Dimensions.{dimension['Name']}",
                        f"{text(dimension.get('Value'))} is nothing of this template: it never goes off",
                    )  # fmt: skip


def logs_end(template: Template) -> Iterator[Finding]:
    groups = template.of("AWS::Logs::LogGroup")
    for group in groups:
        if not group.properties.get("RetentionInDays"):
            yield Finding(
                "logs-end", group.name, "RetentionInDays", "is missing: they are kept, and paid for, for ever"
            )
    for function in functions(template):
        own = template.plain((function.properties.get("LoggingConfig") or {}).get("LogGroup", ""))
        name = template.plain(function.properties.get("FunctionName", f"${{{function.name}}}"))
        wanted = {own, *names(own)} - {""} or {f"/aws/lambda/{name}", f"/aws/lambda/${{{function.name}}}"}
        if not any(
            template.plain(group.properties.get("LogGroupName")) in wanted or group.name in wanted for group in groups
        ):
            yield Finding(
                "logs-end", function.name, "LoggingConfig.LogGroup",
                "is no group of this template: Lambda makes one whose logs never end",
            )  # fmt: skip


def the_api_is_bounded_and_logged(template: Template) -> Iterator[Finding]:
    for stage in template.of("AWS::ApiGatewayV2::Stage"):
        if not (stage.properties.get("AccessLogSettings") or {}).get("DestinationArn"):
            yield Finding(
                "the-api-is-bounded-and-logged", stage.name, "AccessLogSettings.DestinationArn",
                "is missing: what never reaches the function leaves no trace",
            )  # fmt: skip
        throttled = stage.properties.get("DefaultRouteSettings") or {}
        for name in ("ThrottlingBurstLimit", "ThrottlingRateLimit"):
            if template.number(throttled.get(name)) is None:
                yield Finding(
                    "the-api-is-bounded-and-logged", stage.name, f"DefaultRouteSettings.{name}",
                    "is missing: one client may take every container, and the account's whole concurrency",
                )  # fmt: skip
