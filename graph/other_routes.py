"""What is served beside /graphql: /healthz and the error reports. Loaded when it is first asked for.

Not for GraphQL: a query's cold start does without Starlette's requests, responses and routes.
"""

import logging

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from graph.parts import Parts
from services import ids, uploads
from services.errors import Forbidden, NotFound, Rejected, Unavailable
from services.vocabulary import Role

log = logging.getLogger(__name__)


def other_routes(parts: Parts) -> Starlette:
    """The application of all other addresses."""
    application = Starlette(
        routes=[
            Route("/healthz", _Health(parts).check),
            Route("/uploads/{id}/errors.csv", _Reports(parts).download),
        ]
    )
    application.router.redirect_slashes = False  # it would send the query string, whatever is in it, on its way again
    return application


class _Health:
    """Whether this process can do its work: the database answers and has been migrated."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def check(self, _: Request) -> Response:
        try:
            revision = self._parts.database().revision()
        except Unavailable as error:
            log.error("not healthy: %s", error)
            return JSONResponse({"status": "unavailable"}, 503)
        return JSONResponse({"status": "ok", "schema": revision})


class _Reports:
    """Error reports: a stable address that leads to a fresh signed one, so that no query has to sign anything."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def download(self, request: Request) -> Response:
        try:
            request.state.identity.require(Role.CSM)
            upload_id = ids.uuid(request.path_params["id"], ids.UPLOAD)
            link = uploads.report_link(self._parts.database(), self._parts.files(), upload_id)
        except Forbidden as error:
            return JSONResponse({"error": str(error)}, 403)
        except (Rejected, NotFound) as error:
            return JSONResponse({"error": str(error)}, 404)
        except Unavailable as error:
            log.error("no report: %s", error)
            return JSONResponse({"error": "the service cannot answer right now: try again"}, 503)
        if link is None:
            return JSONResponse({"error": "this upload has no error report"}, 404)
        return RedirectResponse(link, 302)
