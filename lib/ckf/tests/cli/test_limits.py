"""What is refused at once, with a sentence, and what a command costs before it does anything."""

import subprocess
import sys

import pytest
from ckf.bundle import schema


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
