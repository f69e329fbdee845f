"""CloudFormation's templates read and worked out as CloudFormation does."""

from pathlib import Path

import pytest

from deploy import cloudformation
from deploy.cloudformation import Template

TEXT = """
Parameters:
  Stage: {Type: String, Default: dev}
  Names: {Type: String, Default: 'a,b'}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsOther: !And [!Not [!Condition IsProd], !Or [!Equals [!Ref Stage, dev], !Equals [!Ref Stage, test]]]
Resources:
  Queue:
    Type: Q
    Condition: IsOther
  Topic:
    Type: T
    Properties:
      Name: !Sub 'x-${Stage}-${AWS::Region}-${!Kept}'
      Path: !Sub ['${Base}/${Stage}/${Topic2.Arn}', {Base: !If [IsProd, /p, /o]}]
      Plain: !Sub '${Stage}'
      Names: !Split [',', !Ref Names]
      Days: !If [IsProd, 90, !Ref AWS::NoValue]
      List: [one, !If [IsProd, two, !Ref AWS::NoValue]]
      Arn: !GetAtt Queue.Arn
Outputs:
  Only: {Condition: IsProd, Value: !Ref Topic}
"""


@pytest.fixture
def template(tmp_path: Path) -> Template:
    (tmp_path / "template.yml").write_text(TEXT)
    return cloudformation.read(tmp_path / "template.yml")


def test_what_aws_alone_knows_stays(template: Template) -> None:
    assert cloudformation.resolved(template, {}) == {
        "Resources": {
            "Queue": {"Type": "Q"},
            "Topic": {
                "Type": "T",
                "Properties": {
                    "Name": {"Fn::Sub": "x-dev-${AWS::Region}-${!Kept}"},
                    "Path": {"Fn::Sub": "/o/dev/${Topic2.Arn}"},
                    "Plain": "dev",
                    "Names": ["a", "b"],
                    "List": ["one"],
                    "Arn": {"Fn::GetAtt": ["Queue", "Arn"]},
                },
            },
        },
        "Outputs": {},
    }


def test_conditions_decide_what_is_there(template: Template) -> None:
    made = cloudformation.resolved(template, {"Stage": "prod"})
    assert set(made["Resources"]) == {"Topic"}
    assert made["Resources"]["Topic"]["Properties"]["Days"] == 90
    assert made["Resources"]["Topic"]["Properties"]["List"] == ["one", "two"]
    assert made["Outputs"] == {"Only": {"Value": {"Ref": "Topic"}}}
    assert "Queue" not in cloudformation.resolved(template, {"Stage": "third"})["Resources"]


def test_a_parameter_that_there_is_not_is_no_parameter(template: Template) -> None:
    with pytest.raises(KeyError, match="Stag"):
        cloudformation.resolved(template, {"Stag": "prod"})


def test_references_are_found_wherever_they_stand(template: Template) -> None:
    assert set(cloudformation.references(template["Resources"])) == {
        "AWS::NoValue", "AWS::Region", "Stage", "Names", "Queue", "Topic2",
    }  # fmt: skip
