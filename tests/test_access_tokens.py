"""JWTs: whom good ones let in, and that no other one does; the issuer's keys fetched when needed and no more often."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jwk

from services import claims
from services.adapters import issuer_keys
from services.adapters.issuer_keys import IssuerKeys
from services.adapters.tokens import SignedTokens
from services.db.connection import Database
from services.errors import Unauthenticated, Unavailable
from services.settings import Settings
from services.vocabulary import Role
from tests.access import AUDIENCE, ISSUER, Issuer, Ticks, bearer, good_claims
from tests.api import NOON, Api

SETTINGS = Settings(jwt_issuer=ISSUER, jwt_audience=(AUDIENCE, "second"))
UNAUTHENTICATED = (401, [{"message": "send a valid key or token as Authorization: Bearer ...", "extensions": {"code": "UNAUTHENTICATED"}}])  # fmt: skip
NOW = int(NOON.timestamp())


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def api(database: Database, issuer: Issuer, ticks: Ticks) -> Api:
    issuer.fetched.clear()
    issuer.is_down = False
    tokens = SignedTokens(SETTINGS, IssuerKeys(SETTINGS, issuer.fetch, ticks))
    return Api(database, lambda: None, SETTINGS, access="keys", tokens=lambda: tokens)  # type: ignore[arg-type, return-value]


def _asked(api: Api, token: str | None = None) -> tuple[int, Any]:
    headers = {} if token is None else bearer(token)
    answer = api.send("POST", "/graphql", b'{"query": "{ viewer { id name role } }"}', headers)
    told = answer.json()
    return answer.status, told["data"]["viewer"] if "data" in told else told["errors"]


def _part(told: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_good_token_lets_its_subject_in(api: Api, issuer: Issuer, kind: str) -> None:
    asked = _asked(api, issuer.token(getattr(issuer, kind)))

    assert asked == (200, {"id": "jwt:auth0|dana", "name": "auth0|dana", "role": "CSM"})


GOOD: list[dict[str, Any]] = [
    {"aud": ["others", AUDIENCE]},
    {"aud": "second"},
    {"aud": None, "client_id": AUDIENCE},
    {"exp": NOW - 9},  # within the leeway
    {"nbf": NOW + 9},
    {"exp": NOW + 0.5},
    {"exp": 253_402_300_799},  # the last second of 9999: never, as some issuers have it
    {"nbf": -62_135_596_800},  # the first of the year 1
    {"role": ["CSM", "somebody"]},
    {"iat": None},
]
BAD: list[dict[str, Any]] = [
    {"iss": "https://id.example.com"},
    {"iss": "https://evil.example.com/"},
    {"iss": None},
    {"iss": [ISSUER]},
    {"aud": "others"},
    {"aud": None},
    {"aud": []},
    {"aud": {"insights": True}},
    {"aud": "others", "client_id": AUDIENCE},
    {"aud": AUDIENCE + " others"},
    {"exp": NOW - 10},
    {"exp": None},
    {"exp": "soon"},
    {"exp": True},
    {"exp": 1e300},
    {"exp": "nan"},
    {"exp": [NOW + 600]},
    {"nbf": NOW + 11},
    {"nbf": "later"},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"sub": "dana\nroot"},
    {"sub": "x" * 256},
    {"role": None},
    {"role": "csm"},
    {"role": "ADMIN CSM"},
    {"role": ["nobody"]},
    {"role": {"CSM": True}},
    {"role": 3},
]


@pytest.mark.parametrize("given", GOOD, ids=str)
def test_what_a_token_may_say(api: Api, issuer: Issuer, given: dict[str, Any]) -> None:
    assert _asked(api, issuer.token(**given))[0] == 200


@pytest.mark.parametrize("given", BAD, ids=lambda given: str(given)[:40])
def test_what_a_token_must_say(api: Api, issuer: Issuer, given: dict[str, Any]) -> None:
    assert _asked(api, issuer.token(**given)) == UNAUTHENTICATED


def _forged(issuer: Issuer) -> dict[str, Any]:
    """Tokens that nobody of ours has signed, by what is wrong with them."""
    good = issuer.token()
    head, body, signature = good.split(".")
    raised = _part({**good_claims(), "role": "ADMIN"})
    public = issuer.rsa.as_pem(private=False)
    other = jwk.RSAKey.generate_key(2048, {"kid": "rsa-1"})
    unsigned = f"{_part({'alg': 'HS256', 'kid': 'rsa-1'})}.{raised}"
    mac = hmac.digest(public, unsigned.encode(), "sha256")
    confused = f"{unsigned}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    return {
        "none": f"{_part({'alg': 'none'})}.{raised}.",
        "None": f"{_part({'alg': 'None', 'kid': 'rsa-1'})}.{raised}.",
        "none with a signature": f"{_part({'alg': 'none', 'kid': 'rsa-1'})}.{body}.{signature}",
        "other claims": f"{head}.{raised}.{signature}",
        "other header": f"{_part({'alg': 'RS256', 'kid': 'rsa-1', 'x': 1})}.{body}.{signature}",
        "another algorithm": f"{_part({'alg': 'RS512', 'kid': 'rsa-1'})}.{body}.{signature}",
        "no signature": f"{head}.{body}.",
        "half a signature": f"{head}.{body}.{signature[:40]}",
        "the public key as a secret": confused,
        "another's key of the same id": issuer.token(other),
        "another's key told in the header": issuer.token(other, header={"jwk": other.as_dict(private=False)}),
        "another's keys by address": issuer.token(other, header={"jku": "https://evil.example.com/keys"}),
        "an EC key for an RSA id": issuer.token(issuer.ec, header={"kid": "rsa-1"}),
        "an RSA key for an EC id": issuer.token(issuer.rsa, header={"kid": "ec-1"}),
        "an unknown id": issuer.token(header={"kid": "rsa-9"}),
        "no id": issuer.token(header={"kid": None}),
        "another type": issuer.token(header={"typ": "dpop+jwt"}),
        "what must be understood": issuer.token(header={"crit": ["exp"], "exp": NOW}),
        "no claims": f"{head}.{_part(['ADMIN'])}.{signature}",
        "no base64": "ey@.ey@.ey@",
        "no JSON": "eyJ.eyJ.eyJ",
        "no header": f".{body}.{signature}",
        "a header that is a list": f"{_part(['RS256'])}.{body}.{signature}",
        "an algorithm that is a list": f"{_part({'alg': ['RS256'], 'kid': 'rsa-1'})}.{body}.{signature}",
        "no algorithm": f"{_part({'kid': 'rsa-1'})}.{body}.{signature}",
        "dots": "..",
        "not ASCII": f"{head}.{body}.\u00e9",
        "encrypted": "a.b.c.d.e",
        "too long": issuer.token(padding="x" * 9_000),
    }


FORGED = sorted(_forged(Issuer()))


@pytest.mark.parametrize("name", FORGED)
def test_no_forged_token_lets_anybody_in(api: Api, issuer: Issuer, name: str) -> None:
    assert _asked(api, _forged(issuer)[name]) == UNAUTHENTICATED


@pytest.mark.parametrize(
    "change", [{"use": "enc"}, {"alg": "RS512"}, {"kty": "oct", "k": "AAAA"}, {"n": "AQAB"}, {"n": 7}, {"e": None}]
)
def test_a_published_key_is_for_what_it_says(database: Database, change: dict[str, Any]) -> None:
    issuer = Issuer()
    issuer.published[0] |= change
    tokens = SignedTokens(SETTINGS, IssuerKeys(SETTINGS, issuer.fetch))

    with pytest.raises(Unauthenticated):
        tokens.claims(issuer.token())


@pytest.mark.filterwarnings("ignore")
def test_a_weak_key_is_of_no_use() -> None:
    issuer = Issuer()
    weak = jwk.RSAKey.generate_key(1024, {"kid": "weak"})
    issuer.published.append(weak.as_dict(private=False))
    tokens = SignedTokens(SETTINGS, IssuerKeys(SETTINGS, issuer.fetch))

    with pytest.raises(Unauthenticated):
        tokens.claims(issuer.token(weak))


# --- roles ---


@pytest.mark.parametrize(
    ("roles", "claim", "told", "role"),
    [
        ((), "role", {"role": "ADMIN"}, Role.ADMIN),
        ((("admins", Role.ADMIN), ("csm", Role.CSM)), "groups", {"groups": ["csm", "admins"]}, Role.ADMIN),
        ((("admins", Role.ADMIN), ("csm", Role.CSM)), "groups", {"groups": "[csm admins]"}, None),
        ((("admins", Role.ADMIN), ("csm", Role.CSM)), "groups", {"groups": "[admins]"}, None),
        ((("admins", Role.ADMIN), ("*", Role.VIEWER)), "groups", {}, Role.VIEWER),
        ((("admins", Role.ADMIN), ("*", Role.VIEWER)), "groups", {"groups": ["admins"]}, Role.ADMIN),
        ((("admins", Role.ADMIN),), "groups", {"groups": ["ADMIN"]}, None),
        ((("admins", Role.ADMIN),), "groups", {"role": "ADMIN"}, None),
        ((("", Role.ADMIN),), "groups", {"groups": "[]"}, None),
        ((("team leads", Role.MANAGER),), "https://x/roles", {"https://x/roles": ["team leads"]}, Role.MANAGER),
    ],
)
def test_which_role_a_claim_means(roles: Any, claim: str, told: dict[str, Any], role: Role | None) -> None:
    more = {"jwt_roles": roles} if roles else {}
    settings = Settings(jwt_issuer=ISSUER, jwt_audience=(AUDIENCE,), jwt_role_claim=claim, **more)
    said = {name: value for name, value in good_claims().items() if name != "role"} | told

    if role is None:
        with pytest.raises(Unauthenticated):
            claims.identity(said, settings, NOON)
    else:
        assert claims.identity(said, settings, NOON)[0].role is role


# --- through the HTTP API's authorizer ---


@pytest.fixture
def behind(database: Database) -> Api:
    """The API on Lambda, where nothing verifies a token any more."""
    from dataclasses import replace

    return Api(database, lambda: None, replace(SETTINGS, on_lambda=True), access="keys")  # type: ignore[arg-type, return-value]


def _as_gateway_tells(**changed: str) -> dict[str, str]:
    return {name: str(value) for name, value in good_claims().items()} | changed


def test_what_the_authorizer_tells_is_believed(behind: Api, issuer: Issuer) -> None:
    behind.claims = _as_gateway_tells(role="[MANAGER somebody]", exp="1.7731446E9")

    assert _asked(behind, issuer.token(role=["MANAGER", "somebody"])) == (
        200,
        {"id": "jwt:auth0|dana", "name": "auth0|dana", "role": "MANAGER"},
    )


@pytest.mark.parametrize(
    "changed",
    [{"iss": "https://evil.example.com/"}, {"aud": "others"}, {"exp": str(NOW - 60)}, {"role": "nobody"}, {"sub": ""}],
)
def test_and_looked_at_once_more(behind: Api, changed: dict[str, str]) -> None:
    behind.claims = _as_gateway_tells(**changed)

    assert _asked(behind) == UNAUTHENTICATED


@pytest.mark.parametrize(
    ("told", "signed", "role"),
    [
        ("[CSM ADMIN]", ["CSM", "ADMIN"], "ADMIN"),
        ("[CSM, ADMIN]", ["CSM", "ADMIN"], "ADMIN"),
        ("[CSM]", ["CSM"], "CSM"),
        ("[CSM]", None, "CSM"),
        ("[Sales ADMIN CSM]", ["Sales ADMIN", "CSM"], "CSM"),
        ("[Sales ADMIN]", ["Sales ADMIN"], None),
        ("[CSM ADMIN]", "[CSM ADMIN]", None),
        ("[CSM [ADMIN x]]", ["CSM", ["ADMIN", "x"]], None),
        ("[Sales ADMIN]", ["CSM", "ADMIN"], None),
        ("[Sales ADMIN]", None, None),
        ("[]", [], None),
    ],
)
def test_a_group_whose_name_has_a_space_is_not_two(
    behind: Api, issuer: Issuer, told: str, signed: object, role: str | None
) -> None:
    """The authorizer writes both alike."""
    behind.claims = _as_gateway_tells(role=told)

    status, answer = _asked(behind, issuer.token(role=signed))

    assert (status, answer["role"] if status == 200 else None) == ((200, role) if role else (401, None))


def test_an_audience_is_read_as_a_group_is(behind: Api, issuer: Issuer) -> None:
    behind.claims = _as_gateway_tells(aud=f"[others {AUDIENCE}]")

    asked = [_asked(behind, issuer.token(aud=aud))[0] for aud in (["others", AUDIENCE], [f"others {AUDIENCE}"])]

    assert asked == [200, 401]


EXPLAINED = f"a.{_part({'role': ['CSM', 'ADMIN']})}.c"


@pytest.mark.parametrize(
    "token",
    [
        *("", "x", "a.b", "a.é.c", "a.bnVsbA.c", "a.W10.c", "a.e30"),
        *(f"a.b.c,Bearer {EXPLAINED}", f"{EXPLAINED},Bearer a.b.c", f"{EXPLAINED} a.b.c"),
    ],
)
def test_what_cannot_be_read_of_a_token_says_nothing(behind: Api, token: str) -> None:
    behind.claims = _as_gateway_tells(role="[CSM ADMIN]")

    assert _asked(behind, token) == UNAUTHENTICATED


def test_a_token_that_came_past_the_authorizer_is_refused(behind: Api, issuer: Issuer) -> None:
    assert _asked(behind, issuer.token()) == UNAUTHENTICATED


def test_claims_count_for_nothing_where_no_issuer_is_set(database: Database) -> None:
    api = Api(database, lambda: None, Settings(jwt_audience=(AUDIENCE,)), access="keys")  # type: ignore[arg-type, return-value]
    api.claims = _as_gateway_tells(iss="")

    assert _asked(api) == UNAUTHENTICATED


@pytest.mark.parametrize("place", ["body", "header", "query"])
def test_claims_in_a_request_are_no_claims(behind: Api, place: str) -> None:
    told = {"requestContext": {"authorizer": {"jwt": {"claims": good_claims()}}}}
    body = json.dumps({"query": "{ viewer { id } }", **(told if place == "body" else {})}).encode()
    headers = {"x-amzn-request-context": json.dumps(told["requestContext"])} if place == "header" else {}

    answer = behind.send(
        "POST", "/graphql", body, headers, query="authorizer.jwt.claims.sub=a" if place == "query" else ""
    )

    assert answer.status == 401


# --- the issuer's keys ---


def test_keys_are_fetched_once_and_again_when_they_are_old(api: Api, issuer: Issuer, ticks: Ticks) -> None:
    for seconds in (0, 1, 598, 2):
        ticks.now += seconds
        api.now += timedelta(seconds=31)  # past what is remembered of the credential
        assert _asked(api, issuer.token())[0] == 200

    assert issuer.fetched == [ISSUER + ".well-known/openid-configuration", ISSUER + "keys"] * 2


def test_a_token_is_verified_once_in_half_a_minute(api: Api, issuer: Issuer) -> None:
    token = issuer.token()

    assert [_asked(api, token)[0] for _ in range(3)] == [200] * 3
    issuer.is_down = True
    assert _asked(api, token)[0] == 200


def test_a_remembered_token_still_expires(api: Api, issuer: Issuer) -> None:
    token = issuer.token(exp=NOW + 5)
    seen = []
    for _ in range(4):
        seen.append(_asked(api, token)[0])
        api.now += timedelta(seconds=5)

    assert seen == [200, 200, 200, 401]


def test_an_unknown_key_id_is_looked_for_once_in_a_while(api: Api, issuer: Issuer, ticks: Ticks) -> None:
    assert _asked(api, issuer.token())[0] == 200
    issuer.fetched.clear()

    for number in range(50):
        assert _asked(api, issuer.token(header={"kid": f"made-up-{number}"}))[0] == 401
    soon = len(issuer.fetched)
    ticks.now += 31
    for number in range(50):
        assert _asked(api, issuer.token(header={"kid": f"made-up-{number}"}))[0] == 401

    assert (soon, len(issuer.fetched)) == (0, 2)


def test_a_new_key_of_the_issuer_is_found(database: Database, ticks: Ticks) -> None:
    issuer = Issuer()
    keys = IssuerKeys(SETTINGS, issuer.fetch, ticks)
    assert keys.get("rsa-1")
    new = jwk.RSAKey.generate_key(2048, {"kid": "rsa-2"})
    issuer.published = [new.as_dict(private=False)]
    ticks.now += 31

    assert keys.get("rsa-2") == issuer.published[0]
    assert keys.get("rsa-1") is None


def test_while_the_issuer_is_down_its_keys_are_used_for_an_hour(ticks: Ticks, caplog: pytest.LogCaptureFixture) -> None:
    issuer = Issuer()
    keys = IssuerKeys(SETTINGS, issuer.fetch, ticks)
    assert keys.get("rsa-1")
    issuer.is_down = True

    ticks.now += 3599
    assert keys.get("rsa-1")
    ticks.now += 2
    with pytest.raises(Unavailable):
        keys.get("rsa-1")
    assert "were not read: OSError" in caplog.text
    ticks.now += 31
    issuer.is_down = False
    assert keys.get("rsa-1")


def test_whoever_cannot_be_looked_up_is_not_called_a_stranger(api: Api, issuer: Issuer) -> None:
    issuer.is_down = True

    status, errors = _asked(api, issuer.token())

    assert (status, errors[0]["extensions"]) == (503, {"code": "UNAVAILABLE"})


def test_others_do_not_wait_while_one_fetches(ticks: Ticks) -> None:
    issuer, began, go = Issuer(), threading.Event(), threading.Event()
    keys = IssuerKeys(SETTINGS, issuer.fetch, ticks)
    assert keys.get("rsa-1")

    def slowly(address: str) -> Any:
        began.set()
        go.wait(30)
        return issuer.fetch(address)

    keys._fetch = slowly
    ticks.now += 601
    fetching = threading.Thread(target=keys.get, args=("rsa-1",))
    fetching.start()
    assert began.wait(30)

    assert keys.get("rsa-1")
    assert keys.get("made-up") is None
    go.set()
    fetching.join(30)


def test_many_at_once_fetch_the_first_keys_once(ticks: Ticks) -> None:
    issuer = Issuer()
    keys = IssuerKeys(SETTINGS, issuer.fetch, ticks)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(keys.get("rsa-1"))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert [bool(one) for one in found] == [True] * 8
    assert len(issuer.fetched) == 2


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "https://evil.example.com/", "jwks_uri": ISSUER + "keys"},
        {"issuer": ISSUER, "jwks_uri": "http://id.example.com/keys"},
        {"issuer": ISSUER, "jwks_uri": "file:///etc/passwd"},
        {"issuer": ISSUER, "jwks_uri": 7},
        {"issuer": ISSUER},
        [],
        None,
    ],
)
def test_a_configuration_that_cannot_be_believed(told: Any) -> None:
    with pytest.raises(Unavailable):
        IssuerKeys(SETTINGS, lambda _: told).get("rsa-1")


@pytest.mark.parametrize("told", [{"keys": 7}, {"keys": [7]}, {"keys": None}, [], {}, "keys"])
def test_keys_that_are_none(told: Any) -> None:
    settings = Settings(jwt_issuer=ISSUER, jwt_audience=(AUDIENCE,), jwt_jwks_url=ISSUER + "keys")

    with pytest.raises(Unavailable):
        IssuerKeys(settings, lambda _: told).get("rsa-1")


@contextmanager
def _server(answer: Any) -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/keys"
        finally:
            server.shutdown()
            thread.join()


def _write(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def test_keys_come_over_http() -> None:
    issuer = Issuer()
    body = json.dumps({"keys": issuer.published}).encode()

    with _server(lambda handler: _write(handler, 200, body)) as address:
        settings = Settings(jwt_issuer=ISSUER, jwt_audience=(AUDIENCE,), jwt_jwks_url=address)
        told = SignedTokens(settings).claims(issuer.token())

    assert told == good_claims()


def _drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(200):
            handler.wfile.write(b" ")
            time.sleep(0.02)
    except OSError:
        pass  # whoever asked has gone


@pytest.mark.parametrize(
    "answer",
    [
        lambda handler: _write(handler, 302, b"", location="http://127.0.0.1:9/keys"),
        lambda handler: _write(handler, 500, b'{"keys": []}'),
        lambda handler: _write(handler, 200, b'{"keys": [' + b" " * issuer_keys.LARGEST + b"]}"),
        lambda handler: _write(handler, 200, b"<html>"),
        _drip,
    ],
    ids=["sends elsewhere", "fails", "too long", "no JSON", "too slow"],
)
def test_an_answer_that_is_none(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuer_keys, "PATIENCE", 0.5)
    with _server(answer) as address:
        settings = Settings(jwt_issuer=ISSUER, jwt_audience=(AUDIENCE,), jwt_jwks_url=address)
        with pytest.raises(Unavailable):
            IssuerKeys(settings).get("rsa-1")


@pytest.mark.parametrize(
    "begun",
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
    ],
    ids=["headers", "a chunk's size", "trailers"],
)
def test_an_answer_that_never_ends_holds_up_nobody(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuer_keys, "PATIENCE", 1.0)
    asked, stop, ended = [], threading.Event(), threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        handler.wfile.write(begun)
        for _ in range(400):
            if stop.wait(0.05):
                return
            handler.wfile.write(b"x")
        ended.set()

    with _server(drip) as address:
        settings = Settings(jwt_issuer=ISSUER, jwt_audience=(AUDIENCE,), jwt_jwks_url=address)
        ticks = Ticks()
        keys = IssuerKeys(settings, clock=ticks)
        for _ in range(3):
            with pytest.raises(Unavailable):
                keys.get("rsa-1")
            ticks.now += 31
        held_up = ended.is_set()
        stop.set()
        keys._fetching.join(30)

    assert not held_up
    assert asked == ["/keys"]  # one thread is held, however often they are asked for
