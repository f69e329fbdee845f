"""PostGraphile's answers in our shape, so that they can be compared: the same values, laid out and named otherwise."""

from typing import Any

CURRENCY = "USD"


def of_postgraphile(name: str, data: Any) -> Any:
    """The data of its answer to a question, as ours would be."""
    if name == "Q3":
        return {"portfolioMetrics": _portfolio(data["benchPostgraphilePortfolioMetrics"])}
    accounts = data["accounts"]
    nodes = [_row(node) if name == "Q1" else _detailed(node) for node in accounts["nodes"]]
    return {"accounts": accounts | {"nodes": nodes}}


def _row(node: dict[str, Any]) -> dict[str, Any]:
    same = ("externalId", "name", "segment", "industry", "region", "renewalDate", "daysToRenewal", "status")
    return {name: node[name] for name in same} | {
        "id": f"acc_{node['rowId']}",
        "owner": node["csOwner"],
        "arr": _money(node["arr"]) | {"currency": CURRENCY},
        **(node["observation"] or {"seatsPurchased": None, "activeUsers": None}),
        "health": {"score": node["score"], "bucket": node["bucket"]},
    }


def _detailed(node: dict[str, Any]) -> dict[str, Any]:
    health = node["health"] or {"coverage": "0.0000", "factorList": []}
    return {
        "id": f"acc_{node['rowId']}",
        "name": node["name"],
        "health": {
            "score": node["score"],
            "bucket": node["bucket"],
            "coverage": health["coverage"],
            "asOf": node["scoredOn"],
            "factors": health["factorList"],
        },
        "dailyMetrics": {"nodes": [_day(day) for day in node["dailyMetrics"]["nodes"]]},
    }


def _day(day: dict[str, Any]) -> dict[str, Any]:
    same = ("logins", "events", "errors", "ticketBacklog")
    return {name: day[name] for name in same} | {
        "date": day["day"],
        "featureEvents": day["featureXEvents"],
        "avgSessionMinutes": day["avgSessionMin"],
    }


def _portfolio(found: dict[str, Any]) -> dict[str, Any]:
    amounts = ("arrInRed", "arrInRedOrAmber", "arrAtRisk")
    groups = ("byBucket", "bySegment", "byRegion", "renewals")
    return (
        found
        | {name: _money(found[name]) for name in amounts}
        | {name: [_group(group) for group in found[name]] for name in groups}
        | {"totalArr": _money(found["totalArr"]) | {"currency": CURRENCY}}
    )


def _group(group: dict[str, Any]) -> dict[str, Any]:
    return group | {name: _money(group[name]) for name in ("arr", "arrInRed") if name in group}


def _money(amount: str) -> dict[str, str]:
    return {"amount": amount}
