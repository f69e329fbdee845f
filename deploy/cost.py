"""What a month costs, by how many requests it has: `python -m deploy.cost`. An estimate, from what was measured.

Durations and memory come from deploy/measured.json, prices from deploy/prices.json, tokens' prices from the model's
table. What neither tells is an assumption, and stands in `Assumed`.
"""

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final

from services.adapters import model_table
from services.adapters.openai_answers import Usage

HERE: Final = Path(__file__).parent
REQUESTS: Final = (1_000, 100_000, 1_000_000, 10_000_000)
HOURS: Final = 730
"Of a month."
SECONDS: Final = HOURS * 3600
FULL_CPU_MB: Final = 1769
"Memory at which a Lambda function has one whole CPU; its share grows with its memory."
GB: Final = 1024


@dataclass(frozen=True, slots=True)
class Assumed:
    """What was not measured."""

    insights_per_1000: Decimal = Decimal(2)
    uploads_per_1000: Decimal = Decimal("0.2")
    least_uploads: int = 30
    "One a day."
    upload_bytes: int = 1_000_000
    network_ms: tuple[tuple[str, int], ...] = (
        ("graphql", 10), ("ingest", 500), ("insights", 60), ("sweep", 40), ("nightly", 200),
    )  # fmt: skip
    "What a call waits for Neon and AWS that a machine with all of it on board does not."
    kept: timedelta = timedelta(minutes=10)
    "How long Lambda keeps a container that nobody calls."
    least_cold: float = 0.005
    "The share of cold starts under any load: deploys, bursts, containers that are replaced."
    model: str = "gpt-6-luna"
    prompt_tokens: int = 3_090
    completion_tokens: int = 375
    "Of one insight: docs/evaluation.md, fifty accounts. A model that thinks takes more."
    model_seconds: float = 8.0
    "How long the model takes for one answer."
    tokens_per_day: int = 2_000_000
    "INSIGHT_TOKENS_PER_DAY."
    platform_log_bytes: int = 800
    "Of each call: Lambda's own three lines and API Gateway's one."
    pollers: int = 5
    "With which Lambda polls a queue that is empty, each for twenty seconds at a time."
    alarms: int = 18
    metrics: int = 2
    "Those read out of log lines."
    traced: float = 0.05
    "X-Ray takes the first call of a second, and this share of the others."
    compute_units: tuple[tuple[int, Decimal], ...] = (
        (0, Decimal("0.25")), (1_000_000, Decimal("0.5")), (10_000_000, Decimal(1)),
    )  # fmt: skip
    "Neon's size on average, by the requests of a month. Every five minutes a sweep asks it: it never sleeps."
    storage_gb: tuple[tuple[int, Decimal], ...] = ((0, Decimal(1)), (1_000_000, Decimal(5)), (10_000_000, Decimal(20)))


MEMORY: Final[Mapping[str, int]] = {"graphql": 1024, "ingest": 1024, "insights": 512, "sweep": 512, "nightly": 512}
"MB, as serverless.yml gives it."
SWEEPS: Final = 12 * HOURS
NIGHTS: Final = 4 * 30


@dataclass(frozen=True, slots=True)
class Line:
    """A part of the bill, in dollars a month."""

    what: str
    dollars: Decimal


def bill(
    requests: int,
    measured: Mapping[str, Any],
    prices: Mapping[str, Any],
    *,
    architecture: str = "x86_64",
    free: bool = True,
    assumed: Assumed | None = None,
) -> list[Line]:
    """The parts of a month's bill. `free` takes off what AWS gives each account that uses nothing else of it."""
    assumed = assumed or Assumed()
    functions = measured["functions"]
    insights = _insights(requests, assumed)
    uploads = max(Decimal(assumed.least_uploads), requests * assumed.uploads_per_1000 / 1000)
    calls = {
        "graphql": Decimal(requests), "ingest": uploads, "insights": insights,
        "sweep": Decimal(SWEEPS), "nightly": Decimal(NIGHTS),
    }  # fmt: skip
    network = dict(assumed.network_ms)
    seconds = insights * _decimal(assumed.model_seconds) * MEMORY["insights"] / GB
    for name, count in calls.items():
        cold = cold_share(float(count), assumed)
        seconds += count * gb_seconds(functions[name], MEMORY[name], cold=cold, network_ms=network.get(name, 0))
    logged = sum(
        (count * (functions[name]["logged_bytes"] + assumed.platform_log_bytes) for name, count in calls.items()),
        start=Decimal(0),
    )
    answered = Decimal(requests) * (functions["graphql"]["answer_bytes"] + 500)  # 500 of headers
    polls = Decimal(2 * assumed.pollers * SECONDS // 20)

    def price(name: str, amount: Decimal | int) -> Decimal:
        return charge(prices["prices"][name], Decimal(amount), free=free)

    return [
        Line("Lambda", price("lambda_request", sum(calls.values(), Decimal(0)))
             + price(f"lambda_gb_second_{architecture}", seconds)),
        Line("HTTP API", price("http_api_request", requests)),
        Line("SQS", price("sqs_request", polls + 3 * (uploads + insights))),
        Line("S3, SNS", price("s3_put", 2 * uploads) + price("s3_get", uploads) + price("sns_publish", uploads)
             + price("s3_gb_month", uploads * assumed.upload_bytes / 10**9)),
        Line("logs", price("logs_gb", logged / 10**9)),
        Line("alarms, metrics, dashboard", price("alarm", assumed.alarms) + price("metric", assumed.metrics)
             + price("dashboard", 1)),
        Line("traces", price("trace", _traces(requests, assumed))),
        Line("key of the topics", price("kms_key", 1)),
        Line("traffic out", price("transfer_out_gb", answered / 10**9)),
        Line("Neon", price("neon_cu_hour", _step(requests, assumed.compute_units) * HOURS)
             + price("neon_gb_month", _step(requests, assumed.storage_gb))),
        Line("model", insights * _of_one_insight(assumed)),
    ]  # fmt: skip


def charge(price: Mapping[str, Any], amount: Decimal, *, free: bool) -> Decimal:
    """The price of an amount, in dollars.

    >>> charge({"price": "0.50", "free": 5}, Decimal(7), free=True)
    Decimal('1.00')
    >>> charge({"price": "0.50", "free": 5}, Decimal(7), free=False)
    Decimal('3.50')
    """
    left_out = Decimal(price["free"]) if free else Decimal(0)
    return max(Decimal(0), amount - left_out) * Decimal(price["price"])


def gb_seconds(function: Mapping[str, Any], memory: int, *, cold: float, network_ms: int = 0) -> Decimal:
    """What one call is billed, on average over cold and warm ones.

    CPU time was measured on a whole CPU and stretches with the share that the memory buys; waiting does not. Lambda
    bills the loading of a cold start too, and each call by the millisecond.

    >>> one = {"cold_cpu_ms": 1000, "cold_wait_ms": 0, "warm_cpu_ms": 100, "warm_wait_ms": 50}
    >>> gb_seconds(one, 1769, cold=0.0) == Decimal("0.150") * 1769 / 1024
    True
    """
    stretch = max(1.0, FULL_CPU_MB / memory)
    times = {
        kind: math.ceil(function[f"{kind}_cpu_ms"] * stretch + function[f"{kind}_wait_ms"] + network_ms)
        for kind in ("cold", "warm")
    }
    milliseconds: Decimal = _decimal(cold) * times["cold"] + _decimal(1 - cold) * times["warm"]
    return milliseconds / 1000 * memory / GB


def cold_share(calls: float, assumed: Assumed) -> float:
    """Of calls that come at random through a month: the share that finds no container kept.

    >>> cold_share(0, Assumed())
    1.0
    >>> cold_share(10_000_000, Assumed())
    0.005
    """
    return max(assumed.least_cold, math.exp(-calls / SECONDS * assumed.kept.total_seconds()))


def _insights(requests: int, assumed: Assumed) -> Decimal:
    """How many are written: not more than the day's budget of tokens lets through."""
    most = 30 * assumed.tokens_per_day // (assumed.prompt_tokens + assumed.completion_tokens)
    return min(requests * assumed.insights_per_1000 / 1000, Decimal(most))


def _of_one_insight(assumed: Assumed) -> Decimal:
    cost = model_table.cost(assumed.model, Usage(prompt=assumed.prompt_tokens, completion=assumed.completion_tokens))
    assert cost is not None, f"the price list has no {assumed.model}"
    return cost


def _traces(requests: int, assumed: Assumed) -> Decimal:
    first = SECONDS * (1 - math.exp(-requests / SECONDS))
    return _decimal(first + assumed.traced * (requests - first))


def _step(requests: int, steps: Sequence[tuple[int, Decimal]]) -> Decimal:
    return [value for least, value in steps if requests >= least][-1]


def _decimal(number: float) -> Decimal:
    return Decimal(repr(number))


def fargate(prices: Mapping[str, Any], *, tasks: int = 2) -> Decimal:
    """What the container's service costs a month, in place of HTTP API and graphql function, at little load."""
    each = {name: Decimal(body["price"]) * HOURS for name, body in prices["prices"].items()}
    task = each["fargate_vcpu_hour"] / 2 + each["fargate_gb_hour"] + each["public_ipv4_hour"]
    return tasks * task + each["load_balancer_hour"] + each["load_balancer_unit_hour"] + 2 * each["public_ipv4_hour"]


def table(bills: Mapping[int, Sequence[Line]]) -> str:
    """The bills side by side, as Markdown."""
    rows = [["dollars a month", *(f"{requests:,} requests" for requests in bills)], ["---", *("---:" for _ in bills)]]
    names = [line.what for line in next(iter(bills.values()))]
    rows += [[name, *(_money(lines[at].dollars) for lines in bills.values())] for at, name in enumerate(names)]
    sums = [_money(sum((line.dollars for line in lines), Decimal(0))) for lines in bills.values()]
    rows.append(["**all**", *(f"**{one}**" for one in sums)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _money(dollars: Decimal) -> str:
    return str(dollars.quantize(Decimal("0.01"), ROUND_HALF_UP))


def read(name: str) -> dict[str, Any]:
    """One of the two files beside this module, "measured" or "prices"."""
    found: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    measured, prices = read("measured"), read("prices")
    bills = {
        requests: bill(requests, measured, prices, architecture=asked.architecture, free=not asked.without_free_tier)
        for requests in asked.requests
    }
    if asked.json:
        told = {
            "region": prices["region"], "measured": measured["on"], "assumed": asdict(Assumed()),
            "bills": {
                str(requests): {line.what: _money(line.dollars) for line in lines} for requests, lines in bills.items()
            },
        }  # fmt: skip
        print(json.dumps(told, indent=2, default=str))
        return 0
    print(f"{prices['region']}, {asked.architecture}, measured on {measured['on']} ({measured['with']})")
    print(f"{prices['note']}\n")
    print(table(bills))
    print(f"\nthe container's service instead of HTTP API and graphql function: from {_money(fargate(prices))} a month")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m deploy.cost", description=__doc__.partition("\n")[0])
    parser.add_argument("requests", nargs="*", type=int, default=REQUESTS, help="of a month (1000 to 10 million)")
    parser.add_argument("--architecture", choices=("x86_64", "arm64"), default="x86_64", help="%(default)s")
    parser.add_argument("--without-free-tier", action="store_true", help="for an account that uses it up elsewhere")
    parser.add_argument("--json", action="store_true", help="as JSON, with what is assumed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
