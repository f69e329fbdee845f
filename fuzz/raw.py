"""Requests that no client of GraphQL sends: broken JSON, wrong types, depth, bombs, other methods and content types."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies as st

JSON: Final = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Request:
    """A request but for its credentials. `what` names the kind of mischief."""

    what: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))
    method: str = "POST"
    path: str = "/graphql"


PLAIN: Final = {"query": "query Q($id: ID!) { node(id: $id) { __typename id } }", "variables": {"id": "acc_1"}}
ARGUMENT: Final = "{ accounts(filter: %s) { totalCount } }"
SIZES: Final = st.sampled_from((1, 5, 14, 15, 16, 30, 100, 500, 1_000, 5_000, 60_000))


def requests() -> st.SearchStrategy[Request]:
    """Any of them."""
    return st.one_of(_bytes(), _shapes(), SIZES.flatmap(_bombs), _kinds(), _addresses())


def _bytes() -> st.SearchStrategy[Request]:
    whole = json.dumps(PLAIN).encode()
    junk = st.sampled_from(
        (b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\\ud800", b"{", b"]", b'"', b"\xef\xbb\xbf", b"1e")
    )
    return st.one_of(
        st.builds(lambda at: Request("cut off", whole[:at]), st.integers(0, len(whole) - 1)),
        st.builds(
            lambda at, one: Request("junk within", whole[:at] + one + whole[at:]), st.integers(0, len(whole)), junk
        ),
        st.builds(lambda one: Request("bytes", one), st.binary(max_size=200)),
        st.builds(lambda one: Request("text", one.encode("utf-8", "surrogatepass")), st.text(max_size=100)),
    )


def _shapes() -> st.SearchStrategy[Request]:
    values = st.recursive(
        st.one_of(
            st.none(), st.booleans(), st.integers(-(2**80), 2**80), st.floats(), st.text(max_size=8),
            st.sampled_from(("\ud800", "\0", "{ viewer { id } }", 10**500, -(2**63), "a" * 5_000)),
        ),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=6,
    )  # fmt: skip
    parts = st.sampled_from(("query", "variables", "operationName", "extensions", "id", "batch"))
    return st.one_of(
        st.builds(lambda value: Request("other JSON", json.dumps(value).encode()), values),
        st.builds(
            lambda part, value: Request(f"odd {part}", json.dumps({**PLAIN, part: value}).encode()), parts, values
        ),
        st.builds(
            lambda value: Request("odd value", json.dumps({**PLAIN, "variables": {"id": value}}).encode()), values
        ),
        st.integers(1, 30).map(lambda many: Request("batch", json.dumps([PLAIN] * many).encode())),
    )


_BOMBS: Final[dict[str, Callable[[int], str]]] = {
    "deep query": lambda n: "{ node(id: 1) " + "{ ... on Account " * n + "{ id }" + " }" * n + "}",
    "deep fields": lambda n: "{ a " * n + "}" * n,
    "aliases": lambda n: "{ " + " ".join(f"a{i}: viewer {{ id }}" for i in range(n)) + " }",
    "same field": lambda n: "{ " + "viewer { id } " * n + "}",
    "fragment cycle": lambda n: "{ ...F0 } " + " ".join(f"fragment F{i} on Query {{ ...F{(i + 1) % n} }}" for i in range(n)),
    "fragments that double": lambda n: "{ ...F0 } " + " ".join(
        f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(min(n, 60))
    ) + f" fragment F{min(n, 60)} on Query {{ viewer {{ id }} }}",
    "directives": lambda n: "{ viewer { id " + "@skip(if: false) " * n + "} }",
    "unknown directives": lambda n: "{ viewer { id " + "@a " * n + "} }",
    "operations": lambda n: " ".join(f"query Q{i} {{ viewer {{ id }} }}" for i in range(n)),
    "variables": lambda n: "query Q(" + " ".join(f"$v{i}: ID" for i in range(n)) + ") { viewer { id } }",
    "nested list": lambda n: ARGUMENT % f"{{and: {'[' * n}{']' * n}}}",
    "nested filter": lambda n: ARGUMENT % ("{not: " * n + "{}" + "}" * n),
    "wide filter": lambda n: ARGUMENT % ("{or: [" + '{name: {contains: "a"}} ' * n + "]}"),
    "many ids": lambda n: "{ nodes(ids: [" + '"acc_1" ' * n + "]) { __typename id } }",
    "long number": lambda n: "{ updates(first: " + "9" * n + ") { cursor } }",
    "long fraction": lambda n: ARGUMENT % f"{{arr: {{gte: 1.{'9' * n}e{'9' * min(n, 20)}}}}}",
    "long text": lambda n: '{ node(id: "' + "x" * n + '") { __typename id } }',
    "block text": lambda n: '{ node(id: """' + "\\n" * n + '""") { __typename id } }',
    "escapes": lambda n: '{ node(id: "' + "\\u0000" * n + '") { __typename id } }',
    "lone surrogate": lambda n: '{ node(id: "' + "\\ud800" * n + '") { __typename id } }',
    "comments": lambda n: "#" * n + "\n{ viewer { id } }",
    "commas": lambda n: "," * n + "{ viewer { id } }",
    "braces": lambda n: "{" * n,
    "brackets": lambda n: "query Q($a: " + "[" * n + "ID" + "]" * n + ") { viewer { id } }",
    "introspection": lambda n: "{ __schema { types " + "{ fields { type " * min(n, 40) + "{ name }" + "} }" * min(n, 40) + "} }",
    "subscription": lambda n: "subscription { " + "a " * n + "}",
    "definitions": lambda n: "type A { a: Int } " * n + "{ viewer { id } }",
}  # fmt: skip


def _bombs(size: int) -> st.SearchStrategy[Request]:
    bombs = st.sampled_from(sorted(_BOMBS)).map(
        lambda name: Request(name, json.dumps({"query": _BOMBS[name](size)}).encode())
    )
    deep = st.sampled_from((b"[", b'{"a":')).map(
        lambda one: Request("deep JSON", b'{"query":"{ viewer { id } }","variables":{"a":' + one * size)
    )
    closed = st.just(Request("deep variables", b'{"query":"query ($f: AccountFilter) { accounts(filter: $f) { totalCount } }",'
                             b'"variables":{"f":' + b'{"not":' * size + b"{}" + b"}" * size + b"}}"))  # fmt: skip
    return st.one_of(bombs, bombs, bombs, deep, closed)


def _kinds() -> st.SearchStrategy[Request]:
    kinds = st.sampled_from((
        "", "text/plain", "application/graphql", "application/x-www-form-urlencoded", "multipart/form-data",
        "multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/json; charset=nonsense",
        "application/json;;;", "APPLICATION/JSON", "application/json, text/html", "application/graphql-response+json", "\xff",
    ))  # fmt: skip
    others = st.sampled_from((
        {}, {"accept": "text/html"}, {"accept": "application/graphql-response+json"}, {"accept": "nonsense"},
        {"accept": "*/*;q=0"}, {"content-encoding": "gzip"}, {"origin": "https://evil.example"}, {"host": "evil.example"},
        {"host": "a b"}, {"x-forwarded-for": "127.0.0.1"}, {"cookie": "a=b"}, {"x-request-id": "x" * 5_000},
        {"traceparent": "00-zz"}, {"content-language": "\xe9"}, {"x-amzn-request-context": "{}"},
    ))  # fmt: skip
    return st.builds(
        lambda kind, other: Request(
            f"content type {kind!r}", json.dumps(PLAIN).encode(), ({"content-type": kind} if kind else {}) | other
        ),
        kinds,
        others,
    )


def _addresses() -> st.SearchStrategy[Request]:
    methods = st.sampled_from(("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "POST"))
    paths = st.sampled_from((
        "/graphql", "/graphql/", "/graphql?", "/graphql?query=%7B%20viewer%20%7B%20id%20%7D%20%7D", "/graphql?query=",
        "/graphql?query=%00", "/graphql?query=%FF", "/graphql?query=%7B__typename%7D&variables=%7B", "/graphql?query={",
        "/graphql?query=mutation%7BrecomputeHealth(input:%7B%7D)%7BuserErrors%7Bcode%7D%7D%7D",
        "/graphql?query=%7B__typename%7D&variables=[[[[", "/graphql?query=%7B__typename%7D&extensions=%22%22",
        "/graphql?query=%7B__typename%7D&query=%7Bviewer%7Bid%7D%7D", "/graphql?" + "a=b&" * 2_000, "//graphql", "/", "/%00",
        "/healthz", "/healthz?x=%00", "/uploads/x/errors.csv", "/uploads/upl_" + "f" * 32 + "/errors.csv",
        "/uploads/%00/errors.csv", "/uploads/..%2f..%2fetc/errors.csv", "/graphql/../healthz", "/" + "a" * 5_000,
        "/graphiql/x.js",
    ))  # fmt: skip
    body = st.sampled_from((b"", json.dumps(PLAIN).encode()))
    return st.builds(
        lambda method, path, sent: Request(f"{method} {path[:40]}", sent, method=method, path=path),
        methods,
        paths,
        body,
    )


def query_of(request: Request) -> Any:
    """What the request's body asks, where it can be read; for a report."""
    try:
        return json.loads(request.body)
    except ValueError:
        return repr(request.body[:300])
