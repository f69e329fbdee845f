"""Alarms: that each is told to the topic, and one that goes off by itself."""

import json
from typing import Any

from deploy.rehearsal.deployed import Deployed
from deploy.rehearsal.report import Seen, demand, until

PATIENCE = 60.0


def subscribed(deployed: Deployed, name: str, topic: str) -> str:
    """The address of a new queue that the topic tells."""
    sqs = deployed.emulator.client("sqs")
    url: str = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    deployed.emulator.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return url


def listened(deployed: Deployed) -> str:
    """The address of a queue that hears of every alarm. Raises Wrong where one is told to nobody."""
    alarms = _alarms(deployed)
    silent = sorted(name for name, one in alarms.items() if not one["AlarmActions"])
    demand(not silent, f"nobody is told of the alarms {silent}")
    topics = {topic for one in alarms.values() for topic in one["AlarmActions"]}
    demand(len(topics) == 1, f"the alarms are told to {sorted(topics)}, not to one topic")
    return subscribed(deployed, "rehearsal-alarms", topics.pop())


def alarmed(deployed: Deployed, queue: str) -> Seen:
    """The function that failed has set off its own alarm; the others are set off by hand. `queue` hears of them."""
    alarms = _alarms(deployed)
    failed = {"Name": "FunctionName", "Value": deployed.functions["maintenance"].name}
    own = {name for name, one in alarms.items() if one["MetricName"] == "Errors" and failed in one["Dimensions"]}
    demand(own, "there is no alarm of maintenance's errors")
    # The emulator counts no errors of events: this one is called by hand.
    answer = deployed.emulator.client("lambda").invoke(FunctionName=failed["Value"], Payload=b'{"task": "nonsense"}')
    demand("FunctionError" in answer, "maintenance, called with a task that nobody knows, did not fail")
    _told(deployed, queue, own)
    yield "maintenance failed, and its alarm went off", f"{', '.join(own)}: told to the topic"
    cloudwatch = deployed.emulator.client("cloudwatch")
    others = set(alarms) - own
    for name in others:
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="rehearsal")
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="rehearsal")
    _told(deployed, queue, others)
    yield f"{len(others)} other alarms, set off by hand", "each told to the topic"


def _alarms(deployed: Deployed) -> dict[str, dict[str, Any]]:
    names = deployed.resources.get("AWS::CloudWatch::Alarm", ())
    demand(names, "the stack has no alarm")
    pages = deployed.emulator.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"])
    return {one["AlarmName"]: one for page in pages for one in page["MetricAlarms"] if one["AlarmName"] in names}


def _told(deployed: Deployed, queue: str, wanted: set[str]) -> set[str]:
    """Of which alarms the queue hears that they went off, until it has heard of all or its time is up."""
    sqs = deployed.emulator.client("sqs")
    heard: set[str] = set()

    cloudwatch = deployed.emulator.client("cloudwatch")

    def look() -> set[str] | None:
        # The emulator looks at its alarms when it is told of a figure, whichever.
        cloudwatch.put_metric_data(Namespace="rehearsal", MetricData=[{"MetricName": "looked", "Value": 1}])
        for one in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            alarm: dict[str, Any] = json.loads(json.loads(one["Body"])["Message"])
            if alarm["NewStateValue"] == "ALARM":
                heard.add(alarm["AlarmName"])
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])
        return heard if heard >= wanted else None

    return until(look, f"the topic must tell of the alarms {sorted(wanted)}", within=PATIENCE)
