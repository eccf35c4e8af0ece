# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What is refused at once, with a sentence, and what a command costs before it does anything."""

import importlib
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest
from ckf.bundle import schema

CKF = [sys.executable, "-c", "import sys; from ckf.cli import main; sys.exit(main())"]
FULL = pathlib.Path("/dev/full")
ARGPARSES = re.compile(r"argument|invalid|choose from|unrecognized|expected|required|allowed")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["preview", ""], "an empty word is no bundle"),
        (["preview", "--scale", "store=100000000"], f"at most {schema.MOST_UNITS}"),
        (["preview", "--scale", "store=1e30"], "is not of the form APP=N"),
        (["preview", "--config", "store.motd=@nowhere"], "cannot read nowhere"),
        (["preview", "--kube", "nowhere"], "cannot use the kubeconfig nowhere"),
        (["pack", "--output", "bundle.yaml"], "it is a file"),
    ],
)
def test_wrong_input_is_one_sentence(ckf, words, sentence):
    status, out, err = ckf(*words)
    assert (status, out) == (2, "")
    assert sentence in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "ckf: VERB must be given"),
        (["deploy"], "there is no command 'deploy'; there are preview, replay, diff"),
        (["preview", "--format", "xml"], "--format: 'xml' is none of table, json, yaml"),
        (["preview", "--faults", "9"], "--faults: '9' is none of 0, 1, 2, 3"),
        (["preview", "--seed", "x"], "--seed: 'x' is no whole number"),
        (["preview", "--seed"], "--seed needs a value"),
        (["preview", "--relations=3"], "--relations takes no value"),
        (["preview", "--colour"], "nothing is known of --colour"),
        (["replay", "--seed", "1"], "--until must be given"),
        (["replay", "--until", "1"], "one of these must be given: TRACE --seed"),
        (["replay", "t", "--seed", "2", "--until", "1"], "--seed does not go with TRACE"),
    ],
)
def test_a_wrong_command_line_is_refused_in_the_tools_own_words(ckf, words, sentence):
    status, out, err = ckf(*words)
    assert (status, out) == (2, "")
    assert sentence in err
    assert not ARGPARSES.search(err)
    assert len(err.splitlines()) == 1


@pytest.mark.skipif(not FULL.exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "words", [["--version"], ["check"], ["preview"], ["terraform", "--check"]]
)
def test_a_full_device_is_said_in_one_line(bundle, words, unbuffered):
    with FULL.open("w") as full:
        done = subprocess.run(
            [*CKF, *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=bundle.parent,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "ckf: cannot write the output: No space left on device"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_gone_is_no_error(bundle, unbuffered):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*CKF, "check"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        cwd=bundle.parent,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )
    os.close(writing)
    assert done.stderr == ""
    assert done.returncode in (0, 141)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_leaves_no_temporary_folder(bundle, tmp_path_factory, number, status):
    scratch = tmp_path_factory.mktemp("scratch")
    path = bundle.parent / "charms/store/src/charm.py"
    path.write_text(
        path.read_text().replace(
            "        self._serve()\n", "        import threading; threading.Event().wait(60)\n", 1
        )
    )
    command = subprocess.Popen(
        [*CKF, "preview"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=bundle.parent,
        env={**os.environ, "TMPDIR": str(scratch)},
    )
    assert command.stderr
    while "printed by the charm" not in (line := command.stderr.readline()):
        assert line
    assert list(scratch.iterdir())
    command.send_signal(number)
    out, error = command.communicate(timeout=30)
    assert command.returncode == status
    assert "Traceback" not in out + error
    assert not list(scratch.iterdir())


def test_an_interrupt_while_modules_load_is_said_in_one_line(ckf, monkeypatch):
    def interrupted(name):
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib, "import_module", interrupted)
    assert ckf("preview") == (130, "", "ckf: interrupted\n")


@pytest.mark.parametrize("text", ["[]", "hello", "clusters: 3", "{}", "contexts: [1]"])
def test_what_is_no_kubeconfig_is_refused(ckf, write, text):
    write("kubeconfig", text)
    status, _, err = ckf("preview", "--kube", "kubeconfig", "--yes")
    assert status == 2
    assert err.startswith("ckf: ")
    assert len(err.splitlines()) == 1


def test_a_bundle_of_megabytes_is_refused_unread(ckf, bundle):
    bundle.write_text(bundle.read_text() + "#" * 600_000)
    status, _, err = ckf("preview")
    assert status == 2
    assert "no bundle is that large" in err


def test_too_many_units_in_a_bundle_are_refused_with_the_line(ckf, bundle):
    bundle.write_text(bundle.read_text().replace("scale: 1", "scale: 5000", 1))
    status, _, err = ckf("preview")
    assert status == 2
    assert f"cannot have 5000 units: the simulator has at most {schema.MOST_UNITS}" in err


def test_an_option_comes_from_a_file(ckf, write):
    write("motd.txt", "from a file")
    status, out, _ = ckf("preview", "--config", "store.motd=@motd.txt")
    assert status == 0
    assert "from a file" in out


def test_the_check_names_the_overlay_and_counts_one_application_as_one(ckf, write):
    write("one.yaml", "applications: {client:}")
    out = ckf("check", "--overlay", "one.yaml")[1]
    assert out == "bundle.yaml with one.yaml: 1 application, nothing that Juju would refuse\n"
    _, out, err = ckf("preview", "--overlay", "one.yaml")
    assert err.startswith("Deploying bundle.yaml: 1 application, 0 relations\n")
    assert out.endswith("The application is active.\n")


def test_a_charm_that_only_charmhub_has_is_not_checked(ckf, bundle):
    text = bundle.read_text().replace(
        "relations:", "  other:\n    charm: postgresql-k8s\nrelations:"
    )
    bundle.write_text(text)
    status, out, _ = ckf("check")
    assert status == 0
    assert 'application "other" is not checked' in out


def test_what_is_not_simulated_is_said(ckf, bundle):
    text = bundle.read_text().replace("scale: 1", "scale: 1\n    constraints: cores=4 mem=1G", 1)
    bundle.write_text(text.replace("data: 2G", "data: fast,2G"))
    out = ckf("preview")[1]
    assert "Not simulated: the constraint cores (store)" in out
    assert "Not simulated: the storage pool fast: it counts as a storage class" in out


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_what_needs_no_bundle_imports_no_simulator(word):
    code = (
        "import sys\nfrom ckf.cli import main\n"
        f"try: main([{word!r}])\nexcept SystemExit: pass\n"
        "print(sorted(set(sys.modules) & {'ops', 'rich', 'yaml', 'jujusim', 'cryptography'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
