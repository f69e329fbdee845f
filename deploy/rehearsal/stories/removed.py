"""After the stack was taken away: nothing of it is left but what is customers'."""

from deploy.rehearsal.deployed import Deployed
from deploy.rehearsal.deploying import SAM_BUCKET
from deploy.rehearsal.report import Seen, demand

PREFIX = "success-insights-"


def removed(deployed: Deployed) -> Seen:
    """Looks for whatever bears the stack's name."""
    client = deployed.emulator.client
    left = {
        "functions": [one["FunctionName"] for one in client("lambda").list_functions()["Functions"]],
        "queues": [one.rpartition("/")[2] for one in client("sqs").list_queues().get("QueueUrls", ())],
        "topics": [one["TopicArn"].rpartition(":")[2] for one in client("sns").list_topics()["Topics"]],
        "roles": [one["RoleName"] for one in client("iam").list_roles()["Roles"]],
        "schedules": [one["Name"] for one in client("events").list_rules()["Rules"]],
        "APIs": [one["Name"] for one in client("apigatewayv2").get_apis()["Items"]],
        "alarms": [one["AlarmName"] for one in client("cloudwatch").describe_alarms()["MetricAlarms"]],
        "log groups": [
            one["logGroupName"].replace("/aws/lambda/", "").replace("/aws/vendedlogs/", "")
            for one in client("logs").describe_log_groups()["logGroups"]
        ],
    }
    for kind, names in left.items():
        ours = [name for name in names if name.startswith(PREFIX)]
        demand(not ours, f"{kind} are left after the stack was removed: {', '.join(ours)}")
    yield "left of the stack", f"no {', '.join(left)}"
    buckets = [one["Name"] for one in client("s3").list_buckets()["Buckets"] if one["Name"] != SAM_BUCKET]
    kept = deployed.functions["graphql"].environment["UPLOADS_BUCKET"]
    demand(buckets == [kept], f"after the stack was removed the buckets are {buckets}, not {kept} alone")
    yield "kept, with customers' files", kept
