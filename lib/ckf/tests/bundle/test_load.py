# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What is read, and where it stands."""

import pathlib

import pytest
from ckf import bundle as bundles


def refused(path, *overlays):
    with pytest.raises(bundles.InputError) as caught:
        bundles.load(path, overlays)
    message = str(caught.value)
    assert "\n" not in message
    return message.removeprefix(f"{path.parent}/")


def test_fields(bundle):
    loaded = bundles.load(bundle)
    store = loaded.applications["store"]
    assert (store.charm, store.scale, store.trust) == ("./build/store.charm", 1, True)
    assert store.options == {"motd": "welcome"}
    assert store.resources == {"oci-image": "example/store:1"}
    assert store.storage == {"data": "2G"}
    assert [relation.ends for relation in loaded.relations] == [("store:kv", "client:kv")]


def test_places(bundle):
    loaded = bundles.load(bundle)
    store = loaded.applications["store"]
    assert str(store.place) == f"{bundle}:3"
    assert store.where("options", "motd").line == 8
    assert store.where("options", "port").line == 7
    assert store.where("bindings", "kv").line == 3
    assert loaded.relations[0].place.line == 17


def test_a_directory_stands_for_its_bundle(bundle):
    assert bundles.load(bundle.parent).path == bundle


def test_num_units_is_scale(write):
    path = write("b.yaml", "applications: {a: {charm: a, num_units: 3}}")
    assert bundles.load(path).applications["a"].scale == 3


def test_an_application_without_a_scale_has_no_units(write):
    path = write("b.yaml", "applications: {a: {charm: a}}")
    assert bundles.load(path).applications["a"].scale == 0


def test_what_looks_like_a_date_is_text(write):
    path = write("b.yaml", "applications: {a: {charm: a, options: {day: 2024-01-02}}}")
    assert bundles.load(path).applications["a"].options == {"day": "2024-01-02"}


def test_anchors_and_merge_keys(write):
    path = write(
        "b.yaml",
        """\
        applications:
          a: &a {charm: x, scale: 2}
          b:
            <<: *a
            scale: 3
        """,
    )
    apps = bundles.load(path).applications
    assert (apps["a"].scale, apps["b"].scale, apps["b"].charm) == (2, 3, "x")


def test_included_files(write):
    write("motd.txt", "hello\n")
    path = write(
        "b.yaml",
        """\
        applications:
          a:
            charm: x
            options:
              plain: include-file://motd.txt
              coded: include-base64://motd.txt
        """,
    )
    options = bundles.load(path).applications["a"].options
    assert options == {"plain": "hello\n", "coded": "aGVsbG8K"}


def test_an_included_file_that_cannot_be(write):
    for path, reason in ((r"x\0y", "it is no path"), (".", "Is a directory")):
        option = f'options: {{m: "include-file://{path}"}}'
        message = refused(write("b.yaml", f"applications:\n  a:\n    charm: x\n    {option}"))
        assert message.startswith("b.yaml:4: cannot read ")
        assert message.endswith(reason)


def test_an_included_file_that_is_not_there(write):
    path = write(
        "b.yaml", "applications:\n  a:\n    charm: x\n    options: {m: include-file://no}"
    )
    assert refused(path) == "b.yaml:4: cannot read no: No such file or directory"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "b.yaml: the bundle is empty"),
        ("# nothing\n", "b.yaml: the bundle is empty"),
        ("[]", "b.yaml:1: a bundle is a mapping with applications and relations"),
        ("hello", "b.yaml:1: a bundle is a mapping with applications and relations"),
        ("bundle: kubernetes", "b.yaml:1: the bundle has no applications"),
        ("applications: {}", "b.yaml:1: the bundle has no applications"),
        ("applications: []", 'b.yaml:1: a bundle: "applications" is a mapping, not a list'),
        ("bundle: openstack", "b.yaml:1: the only kind of bundle is kubernetes, not 'openstack'"),
        ("applicationz: {}", 'a bundle has no field "applicationz"; did you mean "applications"?'),
        ("applications:\n  a:", 'b.yaml:2: application "a" is empty'),
        ("applications:\n  a: {scale: 1}", 'b.yaml:2: application "a" has no charm'),
        ("applications:\n  a: x", "b.yaml:2: application \"a\" is a mapping, not 'x'"),
        ("applications:\n  A: {charm: x}", 'b.yaml:2: "A" is no name for an application'),
        ("applications:\n  a-1: {charm: x}", 'b.yaml:2: "a-1" is no name for an application'),
        ("applications:\n  a: {charm: x, scal: 1}", 'no field "scal"; did you mean "scale"?'),
        ("applications:\n  a: {charm: x, scale: two}", "\"scale\" is a whole number, not 'two'"),
        ("applications:\n  a: {charm: x, scale: true}", '"scale" is a whole number, not True'),
        ("applications:\n  a: {charm: x, scale: -1}", 'application "a" cannot have -1 units'),
        ("applications:\n  a: {charm: x, trust: 1}", '"trust" is true or false, not 1'),
        ("applications:\n  a: {charm: x, scale: 1, num_units: 1}", "both scale and num_units"),
        ("applications:\n  a: {charm: x, options: [1]}", '"options" is a mapping, not a list'),
        ("applications:\n  a: {charm: x, storage: {d: 1}}", 'storage "d" is text, not 1'),
        ("applications:\n  a: {charm: x, resources: {i: []}}", 'resource "i" is an image'),
        ("applications:\n  a: {charm: x, offers: {}}", '"offers" can stand in an overlay only'),
        ("machines: {'0': {}}", "a model in the simulator has no machines"),
        ("saas: {x: {url: y}}", "a model in the simulator has no offers of other models"),
        ("relations: [a]", "b.yaml:1: a relation is a list of two endpoints"),
        ("relations:\n- [a:b]", "b.yaml:2: a relation has two endpoints, not 1"),
        ("relations:\n- [a, 'b c']", "b.yaml:2: 'b c' is no endpoint"),
        ("relations:\n- [a, 1]", "b.yaml:2: 1 is no endpoint"),
        ("a: b: c", "b.yaml:1: mapping values are not allowed here"),
        ("a: [1\nb: 2", "b.yaml:2: while parsing a flow sequence"),
        ("a:\n\tx: 1", "b.yaml:2: while scanning for the next token"),
        ("a: !Foo 1", "b.yaml:1: could not determine a constructor for the tag '!Foo'"),
        ("a: 1\nb: 2\na: 3", 'b.yaml:3: the key "a" stands twice, first in line 1'),
        ("? [a]\n: 1", "b.yaml:1: a key is not text"),
        ("a: !!bool x", "b.yaml:1: 'x' is no bool"),
        ("a: !!int x", "b.yaml:1: 'x' is no int"),
        ("a: !!timestamp x", "b.yaml:1: 'x' is no timestamp"),
        ("!!int a: 1", "b.yaml:1: 'a' is no int"),
        ("a: *x", "b.yaml:1: found undefined alias 'x'"),
        ("a: &a [*a]", "b.yaml: it is nested too deeply, or an alias stands for itself"),
        ("[" * 3000, "b.yaml: it is nested too deeply, or an alias stands for itself"),
        ("a: \x01", "b.yaml: unacceptable character"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(write, text, message):
    assert message in refused(write("b.yaml", text))


def test_an_alias_that_explodes(write):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    path = write("b.yaml", "\n".join(lines))
    assert "an alias stands for too many values" in refused(path)


def test_everything_wrong_is_kept(write):
    path = write("b.yaml", "applications:\n  a: {charm: x, scale: -1}\n  b: {charm: y, foo: 1}")
    with pytest.raises(bundles.BundleError) as caught:
        bundles.load(path)
    assert [problem.place.line for problem in caught.value.problems] == [2, 3]
    assert str(caught.value).endswith("(and 1 more)")


def test_files_that_cannot_be_read(tmp_path):
    assert (
        refused(tmp_path / "no.yaml")
        == f"cannot read {tmp_path}/no.yaml: No such file or directory"
    )
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    assert "binary.yaml is not text" in refused(binary)
    assert "cannot read" in refused(pathlib.Path("/dev/null/x"))
