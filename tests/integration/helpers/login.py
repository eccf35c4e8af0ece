# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Log in as a user does: through the gateway, with the pages that Dex shows.

The forms are Dex's (its templates login, password and approval); which page comes next is the
server's choice, so every page is looked at for what it is.
"""

from __future__ import annotations

import http.client
import http.cookiejar
import ssl
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser

STEPS = 6
"""More pages than any login has."""


@dataclass(frozen=True)
class Page:
    """What a server has answered, after all redirections.

    Attributes:
        url: Where the page is.
        status: The HTTP status.
        text: The page.
    """

    url: str
    status: int
    text: str


@dataclass
class Form:
    """A form in a page.

    Attributes:
        action: Where it is sent to, as it stands in the page.
        fields: The fields and their values.
    """

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict[str, str])


class LoginError(Exception):
    """Nobody was logged in; the text says at which page it ended."""


class _Forms(HTMLParser):
    """Collects the forms and links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(values.get("action", ""))
            self.forms.append(self._open)
        elif tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "input" and self._open and values.get("name"):
            optional = values.get("type") == "checkbox" and "checked" not in values
            if not optional:
                self._open.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def forms(text: str) -> list[Form]:
    """The forms in a page."""
    parser = _Forms()
    parser.feed(text)
    return parser.forms


def links(text: str) -> list[str]:
    """The links in a page."""
    parser = _Forms()
    parser.feed(text)
    return parser.links


class Browser:
    """Follows redirections and keeps cookies.

    Args:
        timeout: Seconds that each answer may take.
    """

    def __init__(self, timeout: float = 30) -> None:
        # A gateway of a test has a certificate that nobody knows.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.cookies = http.cookiejar.CookieJar()
        self._timeout = timeout
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=context),
            urllib.request.HTTPCookieProcessor(self.cookies),
        )

    def open(self, url: str, fields: dict[str, str] | None = None) -> Page:
        """Get a page, or send a form to it."""
        data = urllib.parse.urlencode(fields).encode() if fields is not None else None
        request = urllib.request.Request(url, data)  # noqa: S310
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                return _page(response)
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.url, error.code, error.read().decode(errors="replace"))


def _page(response: http.client.HTTPResponse) -> Page:
    return Page(response.url, response.status, response.read().decode(errors="replace"))


def log_in(browser: Browser, url: str, user: str, password: str) -> Page:
    """Ask for a page, and log in on the way to it.

    Args:
        browser: Keeps the session.
        url: The page.
        user: The user's name.
        password: The user's password.

    Returns:
        The page that was asked for.

    Raises:
        LoginError: The user is refused, or there is a page that nobody expects.
    """
    page, sent = browser.open(url), False
    for _ in range(STEPS):
        step = _next(page, user, password)
        if step is None:
            if page.status != http.HTTPStatus.OK:
                raise LoginError(f"{page.url} answered {page.status}")
            return page
        asks_password = step[1] is not None and "password" in step[1]
        if asks_password and sent:
            raise LoginError(f"{page.url} refuses the user {user}")
        sent = sent or asks_password
        page = browser.open(*step)
    raise LoginError(f"{page.url} is the {STEPS}th page and there is no end")


def _next(page: Page, user: str, password: str) -> tuple[str, dict[str, str] | None] | None:
    """Where to go from a page of Dex, and what to send there; None from any other."""
    for form in forms(page.text):
        target = urllib.parse.urljoin(page.url, form.action)
        if {"login", "password"} <= set(form.fields):
            return target, {**form.fields, "login": user, "password": password}
        if form.fields.get("approval") == "approve":
            return target, form.fields
    for link in links(page.text):
        if "/auth/local" in urllib.parse.urlsplit(link).path:
            return urllib.parse.urljoin(page.url, link), None
    return None
