"""What a stack made, found by what its parts are and how they hang together, not by the names a template gives them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from deploy.functions import FUNCTIONS
from deploy.rehearsal.emulator import Emulator
from deploy.rehearsal.report import Wrong, demand

GRAPHQL: Final = "/graphql"


@dataclass(frozen=True, slots=True)
class Queue:
    """One that feeds a function, and the one that takes what fails too often."""

    url: str
    arn: str
    tries: int
    dead_letters: str
    "Its address."
    dead_letters_arn: str


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function of the stack."""

    name: str
    arn: str
    role: str
    "The role's name."
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Deployed:
    """The stack's parts as a rehearsal uses them."""

    emulator: Emulator
    stack: str
    resources: Mapping[str, tuple[str, ...]]
    "Names of what it made, by type."
    key: str
    "By which the API knows who asks."
    api: str
    "The HTTP API's id."
    path: str
    "What precedes the paths of the API: its stage, unless that is the default one."
    functions: Mapping[str, Function]
    queues: Mapping[str, Queue]
    "By the name of the function that each feeds."

    @property
    def host(self) -> str:
        """By which the emulator knows the API."""
        return f"{self.api}.execute-api.localhost:{self.emulator.port}"

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """An HTTP request to the deployed API, with the key unless another authorization is given."""
        headers = {"host": self.host, "authorization": f"Bearer {self.key}", **request.pop("headers", {})}
        return self.emulator.http.request(
            method, f"{self.emulator.url}{self.path}{path}", headers=headers, follow_redirects=False, **request
        )

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """The data of GraphQL's answer. Raises Wrong for any other."""
        response = self.send("POST", GRAPHQL, json={"query": query, "variables": variables})
        demand(
            response.status_code == 200 and "errors" not in response.json(),
            f"GraphQL answered {response.status_code} {response.text[:300]}",
        )
        data: dict[str, Any] = response.json()["data"]
        return data

    def environment(self, function: str, name: str) -> str:
        """A setting that the function was deployed with. Raises Wrong where it has none."""
        value = self.functions[function].environment.get(name, "")
        demand(value, f"function {function} was deployed without {name}")
        return value


def find(emulator: Emulator, stack: str, key: str) -> Deployed:
    """The parts of the stack. Raises Wrong, naming the part that is not there."""
    pages = emulator.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    resources: dict[str, tuple[str, ...]] = {}
    for page in pages:
        for one in page["StackResourceSummaries"]:
            kind = one["ResourceType"]
            resources[kind] = (*resources.get(kind, ()), one["PhysicalResourceId"])
    functions = {name: _function(emulator, resources, name) for name in FUNCTIONS}
    queues = {name: _queue(emulator, functions[name]) for name in ("ingest", "insights")}
    api, path = _api(emulator, resources)
    return Deployed(emulator, stack, resources, key, api, path, functions, queues)


def _function(emulator: Emulator, resources: Mapping[str, tuple[str, ...]], name: str) -> Function:
    named = [one for one in resources.get("AWS::Lambda::Function", ()) if one.rpartition("-")[2] == name]
    demand(len(named) == 1, f"the stack has no function that is called ...-{name}")
    made = emulator.client("lambda").get_function_configuration(FunctionName=named[0])
    demand(
        made["Handler"] == f"handler.{name}",
        f"function {name} has the handler {made['Handler']}, and the package has handler.{name}",
    )
    environment = made.get("Environment", {}).get("Variables", {})
    return Function(named[0], made["FunctionArn"], made["Role"].rpartition("/")[2], environment)


def _queue(emulator: Emulator, function: Function) -> Queue:
    mappings = emulator.client("lambda").list_event_source_mappings(FunctionName=function.name)["EventSourceMappings"]
    demand(len(mappings) == 1, f"{function.name} is fed by {len(mappings)} queues, not by one")
    arn = mappings[0]["EventSourceArn"]
    sqs = emulator.client("sqs")
    url = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    demand("RedrivePolicy" in attributes, f"queue {arn} has no dead-letter queue: it has no redrive policy")
    redrive = json.loads(attributes["RedrivePolicy"])
    dead = redrive["deadLetterTargetArn"]
    try:
        dead_url = sqs.get_queue_url(QueueName=dead.rpartition(":")[2])["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist as error:
        raise Wrong(f"queue {arn} sends its dead letters to {dead}, which is not there") from error
    return Queue(url, arn, int(redrive["maxReceiveCount"]), dead_url, dead)


def _api(emulator: Emulator, resources: Mapping[str, tuple[str, ...]]) -> tuple[str, str]:
    apis = resources.get("AWS::ApiGatewayV2::Api", ())
    demand(len(apis) == 1, f"the stack has {len(apis)} HTTP APIs, not one")
    stages = [one["StageName"] for one in emulator.client("apigatewayv2").get_stages(ApiId=apis[0])["Items"]]
    demand(len(stages) == 1, f"the HTTP API has the stages {stages}, not one")
    path = "" if stages[0] == "$default" else f"/{stages[0]}"
    return apis[0], path
