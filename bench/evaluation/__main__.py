"""The command line of `make eval`: `python -m bench.evaluation --help`."""

import argparse
import json
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from services import settings
from services.errors import Failure
from services.settings import Settings
from services.vocabulary import InsightEngine


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for. 0 unless nothing could be run."""
    asked = _parser().parse_args(arguments)
    try:
        known = settings.from_environment()
        engine = InsightEngine(asked.engine.upper()) if asked.engine else known.insight_engine
        return _rated(asked, engine, known) if asked.rated else _planted(asked, engine, known)
    except Failure as failure:
        _say(str(failure))
        return 1
    except KeyboardInterrupt:
        return 130


def _planted(asked: argparse.Namespace, engine: InsightEngine, known: Settings) -> int:
    from bench.evaluation import documents, planted, report, running, world

    accounts = list(planted.accounts(asked.seed, asked.accounts))
    _say(f"{engine.value}{_model(engine, known)}: {len(accounts)} accounts of seed {asked.seed}")
    with world.database() as database:
        results = running.run(database, running.writer(engine, known), accounts, currency=known.currency, say=_say)
    figures = report.figures(results)
    for one in results[: asked.show]:
        insight, judged = one.attempt.insight, one.judged
        print(f"--- account {one.account.number}: {one.account.problem or 'healthy'} ---")
        print(
            documents.shown(insight, [not faults for faults in judged.faults])
            if insight and judged
            else one.attempt.message
        )
        print()
    print(report.table(results), "", report.summary(figures), sep="\n")
    if faults := list(report.untrue(results)):
        print("", *faults, sep="\n")
    if asked.json:
        _keep(asked.json, {
            "engine": engine, "model": known.openai_model if engine is InsightEngine.OPENAI else None,
            "seed": asked.seed, "summary": figures, "accounts": documents.document(results),
        })  # fmt: skip
    return 0 if figures["written"] else 1


def _rated(asked: argparse.Namespace, engine: InsightEngine, known: Settings) -> int:
    from bench.evaluation import documents, rated, report, running

    compared = rated.compare(running.writer(engine, known), rated.read(asked.rated), say=_say)
    for one in compared[: asked.show]:
        print(f"--- {one.old.id} ---")
        print(documents.shown(one.attempt.insight) if one.attempt.insight else one.attempt.message, end="\n\n")
    for one in compared:
        print(rated.told(one))
    written = sum(one.attempt.insight is not None for one in compared)
    took = report.took([one.attempt for one in compared])
    tokens, cost = took["prompt_tokens"] + took["completion_tokens"], took["cost_usd"] or "price not known"
    print(f"{written} of {len(compared)} written, {tokens:,} tokens, {took['seconds']:.1f} s, US dollars: {cost}")
    if asked.json:
        _keep(asked.json, [
            {"id": one.old.id, "rating": one.old.rating, "comment": one.old.comment, "failure": one.attempt.failure,
             "said_again": one.said_again, "findings_then": len(one.old.findings), "faults": one.faults,
             "insight": documents.written(one.attempt.insight) if one.attempt.insight else None}
            for one in compared
        ])  # fmt: skip
    return 0 if written else 1


def _keep(file: Path, document: object) -> None:
    file.write_text(json.dumps(document, indent=1, default=str) + "\n", encoding="utf-8")


def _model(engine: InsightEngine, known: Settings) -> str:
    if engine is InsightEngine.RULES:
        return ""
    return f" ({known.openai_model} at {known.openai_base_url or 'OpenAI'})"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "make eval ARGS=...",
        description="How good an engine's insights are, over accounts with a problem planted in each.",
        epilog="environment: OPENAI_API_KEY or OPENAI_BASE_URL (a model writes), OPENAI_MODEL, OPENAI_TIMEOUT_SECONDS. "
        "The exit code is 1 where nothing could be run. docs/evaluation.md tells what the figures mean.",
    )
    parser.add_argument("--engine", choices=["rules", "openai"], help="who writes (default: as the environment says)")
    parser.add_argument("--seed", type=int, default=1, help="of the accounts (%(default)s)")
    parser.add_argument(
        "--accounts", type=_count, default=50, metavar="N",
        help="with a problem planted (%(default)s); one healthy control is added for each ten",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep every insight and its verdict there")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print that many insights for reading")
    parser.add_argument(
        "--rated", type=Path, metavar="FILE", help="write about the facts of rated insights instead (export-ratings)"
    )
    return parser


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 1000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1000")
    return int(text)


if __name__ == "__main__":
    warnings.filterwarnings("ignore", module="platformdirs")
    sys.exit(main())
