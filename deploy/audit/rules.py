"""Our own rules, for what the tools are blind to. Each reads a synthesised template and tells what is wrong."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from deploy.audit import queues, roles, stores, watching
from deploy.audit.template import Finding, Template

Rule = Callable[[Template], Iterator[Finding]]

RULES: Final[Sequence[Rule]] = (
    roles.every_function_is_there,
    roles.a_role_is_one_function_s,
    roles.only_lambda_assumes_it,
    roles.no_policy_of_others,
    roles.no_wildcards,
    roles.it_may_do_what_it_needs,
    roles.it_may_do_nothing_else,
    roles.it_has_its_settings,
    roles.no_secret_is_written_down,
    queues.visibility_outlasts_six_timeouts,
    queues.what_fails_is_kept,
    queues.dead_letters_wait_14_days,
    queues.failures_are_told_one_by_one,
    queues.one_message_a_call,
    queues.concurrency_is_bounded_at_the_queue,
    queues.failed_events_are_kept,
    stores.by_tls_only,
    stores.encrypted,
    stores.private,
    stores.s3_may_tell_the_queue,
    stores.callers_are_named,
    watching.every_alarm_reaches_a_topic,
    watching.what_can_fail_has_an_alarm,
    watching.alarms_watch_what_is_there,
    watching.logs_end,
    watching.the_api_is_bounded_and_logged,
)


def findings(template: Template) -> list[Finding]:
    """What any rule finds, in the rules' order."""
    return [finding for rule in RULES for finding in rule(template)]
