"""What roles may do, statement by statement, whichever of CloudFormation's ways it was written in."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from deploy.audit.template import Resource, Template, each, text

POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


@dataclass(frozen=True, slots=True)
class Grant:
    """One statement of a policy."""

    place: str
    "Where it stands, such as GraphqlRole.Policies[0].Statement[2]."
    owner: str
    "The logical id of the resource that holds it."
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    "As template.text writes them."
    principals: tuple[str, ...]
    conditions: Any

    def allows(self, action: str) -> bool:
        return self.effect == "Allow" and any(fnmatchcase(action.lower(), given.lower()) for given in self.actions)


def of_role(template: Template, role: Resource) -> list[Grant]:
    """What the role's own policies and those attached to it say."""
    found: list[Grant] = []
    for at, policy in enumerate(each(role.properties.get("Policies"))):
        found += statements(role, f"Policies[{at}]", policy.get("PolicyDocument"))
    for policy in template.of(*POLICIES):
        held_by = [*each(policy.properties.get("Roles")), *each(policy.properties.get("RoleName"))]
        attached = [text(one) for one in each(role.properties.get("ManagedPolicyArns"))]
        if any(template.referred(one) == role for one in held_by) or f"${{{policy.name}}}" in attached:
            found += statements(policy, "PolicyDocument", policy.properties.get("PolicyDocument"))
    return found


def statements(owner: Resource, place: str, document: Any) -> Iterator[Grant]:
    """The statements of one policy document that `owner` holds at `place`."""
    for at, statement in enumerate(each((document or {}).get("Statement"))):
        principal = statement.get("Principal", ())
        yield Grant(
            place=f"{place}.Statement[{at}]" if place else f"Statement[{at}]",
            owner=owner.name,
            effect=statement.get("Effect", "Allow"),
            actions=tuple(text(one) for one in each(statement.get("Action"))),
            resources=tuple(text(one) for one in each(statement.get("Resource"))),
            principals=tuple(
                text(one)
                for given in (principal.values() if isinstance(principal, dict) else [principal])
                for one in each(given)
            ),
            conditions=statement.get("Condition", {}),
        )
