"""A portfolio's insight, written by rules."""

from services.evidence.drafts import Draft
from services.evidence.subject import Subject


def portfolio(subject: Subject) -> Draft:
    raise NotImplementedError(subject.scope)
