"""What a run came to: figures, a table, and what was wrong, line by line. No judging here."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from statistics import quantiles
from typing import Any, Final

from bench.evaluation.planted import Problem
from bench.evaluation.running import Attempt, Result

COLUMNS: Final = (
    "problem",
    "accounts",
    "written",
    "findings",
    "true",
    "found",
    "actions",
    "fit",
    "dropped",
    "tokens",
    "p50 s",
)


def figures(results: Sequence[Result]) -> dict[str, Any]:
    """The summary: shares are 0 to 1, None where there is nothing to share; seconds; US dollars."""
    judged = [one.judged for one in results if one.judged is not None]
    planted = [one for one in results if one.account.problem is not None]
    controls = [one for one in results if one.account.problem is None]
    attempts = [one.attempt for one in results]
    written = [one.insight for one in attempts if one.insight is not None]
    findings = sum(len(one.faults) for one in judged)
    actions = sum(len(one.fits) for one in judged)
    others = sum(one.other_texts for one in judged)
    return {
        "accounts": len(results),
        "written": len(written),
        "failures": dict(Counter(str(one.failure) for one in attempts if one.failure is not None)),
        "facts": sum(one.facts for one in judged),
        "facts_true": _share(sum(one.facts - len(one.wrong_facts) for one in judged), sum(one.facts for one in judged)),
        "findings": findings,
        "findings_true": _share(sum(one.true for one in judged), findings),
        "other_texts": others,
        "other_texts_untrue": sum(len(one.other_faults) for one in judged),
        "planted": len(planted),
        "planted_found": _share(sum(_found(one) for one in planted), len(planted)),
        "controls": len(controls),
        "controls_calm": _share(sum(_found(one) for one in controls), len(controls)),
        "actions": actions,
        "actions_fit": _share(sum(sum(one.fits) for one in judged), actions),
        "sentences_dropped": sum(one.sentences_dropped for one in written),
        "numbers_found": sum(one.numbers_found for one in written),
        "numbers_verified": sum(one.numbers_verified for one in written),
        **took(attempts),
    }


def took(attempts: Sequence[Attempt]) -> dict[str, Any]:
    """Calls, tokens, dollars and seconds. Dollars are None where a price is not known."""
    calls = [call for one in attempts for call in one.calls]
    costs = [call.cost for call in calls]
    seconds = [one.seconds for one in attempts]
    return {
        "calls": len(calls),
        "prompt_tokens": sum(call.prompt_tokens for call in calls),
        "cached_tokens": sum(call.cached_tokens for call in calls),
        "completion_tokens": sum(call.completion_tokens for call in calls),
        "cost_usd": None if None in costs else str(sum((cost for cost in costs if cost is not None), Decimal(0))),
        "seconds": round(sum(seconds), 3),
        "seconds_p50": round(_percentile(seconds, 50), 4),
        "seconds_p95": round(_percentile(seconds, 95), 4),
    }


def table(results: Sequence[Result]) -> str:
    """A row for each planted problem, and one for the healthy controls."""
    rows: list[tuple[str, ...]] = [COLUMNS]
    for problem in (*Problem, None):
        those = [one for one in results if one.account.problem is problem]
        if those:
            rows.append(_row(problem.value if problem else "(healthy)", those))
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def summary(found: Mapping[str, Any]) -> str:
    """The figures in words, a line each."""
    cost = "price not known" if found["cost_usd"] is None else f"$ {Decimal(found['cost_usd']):.4f}"
    failures = ", ".join(f"{count} {code}" for code, count in sorted(found["failures"].items())) or "none"
    lines = {
        "insights written": f"{found['written']} of {found['accounts']}",
        "failures": failures,
        "facts that are true": f"{_percent(found['facts_true'])} of {found['facts']:,}",
        "findings that are true": f"{_percent(found['findings_true'])} of {found['findings']}",
        "faults in other texts": f"{found['other_texts_untrue']} in {found['other_texts']} (headline, summary, reason)",
        "planted problem in the top three": f"{_percent(found['planted_found'])} of {found['planted']}",
        "healthy controls left in peace": f"{_percent(found['controls_calm'])} of {found['controls']}",
        "actions that fit": f"{_percent(found['actions_fit'])} of {found['actions']}",
        "sentences dropped": str(found["sentences_dropped"]),
        "numbers kept": f"{found['numbers_verified']} of {found['numbers_found']}",
        "calls of a model": str(found["calls"]),
        "tokens": f"{found['prompt_tokens']:,} prompt, {found['cached_tokens']:,} of them cached;"
        f" {found['completion_tokens']:,} completion",
        "cost": cost,
        "seconds": f"{found['seconds']:.1f}",
        "seconds an insight": f"p50 {found['seconds_p50']:.3f}, p95 {found['seconds_p95']:.3f}",
    }
    return "\n".join(f"{name:34}{value}" for name, value in lines.items())


def untrue(results: Sequence[Result]) -> Iterator[str]:
    """Each fault, each missed problem and each action that does not fit, a line each."""
    for one in results:
        if one.judged is None or one.attempt.insight is None:
            continue
        who = f"account {one.account.number} ({one.account.problem or 'healthy'})"
        yield from (f"{who}: a fact: {wrong}" for wrong in one.judged.wrong_facts)
        yield from (f"{who}: untrue: {fault}" for faults in one.judged.faults for fault in faults)
        yield from (f"{who}: in another text: {fault}" for fault in one.judged.other_faults)
        if not one.judged.found:
            missed = "missed in the first three findings" if one.account.problem else "a RISK among the first three"
            yield f"{who}: {missed}"
        for action, fits in zip(one.attempt.insight.actions, one.judged.fits, strict=True):
            if not fits:
                yield f"{who}: does not fit: {action.title} ({action.playbook})"


def _row(name: str, results: Sequence[Result]) -> tuple[str, ...]:
    found = figures(results)
    judged = [one.judged for one in results if one.judged is not None]
    return (
        name, str(found["accounts"]), str(found["written"]), str(found["findings"]),
        str(sum(one.true for one in judged)), str(sum(_found(one) for one in results)), str(found["actions"]),
        str(sum(sum(one.fits) for one in judged)), str(found["sentences_dropped"]),
        str(found["prompt_tokens"] + found["completion_tokens"]), f"{found['seconds_p50']:.3f}",
    )  # fmt: skip


def _found(result: Result) -> bool:
    return result.judged is not None and result.judged.found


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share * 100:.1f} %"


def _percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else sum(values)
