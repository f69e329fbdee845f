"""The HTTP API: requests as clients send them, and what they must not learn."""

import json
from datetime import UTC, datetime

from deploy.rehearsal.deployed import GRAPHQL, Deployed
from deploy.rehearsal.report import Seen, demand, short
from local import gateway

ORIGIN = "https://app.example.com"
"Of the front end; the rehearsal deploys with it as CorsOrigins."
PREVIEW_PATTERN = r"https://app-[a-z0-9]+-team\.vercel\.app"
PREVIEW = "https://app-1a2b3c-team.vercel.app"
STRANGER = "https://app.example.com.evil.example"
QUESTION = "{ __typename }"


def asking(deployed: Deployed, *, graphiql: bool) -> Seen:
    """`graphiql` says whether the stack was deployed with the page."""
    health = deployed.send("GET", "/healthz")
    demand(health.status_code == 200, f"GET /healthz answered {health.status_code} {short(health.text)}")
    yield "GET /healthz, which asks the database", short(health.text)
    post = deployed.send("POST", GRAPHQL, json={"query": QUESTION})
    demand(
        post.status_code == 200 and post.json()["data"] == {"__typename": "Query"},
        f"POST {GRAPHQL} answered {post.status_code} {short(post.text)}",
    )
    yield "POST /graphql", short(post.text, 60)
    stranger = deployed.send("POST", GRAPHQL, json={"query": QUESTION}, headers={"authorization": ""})
    demand(stranger.status_code == 401, f"without a key POST {GRAPHQL} answered {stranger.status_code}")
    yield "POST /graphql without a key", f"{stranger.status_code} {short(stranger.text, 60)}"
    get = deployed.send("GET", GRAPHQL, params={"query": QUESTION})
    demand(
        get.status_code == 200 and get.json()["data"] == post.json()["data"],
        f"GET {GRAPHQL} answered {get.status_code}",
    )
    yield "GET /graphql?query=...", short(get.text, 60)
    bad = deployed.send("POST", GRAPHQL, content=b'{"query": ', headers={"content-type": "application/json"})
    demand(bad.status_code == 400, f"half a JSON document was answered with {bad.status_code}, not 400")
    yield "half a JSON document", f"{bad.status_code} {short(bad.text, 60)}"
    unknown = deployed.send("POST", GRAPHQL, json={"query": "{ nothing }"})
    demand("Cannot query field" in unknown.text, f"an unknown field was answered with {short(unknown.text)}")
    yield "an unknown field", short(unknown.json()["errors"][0]["message"], 60)
    page = deployed.send("GET", GRAPHQL, headers={"accept": "text/html"})
    is_page = page.headers.get("content-type", "").startswith("text/html") and "graphiql" in page.text.lower()
    demand(
        is_page == graphiql,
        f"with GraphiQL {'on' if graphiql else 'off'} a browser gets {page.status_code} {short(page.text, 60)}",
    )
    yield (
        f"a browser, with GraphiQL {'on' if graphiql else 'off'}",
        f"{page.status_code} {page.headers['content-type']}",
    )


def front_end(deployed: Deployed, *, by_gateway: bool) -> Seen:
    """CORS, as a browser asks before it posts. `by_gateway`: API Gateway answers it, which takes no patterns.

    Where the function answers, the preflight is its own event: the emulator's gateway would not let it through.
    """
    welcome = {ORIGIN: True, PREVIEW: not by_gateway, STRANGER: False}
    preflight = _by_gateway if by_gateway else _by_function
    for origin, may_read in welcome.items():
        before = preflight(deployed, origin)
        after = deployed.send("POST", GRAPHQL, json={"query": QUESTION}, headers={"origin": origin})
        # Where the gateway answers, AWS drops what the function says of CORS; the emulator lets both through.
        allowed = {before, *after.headers.get("access-control-allow-origin", "nobody").split(", ")}
        demand(
            allowed == {origin if may_read else "nobody"},
            f"to a page of {origin}, {' and '.join(sorted(allowed))} may read",
        )
        yield f"preflight and POST of {origin}", "may read" if may_read else "may not read"


def _by_gateway(deployed: Deployed, origin: str) -> str:
    """Who may read, as the answer to the preflight says."""
    answer = deployed.send("OPTIONS", GRAPHQL, headers=_preflight(origin))
    allowed: str = answer.headers.get("access-control-allow-origin", "nobody")
    return allowed


def _by_function(deployed: Deployed, origin: str) -> str:
    """The same, from the function. Raises Wrong where no open route of the API leads the preflight there."""
    routes = deployed.emulator.client("apigatewayv2").get_routes(ApiId=deployed.api)["Items"]
    keys = {one["RouteKey"]: one.get("AuthorizationType", "NONE") for one in routes}
    demand(
        any(keys.get(key) == "NONE" for key in ("OPTIONS /graphql", "OPTIONS /{proxy+}", "$default")),
        f"no open route leads a preflight to the function: {sorted(keys)}",
    )
    headers = [(name.encode(), value.encode()) for name, value in _preflight(origin).items()]
    scope = {
        "type": "http", "method": "OPTIONS", "path": GRAPHQL, "query_string": b"", "http_version": "1.1",
        "headers": headers,
    }  # fmt: skip
    event = gateway.request_event(scope, b"", at=datetime.now(UTC))
    answer = deployed.emulator.client("lambda").invoke(
        FunctionName=deployed.functions["graphql"].name, Payload=json.dumps(event).encode()
    )
    document = json.loads(answer["Payload"].read())
    allowed: str = document.get("headers", {}).get("access-control-allow-origin", "nobody")
    return allowed


def _preflight(origin: str) -> dict[str, str]:
    return {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }


def masked(deployed: Deployed, secret: str) -> Seen:
    """With the database away: an error that says nothing of it, such as its address, `secret`."""
    answer = deployed.send("POST", GRAPHQL, json={"query": "{ accounts(first: 1) { totalCount } }"})
    document = answer.json()
    code = document["errors"][0].get("extensions", {}).get("code")
    demand(code == "UNAVAILABLE", f"without a database the API answered {short(answer.text)}")
    for word in (secret, "psycopg", "Traceback", "connection to server"):
        demand(word not in answer.text, f"an error tells clients of {word!r}")
    yield "a query while the database is away", short(document["errors"][0]["message"], 60)
