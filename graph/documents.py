"""Parsed and validated documents, kept for whoever asks the same again; and the limits that a document must keep.

Not a cache that traffic can grow: it is bounded by the tokens of all that it keeps, which is what syntax trees are made
of, and only valid documents enter it. A document that is asked for once costs its parsing, as it would without.
"""

import threading
from collections import OrderedDict
from typing import Any, Final

from graphql import DocumentNode, FieldNode, GraphQLError, OperationDefinitionNode, Visitor, validate, visit
from strawberry.extensions import SchemaExtension
from strawberry.extensions.context import OperationContextManager, ParsingContextManager, ValidationContextManager
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types import ExecutionContext

from graph.completion import prepare
from graph.limits import MAX_ERRORS, MAX_TOKENS
from graph.measures import refusals

KEPT_TOKENS: Final = 60_000
"Some 600 bytes a token make 36 MB, for some three hundred operations of an ordinary front end."
TOKEN_CHARACTERS: Final = 50
"What a token may take of a text: names, values and comments have no other bound, and count as more tokens beyond."
KEPT_CHARACTERS: Final = 100 * MAX_TOKENS
"Of one document's text."


class Kept:
    """Valid documents by their text, those asked for last. Safe for several threads."""

    def __init__(self, tokens: int = KEPT_TOKENS) -> None:
        self._most = tokens
        self._tokens = 0
        self._documents: OrderedDict[str, DocumentNode] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def tokens(self) -> int:
        """How many tokens the kept documents count as together, never more than the bound."""
        return self._tokens

    def get(self, text: str) -> DocumentNode | None:
        """The document of that text; whoever asks for it again is worth a plan."""
        with self._lock:
            document = self._documents.get(text)
            if document is not None:
                self._documents.move_to_end(text)
                prepare(document)
            return document

    def keep(self, text: str, document: DocumentNode) -> None:
        tokens = _tokens(text, document)
        if len(text) > KEPT_CHARACTERS or tokens > self._most:
            return
        with self._lock:
            if text in self._documents:
                return
            self._documents[text] = document
            self._tokens += tokens
            while self._tokens > self._most:
                self._tokens -= _tokens(*self._documents.popitem(last=False))


def _tokens(text: str, document: DocumentNode) -> int:
    return max(document.token_count, len(text) // TOKEN_CHARACTERS)


KEPT: Final = Kept()


class Documents(SchemaExtensionsRunner):
    """Holds each document to the limits, and takes those that have kept them before from the cache.

    Around whatever extensions there are, and not one of them: at each request Strawberry finds out anew what hooks an
    extension has, and of what kind.
    """

    _is_kept = False

    def operation(self) -> OperationContextManager:
        self.execution_context.parse_options["max_tokens"] = MAX_TOKENS
        return super().operation()

    def parsing(self) -> ParsingContextManager:
        context = self.execution_context
        document = KEPT.get(context.query) if context.query else None
        if document is not None:
            context.graphql_document = document
            self._is_kept = True
        return super().parsing()

    def validation(self) -> ValidationContextManager:
        context = self.execution_context
        document = context.graphql_document
        if document is None:
            return super().validation()
        told = self._refusals(document)
        if self._is_kept:
            context.pre_execution_errors = told
            return super().validation()
        context.pre_execution_errors = [*refusals(document), *told] or self._mistakes(document)
        return _Validation(context, self.extensions)

    def get_extensions_results_sync(self) -> dict[str, Any]:
        """What the executor tells beside the data, and what extensions do."""
        result: Any = self.execution_context.result
        return {**((result and result.extensions) or {}), **super().get_extensions_results_sync()}

    def _mistakes(self, document: DocumentNode) -> list[GraphQLError]:
        """What validation finds, by the rules that Strawberry would go by: without a bound of its own, up to 100."""
        context = self.execution_context
        rules = (*context.validation_rules, MaybeNullValidationRule, OneOfInputValidationRule)
        return validate(context.schema._schema, document, rules, max_errors=MAX_ERRORS)

    def _refusals(self, document: DocumentNode) -> list[GraphQLError]:
        """Why this request is refused, whoever may have asked for the same document before."""
        context = self.execution_context
        told = []
        if context._provided_operation_name is None and _operations(document) > 1:
            told.append(GraphQLError("the document has several operations: name one of them (operationName)"))
        settings = getattr(context.context, "settings", None)
        if settings is not None and not settings.introspection and _asks_for_the_schema(context.query or "", document):
            error = GraphQLError("the schema cannot be asked for here", extensions={"code": "INTROSPECTION_OFF"})
            told.append(error)
        return told


class _Validation(ValidationContextManager):
    """Keeps the document that turns out valid."""

    def __init__(self, context: ExecutionContext, extensions: list[SchemaExtension]) -> None:
        super().__init__(extensions)
        self._context = context

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        text, document = self._context.query, self._context.graphql_document
        if error == (None, None, None) and not self._context.pre_execution_errors and text and document is not None:
            KEPT.keep(text, document)


def _operations(document: DocumentNode) -> int:
    return sum(isinstance(one, OperationDefinitionNode) for one in document.definitions)


def _asks_for_the_schema(text: str, document: DocumentNode) -> bool:
    """Of the schema, not of the name of an object's type; a text may have such words in a comment or a value too."""
    if "__schema" not in text and "__type" not in text:
        return False
    found = False

    class Asks(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            nonlocal found
            found = found or node.name.value in ("__schema", "__type")

    visit(document, Asks())
    return found
