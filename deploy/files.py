"""The uploads bucket, which outlives its stack: `python -m deploy.files` deletes it, with every file in it."""

import argparse
import sys
from collections.abc import Sequence

import boto3


def delete(stage: str, region: str) -> tuple[str, int]:
    """Delete the stage's bucket and its objects; its name and their number. There is no way back."""
    account = boto3.client("sts", region_name=region).get_caller_identity()["Account"]
    name = f"success-insights-{stage}-uploads-{account}-{region}"
    bucket = boto3.resource("s3", region_name=region).Bucket(name)
    deleted = sum(len(answer.get("Deleted", [])) for answer in bucket.objects.delete())
    bucket.delete()
    return name, deleted


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m deploy.files", description=__doc__)
    parser.add_argument("--stage", required=True)
    parser.add_argument("--region", required=True)
    asked = parser.parse_args(arguments)
    name, deleted = delete(asked.stage, asked.region)
    print(f"deleted {name} with {deleted} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
