# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf diff` on a small bundle."""

import subprocess


def test_the_same_twice_differs_in_nothing(ckf):
    assert ckf("diff", "bundle.yaml", "bundle.yaml")[:2] == (0, "Nothing differs.\n")


def test_an_option_shows_with_the_keys_above_it(ckf):
    status, out, _ = ckf("diff", "--config", "store.port=9999")
    assert status == 1
    lines = out.splitlines()
    assert lines[:2] == ["a: bundle.yaml", "b: bundle.yaml --config store.port=9999"]
    assert (
        "-  - port: 8080" in out or "-    port: 8080" in out or "-  - name: juju-8080-tcp" in out
    )
    assert any(line.startswith("@@ ") and "spec.ports" in line for line in lines)
    assert "+    url: http://store:9999" in lines
    assert "Nothing differs" not in out


def test_a_secret_that_differs_is_said_and_not_shown(ckf):
    sides = [f"bundle.yaml --config store.password={word}-password" for word in ("one", "another")]
    status, out, _ = ckf("diff", *sides)
    assert status == 1
    assert "one-password" not in out
    assert "another-password" not in out
    assert "in a secret, which is masked" in out
    assert "What restarts  store/0: web in web" in out


def test_sides_have_options_of_their_own(ckf):
    status, out, _ = ckf(
        "diff", "bundle.yaml --scale store=2", "bundle.yaml --scale store=3", "-q"
    )
    assert status == 1
    assert "added   pebble/store-2/web.yaml" in out
    assert "store-1/" not in out


def test_what_is_new_is_named_and_on_demand_shown(ckf):
    short = ckf("diff", "--scale", "store=2")[1]
    long = ckf("diff", "--scale", "store=2", "-N")[1]
    assert "added   pebble/store-1/web.yaml" in short
    assert "+    command: serve" not in short
    assert "+    command: serve" in long


def test_a_running_model_is_compared_by_its_export(ckf, write):
    write(
        "running.yaml",
        """\
        bundle: kubernetes
        applications:
          store:
            charm: local:store-3
            scale: 1
            trust: true
            options:
              motd: hello
            storage:
              data: kubernetes,1,2G
          client:
            charm: local:client-0
            scale: 1
        relations:
          - - store:kv
            - client:kv
        """,
    )
    status, out, _ = ckf("diff", "running.yaml", "bundle.yaml")
    assert status == 1
    assert "-application: 'active: hello'" in out
    assert "+application: 'active: welcome'" in out


def test_nothing_to_compare_is_wrong_input(ckf):
    status, out, err = ckf("diff")
    assert (status, out) == (2, "")
    assert "there is nothing to compare" in err


def test_words_of_a_side_that_are_wrong_are_wrong_input(ckf):
    status, _, err = ckf("diff", "bundle.yaml --colour", "bundle.yaml")
    assert status == 2
    assert err.startswith("ckf: a side is a bundle and options of ckf preview: ")


def test_a_revision_that_is_not_there_is_wrong_input(ckf, bundle):
    subprocess.run(["git", "init", "-q", str(bundle.parent)], check=True)
    status, _, err = ckf("diff", "--revision", "nowhere")
    assert status == 2
    assert err.splitlines()[-1].startswith("ckf: git: ")
