# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the documentation names is there: files, headings, options, endpoints and commands."""

from __future__ import annotations

import functools
import itertools
import pathlib
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from charmkit import x509
from ckf import preview
from ckf.cli.main import parser

ROOT = pathlib.Path(__file__).parents[2]
PAGES = sorted(
    [
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("charms/*/README.md"),
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    ]
)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")
ENDS = {"|", ";", "&&", "||", ">", "done", "&"}
# Placeholders of pages that concern any application.
ANY = re.compile(r"<.*>|APP|.*[A-Z]{3,}.*|\.\.\.")


@functools.cache
def charm(name: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / "charms" / name / "charmcraft.yaml").read_text())


@functools.cache
def applications() -> dict[str, str]:
    """The charm of each application of this repository, by the names in the bundle."""
    names = {path.parent.name: path.parent.name for path in ROOT.glob("charms/*/charmcraft.yaml")}
    bundle = yaml.safe_load((ROOT / "bundle.yaml").read_text())
    apps = {name: pathlib.Path(app["charm"]).stem for name, app in bundle["applications"].items()}
    return {**names, **{name: found for name, found in apps.items() if found in names}}


def options(app: str) -> set[str]:
    return set((charm(applications()[app]).get("config") or {}).get("options") or {})


def endpoints(app: str) -> set[str]:
    found = charm(applications()[app])
    return {name for role in ("provides", "requires", "peers") for name in found.get(role) or {}}


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each command line in a page's blocks and spans."""
    yield from fenced(text)
    for span in SPAN.findall(FENCE.sub("", text)):
        if span.startswith(("juju ", "ckf ", ".venv/bin/ckf ")):
            yield from in_block(" ".join(span.split()))


def fenced(text: str) -> Iterator[list[str]]:
    """Yield the words of each command line in a page's blocks."""
    for language, block in FENCE.findall(text):
        if language in ("", "sh", "bash"):
            yield from in_block(block)


def in_block(block: str) -> Iterator[list[str]]:
    """Yield command lines; one goes on where a quote is open or a backslash ends the line."""
    pending = ""
    for line in block.replace("\\\n", " ").splitlines():
        pending += f"{line}\n"
        try:
            words = shlex.split(pending.replace(";", " ; "), comments=True)
        except ValueError:
            continue
        pending = ""
        yield from split(words)


def split(words: list[str]) -> Iterator[list[str]]:
    """Yield the commands of one line of a shell."""
    command: list[str] = []
    for word in words:
        if word in ENDS:
            yield command
            command = []
        elif word not in ("$", "do", "sudo"):
            command.append(word)
    yield command


def named(text: str, *beginning: str) -> Iterator[list[str]]:
    for words in commands(text):
        if tuple(words[: len(beginning)]) == beginning:
            yield words[len(beginning) :]


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(path: pathlib.Path) -> set[str]:
    text = FENCE.sub("", path.read_text())
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)}


@pytest.fixture(params=PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def page(request: pytest.FixtureRequest) -> pathlib.Path:
    return request.param


def test_every_link_leads_somewhere(page: pathlib.Path):
    for link in LINK.findall(FENCE.sub("", page.read_text())):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def test_every_option_is_one_of_its_charm(page: pathlib.Path):
    text = page.read_text()
    set_here = [(app, words) for app, *words in filter(None, named(text, "juju", "config"))]
    for words in commands(text):
        for flag, value in itertools.pairwise(words):
            if flag == "--config" and words[0].endswith("ckf"):
                app, _, rest = value.partition(".")
                set_here.append((app, [rest]))
    charmhubs = {words[0] for words in named(text, "juju", "deploy") if words}
    for app, words in set_here:
        if ANY.fullmatch(app) or app in charmhubs - set(applications()):
            continue
        assert app in applications(), app
        names = {word.partition("=")[0] for word in words if not word.startswith("-")}
        assert names <= options(app) | {"..."}, app


def test_every_relation_has_its_endpoints(page: pathlib.Path):
    for verb in ("integrate", "remove-relation"):
        for ends in named(page.read_text(), "juju", verb):
            for end in ends:
                app, _, endpoint = end.partition(":")
                if endpoint and app in applications() and not ANY.fullmatch(endpoint):
                    assert endpoint in endpoints(app), end


def test_every_action_is_one_of_its_charm(page: pathlib.Path):
    for words in named(page.read_text(), "juju", "run"):
        app = words[0].partition("/")[0]
        if app in applications():
            assert words[1] in charm(applications()[app]).get("actions", {}), words


def test_every_command_of_the_tool_parses(
    page: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    for words in fenced(page.read_text()):
        if words and words[0] in ("ckf", ".venv/bin/ckf") and "..." not in words:
            for word in words:
                if "=@" in word:
                    (tmp_path / word.partition("=@")[2]).write_text("[]")
            given = [word.replace("$seed", "1") for word in words[1:]]
            assert parser(given).parse_args(given).run


# Pages whose options and overlays hold together.
TRIED = ("login", "placement", "private-ca", "proxies", "sizing", "storage-classes")
FILE = re.compile(r"^# (\S+\.yaml)\n")


def written(page: pathlib.Path, folder: pathlib.Path) -> None:
    """Write the files that a page has, and those that it takes for there."""
    for language, block in FENCE.findall(page.read_text()):
        if language == "yaml" and (name := FILE.match(block)):
            (folder / name[1]).write_text(block)
    (folder / "ca.crt").write_text(x509.new_ca("example").certificate)


def told(page: pathlib.Path, folder: pathlib.Path) -> Iterator[tuple[str, str, str]]:
    """Yield the options that a page sets, by juju or in a preview."""
    for words in fenced(page.read_text()):
        if words[:2] == ["juju", "config"]:
            for key, _, value in (word.partition("=") for word in words[3:]):
                content = value.replace("$(cat ca.crt)", (folder / "ca.crt").read_text())
                yield words[2], key, content
        for flag, value in itertools.pairwise(words):
            if flag == "--config" and words[0] == "ckf":
                app, _, rest = value.partition(".")
                key, _, content = rest.partition("=")
                yield app, key, content


def asked(page: pathlib.Path, folder: pathlib.Path) -> tuple[dict[str, dict[str, str]], set[Any]]:
    """Return the options, by application, and the overlays that a page asks for."""
    written(page, folder)
    config: dict[str, dict[str, str]] = {}
    for app, key, value in told(page, folder):
        content = (folder / value[1:]).read_text() if value.startswith("@") else value
        if "$(" not in content and "..." not in key:
            config.setdefault(app, {})[key] = content
    named_here = re.findall(r"--overlay (\S+)", page.read_text())
    overlays = {ROOT / name if (ROOT / name).exists() else folder / name for name in named_here}
    assert config or overlays
    return config, overlays


def test_a_deployment_with_all_that_these_pages_say_is_active(tmp_path: pathlib.Path):
    """A deployment takes seconds: there is one for all of them."""
    config: dict[str, dict[str, str]] = {}
    overlays: set[pathlib.Path] = set()
    for name in TRIED:
        folder = tmp_path / name
        folder.mkdir()
        options, further = asked(ROOT / f"docs/how-to/{name}.md", folder)
        overlays |= further
        for app, values in options.items():
            assert not config.get(app, {}).keys() & values.keys(), "two pages set the same"
            config.setdefault(app, {}).update(values)
    model = preview.deploy(ROOT / "bundle.yaml", overlays=sorted(overlays), config=config)
    assert not model.status().inactive
    assert not model.trace.failures()


def test_the_index_leads_to_every_page():
    index = ROOT / "docs/README.md"
    linked = {
        (index.parent / link.partition("#")[0]).resolve()
        for link in LINK.findall(index.read_text())
    }
    pages = [*ROOT.glob("docs/tutorial/*.md"), *ROOT.glob("docs/how-to/*.md")]
    pages += [*ROOT.glob("docs/reference/*.md"), *ROOT.glob("docs/explanation/*.md")]
    assert {path.resolve() for path in pages} <= linked
