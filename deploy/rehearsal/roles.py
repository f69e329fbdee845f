"""The roles of the deployed functions: acting as one of them, with what its policies allow and no more."""

import json
from typing import Any

from deploy.rehearsal.deployed import Deployed
from local.lambdas import ACCOUNT

STATEMENT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}


def credentials(deployed: Deployed, function: str) -> dict[str, str]:
    """Of a session of the function's role.

    Its trust policy, which names Lambda alone, is widened for that; what the role may do stays as it was deployed.
    """
    iam, sts = deployed.emulator.client("iam"), deployed.emulator.client("sts")
    name = deployed.functions[function].role
    role = iam.get_role(RoleName=name)["Role"]
    trust = role["AssumeRolePolicyDocument"]
    if STATEMENT not in trust["Statement"]:
        trust["Statement"].append(STATEMENT)
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    given: Any = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="rehearsal")["Credentials"]
    return {key: given[key] for key in ("AccessKeyId", "SecretAccessKey", "SessionToken")}
