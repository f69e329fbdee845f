"""The schema: every root field with its resolver, put together once. `python -m graph.schema` writes schema.graphql.

Types whose values come out of the database are never made as objects. A root field's statement answers the whole
selection as one document, and every field below reads that document by its response key (docs/decisions/0004).
"""

import sys
from collections.abc import Iterable
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any, Final

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
)
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import HasGraphQLName, NameConverter
from strawberry.types import ExecutionResult
from strawberry.types.execution import ExecutionContext

from graph import errors
from graph.access import Access
from graph.arguments import Builder
from graph.completion import PLAIN, Executor
from graph.documents import Documents
from graph.permissions import FIELDS
from graph.scalars import SCALARS
from graph.selection import NAMES
from graph.types.accounts import Account, AccountConnection
from graph.types.common import Node
from graph.types.health import Scorecard
from graph.types.insights import Insight, InsightConnection
from graph.types.jobs import InsightBatchJob, InsightJob, Job, RecomputeJob
from graph.types.keys import ApiKeyConnection, CreateApiKeyPayload, RevokeApiKeyPayload
from graph.types.payloads import (
    GenerateMockDataPayload,
    QueueInsightPayload,
    QueueInsightsPayload,
    RateInsightPayload,
    RecomputeHealthPayload,
    RequestUploadUrlPayload,
    UpdateAccountPayload,
)
from graph.types.playbooks import Playbook
from graph.types.portfolio import PortfolioMetrics
from graph.types.uploads import Upload, UploadConnection, UploadTemplate
from graph.types.viewer import UpdateFeed, Viewer
from graph.words import described, told
from resolvers import accounts as account_resolvers
from resolvers import health as health_resolvers
from resolvers import insights as insight_resolvers
from resolvers import keys as key_resolvers
from resolvers import mock_data
from resolvers import nodes as node_resolvers
from resolvers import portfolio as portfolio_resolvers
from resolvers import uploads as upload_resolvers
from resolvers import viewer as viewer_resolvers
from services import tracing, vocabulary
from services.errors import Unavailable
from services.vocabulary import Role

SDL: Final = Path(__file__).parent.parent / "schema.graphql"


def _root(resolver: Any) -> Any:
    """A root field whose description is its resolver's docstring."""
    return told(" ".join((resolver.__doc__ or "").split()), resolver=resolver)


@described
class Query:
    """What can be asked. Each field is answered by one SQL statement, however much is asked of it."""

    node: Node | None = _root(node_resolvers.node)
    nodes: list[Node | None] = _root(node_resolvers.nodes)
    viewer: Viewer = _root(viewer_resolvers.viewer)
    account: Account | None = _root(account_resolvers.account)
    accounts: AccountConnection = _root(account_resolvers.accounts)
    portfolio_metrics: PortfolioMetrics = _root(portfolio_resolvers.portfolio_metrics)
    insight: Insight | None = _root(insight_resolvers.insight)
    insights: InsightConnection = _root(insight_resolvers.insights)
    job: Job | None = _root(node_resolvers.job)
    updates: UpdateFeed = _root(viewer_resolvers.updates)
    upload: Upload | None = _root(upload_resolvers.upload)
    uploads: UploadConnection = _root(upload_resolvers.uploads)
    upload_template: UploadTemplate = _root(upload_resolvers.upload_template)
    playbooks: list[Playbook] = _root(health_resolvers.playbooks)
    scorecards: list[Scorecard] = _root(health_resolvers.all_scorecards)
    api_keys: ApiKeyConnection = _root(key_resolvers.api_keys)


@described
class Mutation:
    """What can be done. An expected failure is data, under userErrors; each field is committed on its own."""

    request_upload_url: RequestUploadUrlPayload = _root(upload_resolvers.request_upload_url)
    update_account: UpdateAccountPayload = _root(account_resolvers.update_account)
    queue_insight: QueueInsightPayload = _root(insight_resolvers.queue_insight)
    queue_insights: QueueInsightsPayload = _root(insight_resolvers.queue_insights)
    queue_portfolio_insight: QueueInsightPayload = _root(insight_resolvers.queue_portfolio_insight)
    rate_insight: RateInsightPayload = _root(insight_resolvers.rate_insight)
    recompute_health: RecomputeHealthPayload = _root(health_resolvers.recompute_health)
    generate_mock_data: GenerateMockDataPayload = _root(mock_data.generate_mock_data)
    create_api_key: CreateApiKeyPayload = _root(key_resolvers.create_api_key)
    revoke_api_key: RevokeApiKeyPayload = _root(key_resolvers.revoke_api_key)


class Schema(strawberry.Schema):
    """Strawberry's, with documents for results and errors logged by graph.errors alone."""

    def __init__(self, query: type, mutation: type | None = None, types: Iterable[type] = ()) -> None:
        super().__init__(
            query=query,
            mutation=mutation,
            types=types,
            extensions=[Access],
            execution_context_class=Executor,
            config=StrawberryConfig(scalar_map=SCALARS),
        )
        for type_ in self._schema.type_map.values():
            if type_.name.startswith("__"):
                continue
            if isinstance(type_, GraphQLEnumType):
                _describe_values(type_)
            elif isinstance(type_, GraphQLInputObjectType):
                definition = type_.extensions["strawberry-definition"]
                _remember_names(definition.fields, self.config.name_converter)
                definition.from_input = Builder(definition, self.schema_converter.scalar_registry)
            elif isinstance(type_, GraphQLInterfaceType):
                type_.resolve_type = _type_of
            elif isinstance(type_, GraphQLObjectType):
                type_.is_type_of = None
                _name_and_resolve(type_, self.config.name_converter, is_root=type_.name in ("Query", "Mutation"))
                _say_who_may(type_)

    def execute_sync(self, query: str | None, **options: Any) -> ExecutionResult:  # type: ignore[override]
        result = super().execute_sync(query, **options)
        context = options.get("context_value")
        settings = getattr(context, "settings", None)
        suggestions = settings is None or settings.introspection
        result.errors = errors.shown(result.errors, getattr(context, "request_id", ""), suggestions=suggestions)
        return result

    async def execute(self, query: str | None, **options: Any) -> ExecutionResult:  # type: ignore[override]
        """At once, or in a thread of the context's: every resolver is synchronous."""
        threads = getattr(options.get("context_value"), "threads", None)
        if threads is None:
            return self.execute_sync(query, **options)
        result: ExecutionResult
        try:
            result = await threads.run(partial(copy_context().run, self.execute_sync, query, **options))
        except Unavailable as error:
            refused = [GraphQLError(str(error), original_error=error)]
            result = ExecutionResult(None, errors.shown(refused, options["context_value"].request_id))
        return result

    def create_extensions_runner(
        self, execution_context: ExecutionContext, extensions: list[SchemaExtension]
    ) -> SchemaExtensionsRunner:
        return Documents(execution_context, extensions)

    def _warn_for_federation_directives(self) -> None:
        """Nothing: there are none, and looking for them loads all of them."""

    def process_errors(self, errors: Any, execution_context: ExecutionContext | None = None) -> None:
        """Nothing: what is worth it is logged once, by graph.errors."""


def _remember_names(named: Iterable[HasGraphQLName], converter: NameConverter) -> None:
    """Strawberry asks for the name of each argument, and of each field of an input, at every request."""
    for one in named:
        one.graphql_name = converter.get_graphql_name(one)


def _describe_values(type_: GraphQLEnumType) -> None:
    words = getattr(vocabulary, type_.name)
    for name, value in type_.values.items():
        value.description = words[name].description


def _say_who_may(type_: GraphQLObjectType) -> None:
    """What is not for everybody says so in its description."""
    roles = {name: FIELDS.get(type_.name, {}).get(name, Role.ADMIN) for name in type_.fields}
    several = list(set(roles.values()))
    if len(several) == 1:
        type_.description = _for(several[0], type_.description)
        return
    for name, field in type_.fields.items():
        field.description = _for(roles[name], field.description)


def _for(role: Role, description: str | None) -> str | None:
    if role is Role.VIEWER:
        return description
    return f"{description} (For {role}{'' if role is Role.ADMIN else ' and above'}.)"


def _name_and_resolve(type_: GraphQLObjectType, converter: NameConverter, *, is_root: bool) -> None:
    """Tell each field's names to graph.selection, and let those without a resolver of their own read the document.

    A permission or another extension of a field is part of its resolver, so such a field must have one.
    """
    for name, field in type_.fields.items():
        definition = field.extensions["strawberry-definition"]
        if is_root:
            field.resolve = tracing.spanned(name)(field.resolve) if field.resolve else None
        _remember_names(definition.arguments, converter)
        arguments = {argument.graphql_name: argument.python_name for argument in definition.arguments}
        field.extensions[NAMES] = definition.python_name, arguments
        if not is_root and (definition.base_resolver is None or "answered" in definition.metadata):
            if definition.extensions:
                raise TypeError(f"{type_.name}.{definition.python_name} needs a resolver: see graph.words.under_key")
            field.resolve = _reads(definition.python_name)
            field.extensions[PLAIN] = True


def _reads(name: str) -> Any:
    """Reads a field from a document by its response key, or from one of the code's own objects by its name."""

    def resolve(source: Any, info: GraphQLResolveInfo[Any], **_: Any) -> Any:
        return source[info.path.key] if type(source) is dict else getattr(source, name)

    return resolve


def _type_of(value: Any, *_: Any) -> str:
    name: str = value["__typename"] if type(value) is dict else type(value).__name__
    return name


schema: Final = Schema(Query, Mutation, [Account, Upload, RecomputeJob, InsightJob, InsightBatchJob, Insight, Playbook])


def _main(arguments: list[str]) -> int:
    """Write schema.graphql, or with --check say whether it is what the code prints."""
    printed = schema.as_str() + "\n"
    if arguments == ["--check"]:
        if SDL.exists() and SDL.read_text(encoding="utf-8") == printed:
            return 0
        sys.stderr.write("schema.graphql is not what the code prints: run `make schema` and commit it\n")
        return 1
    SDL.write_text(printed, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
