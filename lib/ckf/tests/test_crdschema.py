# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The data file of Kubernetes' definitions in charmkit."""

import json

import pytest
from ckf import crdschema


def test_the_data_file_is_what_the_command_writes() -> None:
    assert crdschema.path().read_text() == crdschema.generate(), "run python -m ckf.crdschema"


def test_the_data_file_says_where_it_comes_from() -> None:
    data = json.loads(crdschema.generate("1.33"))
    assert data["kubernetes"] == "1.33"
    assert data["source"].startswith("PyPI: kubernetes-validate ")


def test_every_reference_is_to_a_type_of_the_file() -> None:
    types = json.loads(crdschema.generate())["types"]
    text = json.dumps(types)
    referred = {part.partition('"')[0] for part in text.split('"$ref": "')[1:]}
    assert referred <= types.keys()
    assert "description" not in types["Container"]


def test_the_command_writes_the_file(
    tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "data" / "kubernetes_schema.json"
    monkeypatch.setattr(crdschema, "path", lambda: target)
    crdschema.main()
    assert target.read_text() == crdschema.generate()
    assert capsys.readouterr().out == f"{target}\n"


def test_an_unknown_release_is_refused() -> None:
    with pytest.raises(LookupError, match=r"1\.2"):
        crdschema.generate("1.2")
