# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The page of a small bundle: what stands on it, and what must not."""

from __future__ import annotations

import re

import pytest

HOSTILE = "</pre><script>alert('x')</script>"
PASSWORD = "a long password"


@pytest.fixture
def page(ckf, bundle):
    """Write the page of a deployment with more options, and return its text."""

    def page(*words, expected=0):
        path = bundle.parent / "page.html"
        assert ckf("preview", "--html", str(path), *words)[0] == expected
        return path.read_text()

    return page


def rows(text, title):
    """The cells of the table below a heading."""
    table = text.partition(f"{title}</h")[2].partition("</table>")[0]
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in table.split("<tr>")[2:]]


def plain(cell):
    return re.sub(r"<[^>]+>", "", cell)


def test_it_loads_nothing_and_runs_nothing(page):
    text = page()
    links = re.findall(r"(?:src|href|action|srcset|poster)\s*=\s*[\"']?([^\"'\s>]*)", text)
    assert links
    assert not [link for link in links if not link.startswith(("#", "data:"))]
    assert not re.findall(r"@import|url\(|<script|<iframe|<object|\son\w+=", text)
    assert "default-src 'none'" in text


def test_it_shows_every_application_with_its_status(page):
    text = page("--scale", "client=2")
    assert [plain(row[0]) for row in rows(text, "Status")] == ["client", "store"]
    units = [[plain(cell) for cell in row[:2]] for row in rows(text, "Units")]
    assert sorted(unit.strip("*") for unit, _ in units) == ["client/0", "client/1", "store/0"]
    assert sum(unit.endswith("*") for unit, _ in units) == 2
    assert {state for _, state in units} == {"active"}
    assert re.findall(r'id="box-(\w+)"', text) == ["client", "store"]
    assert text.count('class="edge of-store of-client"') == 1


def test_an_application_that_waits_for_a_person_is_marked(page, write):
    write("o.yaml", "applications: {second: {charm: ./charms/client, scale: 1}}")
    text = page("--overlay", "o.yaml", expected=1)
    assert '<span class="badge blocked">blocked</span>' in text
    assert "not all is well" in text
    assert "2 of 3" in text


def test_a_hook_that_failed_stands_above(page):
    words = ("--config", "store.fail=Install", "--config", f"store.password={PASSWORD}")
    text = page(*words, expected=1)
    assert re.search(r"<li>Hook \d+ failed, store/0 install: .*with the password \*{8}</li>", text)


def test_hostile_text_stays_text(page):
    text = page("--config", f"store.motd={HOSTILE}")
    assert "<script" not in text
    assert "&lt;script&gt;alert(" in text


def test_no_secret_is_on_it_unless_asked_for(page):
    words = ("--config", f"store.password={PASSWORD}", "--config", f"store.motd=say {PASSWORD}")
    text = page(*words)
    assert PASSWORD not in text
    assert "********" in text
    assert PASSWORD in page(*words, "--show-secrets")


def test_one_seed_gives_one_page(page):
    assert page("--seed", "5") == page("--seed", "5")


def test_every_object_is_there_with_its_yaml(page, ckf):
    text = page()
    objects = re.findall(
        r'class="object">\s*<summary>(.*?)</summary>\s*<pre>(.*?)</pre>', text, re.DOTALL
    )
    assert "kind: Pod\n" in dict(objects)["Pod store-0 in kubeflow, by Juju"]
    assert f"<b>{len(objects)}</b> objects" in text


def test_options_images_volumes_and_sums_are_those_of_the_deployment(page):
    text = page()
    assert rows(text, "Options that are set") == [["motd", "welcome"]]
    assert ["store", "example/store:1", "at once"] in [row[:3] for row in rows(text, "Images")]
    assert [row[2] for row in rows(text, "Volumes")] == ["2Gi"]
    assert rows(text, "By application")[-1][:6] == ["Total", "2", "-", "-", "128Mi", "2Gi"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [(".", "it is a directory"), ("missing/page.html", "missing is no directory to write to")],
)
def test_a_page_that_cannot_be_written_is_wrong_input_at_once(ckf, path, reason):
    status, out, err = ckf("preview", "--html", path)
    assert (status, out, err) == (2, "", f"ckf: cannot write {path}: {reason}\n")
