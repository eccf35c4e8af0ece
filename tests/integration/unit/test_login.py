# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The login's steps, against a server that behaves as the gateway, the gatekeeper and Dex do."""

from __future__ import annotations

import http.server
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from ..helpers import login

PASSWORD_PAGE = """<form method="post" action="/dex/auth/local/login?state=s1">
<input id="login" name="login" type="text" value=""/>
<input id="password" name="password" type="password"/>
<input type="checkbox" name="remember_me"/><button type="submit">Login</button></form>"""
CONNECTORS = '<a href="/dex/auth/ldap?req=1">LDAP</a><a href="/dex/auth/local?req=1">Email</a>'
APPROVAL = """<form method="post"><input type="hidden" name="req" value="r1"/>
<input type="hidden" name="approval" value="approve"></form>
<form method="post"><input type="hidden" name="req" value="r1"/>
<input type="hidden" name="approval" value="rejected"></form>"""


@dataclass
class Gateway:
    """What it does, and what it has been sent."""

    connectors: bool = False
    approval: bool = False
    broken: bool = False
    endless: bool = False
    url: str = field(default="", init=False)
    sent: list[dict[str, str]] = field(default_factory=list, init=False)


class Handler(http.server.BaseHTTPRequestHandler):
    gateway: Gateway

    def do_GET(self) -> None:
        path = urllib.parse.urlsplit(self.path).path
        if "session=open" in (self.headers.get("cookie") or ""):
            self.page("<title>Kubeflow</title>", 503 if self.gateway.broken else 200)
        elif path == "/authservice/callback":
            self.redirect("/", "session=open")
        elif path == "/dex/approval":
            self.page(APPROVAL)
        elif path == "/dex/auth":
            self.page(CONNECTORS if self.gateway.connectors else PASSWORD_PAGE)
        elif path == "/dex/auth/local":
            self.page(PASSWORD_PAGE)
        else:
            self.redirect("/dex/auth")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        fields = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
        self.gateway.sent.append(fields)
        if "approval" in fields:
            self.redirect("/dex/approval" if self.gateway.endless else "/authservice/callback")
        elif fields["password"] != "right":
            self.page(PASSWORD_PAGE)
        else:
            self.redirect("/dex/approval" if self.gateway.approval else "/authservice/callback")

    def redirect(self, to: str, cookie: str = "") -> None:
        self.send_response(303)
        self.send_header("location", to)
        if cookie:
            self.send_header("set-cookie", f"{cookie}; Path=/")
        self.end_headers()

    def page(self, text: str, status: int = 200) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def gateway() -> Iterator[Callable[..., Gateway]]:
    servers: list[tuple[http.server.ThreadingHTTPServer, threading.Thread]] = []

    def make(**behaviour: bool) -> Gateway:
        made = Gateway(**behaviour)
        handler = type("OneHandler", (Handler,), {"gateway": made})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        made.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return made

    yield make
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    "behaviour", [{}, {"connectors": True}, {"approval": True, "connectors": True}]
)
def test_a_user_reaches_the_page(
    gateway: Callable[..., Gateway], behaviour: dict[str, bool]
) -> None:
    here = gateway(**behaviour)
    page = login.log_in(login.Browser(), here.url, "me", "right")
    assert (page.url, page.status, page.text) == (here.url, 200, "<title>Kubeflow</title>")
    assert here.sent[0] == {"login": "me", "password": "right"}
    assert here.sent[1:] == (
        [{"req": "r1", "approval": "approve"}] if behaviour.get("approval") else []
    )


def test_a_session_lasts(gateway: Callable[..., Gateway]) -> None:
    here, browser = gateway(), login.Browser()
    login.log_in(browser, here.url, "me", "right")
    assert login.log_in(browser, here.url, "me", "right").status == 200
    assert len(here.sent) == 1


def test_a_user_who_is_refused(gateway: Callable[..., Gateway]) -> None:
    here = gateway()
    with pytest.raises(login.LoginError, match="refuses the user me"):
        login.log_in(login.Browser(), here.url, "me", "wrong")
    assert len(here.sent) == 1


def test_a_page_that_is_broken(gateway: Callable[..., Gateway]) -> None:
    here = gateway(broken=True)
    with pytest.raises(login.LoginError, match="answered 503"):
        login.log_in(login.Browser(), here.url, "me", "right")


def test_a_login_without_end(gateway: Callable[..., Gateway]) -> None:
    here = gateway(approval=True, endless=True)
    with pytest.raises(login.LoginError, match="there is no end"):
        login.log_in(login.Browser(), here.url, "me", "right")


def test_a_call_without_a_session_ends_at_the_login(gateway: Callable[..., Gateway]) -> None:
    page = login.Browser().open(f"{gateway().url}api/workgroup/env-info")
    assert page.url.endswith("/dex/auth")


def test_boxes_are_sent_when_they_are_ticked() -> None:
    (form,) = login.forms('<form><input type="checkbox" name="a" value="1" checked></form>')
    assert form.fields == {"a": "1"}
