"""A synthesised CloudFormation template as the rules read it. Not an evaluation: both branches of a condition count.

What a value refers to stays readable: `{"Fn::GetAtt": ["Uploads", "Arn"]}` is the text "${Uploads.Arn}", and a
parameter with a default is its default.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

NOTHING: Final = "${AWS::NoValue}"
"What CloudFormation leaves out."


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: with which property of which resource, and why it matters."""

    rule: str
    resource: str
    "Its logical id."
    place: str
    "The property, by its path."
    why: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.resource}.{self.place}: {self.why}"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource with its properties as written."""

    name: str
    kind: str
    properties: Mapping[str, Any]


class Template:
    """The resources of a template, by what they are and by what refers to them."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.resources: dict[str, Resource] = {
            name: Resource(name, body["Type"], body.get("Properties") or {})
            for name, body in document.get("Resources", {}).items()
        }

    def of(self, *kinds: str) -> list[Resource]:
        """Those of these types, such as "AWS::SQS::Queue"."""
        return [resource for resource in self.resources.values() if resource.kind in kinds]

    def referred(self, value: Any) -> Resource | None:
        """The first resource that the value names."""
        return next((self.resources[name] for name in names(text(value)) if name in self.resources), None)

    def number(self, value: Any) -> float | None:
        """The value as a number, of a parameter its default; None where it is none."""
        try:
            return float(self.plain(value))
        except ValueError:
            return None

    def plain(self, value: Any) -> str:
        """The value as text, with the defaults of parameters in the place of their names."""
        return re.sub(r"\$\{(\w+)\}", lambda found: self._defaults.get(found[1], found[0]), text(value))

    @cached_property
    def _defaults(self) -> Mapping[str, str]:
        parameters = self.document.get("Parameters", {})
        return {name: str(body["Default"]) for name, body in parameters.items() if "Default" in body}


def text(value: Any) -> str:
    """The value as one line: what it refers to by name, as Fn::Sub would write it.

    >>> text({"Fn::Join": ["", [{"Fn::GetAtt": ["Uploads", "Arn"]}, "/uploads/*"]]})
    '${Uploads.Arn}/uploads/*'
    """
    match value:
        case {"Ref": str(name)}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [*parts]}:
            return f"${{{'.'.join(map(str, parts))}}}"
        case {"Fn::GetAtt": str(path)}:
            return f"${{{path}}}"
        case {"Fn::Sub": str(pattern)}:
            return pattern
        case {"Fn::Sub": [str(pattern), dict(given)]}:
            return re.sub(
                r"\$\{(\w+)\}", lambda found: text(given[found[1]]) if found[1] in given else found[0], pattern
            )
        case {"Fn::Join": [str(between), list(parts)]}:
            return between.join(map(text, parts))
        case {"Fn::If": [_, one, other]}:
            return next((text(branch) for branch in (one, other) if text(branch) != NOTHING), NOTHING)
        case _:
            return str(value)


def names(line: str) -> Iterator[str]:
    """The logical ids in a line of `text`.

    >>> list(names("${Uploads.Arn}/uploads/*"))
    ['Uploads']
    """
    return (found[1] for found in re.finditer(r"\$\{([A-Za-z0-9]+)(?:\.[\w.]+)?\}", line))


def each(value: Any) -> Iterator[Any]:
    """The items of a list, or the value alone, through both branches of conditions. Nothing of what is left out."""
    match value:
        case None:
            return
        case list():
            for item in value:
                yield from each(item)
        case {"Fn::If": [_, one, other]}:
            yield from each(one)
            yield from each(other)
        case _ if text(value) != NOTHING:
            yield value
