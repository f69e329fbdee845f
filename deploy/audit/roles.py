"""Rules on roles: each function has one of its own, with what its code calls and nothing else."""

import re
from collections.abc import Iterator

from deploy.audit import grants
from deploy.audit.grants import Grant
from deploy.audit.needs import ANYTHING, BY_SERVICE, CONSUMES, NEEDS, SECRETS, SETTINGS, TOLERATED, WRITES_LOGS, Need
from deploy.audit.queues import feeds
from deploy.audit.template import Finding, Resource, Template, each, names, text


def functions(template: Template) -> list[Resource]:
    """Those of handler.py, not what a framework may bring for itself."""
    return [one for one in template.of("AWS::Lambda::Function") if one.properties.get("Handler") in NEEDS]


def every_function_is_there(template: Template) -> Iterator[Finding]:
    there = [function.properties["Handler"] for function in functions(template)]
    for handler in NEEDS:
        if there.count(handler) != 1:
            yield Finding(
                "every-function-is-there", "Resources", "Handler",
                f"{there.count(handler)} functions have the handler {handler}, and one must",
            )  # fmt: skip


def a_role_is_one_function_s(template: Template) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for function in functions(template):
        role = template.referred(function.properties.get("Role"))
        if role is None:
            yield Finding(
                "a-role-is-one-function-s", function.name, "Role",
                f"{text(function.properties.get('Role'))} is no role of this template: nobody sees here what it may do",
            )  # fmt: skip
        elif role.name in owners:
            yield Finding(
                "a-role-is-one-function-s", function.name, "Role",
                f"{role.name} is the role of {owners[role.name]} too: each may do what the other needs",
            )  # fmt: skip
        else:
            owners[role.name] = function.name


def only_lambda_assumes_it(template: Template) -> Iterator[Finding]:
    for _, role in _with_role(template):
        for trust in grants.statements(
            role, "AssumeRolePolicyDocument", role.properties.get("AssumeRolePolicyDocument")
        ):
            if trust.principals != ("lambda.amazonaws.com",) or trust.actions != ("sts:AssumeRole",):
                yield Finding(
                    "only-lambda-assumes-it", role.name, trust.place,
                    f"lets {', '.join(trust.principals)} do {', '.join(trust.actions)}: only lambda.amazonaws.com may "
                    "assume a function's role",
                )  # fmt: skip


def no_policy_of_others(template: Template) -> Iterator[Finding]:
    for function, role in _with_role(template):
        for arn in each(role.properties.get("ManagedPolicyArns")):
            if template.referred(arn) is None:
                yield Finding(
                    "no-policy-of-others", role.name, "ManagedPolicyArns",
                    f"{text(arn)} is not written here: AWS's policies reach every log group, queue or bucket, where "
                    f"{function.name} needs its own",
                )  # fmt: skip


def no_wildcards(template: Template) -> Iterator[Finding]:
    for _, role in _with_role(template):
        for grant in _allowed(template, role):
            for action in grant.actions:
                if "*" in action or "?" in action:
                    yield Finding(
                        "no-wildcards", grant.owner, f"{grant.place}.Action",
                        f"{action} grants what nobody listed, and what AWS adds next year",
                    )  # fmt: skip
                elif "*" in grant.resources and action.lower() not in ANYTHING:
                    yield Finding(
                        "no-wildcards", grant.owner, f"{grant.place}.Resource",
                        f"* lets {action} reach every resource of the account",
                    )  # fmt: skip
            for resource in grant.resources:
                if resource != "*" and not _is_bounded(template, resource) and not _by_service(grant):
                    yield Finding(
                        "no-wildcards", grant.owner, f"{grant.place}.Resource",
                        f"{resource} is a pattern over names, where the one resource can be named",
                    )  # fmt: skip


def it_may_do_what_it_needs(template: Template) -> Iterator[Finding]:
    for function, role in _with_role(template):
        allowed = _allowed(template, role)
        for need, target in _needs(template, function):
            if not any(grant.allows(need.action) and _reaches(grant, target, need.part) for grant in allowed):
                yield Finding(
                    "it-may-do-what-it-needs", role.name, "Policies",
                    f"{function.name} may not {need.action} on {target}{need.part}: {need.why}",
                )  # fmt: skip
        for action in WRITES_LOGS:
            if not any(grant.allows(action) for grant in allowed):
                yield Finding(
                    "it-may-do-what-it-needs", role.name, "Policies",
                    f"{function.name} may not {action}: its log stays empty",
                )  # fmt: skip


def it_may_do_nothing_else(template: Template) -> Iterator[Finding]:
    for function, role in _with_role(template):
        needed = list(_needs(template, function))
        for grant in _allowed(template, role):
            for action in grant.actions:
                name = action.lower()
                if name in TOLERATED or name in {one.lower() for one in WRITES_LOGS}:
                    continue
                wanted = [(target, need.part) for need, target in needed if need.action.lower() == name]
                for resource in grant.resources:
                    if not any(_is(resource, target, part) for target, part in wanted):
                        yield Finding(
                            "it-may-do-nothing-else", grant.owner, f"{grant.place}.Action",
                            f"{action} on {resource} is nothing that the code of {function.name} does "
                            f"(deploy/audit/needs.py)",
                        )  # fmt: skip


def it_has_its_settings(template: Template) -> Iterator[Finding]:
    for function in functions(template):
        given = _environment(function)
        for name in SETTINGS[function.properties["Handler"]]:
            if not given.get(name):
                yield Finding(
                    "it-has-its-settings", function.name, f"Environment.Variables.{name}",
                    "is missing, and nothing works without it",
                )  # fmt: skip


def no_secret_is_written_down(template: Template) -> Iterator[Finding]:
    parameters = template.document.get("Parameters", {})
    for function in functions(template):
        for name in SECRETS:
            value = _environment(function).get(name)
            if value is None or value == "":
                continue
            found = next(names(text(value)), None)
            parameter = parameters.get(found, {})
            if not parameter.get("NoEcho"):
                yield Finding(
                    "no-secret-is-written-down", function.name, f"Environment.Variables.{name}",
                    "is no parameter with NoEcho: its value would stand in the template and in the console",
                )  # fmt: skip
            elif re.search(r"//[^/\s:@]+:[^/\s@]+@|\bsk-\w", str(parameter.get("Default", ""))):
                yield Finding(
                    "no-secret-is-written-down", str(found), "Default",
                    "holds a secret: give `ssm:/path/name` or the value at each deploy",
                )  # fmt: skip


def _with_role(template: Template) -> Iterator[tuple[Resource, Resource]]:
    for function in functions(template):
        role = template.referred(function.properties.get("Role"))
        if role is not None:
            yield function, role


def _allowed(template: Template, role: Resource) -> list[Grant]:
    return [grant for grant in grants.of_role(template, role) if grant.effect == "Allow"]


def _needs(template: Template, function: Resource) -> Iterator[tuple[Need, str]]:
    """What the function needs, each with the logical id of what it needs it on."""
    environment = _environment(function)
    for need in NEEDS[function.properties["Handler"]]:
        target = template.referred(environment.get(need.variable))
        if target is None:
            continue
        yield need, target.name
        key = template.referred(target.properties.get("KmsMasterKeyId"))
        if target.kind == "AWS::SNS::Topic" and key is not None:
            for action in ("kms:GenerateDataKey", "kms:Decrypt"):
                yield Need(action, "", "", f"{target.name} is encrypted by that key"), key.name
    for _, queue, fed in feeds(template):
        if fed == function:
            for action in CONSUMES:
                yield Need(action, "", "", "Lambda's poller takes messages with the function's rights"), queue.name
    for config in template.of("AWS::Lambda::EventInvokeConfig"):
        if template.referred(config.properties.get("FunctionName")) == function:
            failed = (config.properties.get("DestinationConfig") or {}).get("OnFailure") or {}
            taker = template.referred(failed.get("Destination"))
            if taker is not None:
                action = "sqs:SendMessage" if taker.kind == "AWS::SQS::Queue" else "sns:Publish"
                yield Need(action, "", "", "Lambda hands over failed events with the function's rights"), taker.name


def _reaches(grant: Grant, target: str, part: str) -> bool:
    return any(resource == "*" or _is(resource, target, part) for resource in grant.resources)


def _is(resource: str, target: str, part: str) -> bool:
    """Whether the resource of a statement is the part of the target, no more and no less."""
    return target in names(resource) and (resource.endswith(part) if part else resource.endswith("}"))


def _is_bounded(template: Template, resource: str) -> bool:
    """Whether a wildcard only stands below one named resource: a bucket's prefix, a group's streams, a path."""
    before, star, _ = resource.partition("*")
    if not star:
        return True
    own = any(name in template.resources for name in names(before))
    return own or bool(re.search(r":(parameter|log-group|secret|key)\S*[\w}]/?[:-]?$", before))


def _by_service(grant: Grant) -> bool:
    """Whether it lets nothing be done but with keys, and with these by way of a service that has its own bounds."""
    keys = all(action.startswith("kms:") for action in grant.actions)
    return keys and BY_SERVICE in (grant.conditions or {}).get("StringEquals", {})


def _environment(function: Resource) -> dict[str, object]:
    return dict((function.properties.get("Environment") or {}).get("Variables") or {})
