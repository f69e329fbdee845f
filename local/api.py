"""GraphQL over HTTP, as the command line and the loader of demo data speak it."""

from collections.abc import Mapping
from typing import Any

import httpx

from local import options
from services.errors import Rejected, Unavailable


def ask(url: str, query: str, variables: Mapping[str, object] | None = None, *, timeout: float = 60) -> dict[str, Any]:
    """The answer's `data`. Raises Unavailable where nobody speaks GraphQL there, Rejected for errors."""
    answer = raw(url, query, variables, timeout=timeout)
    if answer.get("errors"):
        raise Rejected("INVALID_VALUE", "; ".join(error["message"] for error in answer["errors"]))
    data: dict[str, Any] = answer["data"]
    return data


def raw(url: str, query: str, variables: Mapping[str, object] | None = None, *, timeout: float = 60) -> dict[str, Any]:
    """The whole answer, errors included. Raises Unavailable."""
    try:
        content = {"query": query, "variables": dict(variables or {})}
        response = httpx.post(url, json=content, headers=options.credentials(), timeout=timeout)
        answer = response.json()
    except httpx.TransportError as error:
        raise Unavailable(f"nobody answers at {url} ({error}): is `make run` running?") from error
    except ValueError as error:
        raise Unavailable(f"{url} does not speak GraphQL: it answered {response.status_code}") from error
    if not isinstance(answer, dict) or not answer.keys() & {"data", "errors"}:
        raise Unavailable(f"{url} does not speak GraphQL: it answered {response.status_code}")
    return answer
