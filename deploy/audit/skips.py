"""What the tools say and we do not follow, each with its reason. One that no tool says any more must go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from deploy.audit.tools import Said


@dataclass(frozen=True, slots=True)
class Skip:
    """A check that does not bind a resource, and why. `*` in the resource's name stands for anything."""

    check: str
    resource: str
    reason: str

    def covers(self, said: Said) -> bool:
        return said.check == self.check and fnmatchcase(said.resource, self.resource)


SKIPS: Final = (
    # cfn-lint
    Skip("I1022", "Resources.ServerlessDeploymentBucketPolicy.*", "osls writes this policy"),
    Skip("I3011", "*LogGroup", "log lines may go with the stack that wrote them"),
    Skip("I3011", "*Queue", "messages are work of this stack; the rows that they stand for stay in the database"),
    Skip("I3011", "*DeadLetters", "as of the queues: rows stay"),
    Skip("I3011", "*TopicsKey", "nothing lasts that it encrypts: messages on their way"),
    Skip("W3005", "Resources.*.DependsOn.*", "osls writes them, and they do no harm"),
    Skip(
        "W1030",
        "Resources.ApiDomain.*",
        "Fn::If takes no empty CertificateArn, but the certificate made here",
    ),
    # checkov
    Skip("CKV_AWS_18", "*", "objects are reached by signed forms and links alone, which the API's own log tells"),
    Skip("CKV_AWS_21", "*", "an upload's key is written once, and reports and packages can be made again"),
    Skip(
        "CKV_AWS_27",
        "*",
        "SQS's own keys encrypt them (SqsManagedSseEnabled), which checkov does not see",
    ),
    Skip("CKV_AWS_91", "LoadBalancer", "the application's log has a line for each request"),
    Skip(
        "CKV_AWS_115",
        "*",
        "queues bound what they feed, and throttling the API: reserving would burn tries",
    ),
    Skip("CKV_AWS_116", "*", "queues have dead letters of their own, and the schedules' failures a destination"),
    Skip("CKV_AWS_117", "*", "PostgreSQL and the model answer on the internet, by TLS: a VPC would only add a NAT"),
    Skip("CKV_AWS_158", "*", "log groups are encrypted by AWS's own keys, and no line holds a customer's text"),
    Skip("CKV_AWS_173", "*", "AWS's own key encrypts them, and secrets are references to where they are kept"),
)


def left(said: Iterable[Said], skips: Sequence[Skip] = SKIPS) -> list[str]:
    """What is not skipped."""
    return [str(one) for one in said if not any(skip.covers(one) for skip in skips)]


def unused(said: Sequence[Said], skips: Sequence[Skip] = SKIPS) -> list[str]:
    """The skips that nothing asks for, of all that the tools say of everything."""
    return [
        f"skips.py: {skip.check} on {skip.resource}: no tool says it any more, so it must go"
        for skip in skips
        if not any(skip.covers(one) for one in said)
    ]
