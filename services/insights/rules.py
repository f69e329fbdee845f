"""The rule engine as a writer: deterministic, at once, for nothing. What it writes stands in services.advice."""

from datetime import timedelta

from services import advice
from services.evidence.subject import Subject
from services.ports import Written


class Rules:
    """Answers ports.Writer."""

    def write(self, subject: Subject, *, within: timedelta) -> Written:  # noqa: ARG002 - it takes a millisecond
        """The draft; it never fails."""
        return Written(advice.write(subject), ())
