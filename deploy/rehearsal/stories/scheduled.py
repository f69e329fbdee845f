"""EventBridge's schedules: that each calls maintenance with a task of its own, and what becomes of one that fails."""

import json
from collections.abc import Mapping
from typing import Any

from deploy.rehearsal import logs
from deploy.rehearsal.deployed import Deployed
from deploy.rehearsal.report import Seen, demand, short, until

TASKS = {"sweep", "nightly", "prune"}
FIRING = "rate(1 minute)"
"The shortest that EventBridge has."
PATIENCE = 100.0


def hurry(deployed: Deployed) -> None:
    """Let the sweep come in a minute: `scheduled` waits for it."""
    events = deployed.emulator.client("events")
    name, _ = _rules(deployed)["sweep"]
    events.put_rule(Name=name, ScheduleExpression=FIRING, State="ENABLED")


def scheduled(deployed: Deployed) -> Seen:
    """Each schedule's own input, to the function that it names; then the one that came by itself."""
    rules = _rules(deployed)
    function = deployed.functions["maintenance"]
    client = deployed.emulator.client("lambda")
    for task, (name, target) in sorted(rules.items()):
        demand(target["Arn"] == function.arn, f"the schedule of {task} calls {target['Arn']}")
        answer = client.invoke(FunctionName=function.name, Payload=target["Input"])
        said = answer["Payload"].read().decode()
        demand("FunctionError" not in answer, f"maintenance, called with {target['Input']}, failed: {short(said, 300)}")
        rule = deployed.emulator.client("events").describe_rule(Name=name)
        yield f"{task}, called with the schedule's input", f"{rule['ScheduleExpression']}: {short(said, 60)}"
    allowed = _may_call(deployed)
    demand(
        allowed >= {name for name, _ in rules.values()},
        f"EventBridge may call maintenance for {sorted(allowed)} alone, not for every schedule",
    )
    yield "EventBridge may call maintenance", f"for {len(allowed)} rules, as its policy says"
    called = 1  # above

    def fired() -> int | None:
        sweeps = len(logs.lines(deployed, "maintenance", '"task": "sweep"'))
        return sweeps if sweeps > called else None

    sweeps = until(fired, "EventBridge must call maintenance by the clock", within=PATIENCE, every=1)
    yield f"sweeps by the clock, at {FIRING}", str(sweeps - called)


def _rules(deployed: Deployed) -> Mapping[str, tuple[str, dict[str, Any]]]:
    """The name of the rule and its target, by task."""
    events = deployed.emulator.client("events")
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for name in deployed.resources.get("AWS::Events::Rule", ()):
        for target in events.list_targets_by_rule(Rule=name)["Targets"]:
            found[json.loads(target.get("Input", "{}")).get("task", "")] = name, target
    demand(found.keys() >= TASKS, f"there are schedules for {sorted(found)}, not for {sorted(TASKS)}")
    return {task: found[task] for task in TASKS}


def _may_call(deployed: Deployed) -> set[str]:
    """Names of the rules for which the function's policy lets EventBridge call it. The emulator asks nobody."""
    policy = deployed.emulator.client("lambda").get_policy(FunctionName=deployed.functions["maintenance"].name)[
        "Policy"
    ]
    return {
        source.rpartition("/")[2]
        for statement in json.loads(policy)["Statement"]
        if statement["Principal"] == {"Service": "events.amazonaws.com"}
        for source in [statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", "")]
    }


def failing(deployed: Deployed) -> Seen:
    """A task that nobody knows, as EventBridge would send it: tried again, then kept for an operator."""
    function = deployed.functions["maintenance"]
    client, sqs = deployed.emulator.client("lambda"), deployed.emulator.client("sqs")
    configured = client.get_function_event_invoke_config(FunctionName=function.name)
    arn = configured["DestinationConfig"]["OnFailure"].get("Destination", "")
    demand(":sqs:" in arn, f"what maintenance fails at goes to {arn or 'nobody'}")
    url = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    client.invoke(FunctionName=function.name, InvocationType="Event", Payload=b'{"task": "nonsense"}')

    def look() -> str | None:
        found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
        return next((one["Body"] for one in found if "nonsense" in one["Body"]), None)

    body = json.loads(until(look, f"an event that maintenance failed at must be in {arn}", within=PATIENCE))
    tries = body["requestContext"]["approximateInvokeCount"]
    yield f"an event that maintenance fails at, after {tries} tries", f"in {arn.rpartition(':')[2]}"
