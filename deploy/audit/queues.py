"""Rules on queues and on the functions that they feed. What each number protects: docs/decisions/0029."""

from collections.abc import Iterator
from typing import Final

from deploy.audit.template import Finding, Resource, Template, each, text

TRIES: Final = 5
"A message is received at least so often before it is a dead letter: services.insights.claims.TRIES."
DAY: Final = 24 * 60 * 60
KEPT: Final = 14 * DAY
"The longest that SQS keeps anything."
DEFAULT_KEPT: Final = 4 * DAY
DEFAULT_VISIBILITY: Final = 30
DEFAULT_TIMEOUT: Final = 3
SLACK: Final = 6
"AWS's advice: a message stays hidden for six timeouts of its function, so that throttled polls do not show it twice."


def feeds(template: Template) -> Iterator[tuple[Resource, Resource, Resource]]:
    """Each event source mapping with its queue and its function."""
    for mapping in template.of("AWS::Lambda::EventSourceMapping"):
        queue = template.referred(mapping.properties.get("EventSourceArn"))
        function = template.referred(mapping.properties.get("FunctionName"))
        if queue is not None and queue.kind == "AWS::SQS::Queue" and function is not None:
            yield mapping, queue, _aliased(template, function)


def dead_letter_queue(template: Template, queue: Resource) -> Resource | None:
    """Where what fails too often goes."""
    policy = queue.properties.get("RedrivePolicy") or {}
    found = template.referred(policy.get("deadLetterTargetArn"))
    return found if found is not None and found.kind == "AWS::SQS::Queue" else None


def dead_letter_queues(template: Template) -> list[Resource]:
    """Every queue that is another's, or that takes a function's failed events."""
    found = {queue.name: queue for one in template.of("AWS::SQS::Queue") if (queue := dead_letter_queue(template, one))}
    for config in template.of("AWS::Lambda::EventInvokeConfig"):
        taker = template.referred(_on_failure(config))
        if taker is not None and taker.kind == "AWS::SQS::Queue":
            found[taker.name] = taker
    return list(found.values())


def visibility_outlasts_six_timeouts(template: Template) -> Iterator[Finding]:
    for _, queue, function in feeds(template):
        hidden = template.number(queue.properties.get("VisibilityTimeout", DEFAULT_VISIBILITY))
        timeout = template.number(function.properties.get("Timeout", DEFAULT_TIMEOUT))
        if hidden is None or timeout is None or hidden < SLACK * timeout:
            yield Finding(
                "visibility-outlasts-six-timeouts", queue.name, "VisibilityTimeout",
                f"{_said(hidden)} s is less than {SLACK} x {_said(timeout)} s, the timeout of {function.name}: a "
                "message comes again while it is still worked on",
            )  # fmt: skip


def what_fails_is_kept(template: Template) -> Iterator[Finding]:
    for _, queue, _ in feeds(template):
        policy = queue.properties.get("RedrivePolicy") or {}
        taker = dead_letter_queue(template, queue)
        if taker is None:
            yield Finding(
                "what-fails-is-kept", queue.name, "RedrivePolicy.deadLetterTargetArn",
                "names no queue of this template: a poison message comes again until it expires, and is lost",
            )  # fmt: skip
            continue
        tries = template.number(policy.get("maxReceiveCount"))
        if tries is None or tries < TRIES:
            yield Finding(
                "what-fails-is-kept", queue.name, "RedrivePolicy.maxReceiveCount",
                f"{_said(tries)} is less than {TRIES}: a short trouble of the database makes dead letters",
            )  # fmt: skip


def dead_letters_wait_14_days(template: Template) -> Iterator[Finding]:
    for queue in dead_letter_queues(template):
        kept = template.number(queue.properties.get("MessageRetentionPeriod", DEFAULT_KEPT))
        if kept != KEPT:
            yield Finding(
                "dead-letters-wait-14-days", queue.name, "MessageRetentionPeriod",
                f"{_said(kept)} s is not {KEPT}, 14 days: a dead letter's age counts from when it was first sent",
            )  # fmt: skip
    for queue in template.of("AWS::SQS::Queue"):
        kept = template.number(queue.properties.get("MessageRetentionPeriod", DEFAULT_KEPT))
        if dead_letter_queue(template, queue) is not None and (kept is None or kept >= KEPT):
            yield Finding(
                "dead-letters-wait-14-days", queue.name, "MessageRetentionPeriod",
                f"{_said(kept)} s leaves nothing of 14 days to a message that waited here before it failed",
            )  # fmt: skip


def failures_are_told_one_by_one(template: Template) -> Iterator[Finding]:
    for mapping, queue, _ in feeds(template):
        if "ReportBatchItemFailures" not in map(text, each(mapping.properties.get("FunctionResponseTypes"))):
            yield Finding(
                "failures-are-told-one-by-one", mapping.name, "FunctionResponseTypes",
                f"lacks ReportBatchItemFailures: what the function names as failed is deleted from {queue.name}",
            )  # fmt: skip


def one_message_a_call(template: Template) -> Iterator[Finding]:
    for mapping, queue, function in feeds(template):
        if template.number(mapping.properties.get("BatchSize", 10)) != 1:
            yield Finding(
                "one-message-a-call", mapping.name, "BatchSize",
                f"is not 1: one file or one answer of a model fills the time of {function.name}, and a timeout would "
                f"burn a try of every message of {queue.name} in the batch",
            )  # fmt: skip


def concurrency_is_bounded_at_the_queue(template: Template) -> Iterator[Finding]:
    for mapping, queue, function in feeds(template):
        most = template.number((mapping.properties.get("ScalingConfig") or {}).get("MaximumConcurrency"))
        if most is None or not 2 <= most <= 1000:
            yield Finding(
                "concurrency-is-bounded-at-the-queue", mapping.name, "ScalingConfig.MaximumConcurrency",
                f"{_said(most)} is not from 2 to 1000: a rush on {queue.name} would take every "
                "connection of the database",
            )  # fmt: skip
        if "ReservedConcurrentExecutions" in function.properties:
            yield Finding(
                "concurrency-is-bounded-at-the-queue", function.name, "ReservedConcurrentExecutions",
                f"a poll of {queue.name} that it throttles counts as a try: bound {mapping.name} instead",
            )  # fmt: skip


def failed_events_are_kept(template: Template) -> Iterator[Finding]:
    """What a schedule sends is sent asynchronously: after two more tries Lambda drops it."""
    for rule in template.of("AWS::Events::Rule", "AWS::Scheduler::Schedule"):
        for target in each(rule.properties.get("Targets") or rule.properties.get("Target")):
            function = template.referred(target.get("Arn"))
            if function is None or function.kind not in {"AWS::Lambda::Function", "AWS::Lambda::Alias"}:
                continue
            function = _aliased(template, function)
            if function.properties.get("Handler") == "handler.graphql":
                continue  # a schedule only keeps it warm
            configs = [
                config
                for config in template.of("AWS::Lambda::EventInvokeConfig")
                if template.referred(config.properties.get("FunctionName")) == function
            ]
            if not any(template.referred(_on_failure(config)) for config in configs):
                yield Finding(
                    "failed-events-are-kept", function.name, "EventInvokeConfig.DestinationConfig.OnFailure",
                    f"is missing: an event of {rule.name} that fails three times is dropped, and nobody is told",
                )  # fmt: skip


def _on_failure(config: Resource) -> object:
    return ((config.properties.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")


def _aliased(template: Template, function: Resource) -> Resource:
    """The function behind an alias or a version."""
    while function.kind in {"AWS::Lambda::Alias", "AWS::Lambda::Version"}:
        behind = template.referred(function.properties.get("FunctionName"))
        if behind is None:
            break
        function = behind
    return function


def _said(number: float | None) -> str:
    return "nothing" if number is None else f"{number:.0f}"
