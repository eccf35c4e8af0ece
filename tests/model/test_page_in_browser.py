# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The page of the whole bundle, by what a browser shows: phone and desktop, light and dark."""

from __future__ import annotations

import contextlib
import functools
import html
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import threading
from collections.abc import Generator
from typing import Any

import pytest
from ckf import html as pages
from ckf.preview import Deployment, Request, prepare
from ckf.rbac import findings
from ckf.report import redaction, rights

pytestmark = pytest.mark.xdist_group("html")
ROOT = pathlib.Path(__file__).parents[2]
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
SCHEMES = {"dark": 0, "light": 1}
WIDTHS = (360, 1280)
READABLE = 4.5
"""The contrast of text that WCAG 2.2 asks for at level AA."""

# A window of a browser is never as narrow as a phone: the page is looked at in frames.
WRAPPER = """\
<body>{frames}<pre id="result"></pre><script>
const light = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map((value) => value / 255)
  .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
  .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
const behind = (element) => {
  const colour = getComputedStyle(element).backgroundColor;
  return colour.endsWith(", 0)") ? behind(element.parentElement) : colour;
};
const contrast = (element) => {
  const [low, high] = [light(getComputedStyle(element).color), light(behind(element))].sort();
  return (high + 0.05) / (low + 0.05);
};
const overlap = (a, b) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const seen = (frame) => {
  const page = frame.contentDocument;
  const all = (selector) => [...page.querySelectorAll(selector)];
  page.querySelector("details.object").parentElement.open = true;
  all("details.object").forEach((each) => { each.open = true; });
  const boxes = all("svg .box rect").map((each) => each.getBoundingClientRect());
  const width = page.documentElement.clientWidth;
  const outside = all("td, pre, p, summary, h2, nav a, .picture, li, table")
    .filter((each) => each.getClientRects().length && each.getBoundingClientRect().right > width);
  return {
    scroll: page.documentElement.scrollWidth - width,
    outside: outside.map((each) => each.outerHTML.slice(0, 120)),
    boxes: all("svg .box").map((each) => each.id.slice(4)),
    small: boxes.filter((each) => each.width < 80 || each.height < 10).length,
    overlaps: boxes.filter((one) => boxes.some((other) => one !== other && overlap(one, other)))
      .length,
    cut: all("svg .box").filter((each) => {
      const [text, rect] = ["text", "rect"].map((name) => each.querySelector(name).getBBox());
      return text.x + text.width > rect.x + rect.width;
    }).map((each) => each.id),
    lines: all("svg path.edge").filter((each) => each.getTotalLength() > 20).length,
    labels: getComputedStyle(page.querySelector("td"), "::before").content,
    background: light(getComputedStyle(page.body).backgroundColor),
    contrasts: ["td", "p", "h2", ".badge", "nav a", "th", "pre", ".tiles li"]
      .map((name) => [name, contrast(page.querySelector(name))]),
    lost: all("svg .box").filter((each) => !page.querySelector(each.getAttribute("href"))).length,
  };
};
addEventListener("load", () => {
  const found = [...document.querySelectorAll("iframe")].map((each) => [each.width, seen(each)]);
  document.querySelector("#result").textContent = JSON.stringify(Object.fromEntries(found));
});
</script></body>
"""


class Seen(dict[str, Any]):
    """What a browser showed at each width, by its name, with its log and what it asked for."""

    log: str = ""
    paths: list[str]


@pytest.fixture(scope="module")
def deployment() -> Deployment:
    made = prepare(Request(ROOT / "bundle.yaml"))
    made.settle()
    return made


@pytest.fixture(scope="module")
def folder(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("page")
    text = pages.render(deployment, redaction.of(deployment))
    (folder / "page.html").write_text(text)
    (folder / "apps.json").write_text(json.dumps(sorted(deployment.model.apps)))
    frame = '<iframe src="page.html" width="{0}" height="900" style="border:0"></iframe>'
    frames = "".join(map(frame.format, WIDTHS))
    (folder / "wrapper.html").write_text(WRAPPER.replace("{frames}", frames))
    return folder


@contextlib.contextmanager
def served(folder: pathlib.Path) -> Generator[tuple[str, list[str]]]:
    """Serve a folder on loopback, and note the paths that are asked for."""
    paths: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            paths.append(self.path)

    handler = functools.partial(Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", paths
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module", params=list(SCHEMES))
def seen(request: pytest.FixtureRequest, folder: pathlib.Path) -> Seen:
    if BROWSER is None:
        pytest.skip("no chromium on PATH: apt-get install chromium")
    with served(folder) as (address, paths):
        done = subprocess.run(
            [
                BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-dev-shm-usage", "--enable-logging=stderr", "--window-size=1700,1000",
                f"--user-data-dir={folder / request.param}",
                f"--blink-settings=preferredColorScheme={SCHEMES[request.param]}",
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
                "--virtual-time-budget=10000", "--dump-dom", f"{address}/wrapper.html",
            ],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
    (result,) = re.findall(r'<pre id="result">(.+?)</pre>', done.stdout)
    found = Seen(json.loads(html.unescape(result)))
    found.log, found.paths = done.stderr, paths
    found["scheme"] = request.param
    return found


def test_nothing_is_left_to_mask_on_the_page(deployment: Deployment, folder: pathlib.Path):
    text = html.unescape((folder / "page.html").read_text())
    assert redaction.of(deployment).text(text) == text


def test_applications_with_wide_rights_are_marked(deployment: Deployment, folder: pathlib.Path):
    text = (folder / "page.html").read_text()
    marked = re.findall(r'<summary>(\S+): \d+ rules <span class="badge wide">', text)
    found = rights.of(deployment.model)
    assert marked
    assert marked == [app for app, each in found.items() if findings.of(each)]


def test_the_page_asks_for_nothing_and_logs_nothing(seen: Seen):
    assert set(seen.paths) <= {"/wrapper.html", "/page.html", "/favicon.ico"}
    assert "CONSOLE" not in seen.log


def test_nothing_is_wider_than_the_window(seen: Seen):
    for width in WIDTHS:
        shown = seen[str(width)]
        assert (shown["scroll"], shown["outside"]) == (0, [])


def test_every_application_has_a_box_of_its_own_that_leads_to_its_objects(
    seen: Seen, folder: pathlib.Path
):
    apps = json.loads((folder / "apps.json").read_text())
    for width in WIDTHS:
        shown = seen[str(width)]
        assert sorted(shown["boxes"]) == apps
        assert (shown["small"], shown["overlaps"], shown["cut"], shown["lost"]) == (0, 0, [], 0)
        assert shown["lines"] > len(apps) / 2


def test_rows_are_cards_with_labels_on_a_phone_alone(seen: Seen):
    assert seen["360"]["labels"] != "none"
    assert seen["1280"]["labels"] == "none"


def test_text_can_be_read_on_the_background_of_the_scheme(seen: Seen):
    for width in WIDTHS:
        shown = seen[str(width)]
        assert (shown["background"] < 0.2) is (seen["scheme"] == "dark")
        assert not [each for each in shown["contrasts"] if each[1] < READABLE]
