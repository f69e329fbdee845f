"""What a month costs: the arithmetic, by hand-made examples, and the table that operators read."""

import json
import math
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from deploy import cloudformation, cost
from deploy.cost import Assumed, Line

ROOT = Path(__file__).parents[1]
NOTHING_TAKEN = {
    "cold_cpu_ms": 0, "cold_wait_ms": 0, "warm_cpu_ms": 0, "warm_wait_ms": 0,
    "memory_mb": 0, "answer_bytes": 0, "logged_bytes": 0,
}  # fmt: skip
MEASURED = {"functions": dict.fromkeys(cost.MEMORY, NOTHING_TAKEN)}
ALWAYS_WARM = replace(Assumed(), network_ms=(), least_cold=0.0, model_seconds=0.0, platform_log_bytes=0)


def of(bill: list[Line], what: str) -> Decimal:
    return next(line.dollars for line in bill if line.what == what)


def test_a_call_is_billed_by_its_share_of_a_cpu_and_by_what_it_waits_for() -> None:
    taken = {**NOTHING_TAKEN, "warm_cpu_ms": 10, "warm_wait_ms": 5, "cold_cpu_ms": 1000, "cold_wait_ms": 100}

    # 1024 MB are 0.579 of a CPU: 10 ms become 17.3, with 5 ms of waiting and rounded up to the next millisecond 23
    assert cost.gb_seconds(taken, 1024, cold=0.0) == Decimal("0.023")
    # half a GB: 1000 ms become 3455.1, and 100 of waiting: 3556 ms, half of which counts
    assert cost.gb_seconds(taken, 512, cold=1.0) == Decimal("1.778")
    assert cost.gb_seconds(taken, 512, cold=0.5) == (Decimal("1.778") + Decimal("0.040") / 2) / 2
    # more than one CPU makes nothing faster that runs on one
    assert cost.gb_seconds(taken, 3538, cold=0.0) == Decimal("0.015") * 3538 / 1024
    assert cost.gb_seconds(taken, 1024, cold=0.0, network_ms=7) == Decimal("0.030")


def test_a_rare_call_finds_no_container_and_a_frequent_one_nearly_always() -> None:
    hourly = cost.cold_share(730, Assumed())

    assert math.isclose(hourly, math.exp(-1 / 6))
    assert cost.cold_share(1_000_000, Assumed()) == 0.005


def test_ten_million_requests_without_what_is_free() -> None:
    one = {**NOTHING_TAKEN, "warm_cpu_ms": 10, "answer_bytes": 1500, "logged_bytes": 200}
    measured = {"functions": {**MEASURED["functions"], "graphql": one}}

    made = cost.bill(10_000_000, measured, cost.read("prices"), free=False, assumed=ALWAYS_WARM)

    # 18 ms of 1 GB each: 180,000 GB-seconds; calls: 10,000,000 + 2,000 files + 17,316 insights + 8,760 sweeps + 120
    assert of(made, "Lambda") == Decimal("180000") * Decimal("0.0000166667") + 10_028_196 * Decimal("0.0000002")
    assert of(made, "HTTP API") == Decimal(10)
    # 2 queues x 5 pollers, every 20 s of 730 hours: 1,314,000, and three requests for each of 19,316 messages
    assert of(made, "SQS") == (1_314_000 + 3 * 19_316) * Decimal("0.0000004")
    assert of(made, "logs") == 2 * Decimal("0.50")
    assert of(made, "traffic out") == 20 * Decimal("0.09")
    assert of(made, "Neon") == 730 * Decimal("0.106") + 20 * Decimal("0.35")


def test_what_is_free_is_taken_off_once() -> None:
    prices = cost.read("prices")
    dear = cost.bill(1_000, MEASURED, prices, free=False, assumed=ALWAYS_WARM)
    cheap = cost.bill(1_000, MEASURED, prices, free=True, assumed=ALWAYS_WARM)

    assert of(dear, "Lambda") == (1_000 + 30 + 2 + 8_760 + 120) * Decimal("0.0000002")
    assert of(cheap, "Lambda") == 0
    assert of(dear, "SQS") - of(cheap, "SQS") == Decimal("0.4")
    assert of(dear, "Neon") == of(cheap, "Neon") == 730 * Decimal("0.25") * Decimal("0.106") + Decimal("0.35")


def test_the_arm_machine_costs_a_fifth_less() -> None:
    one = {**NOTHING_TAKEN, "warm_cpu_ms": 10}
    measured = {"functions": {**MEASURED["functions"], "graphql": one}}
    of_x86, of_arm = (
        cost.bill(10**9, measured, cost.read("prices"), architecture=machine, free=False, assumed=ALWAYS_WARM)
        for machine in ("x86_64", "arm64")
    )
    calls = of(cost.bill(10**9, MEASURED, cost.read("prices"), free=False, assumed=ALWAYS_WARM), "Lambda")

    assert math.isclose((of(of_arm, "Lambda") - calls) / (of(of_x86, "Lambda") - calls), 0.8, rel_tol=1e-4)


def test_the_budget_bounds_what_the_model_costs() -> None:
    prices = cost.read("prices")
    half = replace(ALWAYS_WARM, tokens_per_day=1_000_000)

    # 60,000,000 tokens a month at 3,465 an insight: 17,316 insights of 3,090 x 0.10 + 375 x 0.50 dollars a million
    assert of(cost.bill(10**9, MEASURED, prices, assumed=ALWAYS_WARM), "model") == 17_316 * Decimal("0.0004965")
    assert of(cost.bill(10**9, MEASURED, prices, assumed=half), "model") == 8_658 * Decimal("0.0004965")
    assert of(cost.bill(1_000, MEASURED, prices, assumed=half), "model") == 2 * Decimal("0.0004965")


def test_each_price_says_where_and_when_it_is_from() -> None:
    prices = cost.read("prices")

    assert all(
        one["source"].startswith("https://") and one["as_of"] and one["per"] for one in prices["prices"].values()
    )


def test_the_figures_are_those_of_what_is_deployed() -> None:
    resources = cloudformation.read(ROOT / "template.yaml")["Resources"]
    functions = {
        body["Properties"]["Handler"].removeprefix("handler."): body["Properties"]["MemorySize"]
        for body in resources.values()
        if body["Type"] == "AWS::Serverless::Function"
    }
    alarms = [body for body in resources.values() if body["Type"] == "AWS::CloudWatch::Alarm"]

    assert functions == {
        "graphql": cost.MEMORY["graphql"], "ingest": cost.MEMORY["ingest"], "insights": cost.MEMORY["insights"],
        "maintenance": cost.MEMORY["sweep"],
    }  # fmt: skip
    assert cost.MEMORY["nightly"] == cost.MEMORY["sweep"]
    assert len(alarms) == Assumed().alarms
    read_out = {
        one["MetricName"]
        for body in resources.values()
        if body["Type"] == "AWS::Logs::MetricFilter"
        for one in body["Properties"]["MetricTransformations"]
    }
    assert len(read_out) == Assumed().metrics
    stage = resources["HttpApiStage"]["Properties"]["DefaultRouteSettings"]
    assert "DetailedMetricsEnabled" not in stage  # each would be paid for, by route


def test_each_function_has_twice_the_memory_that_it_took() -> None:
    measured = cost.read("measured")["functions"]

    assert [name for name, memory in cost.MEMORY.items() if 2 * measured[name]["memory_mb"] > memory] == []


def test_the_table_that_operators_read_is_new() -> None:
    measured, prices = cost.read("measured"), cost.read("prices")
    bills = {requests: cost.bill(requests, measured, prices) for requests in cost.REQUESTS}

    assert cost.table(bills) in (ROOT / "docs" / "operations.md").read_text()


def test_the_command_tells_the_same_as_text_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cost.main(["1000000"]) == 0
    text = capsys.readouterr().out
    assert cost.main(["1000000", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert set(told["bills"]) == {"1000000"}
    assert all(f"| {what} | {dollars} |" in text for what, dollars in told["bills"]["1000000"].items())
    assert told["assumed"]["model"] == "gpt-6-luna"
