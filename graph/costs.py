"""What an operation may come to, priced before any of it is done: by its fields and by the values it is asked with.

A unit is an object that may have to be read and written. What is asked of each entry of a list is multiplied by how
many there may be: by the page that is asked for, or else by what such a list usually has. What takes more than its
answer shows (a count, a sum, a change) has a price of its own. A value that is asked for again under another name costs
like an object. An argument counts by its value, wherever it stands.
"""

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    VariableNode,
    Visitor,
    get_argument_values,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    visit,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_fields, collect_subfields
from graphql.execution.executor import Executor

from graph.limits import MAX_COST
from services.db.pages import MOST, USUAL
from services.insights.queue import MOST as MOST_INSIGHTS

LIST: Final = 10
"Entries of a list without pages: the factors of a score, the signals of an account, the evidence of a finding."
LISTS: Final[Mapping[str, int]] = {
    "PortfolioMetrics.trend": 100,
    "PortfolioMetrics.byOwner": 50,
    "Query.playbooks": 30,
    "__Schema.types": 150,
    "__Type.fields": 5,
    "__Type.inputFields": 1,
    "__Type.enumValues": 2,
    "__Type.interfaces": 1,
    "__Type.possibleTypes": 1,
    "__Field.args": 1,
}
"Those that usually have more, and those of the schema, on average: what tools ask of it must fit in."
SCHEMA: Final = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
PRICES: Final[Mapping[str, int]] = {
    "Query.portfolioMetrics": 20,
    "PortfolioMetrics.arrAtRisk": 10,
    "PortfolioMetrics.topRisks": 20,
    "AccountConnection.totalCount": 10,
    "AccountConnection.totalArr": 10,
    "Account.metricsSummary": 3,
    "Mutation.requestUploadUrl": 20,
    "Mutation.updateAccount": 20,
    "Mutation.rateInsight": 20,
    "Mutation.queueInsight": 50,
    "Mutation.queuePortfolioInsight": 200,
    "Mutation.queueInsights": 200,
    "Mutation.recomputeHealth": 25_000,
    "Mutation.generateMockData": 25_000,
}
"What a field costs beside the objects in it."
AN_INSIGHT: Final = 10
"Of each account that one request for insights may cover."
_PRICED: Final = frozenset({"first", "last", "ids", "input"})
"The arguments whose values are priced."
_COMBINATIONS: Final = 64
"Of values that the price of a kept document is remembered for."


class Prices:
    """What an operation of a kept document costs, by the values of the variables that are priced."""

    def __init__(self) -> None:
        self.variables: tuple[str, ...] | None = None
        self.known: dict[tuple[object, ...], int] = {}


def prepare(document: DocumentNode) -> None:
    """Let a document keep the prices of its operations."""
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            vars(operation).setdefault("prices", Prices())


def cost(executor: Executor[Any]) -> int:
    """The price of the operation that an executor was built for, in units."""
    prices: Prices | None = vars(executor.operation).get("prices")
    if prices is None:
        return _Pricing(executor).operation()
    if prices.variables is None:
        prices.variables = _priced_variables(executor)
    given = executor.variable_values.coerced
    key = tuple(_priced(given.get(name)) for name in prices.variables)
    known = prices.known.get(key)
    if known is None:
        known = _Pricing(executor).operation()
        if len(prices.known) >= _COMBINATIONS:
            prices.known = {}
        prices.known[key] = known
    return known


def refusal(price: int, operation: OperationDefinitionNode) -> GraphQLError:
    message = f"the operation would cost {price}, and {MAX_COST} is allowed: ask for less, or in several requests"
    return GraphQLError(message, [operation], extensions={"code": "COST_LIMIT"})


def _priced(given: Any) -> object:
    """What of a variable's value makes the price: a page's length, a list's, or how many insights an input asks for.

    No text does, and none is kept with the prices.
    """
    if isinstance(given, list):
        return len(given)
    number = given.get("max") if isinstance(given, dict) else given
    return number if isinstance(number, int) else None


def _priced_variables(executor: Executor[Any]) -> tuple[str, ...]:
    """Those in a priced argument or in a directive, in the operation or any fragment of its document."""
    found: set[str] = set()

    class Mentions(Visitor):
        def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
            if node.name.value in _PRICED or node.name.value == "if":
                visit(node.value, Variables())

    class Variables(Visitor):
        def enter_variable(self, node: VariableNode, *_: Any) -> None:
            found.add(node.name.value)

    for definition in (executor.operation, *executor.fragment_definitions.values()):
        visit(definition, Mentions())
    return tuple(sorted(found))


class _Pricing:
    """One walk through one operation. What is merged in the answer is priced once, as it is executed."""

    def __init__(self, executor: Executor[Any]) -> None:
        self._executor = executor

    def operation(self) -> int:
        executor = self._executor
        root = executor.schema.get_root_type(executor.operation.operation)
        assert root is not None
        try:
            fields = collect_fields(
                executor.schema, executor.fragments, executor.variable_values, root, executor.operation
            )
        except GraphQLError:  # the executor comes to it as well, and tells
            return 0
        return self._selected(root, fields.grouped_field_set, 1)

    def _selected(self, type_: GraphQLObjectType, grouped: GroupedFieldSet, page: int) -> int:
        price, leaves = 0, set()
        for details in grouped.values():
            name, is_leaf = details[0].node.name.value, details[0].node.selection_set is None
            price += self._field(type_, details, page) + (is_leaf and name in leaves)
            if is_leaf:
                leaves.add(name)
        return price

    def _field(self, parent: GraphQLObjectType, details: FieldDetailsList, page: int) -> int:
        """The price of one field, in an object whose lists have `page` entries where it is a connection."""
        name = details[0].node.name.value
        field = parent.fields.get(name) or SCHEMA.get(name)
        if field is None:  # __typename
            return 0
        arguments = self._arguments(field, details[0].node) if field.args else {}
        place = f"{parent.name}.{name}"
        own = PRICES.get(place, 0) + _insights(arguments)
        type_ = get_named_type(field.type)
        if not is_composite_type(type_):
            return own
        if is_list_type(get_nullable_type(field.type)):
            is_paged = parent.name.endswith(("Connection", "Feed"))
            entries = page if is_paged else _entries(arguments, LISTS.get(place, LIST))
            return own + entries * (1 + self._inner(type_, details, 1))
        return own + 1 + self._inner(type_, details, _entries(arguments, USUAL))

    def _inner(self, type_: Any, details: FieldDetailsList, page: int) -> int:
        """What is asked of an object of that type; of an interface's, what is asked of the dearest."""
        executor = self._executor
        of = executor.schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
        try:
            return max(
                self._selected(
                    one,
                    collect_subfields(
                        executor.schema, executor.fragments, executor.variable_values, executor.operation, one, details
                    ).grouped_field_set,
                    page,
                )
                for one in of
            )
        except GraphQLError:  # nothing of this selection is executed either: the executor comes to it, and tells
            return 0

    def _arguments(self, field: GraphQLField, node: FieldNode) -> Mapping[str, Any]:
        """By their names in Python. Those that cannot be read are told of where the field is executed."""
        try:
            return get_argument_values(field, node, self._executor.variable_values)
        except GraphQLError:
            return {}


def _entries(arguments: Mapping[str, Any], usual: int) -> int:
    """How many there may be: what is asked for, as far as it is given."""
    pages = [given for name in ("first", "last") if (given := arguments.get(name)) is not None]
    if not pages and "ids" not in arguments:
        return usual
    return min(max(max(pages) if pages else len(arguments["ids"]), 0), MOST)


def _insights(arguments: Mapping[str, Any]) -> int:
    """The price of those that one input asks for."""
    asked: int = arguments.get("input", {}).get("max", 0)
    return AN_INSIGHT * min(max(asked, 0), MOST_INSIGHTS)
