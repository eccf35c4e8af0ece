# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf replay`: the same run again, up to one of its hooks."""

import json

import pytest

PASSWORD = "a long password"


def hook(out):
    """The line that names the hook."""
    return next(line for line in out.splitlines() if line.startswith("Hook "))


def recorded(bundle):
    lines = (bundle.parent / "out/events.jsonl").read_text().splitlines()[1:]
    return [(record["unit"], record["event"]) for record in map(json.loads, lines)]


@pytest.mark.parametrize("trace", ["out", "out/events.jsonl"])
def test_a_trace_is_replayed(ckf, bundle, write, trace):
    write("o.yaml", "applications: {client: {scale: 2}}")
    ckf("preview", "--out", "out", "--seed", "5", "--overlay", "o.yaml", "--scale", "store=2")
    for number, (unit, event) in list(enumerate(recorded(bundle), 1))[::7]:
        status, out, err = ckf("replay", trace, "--until", str(number))
        assert status == 0
        assert hook(out) == f"Hook {number}: {unit} {event}"
        assert "another run" not in err


def test_faults_are_replayed(ckf, bundle):
    ckf("preview", "--out", "out", "--seed", "3", "--faults", "3")
    events = recorded(bundle)
    _, out, err = ckf("replay", "out", "--until", str(len(events)))
    unit, event = events[-1]
    assert hook(out) == f"Hook {len(events)}: {unit} {event}"
    assert "another run" not in err


def test_from_anywhere(ckf, bundle, monkeypatch):
    ckf("preview", "--out", "out")
    monkeypatch.chdir("/")
    assert ckf("replay", str(bundle.parent / "out"), "--until", "1")[0] == 0


def test_a_seed_is_replayed(ckf, bundle):
    ckf("preview", "--out", "out", "--seed", "8")
    unit, event = recorded(bundle)[9]
    _, out, _ = ckf("replay", "--seed", "8", "--until", "10")
    assert hook(out) == f"Hook 10: {unit} {event}"


def test_what_a_hook_did(ckf, bundle):
    ckf("preview", "--out", "out")
    lines = (bundle.parent / "out/events.jsonl").read_text().splitlines()[1:]
    number = next(
        record["number"]
        for record in map(json.loads, lines)
        if "start web" in record.get("pebble", {}).get("web", ())
    )
    _, out, _ = ckf("replay", "out", "--until", str(number))
    pushed = "push /etc/store/web.json, push /etc/store/blob"
    assert f"  pebble      web: layer web, start web, {pushed}\n" in out
    assert "  status      " in out


def test_a_failed_hook_shows_its_traceback(ckf):
    ckf(
        "preview",
        "--out",
        "out",
        "--config",
        "store.fail=Install",
        "--config",
        f"store.password={PASSWORD}",
    )
    _, out, _ = ckf("preview", "--config", "store.fail=Install", "--format", "json")
    records = json.loads(out)["preview"]
    assert records["hook-errors"]
    words = ["replay", "--seed", "0", "--config", "store.fail=Install"]
    for number in range(1, records["hooks"] + 1):
        status, out, _ = ckf(
            *words, "--until", str(number), "--config", f"store.password={PASSWORD}"
        )
        if status == 1:
            break
    assert "Traceback (most recent call last):" in out
    assert 'raise RuntimeError(f"planted' in out
    assert "********" in out
    assert PASSWORD not in out


def test_a_secret_that_the_trace_withholds_must_be_given(ckf):
    ckf("preview", "--out", "out", "--config", f"store.password={PASSWORD}")
    status, _, err = ckf("replay", "out", "--until", "2")
    assert status == 2
    assert err == (
        "ckf: the trace does not have the value of store.password: give it with --config\n"
    )
    assert ckf("replay", "out", "--until", "2", "--config", "store.password=x")[0] == 0


def test_options_that_stand_in_the_trace(ckf):
    ckf("preview", "--out", "out")
    for words in (["--scale", "store=2"], ["--model", "x"], ["--overlay", "o"], ["--faults", "1"]):
        status, _, err = ckf("replay", "out", "--until", "1", *words)
        assert status == 2
        assert err == f"ckf: {words[0]} stands in the trace: it cannot be given with one\n"


def test_a_run_that_is_another_now_is_said(ckf, bundle):
    ckf("preview", "--out", "out")
    bundle.write_text(bundle.read_text().replace("scale: 1", "scale: 2"))
    _, _, err = ckf("replay", "out", "--until", "30")
    assert "this is another run than the recorded one" in err


def test_another_place_of_the_bundle(ckf, bundle):
    ckf("preview", "--out", "out")
    moved = bundle.rename(bundle.parent / "moved.yaml")
    assert ckf("replay", "out", "--until", "1")[0] == 2
    assert ckf("replay", "out", "--until", "1", "--bundle", str(moved))[0] == 0


def test_json(ckf):
    status, out, _ = ckf("replay", "--seed", "0", "--until", "4", "--format", "json")
    assert status == 0
    about = json.loads(out)["preview"]
    assert about["hooks"] == about["hook"]["number"] == 4


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"request": {}}', '{"request": 1}', "\xff"]
)
def test_a_file_that_is_no_trace(ckf, bundle, text):
    (bundle.parent / "trace").write_bytes(text.encode("latin-1"))
    status, _, err = ckf("replay", "trace", "--until", "1")
    assert status == 2
    assert len(err.splitlines()) == 1
