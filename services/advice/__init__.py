"""Insights written by rules: deterministic, from facts alone, in the shape a model fills too. Not the check of them."""

from services.advice.account import account
from services.advice.portfolio import portfolio
from services.evidence.drafts import Draft
from services.evidence.subject import Subject
from services.vocabulary import InsightScope


def write(subject: Subject) -> Draft:
    """The draft for the subject; the same facts always give the same draft."""
    return account(subject) if subject.scope is InsightScope.ACCOUNT else portfolio(subject)
