"""A real browser before the real pages: Debian's Chromium, and the application on a loopback port."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from app import World, create_app
from conftest import settings_for
from databases import let_go
from desk.door import sessions
from simulator.rest import Quiet
from visitors import staff_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from playwright.sync_api import Browser, BrowserContext, Page

    from simulator.clock import Clock

PROGRAM = shutil.which("chromium")
# Nothing leaves the machine: no updates, no telemetry. Root, as on a build machine, has no sandbox.
QUIETLY = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync"]  # fmt: skip
needs_chromium = pytest.mark.skipif(PROGRAM is None, reason="no Chromium here; apt-get install chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=PROGRAM, args=QUIETLY)
        yield browser
        browser.close()


class Site:
    """The application as it runs for real, at `url`, and the people who look at it."""

    def __init__(self, browser: Browser, app: Flask, url: str) -> None:
        self.browser, self.app, self.url = browser, app, url
        self.complaints: list[str] = []

    @contextmanager
    def seen_by(self, key: str | None, **how: object) -> Iterator[Page]:
        """A page of a browser on which somebody is signed in, or nobody."""
        context = self.browser.new_context(base_url=self.url, locale="en-ZA", **how)
        context.set_default_timeout(60_000)
        if key:
            self._sign_in(context, key)
        page = context.new_page()
        page.on("console", lambda said: said.type == "error" and self._complain(said.text))
        page.on("pageerror", lambda error: self._complain(str(error)))
        yield page
        context.close()

    def _sign_in(self, context: BrowserContext, key: str) -> None:
        number, now = staff_id(self.app, key), self.app.extensions["clock"]()
        with self.app.extensions["database"].writing() as session:
            secret = sessions.begin(session, number, now, "127.0.0.1", "Firefox on Linux")
        context.add_cookies([{"name": "afterhours", "value": secret, "url": self.url}])

    def _complain(self, text: str) -> None:
        if not text.startswith("Failed to load resource: the server responded with a status of"):  # an error page
            self.complaints.append(text)


@contextmanager
def site(browser: Browser, database_url: str, clock: Clock, **settings: object) -> Iterator[Site]:
    """Serve on 127.0.0.1 from threads, without a demonstration: people sign in."""
    server = make_server("127.0.0.1", 0, _nothing_yet, threaded=True, request_handler=Quiet)
    url = f"http://127.0.0.1:{server.server_port}"
    app = create_app(settings_for(database_url, demo=False, public_url=url, **settings), World(clock))
    server.app = app
    server.daemon_threads = (
        False  # so that closing waits for what a page has asked for and its browser no longer awaits
    )
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Site(browser, app, url)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        let_go(app)


def _nothing_yet(_: object, __: object) -> list[bytes]:
    raise AssertionError("the port is known before the application that has it in its settings")
