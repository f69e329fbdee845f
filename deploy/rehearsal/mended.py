"""What AWS does and the emulator does not, done to the stack by hand. Each is a gap that `gaps` tells of."""

import json
from typing import Any, Final

from deploy.rehearsal.deployed import Deployed

PARAMETERS: Final = "ssm:GetParameters"
BATCHED: Final = {"sqs:SendMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}


def mend(stack: Deployed) -> None:
    """Repeats safely. Where the emulator does it by now, nothing changes."""
    _numbers(stack)
    _cors(stack)
    _policies(stack)
    _failures(stack)


def _numbers(stack: Deployed) -> None:
    """A number that a template's parameter gives as text: the emulator's poller would compare it as text, and stop."""
    client = stack.emulator.client("lambda")
    for one in client.list_event_source_mappings()["EventSourceMappings"]:
        most = one.get("ScalingConfig", {}).get("MaximumConcurrency")
        if most is not None:
            client.update_event_source_mapping(UUID=one["UUID"], ScalingConfig={"MaximumConcurrency": int(most)})


def _cors(stack: Deployed) -> None:
    """The HTTP API's CORS, which the emulator keeps under CloudFormation's names and looks for under its own."""
    client = stack.emulator.client("apigatewayv2")
    kept: list[dict[str, Any]] = []

    def keep(http_response: Any, **_: object) -> None:
        kept.append(json.loads(http_response.content))

    client.meta.events.register("after-call.apigatewayv2.GetApi", keep)
    client.get_api(ApiId=stack.api)
    cors = kept[0].get("corsConfiguration", {})
    if "AllowOrigins" in cors:
        client.update_api(ApiId=stack.api, CorsConfiguration=cors)


def _policies(stack: Deployed) -> None:
    """What roles allow, in the words and for the resources that the emulator asks for where AWS does not.

    Who may send a message may send ten at once: SQS has no action of that name. GetParameters is asked for "*", not for
    the parameters that it names: what bounds a role's parameters is not shown, and told among `gaps`.
    """
    client = stack.emulator.client("iam")
    for function in stack.functions.values():
        for name in client.list_role_policies(RoleName=function.role)["PolicyNames"]:
            policy = client.get_role_policy(RoleName=function.role, PolicyName=name)["PolicyDocument"]
            for statement in policy["Statement"]:
                actions = _list(statement.get("Action"))
                statement["Action"] = list(
                    dict.fromkeys([*actions, *(f"{one}Batch" for one in actions if one in BATCHED)])
                )
            if any(PARAMETERS in statement["Action"] for statement in policy["Statement"]):
                policy["Statement"].append({"Effect": "Allow", "Action": PARAMETERS, "Resource": "*"})
            client.put_role_policy(RoleName=function.role, PolicyName=name, PolicyDocument=json.dumps(policy))


def _list(one_or_many: Any) -> list[str]:
    return [one_or_many] if isinstance(one_or_many, str) else list(one_or_many or ())


def _failures(stack: Deployed) -> None:
    """Where the events go that maintenance fails at: $LATEST is what is called where no version is named."""
    client = stack.emulator.client("lambda")
    name = stack.functions["maintenance"].name
    found = client.get_function_event_invoke_config(FunctionName=name, Qualifier="$LATEST")
    told = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
    client.put_function_event_invoke_config(FunctionName=name, **{key: found[key] for key in told if key in found})
