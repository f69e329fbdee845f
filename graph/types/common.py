"""Words that every topic of the graph shares: nodes, pages, money, problems with an input."""

from datetime import date
from decimal import Decimal

import strawberry

from graph.words import described, described_interface, told
from services import vocabulary

for _cls in vars(vocabulary).values():
    if isinstance(_cls, type) and issubclass(_cls, vocabulary.Word) and _cls is not vocabulary.Word:
        strawberry.enum(_cls, description=(_cls.__doc__ or "").strip())


@described_interface
class Node:
    """Anything that has an id of its own."""

    id: strawberry.ID = told("Opaque; the same for as long as the thing exists.")


@described
class PageInfo:
    """Where a page of a connection lies."""

    has_next_page: bool = told("Whether there are more after this page. Of a page before a cursor: always true.")
    has_previous_page: bool = told("Whether there are more before this page. Of a page after a cursor: always true.")
    start_cursor: str | None = told("Cursor of the page's first entry.")
    end_cursor: str | None = told("Cursor of the page's last entry.")


@described
class Money:
    """An amount in the workspace's one reporting currency."""

    amount: Decimal = told("Exact, with two decimals.")
    currency: str = told("ISO 4217 code.")


@described
class UserError:
    """An expected failure, as data; the top-level errors list is for malformed requests, denied access and faults."""

    code: vocabulary.UserErrorCode = told("What kind of problem it is.")
    message: str = told("For a person: what is wrong, and what would be right.")
    path: list[str] | None = told("Where in the input the problem lies.")


@described
class Evidence:
    """A fact that a statement rests on, as it stood when the statement was made."""

    key: str = told("Names the fact within the statement.")
    label: str = told("Names the fact for a person.")
    value: str = told("The value as it was stored.")
    unit: str | None = told("What the value counts.")
    observed_on: date = told("The day the fact is about.")
    source: vocabulary.EvidenceSource = told("Where the fact comes from.")


@described
class FieldChange:
    """One field that changed."""

    field: str = told("The field, by its column name in an import file.")
    before: str | None = told("Its value before; null where it had none.")
    after: str | None = told("Its value after; null where it has none.")
