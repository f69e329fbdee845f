"""A stage's settings: read from deploy/stages/<stage>.yml and the command line, checked before anything is done.

What a setting may be stands in deploy/stack: this is CloudFormation's own check, made before an upload, and a few more.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from deploy import cloudformation
from services.errors import Failure, Rejected
from services.settings import from_environment, is_reference

STACK: Final = Path(__file__).parent / "stack"
KEPT: Final = Path(__file__).parent / "stages"
DIRECT: Final = "DatabaseUrlDirect"
"The one setting that no function takes: migrations do."
SECRETS: Final = ("DatabaseUrl", DIRECT, "OpenAiApiKey")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage whose settings are in order."""

    name: str
    settings: Mapping[str, str] = field(repr=False)
    "Of each parameter of the stack, and DatabaseUrlDirect; with the usual values."


def read(name: str, given: Sequence[str] = (), *, kept: Path = KEPT) -> Stage:
    """The stage with what its file in `kept` says and what is `given` as Name=value, which comes first.

    Raises Failure, with a line for each thing that is wrong.
    """
    pieces = {**cloudformation.read(STACK / "parameters.yml"), **cloudformation.read(STACK / "rules.yml")}
    declared: dict[str, Any] = pieces["Parameters"]
    said = {**_file(kept / f"{name}.yml"), **_arguments(given)}
    usual = {parameter: str(about.get("Default", "")) for parameter, about in declared.items()}
    settings = {**usual, DIRECT: "", **said, "Stage": name}
    wrong = [*_misspelled(said, [*declared, DIRECT]), *_unfit(settings, declared), *_secrets(settings)]
    wrong = wrong or cloudformation.broken_rules(pieces, settings) or _refused(pieces, settings)
    if wrong:
        raise Failure("\n".join([f"the stage {name} is not in order:", *(f"  {line}" for line in wrong)]))
    return Stage(name, settings)


def _file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        said = yaml.safe_load(path.read_text("utf-8")) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)  # the error itself shows the line, which may hold a secret
        raise Failure(f"{path} is not YAML{f': see line {mark.line + 1}' if mark else ''}") from None
    if not isinstance(said, dict):
        raise Failure(f"{path} must hold lines such as DatabaseUrl: 'ssm:/path/name'")
    for name, value in said.items():
        if not isinstance(value, str):
            raise Failure(f"{path}: the value of {name} must stand in quotes")
    return said


def _arguments(given: Sequence[str]) -> dict[str, str]:
    said = {}
    for one in given:
        name, separator, value = one.partition("=")
        if not (name and separator and value):  # as osls reads them
            raise Failure(f"--param takes Name=value, not {name!r}")
        said[name] = value
    return said


def _misspelled(said: Mapping[str, str], known: Sequence[str]) -> Iterator[str]:
    for name in said:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            yield f"there is no setting {name}" + (f": is {close[0]} meant?" if close else "")
        elif name == "Stage":
            yield "Stage is said by --stage"


def _unfit(settings: Mapping[str, str], declared: Mapping[str, Any]) -> Iterator[str]:
    for name, about in declared.items():
        value, allowed = settings[name], about.get("AllowedValues")
        shown = "what is given" if about.get("NoEcho") else repr(value)
        if not value and "Default" not in about:
            yield f"{name} is missing: {about['Description']}"
        elif allowed and value not in allowed:
            yield f"{name} must be one of {', '.join(filter(None, allowed))}, not {shown}"
        elif not re.fullmatch(about.get("AllowedPattern", ".*"), value):
            yield f"{name} must be {about.get('ConstraintDescription', about['Description'])}, not {shown}"
    try:
        re.compile(settings["CorsOriginPattern"])
    except re.error as error:
        yield f"CorsOriginPattern is not a regular expression: {error}"


def _secrets(settings: Mapping[str, str]) -> Iterator[str]:
    path = settings["SecretsPath"] or f"/success-insights/{settings['Stage']}"
    for name in SECRETS:
        value = settings[name]
        if value and not is_reference(value):
            if settings["Stage"] == "prod":
                yield f"{name}: prod takes a reference (ssm:{path}/name), since the template is kept as it is deployed"
        elif value and name != DIRECT and not re.match(rf"(ssm:|secretsmanager:(arn:.*:secret:)?){path}/", value):
            yield f"{name}: the functions may read what lies under {path} (SecretsPath) and nothing else"


def _refused(pieces: cloudformation.Template, settings: Mapping[str, str]) -> list[str]:
    """What a function would say at its first event, of settings that have the form that CloudFormation asks for."""
    stack = cloudformation.resolved(
        {**pieces, "Resources": cloudformation.read(STACK / "sam.yml")["Resources"]},
        {name: value for name, value in settings.items() if name != DIRECT},
    )
    said: dict[str, None] = {}
    for function in stack["Resources"].values():
        variables = function["Properties"]["Environment"]["Variables"]
        try:
            from_environment({name: value for name, value in variables.items() if isinstance(value, str)})
        except Rejected as refused:
            said[f"the functions would refuse it: {refused}"] = None
    return list(said)
