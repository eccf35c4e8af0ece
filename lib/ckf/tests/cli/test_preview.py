# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf preview` from its command line to its exit status."""

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
import time

import pytest
import yaml
from ckf.report import redaction

CKF = [sys.executable, "-c", "import sys; from ckf.cli import main; sys.exit(main())"]
PASSWORD = "a long password"


def test_all_is_well(ckf):
    status, out, err = ckf("preview")
    assert status == 0
    assert out.splitlines()[:8] == [
        "Model     Controller  Cloud      Version",
        "kubeflow  ckf         simulator  3.6.9",
        "",
        "App     Status  Scale  Charm   Message",
        "client  active      1  client",
        "store   active      1  store   welcome",
        "",
        "Unit       Workload  Address   Ports     Message",
    ]
    assert out.endswith("with seed 0.\nAll 2 applications are active.\n")
    assert err.startswith("Deploying bundle.yaml: 2 applications, 1 relation\n")
    assert "client active" in err


def test_from_another_directory(ckf, bundle, monkeypatch):
    monkeypatch.chdir("/")
    assert ckf("preview", str(bundle))[0] == 0


def test_relations(ckf):
    assert "Relation provider" not in ckf("preview")[1]
    out = ckf("preview", "--relations")[1]
    assert "store:kv           client:kv    kv           regular\n" in out
    assert "store:peers        store:peers  store_peers  peer\n" in out


def test_what_is_made_in_kubernetes(ckf):
    out = ckf("preview")[1]
    assert "by the charms  nothing\n" in out
    assert "2 Pod" in out


def test_all_options_together(ckf, write):
    write("o.yaml", "applications: {client: {scale: 2}}")
    words = ("--overlay", "o.yaml", "--config", "store.motd=a=b", "--scale", "store=3")
    status, out, _ = ckf("preview", "bundle.yaml", *words, "--model", "ml", "--seed", "7")
    assert status == 0
    assert "client  active      2  client\n" in out
    assert "store   active      3  store   a=b\n" in out
    assert out.startswith("Model  Controller  Cloud      Version\nml ")
    assert "with seed 7." in out


def test_not_active(ckf, write):
    write("o.yaml", "applications: {second: {charm: ./charms/client, scale: 1}}")
    status, out, _ = ckf("preview", "--overlay", "o.yaml")
    assert status == 1
    assert out.endswith(
        "1 of 3 applications are not active:\n  second  blocked  relate kv to a store\n"
    )


def test_a_failing_hook(ckf):
    status, out, err = ckf(
        "preview", "--config", "store.fail=Install", "--config", f"store.password={PASSWORD}"
    )
    assert status == 1
    assert "Hook errors\n" in out
    assert "store/0 install\n      with the password ********\n" in out
    assert 'error    hook failed: "install": with the password ********\n' in out
    assert "To stop there: ckf replay --bundle bundle.yaml" in out
    assert "'store.password=...'" in out or "store.password=..." in out
    assert "store/0 install failed" in err
    assert PASSWORD not in out + err


def test_a_replay_command_replays(ckf):
    _, out, _ = ckf("preview", "--config", "store.fail=ConfigChanged", "--seed", "3")
    command = out.partition("To stop there: ckf ")[2].splitlines()[0].split()
    status, out, _ = ckf(*command)
    assert status == 1
    assert "store/0 config-changed\n" in out
    assert "RuntimeError: planted" in out


def test_json(ckf):
    status, out, _ = ckf("preview", "--format", "json", "--seed", "2")
    assert status == 0
    content = json.loads(out)
    assert content["applications"]["store"]["application-status"]["message"] == "welcome"
    assert content["preview"]["seed"] == 2


def test_yaml_says_the_same(ckf):
    as_json = json.loads(ckf("preview", "--format", "json")[1])
    as_yaml = yaml.safe_load(ckf("preview", "--format", "yaml")[1])
    assert as_json.keys() == as_yaml.keys()
    assert as_json["applications"].keys() == as_yaml["applications"].keys()


def test_json_names_on_standard_error_what_is_not_active(ckf):
    status, out, err = ckf("preview", "--format", "json", "--scale", "client=0")
    assert status == 1
    assert json.loads(out)["applications"]["client"]["scale"] == 0
    assert err.endswith("1 of 2 applications are not active:\n  client  unknown  no units\n")


def test_out(ckf, bundle):
    status, _, _ = ckf("preview", "--out", "out", "--config", f"store.password={PASSWORD}")
    assert status == 0
    plan = (bundle.parent / "out/pebble/store-0/web.yaml").read_text()
    assert f"PASSWORD: '{redaction.REDACTED}'" in plan
    assert (
        ckf("preview", "--out", "out", "--show-secrets", "--config", "store.password=x y z")[0]
        == 0
    )
    assert "PASSWORD: x y z" in (bundle.parent / "out/pebble/store-0/web.yaml").read_text()


def test_out_is_written_also_when_something_is_not_active(ckf, bundle):
    assert ckf("preview", "--out", "out", "--config", "store.fail=Install")[0] == 1
    assert "RuntimeError" in (bundle.parent / "out/events.jsonl").read_text()


def test_nothing_runs_when_out_is_refused(ckf):
    status, out, err = ckf("preview", "--out", "charms")
    assert (status, out) == (2, "")
    assert err == "ckf: charms is not empty, and not what an earlier preview has written\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["preview", "none.yaml"], "ckf: cannot read none.yaml: No such file or directory"),
        (["preview", "--overlay", "none"], "ckf: cannot read none: No such file or directory"),
        (["preview", "--config", "store"], "'store' is not of the form APP.KEY=VALUE"),
        (["preview", "--config", "store.port"], "is not of the form APP.KEY=VALUE"),
        (["preview", "--config", ".x=1"], "is not of the form APP.KEY=VALUE"),
        (["preview", "--config", "store=x.y"], "is not of the form APP.KEY=VALUE"),
        (["preview", "--config", "stor.port=1"], 'no application "stor"; did you mean "store"?'),
        (["preview", "--config", "store.prt=1"], 'no option "prt"; did you mean "port"?'),
        (["preview", "--config", "store.port=x"], "option \"port\" expects int, got 'x'"),
        (["preview", "--config", "store.port=1", "--config", "store.port=2"], "is given twice"),
        (["preview", "--scale", "store"], "'store' is not of the form APP=N"),
        (["preview", "--scale", "store=x"], "'store=x' is not of the form APP=N"),
        (["preview", "--scale", "store=1.5"], "'store=1.5' is not of the form APP=N"),
        (["preview", "--scale", "store=-1"], "an application cannot have -1 units"),
        (["preview", "--scale", "stor=1"], 'no application "stor"'),
        (["preview", "--scale", "store=1", "--scale", "store=1"], "--scale store is given twice"),
        (["preview", "--seed", "x"], "--seed: 'x' is no whole number"),
        (["preview", "--faults", "4"], "--faults: '4' is none of 0, 1, 2, 3"),
        (["preview", "--model", "A"], '"A" is no name for a model'),
        (["preview", "--model", ""], '"" is no name for a model'),
        (["preview", "--format", "xml"], "--format: 'xml' is none of table"),
        (["preview", "--out", "bundle.yaml"], "cannot write to bundle.yaml: it is a file"),
        (["preview", "--bogus"], "nothing is known of --bogus"),
        (["preview", "--relation"], "nothing is known of --relation"),
        (["preview", "a", "b"], "nothing is known of b"),
        (["bogus"], "there is no command 'bogus'"),
        ([], "VERB must be given"),
        (["replay", "--until", "1"], "one of these must be given: TRACE --seed"),
        (["replay", "x", "--seed", "1", "--until", "1"], "--seed does not go with TRACE"),
        (["replay", "--seed", "1"], "--until must be given"),
        (["replay", "--seed", "1", "--until", "0"], "'0' is no hook's number"),
        (["replay", "--seed", "1", "--until", "9999"], "there is no hook 9999: the run has"),
        (["replay", "none", "--until", "1"], "cannot read none: No such file or directory"),
        (["replay", "bundle.yaml", "--until", "1"], "bundle.yaml is not a trace"),
    ],
)
def test_wrong_input_is_one_sentence(ckf, words, message):
    status, out, err = ckf(*words)
    said = [line for line in err.splitlines() if line.startswith("ckf")]
    assert (status, out) == (2, "")
    assert len(said) == 1
    assert message in said[0]
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("scale: 1", "scale: [", "ckf: bundle.yaml:"),
        ("store:kv", "store:kvs", 'bundle.yaml:17: application "store" has no endpoint "kvs"'),
        ("[store:kv", "[storr:kv", 'bundle.yaml:17: the bundle has no application "storr"'),
        ("client:kv", "client:other", "does not fit"),
        (
            "motd: welcome",
            "motdd: x",
            'bundle.yaml:8: application "store": its charm has no option',
        ),
        ("oci-image: example/store:1", "{}", 'a local charm needs its resource "oci-image"'),
        ("store.charm", "shop.charm", 'bundle.yaml:4: application "store": there is no charm at'),
        ("trust:", "trusted:", 'no field "trusted"; did you mean "trust"?'),
    ],
)
def test_a_bad_bundle(ckf, bundle, old, new, message):
    bundle.write_text(bundle.read_text().replace(old, new))
    status, out, err = ckf("preview")
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert message in err


def test_a_charm_that_cannot_be_imported_is_wrong_input(ckf, bundle):
    (bundle.parent / "charms/store/src/charm.py").write_text("def broken(:\n")
    status, out, err = ckf("preview")
    assert (status, out) == (2, "")
    assert err.startswith('ckf: bundle.yaml:4: application "store": ')
    assert "SyntaxError" in err
    assert len(err.splitlines()) == 1


def test_version(ckf):
    assert ckf("--version") == (0, "ckf 0.1.0\n", "")


def test_what_a_charm_prints_stays_out_of_the_report(ckf):
    _, out, err = ckf("preview", "--format", "json")
    json.loads(out)
    assert "printed by the charm" in err


# As a process of its own.


def test_a_reader_that_goes_away(bundle):
    command = subprocess.Popen(
        [*CKF, "preview", str(bundle), "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert command.stdout
    assert command.stderr
    command.stdout.close()
    error = command.stderr.read()
    command.stderr.close()
    assert command.wait() == 0
    assert b"Traceback" not in error
    assert b"BrokenPipe" not in error


def test_a_disk_that_is_full(bundle):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        command = subprocess.run(
            [*CKF, "preview", str(bundle)], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert command.returncode == 2
    assert (
        command.stderr.splitlines()[-1] == "ckf: cannot write the output: No space left on device"
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_a_stream_that_is_closed(bundle, closed):
    command = f"{shlex.join([*CKF, 'preview', str(bundle)])} {closed}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)  # noqa: S602
    assert done.returncode == 0
    assert "Traceback" not in done.stdout + done.stderr


def test_a_dumb_terminal(bundle):
    out = on_terminal([*CKF, "preview", str(bundle)], TERM="dumb")
    assert "store waiting" in out or "store active" in out
    assert "\x1b" not in out


def test_an_interrupt(bundle):
    path = bundle.parent / "charms/store/src/charm.py"
    path.write_text(
        path.read_text().replace(
            "        self._serve()\n", "        import threading; threading.Event().wait(60)\n", 1
        )
    )
    command = subprocess.Popen(
        [*CKF, "preview", str(bundle)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert command.stderr
    while "printed by the charm" not in command.stderr.readline():
        time.sleep(0.01)
    command.send_signal(signal.SIGINT)
    out, error = command.communicate()
    assert command.returncode == 130
    assert error.splitlines()[-1] == "ckf: interrupted"
    assert "Traceback" not in out + error


def test_a_terminal(bundle):
    """Live progress, colours, and no line that is longer than 80 letters."""
    out = on_terminal([*CKF, "preview", str(bundle), "--config", "store.motd=" + "word " * 20])
    assert "\x1b[32mactive" in out
    assert "hook " in out
    report = out.rpartition("Model ")[2]
    assert "    word word" in report
    assert max(len(line.strip("\r")) for line in plain(report).splitlines()) <= 80


def on_terminal(command, **env):
    """What a command writes to a terminal of 80 columns."""
    terminal, end = pty.openpty()
    usual = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    usual |= {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", **env}
    with subprocess.Popen(command, stdin=end, stdout=end, stderr=end, env=usual):
        os.close(end)
        content = b""
        while True:
            try:
                part = os.read(terminal, 65536)
            except OSError:  # Linux says so that the other end is closed
                break
            content += part
    os.close(terminal)
    return content.decode()


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
