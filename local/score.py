"""`python -m local score`: every account scored again."""

import time

from local import api
from services.errors import Rejected

FIELDS = "id status progress { done total } failure { message } pollAfterMs"
RECOMPUTE = (
    "mutation ($input: RecomputeHealthInput!) { recomputeHealth(input: $input) {"
    f" job {{ {FIELDS} changedBuckets }} userErrors {{ code message path }} }} }}"
)
JOB = f"query ($id: ID!) {{ job(id: $id) {{ {FIELDS} ... on RecomputeJob {{ changedBuckets }} }} }}"


def run(url: str, as_of: str | None) -> int:
    """Ask for it, wait for its end, say what changed. 1 where it failed. Raises Rejected for a day that cannot be."""
    payload = api.ask(url, RECOMPUTE, {"input": {"asOf": as_of}}, timeout=300)["recomputeHealth"]
    if payload["userErrors"]:
        raise Rejected("INVALID_VALUE", "; ".join(error["message"] for error in payload["userErrors"]))
    job = payload["job"]
    while job["pollAfterMs"] is not None:
        time.sleep(job["pollAfterMs"] / 1000)
        job = api.ask(url, JOB, {"id": job["id"]})["job"]
    if job["failure"]:
        print(f"{job['status'].lower()}: {job['failure']['message']}")
        return 1
    print(f"{job['progress']['done']} accounts scored, {job['changedBuckets']} changed their bucket")
    return 0
