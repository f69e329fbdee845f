"""The evaluation itself: its accounts are the same for a seed, its figures true, and its check sees planted lies."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bench.evaluation import __main__ as command
from bench.evaluation import judging, planted, report, running, truth
from bench.evaluation.planted import DAY, Problem
from bench.evaluation.running import Result
from bench.evaluation.truth import Truth
from local.model_double import ModelDouble
from services.adapters import model_table
from services.adapters.openai_answers import Usage
from services.db.connection import Database
from services.db.statement import Statement
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.subject import Subject
from services.evidence.verify import Verified, VerifiedAction, VerifiedFinding
from services.insights import picture
from services.settings import Settings
from services.vocabulary import FindingKind, InsightEngine, JobFailureCode, RiskLevel
from tests.conftest import TABLES

SEED, ACCOUNTS = 1, 10
CHANGE, LEVEL, BEFORE, SIGNAL = Aspect.CHANGE, Aspect.LEVEL, Aspect.BEFORE, Aspect.SIGNAL


def evaluate(database: Database, engine: InsightEngine, settings: Settings | None = None) -> list[Result]:
    accounts = list(planted.accounts(SEED, ACCOUNTS))
    known = settings or Settings()
    return running.run(database, running.writer(engine, known), accounts, currency="USD", say=lambda _: None)


@pytest.fixture(scope="module")
def own_database(database_url: str) -> Iterator[Database]:
    """The test run's database for what the whole module looks at: emptied before any test of it has begun."""
    database = Database(database_url)
    yield database
    database.close()


def emptied(database: Database) -> None:
    with database.writing() as session:
        session.connection().exec_driver_sql(f"truncate {TABLES} restart identity")


@pytest.fixture(scope="module")
def rules(own_database: Database) -> list[Result]:
    """The rules over each problem once and a healthy control."""
    found = evaluate(own_database, InsightEngine.RULES)
    emptied(own_database)
    return found


def by_the_double(database: Database, double: ModelDouble) -> list[Result]:
    return evaluate(database, InsightEngine.OPENAI, Settings(openai_base_url=double.url, openai_model="gpt-5-mini"))


# --- the accounts ---


def test_a_seed_means_the_same_accounts_whenever_it_is_asked_for() -> None:
    once, again, another = (list(planted.accounts(seed, 50)) for seed in (7, 7, 8))

    assert once == again
    assert [one for one in once if one in another] == []


def test_fifty_accounts_are_ten_problems_five_times_and_five_healthy_controls() -> None:
    problems = Counter(one.problem for one in planted.accounts(SEED, 50))

    assert problems == dict.fromkeys((*Problem, None), 5)


def test_fewer_accounts_are_the_first_of_more() -> None:
    assert list(planted.accounts(SEED, 30))[:12] == list(planted.accounts(SEED, 12))[:12]


def test_the_product_raises_the_planted_problem_as_a_signal_and_none_for_a_control(rules: list[Result]) -> None:
    raised = [
        {fact.topic for finding in one.attempt.insight.findings for fact in finding.evidence if fact.aspect is SIGNAL}
        for one in rules
        if one.attempt.insight
    ]

    planted_topics = [planted.TOPICS[one.account.problem] for one in rules if one.account.problem]
    assert all(topics & told for topics, told in zip(planted_topics, raised, strict=False))
    assert raised[-1] == set()


# --- the rules, over HTTP a model ---


def test_what_the_rules_write_is_true_and_finds_what_was_planted(rules: list[Result]) -> None:
    figures = report.figures(rules)

    told = ("facts_true", "findings_true", "other_texts_untrue", "planted_found", "controls_calm", "actions_fit")
    assert {name: figures[name] for name in told} == {
        "facts_true": 1.0, "findings_true": 1.0, "other_texts_untrue": 0, "planted_found": 1.0, "controls_calm": 1.0,
        "actions_fit": 1.0,
    }  # fmt: skip
    assert (figures["written"], figures["failures"], figures["calls"], figures["cost_usd"]) == (11, {}, 0, "0")
    assert list(report.untrue(rules)) == []


def test_an_honest_model_over_http_is_true_and_its_tokens_are_counted(database: Database, double: ModelDouble) -> None:
    results = by_the_double(database, double)

    figures = report.figures(results)
    assert (figures["written"], figures["findings_true"], figures["other_texts_untrue"]) == (11, 1.0, 0)
    assert figures["calls"] == len(double.calls) == 11
    assert figures["prompt_tokens"] > 1000 < figures["completion_tokens"]
    used = Usage(figures["prompt_tokens"], figures["completion_tokens"])
    assert Decimal(figures["cost_usd"]) == model_table.cost("gpt-5-mini", used)


def test_of_a_lying_model_nothing_false_is_kept(database: Database, double: ModelDouble) -> None:
    double.become("lying")

    results = by_the_double(database, double)

    figures = report.figures(results)
    assert (figures["findings_true"], figures["other_texts_untrue"]) == (1.0, 0)
    assert figures["sentences_dropped"] > 50


def test_a_model_that_is_always_down_is_asked_three_times_and_counted(database: Database, double: ModelDouble) -> None:
    double.become("unauthorized")

    results = by_the_double(database, double)

    assert [one.attempt.failure for one in results] == [JobFailureCode.INTERNAL] * 3
    assert report.figures(results)["failures"] == {"INTERNAL": 3}


# --- the check ---


class Case:
    """An account whose usage dropped, with its facts and what is true of it."""

    def __init__(self, database: Database) -> None:
        from bench.evaluation import world

        [account] = planted.accounts(SEED, 1)
        [id_] = world.write(database, [account]).values()
        seen = picture.of_account(database, id_, Statement(today=DAY))
        assert seen is not None
        self.subject: Subject = seen.subject
        self.truth: Truth = truth.truths(database, [id_], DAY, "USD")[id_]

    def fact(self, topic: Topic, aspect: Aspect = LEVEL) -> Fact:
        return next(one for one in self.subject.facts if (one.topic, one.aspect) == (topic, aspect))

    def shown(self, topic: Topic, aspect: Aspect = LEVEL) -> str:
        number = self.fact(topic, aspect).number
        assert number is not None
        return f"{abs(number).normalize():,f}"

    def faults(self, text: str, kind: FindingKind, *evidence: Fact) -> tuple[str, ...]:
        insight = Verified(text, "", (VerifiedFinding(text, kind, evidence),), (), 0, 0, 0)
        [found] = judging.judge(insight, self.subject.facts, Problem.USAGE_DROP, self.truth).faults
        return found


@pytest.fixture(scope="module")
def case(own_database: Database) -> Case:
    found = Case(own_database)
    emptied(own_database)
    return found


def test_every_fact_that_the_product_numbers_is_what_the_database_says(case: Case) -> None:
    assert [wrong for fact in case.subject.facts if (wrong := case.truth.wrong(fact))] == []


def test_true_findings_pass(case: Case) -> None:
    drop, now, was = (case.fact(Topic.LOGINS, side) for side in (CHANGE, LEVEL, BEFORE))
    weekly, adoption = case.fact(Topic.WEEKLY_ACTIVE), case.fact(Topic.FEATURE_ADOPTION)
    fell, before, level = (case.shown(Topic.LOGINS, side) for side in (CHANGE, BEFORE, LEVEL))

    assert case.faults(
        f"Logins fell by {fell} % in a month, from {before} to {level} logins.", FindingKind.RISK, drop, now, was
    ) == ()  # fmt: skip
    assert case.faults(f"{level} logins came, after a {fell} % drop.", FindingKind.CHANGE, drop, now) == ()
    weekly_text = f"Weekly active users are at {case.shown(Topic.WEEKLY_ACTIVE)} %."
    assert case.faults(weekly_text, FindingKind.RISK, weekly) == ()
    adoption_text = f"Feature adoption is at {case.shown(Topic.FEATURE_ADOPTION)} %."
    assert case.faults(adoption_text, FindingKind.STRENGTH, adoption) == ()


def test_a_value_that_is_not_the_databases_is_seen(case: Case) -> None:
    logins = case.fact(Topic.LOGINS)
    assert logins.number is not None
    told = str(logins.number + 1)

    [fault] = case.faults(f"There were {told} logins.", FindingKind.RISK, replace(logins, value=told))

    assert fault == (
        f"{logins.key} (Logins in 30 days) says {told} logins, the database {logins.number:.0f} logins"
    )  # fmt: skip


@pytest.mark.parametrize("unit", ["users", "%", None])
def test_a_value_of_another_unit_is_seen(case: Case, unit: str | None) -> None:
    assert case.truth.wrong(replace(case.fact(Topic.LOGINS), unit=unit)) is not None


def test_a_number_that_nothing_has_is_wrong_of_any_topic(case: Case) -> None:
    made_up = [
        replace(case.fact(Topic.SCORE), topic=topic, aspect=aspect, value="918.2")
        for topic in Topic
        for aspect in Aspect
    ]

    assert [fact for fact in made_up if case.truth.wrong(fact) is None] == []


LIES = {
    "another number": ("Logins fell by 61.7 % in a month.", "no evidence is “61.7 %”"),
    "the other direction": ("Logins rose by {drop} % in a month.", "goes the other way"),
    "no direction": ("Logins differ by {drop} %.", "does not say which"),
    "another thing": ("Feature adoption fell by {drop} %.", "is not said of what it is (LOGINS)"),
    "another unit": ("Logins fell by {drop} points.", "no evidence is"),
    "another period": ("Logins fell by {drop} % in a week.", "is not the days that the evidence looks over (30)"),
    "what was for what is": ("Logins are {before} this month.", "goes the other way, or does not say which"),
    "a share": ("Half of the logins are gone; they fell by {drop} %.", "nobody measured “Half”"),
    "a number word": ("Logins fell by {drop} % in four teams.", "no evidence is “four teams”"),
    "a day": ("Logins fell by {drop} % on 3 May 2031.", "no evidence has the day 2031-05-03"),
    "no day at all": ("Logins fell by {drop} % on 31 February 2026.", "no evidence has the day that the calendar lacks"),
    "turned around": ("Logins fell from {level} to {before} logins.", "goes the other way"),
    "money": ("Logins fell by ${drop}.", "no evidence is"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_text_that_says_something_else_than_its_evidence_is_seen(case: Case, lie: str) -> None:
    text, why = LIES[lie]
    drop, before, level = (case.shown(Topic.LOGINS, side) for side in (CHANGE, BEFORE, LEVEL))
    evidence = [case.fact(Topic.LOGINS, side) for side in (CHANGE, BEFORE, LEVEL)]

    faults = case.faults(text.format(drop=drop, before=before, level=level), FindingKind.RISK, *evidence)

    assert any(why in fault for fault in faults), faults


def test_a_kind_that_the_figures_do_not_carry_is_seen(case: Case) -> None:
    weekly, adoption = case.fact(Topic.WEEKLY_ACTIVE), case.fact(Topic.FEATURE_ADOPTION)
    weak = f"Weekly active users are at {case.shown(Topic.WEEKLY_ACTIVE)} %."
    well = f"Feature adoption is at {case.shown(Topic.FEATURE_ADOPTION)} %."

    assert case.faults(weak, FindingKind.STRENGTH, weekly) == (f"nothing in its evidence makes it a STRENGTH: {weak}",)
    assert case.faults(well, FindingKind.RISK, adoption) == (f"nothing in its evidence makes it a RISK: {well}",)
    assert case.faults(well, FindingKind.CHANGE, adoption) == (f"nothing in its evidence makes it a CHANGE: {well}",)
    assert case.faults(well, FindingKind.DATA_GAP, adoption) == (
        f"nothing in its evidence makes it a DATA_GAP: {well}",
    )


def test_an_action_fits_where_its_playbook_answers_what_the_account_has(case: Case) -> None:
    def fits(playbook: str | None, *evidence: Fact) -> bool:
        action = VerifiedAction("Call", "", RiskLevel.HIGH, playbook, evidence, None)
        insight = Verified("", "", (), (action,), 0, 0, 0)
        return judging.judge(insight, (), Problem.USAGE_DROP, case.truth).fits[0]

    assert fits("usage-drop-response")  # its signal is raised
    assert fits("licence-rollout")  # its measure loses points
    assert not fits("overdue-renewal-close")
    assert not fits("critical-support-escalation")
    assert fits(None, case.fact(Topic.LOGINS))
    assert not fits(None, case.fact(Topic.NPS))


# --- the command ---


def test_the_command_prints_the_figures_and_keeps_each_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "run.json"

    code = command.main(["--engine", "rules", "--accounts", "2", "--show", "1", "--json", str(kept)])

    printed = capsys.readouterr()
    document = json.loads(kept.read_text())
    assert code == 0
    assert "--- account 1: USAGE_DROP ---" in printed.out
    assert "findings that are true            100.0 % of" in printed.out
    assert "2/2 SILENT_CUSTOMER: found" in printed.err
    assert (document["engine"], document["model"], document["seed"]) == ("RULES", None, 1)
    assert [one["problem"] for one in document["accounts"]] == ["USAGE_DROP", "SILENT_CUSTOMER"]
    assert document["summary"]["findings_true"] == 1.0


def test_the_command_fails_where_nothing_can_be_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = command.main(["--engine", "rules", "--rated", str(tmp_path / "none.jsonl")])

    assert code == 1
    assert "none.jsonl cannot be read" in capsys.readouterr().err
