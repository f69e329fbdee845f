"""GraphiQL's page, and what a browser may load and run on it: nothing but what the page names."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import urlsplit

_PAGE: Final = Path(__file__).parent / "graphiql.html"
_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@cache
def page(assets: str) -> bytes:
    """The page, whose scripts and styles lie at `assets`."""
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(assets=assets).encode()


@cache
def policy(assets: str) -> bytes:
    """The page's content security policy. Its script is named by its hash; GraphiQL's editor writes inline styles."""
    parts = urlsplit(assets)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else "'self'"
    (script,) = _SCRIPT.findall(page(assets).decode())
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src {origin} 'sha256-{digest}'; style-src {origin} 'unsafe-inline'; "
        f"font-src {origin} data:; img-src {origin} data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ).encode()
