"""The two synthesised templates, and their comparison: what osls makes of serverless.yml, what SAM makes of template.yaml.

Both are worked out for given parameters and rid of what the frameworks name or add by themselves, which stands below with
the reasons. Everything else must be the same.
"""

import copy
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from deploy import cloudformation
from deploy.cloudformation import Template

ROOT: Final = Path(__file__).parent.parent
OSLS: Final = ROOT / "node_modules" / ".bin" / "osls"
FUNCTIONS: Final = ("graphql", "ingest", "insights", "maintenance")

OSLS_NAMES: Final = {
    "IngestEventSourceMappingSQSIngestQueue": "IngestMessages",
    "InsightsEventSourceMappingSQSInsightsQueue": "InsightsMessages",
    "MaintenanceEventsRuleSchedule1": "Sweep",
    "MaintenanceEventsRuleSchedule2": "Nightly",
    "MaintenanceEventsRuleSchedule3": "Prune",
    "MaintenanceLambdaPermissionEventsRuleSchedule1": "SweepPermission",
    "MaintenanceLambdaPermissionEventsRuleSchedule2": "NightlyPermission",
    "MaintenanceLambdaPermissionEventsRuleSchedule3": "PrunePermission",
    "MaintenanceLambdaEvConf": "MaintenanceInvocations",
}
SAM_NAMES: Final = {
    "IngestLambdaFunctionMessages": "IngestMessages",
    "InsightsLambdaFunctionMessages": "InsightsMessages",
    "MaintenanceLambdaFunctionSweep": "Sweep",
    "MaintenanceLambdaFunctionNightly": "Nightly",
    "MaintenanceLambdaFunctionPrune": "Prune",
    "MaintenanceLambdaFunctionSweepPermission": "SweepPermission",
    "MaintenanceLambdaFunctionNightlyPermission": "NightlyPermission",
    "MaintenanceLambdaFunctionPrunePermission": "PrunePermission",
    "MaintenanceLambdaFunctionEventInvokeConfig": "MaintenanceInvocations",
}
"What the frameworks call what they make of a function's events, and one name for both."
OSLS_ALONE: Final = {
    "ServerlessDeploymentBucket": "where osls keeps packages; SAM has a bucket outside the stack (--resolve-s3)",
    "ServerlessDeploymentBucketPolicy": "of that bucket",
    "ServerlessDeploymentBucketName": "its output",
}


def of_osls(stage: str, folder: Path) -> Template:
    """What `osls package` makes of serverless.yml, in an empty `folder`, with packages that hold next to nothing."""
    shutil.copy(ROOT / "serverless.yml", folder)
    shutil.copytree(ROOT / "deploy" / "stack", folder / "deploy" / "stack")
    (folder / "build").mkdir()
    for name in FUNCTIONS:
        with zipfile.ZipFile(folder / "build" / f"{name}.zip", "w") as package:
            package.writestr("handler.py", "")
    done = subprocess.run(
        [OSLS, "package", "--stage", stage, "--param=DatabaseUrl=ssm:/a/b"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    made: Template = json.loads((folder / ".serverless" / "cloudformation-template-update-stack.json").read_text())
    return made


def of_sam(parameters: Mapping[str, str], template: Template) -> Template:
    """What SAM makes of the template."""
    from samtranslator.translator.transform import transform

    template = copy.deepcopy(template)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://packages/{resource['Properties']['CodeUri']}"
    made: Template = transform(template, dict(parameters), _NoPolicies())
    return made


class _NoPolicies:
    """Of AWS's own policies none is used."""

    def load(self) -> dict[str, str]:
        return {}


def comparable(template: Template, parameters: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    """The template's resources and outputs, worked out, by names that both have."""
    known = cloudformation.resolved(template, parameters)
    parts = {**known["Resources"], **{f"Outputs.{name}": value for name, value in known["Outputs"].items()}}
    parts = {name: part for name, part in parts.items() if name.removeprefix("Outputs.") not in OSLS_ALONE}
    renamed = {names.get(name, name): _renamed(part, names) for name, part in parts.items()}
    return {name: _plain(name, part, renamed) for name, part in renamed.items()}


def differences(of: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """A line for each place where the two are not the same: the resource, the property, and both values."""
    return list(_differing("", of, other))


def _differing(at: str, left: Any, right: Any) -> Iterator[str]:
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted({*left, *right}):
            yield from _differing(f"{at}.{key}" if at else key, left.get(key), right.get(key))
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for number, pair in enumerate(zip(left, right, strict=True)):
            yield from _differing(f"{at}[{number}]", *pair)
    elif left != right:
        yield f"{at}: serverless.yml {_shown(left)}, template.yaml {_shown(right)}"


def _shown(value: Any) -> str:
    return "has none" if value is None else f"says {json.dumps(value)}"


def _renamed(part: Any, names: Mapping[str, str]) -> Any:
    if isinstance(part, list):
        return [_renamed(item, names) for item in part]
    if not isinstance(part, dict):
        return part
    if "Ref" in part:
        return {"Ref": names.get(part["Ref"], part["Ref"])}
    if "Fn::GetAtt" in part:
        name, attribute = part["Fn::GetAtt"]
        return {"Fn::GetAtt": [names.get(name, name), attribute]}
    return {key: _renamed(value, names) for key, value in part.items()}


def _plain(name: str, part: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """The resource without what says nothing, or the same in other words."""
    part = json.loads(json.dumps(part))
    properties = part.get("Properties", {})
    after = part.pop("DependsOn", [])
    # osls also writes down an order that follows from what a resource refers to
    part["DependsOn"] = sorted({after} if isinstance(after, str) else set(after) - _needed(name, parts))
    if part.get("Type") == "AWS::Lambda::Function":
        properties["Code"] = Path(properties["Code"]["S3Key"]).name
        properties["Tags"] = [tag for tag in properties.get("Tags", []) if tag["Key"] != "lambda:createdBy"]  # SAM's
    elif part.get("Type", "").startswith("AWS::Lambda::"):  # the function's name and its ARN are both taken
        arn = properties["FunctionName"]
        properties["FunctionName"] = {"Ref": arn["Fn::GetAtt"][0]} if "Fn::GetAtt" in arn else arn
    elif name in SAM_NAMES.values() and part["Type"] == "AWS::Events::Rule":
        for target in properties["Targets"]:
            del target["Id"]  # named by the framework, for nobody
    return part


def _needed(name: str, parts: Mapping[str, Any]) -> set[str]:
    """All that the resource refers to, and what that refers to, and so on."""
    found: set[str] = set()
    waiting = {name}
    while waiting:
        one = waiting.pop()
        refers = set(cloudformation.references(parts[one])) & set(parts) - found
        found |= refers
        waiting |= refers
    return found
