"""What the product is for, through the deployed API: accounts and portfolio, a change, an insight by its queue."""

from typing import Any

from deploy.rehearsal import logs
from deploy.rehearsal.deployed import Deployed
from deploy.rehearsal.report import Seen, demand, short, until

ACCOUNTS = """
{ accounts(first: 10, orderBy: [{field: ARR, direction: DESC}]) {
  totalCount nodes { id name version arr { amount } health { bucket score } } } }
"""
PORTFOLIO = "{ portfolioMetrics { accountCount totalArr { amount } } }"
CHANGE = """
mutation ($input: UpdateAccountInput!) {
  updateAccount(input: $input) { account { owner } userErrors { code message } }
}
"""
QUEUE = """
mutation ($account: ID!) {
  queueInsight(input: {accountId: $account, reuseIfFresh: false}) { job { id status } userErrors { code message } }
}
"""
JOB = """
query ($id: ID!) { job(id: $id) { status pollAfterMs failure { code }
  ... on InsightJob { insight { headline engine verification { status numbersFound numbersVerified } } } } }
"""
PATIENCE = 60.0


def reading(deployed: Deployed) -> Seen:
    """The three accounts of the file, and the figures over them."""
    accounts = deployed.ask(ACCOUNTS)["accounts"]
    names = [one["name"] for one in accounts["nodes"]]
    wanted = ["Rehearsal One", "Rehearsal Three", "Rehearsal Two"]
    demand(names == wanted, f"the accounts of the file are {names}, not {wanted}")
    yield "accounts", ", ".join(f"{one['name']} {one['arr']['amount']}" for one in accounts["nodes"])
    metrics = deployed.ask(PORTFOLIO)["portfolioMetrics"]
    total = {"accountCount": 3, "totalArr": {"amount": "264000.00"}}
    demand(metrics == total, f"the portfolio amounts to {metrics}, not to {total}")
    yield "portfolioMetrics", f"{metrics['accountCount']} accounts, {metrics['totalArr']['amount']}"
    one = accounts["nodes"][0]
    changed = deployed.ask(CHANGE, input={"id": one["id"], "owner": "Ada"})["updateAccount"]
    demand(changed["account"] and not changed["userErrors"], f"updateAccount answered {changed}")
    yield "updateAccount", short(changed["account"])


def insight(deployed: Deployed, *, engine: str) -> Seen:
    """An insight of the account with the most ARR, by the engine that the stack was deployed with."""
    job = _ended(deployed, _queued(deployed))
    demand(job["status"] == "SUCCEEDED", f"the insight's job ended as {job['status']}, {job['failure']}")
    written = job["insight"]
    demand(written["engine"] == engine, f"the insight was written by {written['engine']}, not by {engine}")
    yield f"queueInsight, by SQS and insights, {engine}", f"{job['status']}, {short(written['headline'], 60)}"
    checked = written["verification"]
    demand(checked["numbersFound"] == checked["numbersVerified"] > 0, f"the insight's numbers: {checked}")
    yield "its numbers", f"{checked['numbersVerified']} of {checked['numbersFound']} verified"


def failed(deployed: Deployed) -> str:
    """An insight that the engine cannot write: its job's id once the job says so."""
    job_id = _queued(deployed)
    job = _ended(deployed, job_id)
    demand(job["status"] == "FAILED", f"a job whose model refuses ended as {job['status']}")
    return job_id


def _queued(deployed: Deployed) -> str:
    account = deployed.ask(ACCOUNTS)["accounts"]["nodes"][0]["id"]
    payload = deployed.ask(QUEUE, account=account)["queueInsight"]
    demand(not payload["userErrors"], f"queueInsight: {payload['userErrors']}")
    unsent = logs.lines(deployed, "graphql", "could not be queued")  # the sweeper would make up for it
    demand(not unsent, f"graphql could not send the job's message: {unsent[-1:]}")
    job_id: str = payload["job"]["id"]
    return job_id


def _ended(deployed: Deployed, job_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = deployed.ask(JOB, id=job_id)["job"]
        return found if found["pollAfterMs"] is None else None

    return until(look, "the job must be worked on by way of SQS and insights", within=PATIENCE)
