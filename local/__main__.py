"""The command line: `python -m local COMMAND`. Each command's work stands in a module of its own."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from local import options
from local.model_modes import MODES
from services.errors import Failure
from services.vocabulary import Role

UPLOAD_CODES = """\
exit code: 0  every row is in (with --dry-run: could be)
           1  nothing was imported, or the server is not there
           3  some rows were refused, the others are in"""
DATE_ORDERS = {"ymd": "YEAR_MONTH_DAY", "dmy": "DAY_MONTH_YEAR", "mdy": "MONTH_DAY_YEAR"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code."""
    try:
        chosen = options.from_environment()
        return _run(_parser(chosen.url).parse_args(arguments), chosen)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(asked: argparse.Namespace, chosen: options.Options) -> int:
    if asked.command == "run":
        from local import supervisor

        return supervisor.run(chosen, lambda line: print(line, flush=True))
    if asked.command == "upload":
        from local import upload

        order = DATE_ORDERS.get(asked.date_order or "")
        policy = "ALL_OR_NOTHING" if asked.all_or_nothing else "SKIP_BAD_ROWS"
        wanted = upload.Wanted(asked.file, asked.kind, asked.dry_run, policy, order, tuple(asked.map))
        return upload.run(asked.url, wanted, report=asked.report)
    if asked.command == "query":
        from local import query

        return query.run(asked.url, asked.text, file=asked.file, variables=asked.variables)
    if asked.command == "score":
        from local import score

        return score.run(asked.url, asked.as_of)
    if asked.command == "model-double":
        from local import model_double

        return model_double.serve(asked.port, asked.mode, asked.seconds, lambda line: print(line, flush=True))
    if asked.command == "export-ratings":
        from local import export_ratings

        return export_ratings.run(chosen, sys.stdout.write)
    if asked.command == "keys":
        from local import keys

        if asked.task == "create":
            return keys.create(chosen, asked.name, asked.role, asked.days)
        return keys.revoke(chosen, asked.key) if asked.task == "revoke" else keys.list_(chosen)
    if asked.command == "rollup":
        from local import rollup

        return rollup.run(chosen, asked.task)
    from local import migrate

    return migrate.run(chosen)


def _parser(url: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m local", description="AI Success Insights on this machine.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    server = argparse.ArgumentParser(add_help=False)
    server.add_argument(
        "--url", default=url, help="the API's address (default: %(default)s); API_KEY is the key that it is asked with"
    )

    commands.add_parser(
        "run",
        help="start everything here, as `make run` does",
        description="Start PostgreSQL, the emulator of S3 and SQS, the workers, the scheduler and the web server, "
        "until Ctrl-C.",
        epilog="environment: PORT (8000), AWS_PORT (PORT + 1000), DATA_DIR (.data), DEMO_DATA (1), "
        "DATABASE_URL (the embedded PostgreSQL), CORS_ORIGINS (http://localhost:3000), OPENAI_API_KEY or "
        "OPENAI_BASE_URL (rules write the insights), OPENAI_MODEL, INSIGHT_FALLBACK, INSIGHT_TOKENS_PER_DAY, "
        "ACCESS (open: on this machine everybody may do everything; keys: as deployed)",
    )

    upload = commands.add_parser(
        "upload",
        parents=[server],
        help="import a CSV file",
        description="Send a CSV file, watch its import and show what became of it.",
        epilog=UPLOAD_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    upload.add_argument("file", type=Path, metavar="FILE")
    upload.add_argument(
        "--kind",
        default="ACCOUNTS",
        choices=["ACCOUNTS", "DAILY_METRICS", "ARR_HISTORY"],
        help="what the file holds (ACCOUNTS)",
    )
    upload.add_argument("--dry-run", action="store_true", help="check the file and show what would change")
    upload.add_argument("--all-or-nothing", action="store_true", help="import nothing where a row is bad")
    upload.add_argument("--date-order", choices=sorted(DATE_ORDERS), help="how 03/04/2026 is meant")
    upload.add_argument(
        "--map", action="append", default=[], type=_mapping, metavar="HEADER=COLUMN", help="what a header stands for"
    )
    upload.add_argument("--report", type=Path, metavar="FILE", help="save the bad rows there, to be mended")

    query = commands.add_parser(
        "query",
        parents=[server],
        help="send a query or a mutation",
        description="Send a GraphQL document and print the answer as JSON. The exit code is 1 where it has errors.",
    )
    text = query.add_mutually_exclusive_group(required=True)
    text.add_argument("text", nargs="?", metavar="QUERY")
    text.add_argument("--file", type=Path, metavar="FILE", help="a file that holds the document")
    query.add_argument("--variables", default="{}", metavar="JSON")

    score = commands.add_parser(
        "score",
        parents=[server],
        help="score every account again",
        description="Score every account again, today or as of another day, and say how many changed their bucket.",
    )
    score.add_argument("--as-of", metavar="DATE", help="such as 2026-03-31")

    commands.add_parser(
        "migrate",
        help="bring the database to the newest schema",
        description="Migrate DATABASE_URL_DIRECT or DATABASE_URL, else the embedded database in DATA_DIR.",
    )

    commands.add_parser(
        "export-ratings",
        help="print every rated insight as a JSON line",
        description="Print every rated insight as a JSON line: its facts, what was written, what was thought of it. "
        'Its texts hold names. `make eval ARGS="--rated FILE"` has an engine write about the same facts again.',
        epilog="environment: DATABASE_URL, else the embedded database in DATA_DIR (.data), also while it is in use",
    )

    rollup = commands.add_parser(
        "rollup",
        help="check or mend the portfolio's kept figures",
        description="verify: tell each kept figure that is not what the accounts amount to, and each account whose "
        "health beside it is not its newest snapshot's; the exit code is 1 where one does. rebuild: mend them first. "
        "Both are safe while others read and write.",
        epilog="environment: DATABASE_URL, else the embedded database in DATA_DIR (.data), also while it is in use",
    )
    rollup.add_argument("task", choices=["verify", "rebuild"])

    keys = commands.add_parser(
        "keys",
        help="make, list and revoke API keys",
        description="Make, list and revoke API keys in the database itself, such as the first one of a new deployment.",
        epilog="environment: DATABASE_URL, else the embedded database in DATA_DIR (.data), also while it is in use",
    ).add_subparsers(dest="task", required=True, metavar="TASK")
    create = keys.add_parser("create", help="print a new key, which is shown this once")
    create.add_argument("--name", required=True, help="what it is for: recorded with every change made by it")
    create.add_argument("--role", required=True, choices=list(Role))
    create.add_argument("--days", type=int, help="how long it lasts (for ever)")
    keys.add_parser("list", help="every key, without its secret")
    revoke = keys.add_parser("revoke", help="let nobody in by a key any more")
    revoke.add_argument("key", metavar="PREFIX", help="how the key begins: aisi_ and eight characters")

    double = commands.add_parser(
        "model-double",
        help="stand in for a language model",
        description="Serve OpenAI's protocol without a model, until Ctrl-C. Set OPENAI_BASE_URL to what it prints.",
        epilog="modes:\n" + "\n".join(f"  {mode:18} {what}" for mode, what in MODES.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    double.add_argument("--port", type=int, default=9100, help="0 for any that is free (%(default)s)")
    double.add_argument("--mode", default="honest", choices=MODES, metavar="MODE", help="%(default)s")
    double.add_argument("--seconds", type=float, default=5.0, help="of the modes that wait (%(default)s)")
    return parser


def _mapping(text: str) -> tuple[str, str]:
    header, separator, column = text.rpartition("=")
    if not (separator and header and column):
        raise argparse.ArgumentTypeError(f"{text!r} is not HEADER=COLUMN")
    return header, column


if __name__ == "__main__":
    sys.exit(main())
