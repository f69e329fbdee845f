"""CloudFormation's templates as data: read, and worked out for given parameters. Not their sending to AWS.

Worked out means: parameters are replaced by their values, conditions decided, and what is then not there left out. What
only AWS knows (`Ref` and `Fn::GetAtt` of a resource, pseudo parameters) stays as it is written.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

Template = dict[str, Any]
NOTHING: Final = {"Ref": "AWS::NoValue"}
IN_TEXT: Final = re.compile(r"\$\{([^!}][^}]*)\}")
"What Fn::Sub replaces."


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, which become the long ones."""


def _long_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _long_form)


def read(path: Path) -> Template:
    """The template at `path`, or a piece of one."""
    read: Template = yaml.load(path.read_text("utf-8"), _Loader)
    return read


def resolved(template: Template, parameters: Mapping[str, str]) -> Template:
    """The template worked out for `parameters`; for those that are not given, for their defaults.

    Raises KeyError for a parameter that the template has not, or that has neither value nor default.
    """
    declared = template["Parameters"]
    unknown = sorted(set(parameters) - set(declared))
    if unknown:
        raise KeyError(unknown[0])
    values = {
        name: parameters[name] if name in parameters else str(about["Default"]) for name, about in declared.items()
    }
    known = _Known(values, template.get("Conditions", {}))
    result = {name: section for name, section in template.items() if name not in ("Conditions", "Parameters")}
    for section in ("Resources", "Outputs"):
        result[section] = {
            name: known.worked_out({key: part for key, part in one.items() if key != "Condition"})
            for name, one in template.get(section, {}).items()
            if known.holds(one.get("Condition"))
        }
    return result


def broken_rules(template: Template, parameters: Mapping[str, str]) -> list[str]:
    """What each broken assertion of the template's Rules says."""
    known = _Known(parameters, {})
    return [
        assertion["AssertDescription"]
        for rule in template.get("Rules", {}).values()
        if known.decided(rule["RuleCondition"])
        for assertion in rule["Assertions"]
        if not known.decided(assertion["Assert"])
    ]


def references(part: object) -> Iterator[str]:
    """The names of all that the part refers to, parameters and pseudo parameters among them."""
    if isinstance(part, list):
        for item in part:
            yield from references(item)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key == "Ref":
                yield value
            elif key == "Fn::GetAtt":
                yield value[0]
            elif key == "Fn::Sub":
                text, more = (value, {}) if isinstance(value, str) else value
                yield from (name.split(".")[0] for name in IN_TEXT.findall(text) if name not in more)
                yield from references(more)
            else:
                yield from references(value)


@dataclass(slots=True)
class _Known:
    """The parameters' values, and the conditions that they decide."""

    values: Mapping[str, str]
    conditions: Mapping[str, Any]
    _decided: dict[str, bool] = field(default_factory=dict)

    def holds(self, name: str | None) -> bool:
        if name is None:
            return True
        if name not in self._decided:
            self._decided[name] = self.decided(self.conditions[name])
        return self._decided[name]

    def decided(self, condition: Mapping[str, Any]) -> bool:
        ((kind, terms),) = condition.items()
        if kind == "Condition":
            return self.holds(terms)
        if kind == "Fn::Equals":
            left, right = self.worked_out(terms)
            return bool(left == right)
        if kind == "Fn::Not":
            return not self.decided(terms[0])
        if kind in ("Fn::And", "Fn::Or"):
            return (all if kind == "Fn::And" else any)(self.decided(term) for term in terms)
        raise ValueError(f"{kind} is no condition that is known here")

    def worked_out(self, part: Any) -> Any:
        if isinstance(part, list):
            return [item for item in map(self.worked_out, part) if item != NOTHING]
        if not isinstance(part, dict):
            return part
        if len(part) == 1:
            ((kind, value),) = part.items()
            if kind == "Ref":
                return self.values.get(value, part)
            if kind == "Fn::If":
                name, then, otherwise = value
                return self.worked_out(then if self.holds(name) else otherwise)
            if kind == "Fn::Sub":
                return self._text(value)
            if kind == "Fn::Split":
                separator, text = self.worked_out(value)
                return text.split(separator)
        items = ((key, self.worked_out(value)) for key, value in part.items())
        return {key: value for key, value in items if value != NOTHING}

    def _text(self, value: Any) -> Any:
        text, more = (value, {}) if isinstance(value, str) else (value[0], self.worked_out(value[1]))
        known = {**self.values, **more}
        text = IN_TEXT.sub(lambda found: str(known.get(found[1], found[0])), text)
        return {"Fn::Sub": text} if IN_TEXT.search(text) else text
