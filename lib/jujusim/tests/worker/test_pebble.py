# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""ops' own client of Pebble against what a hook's process is served."""

import datetime
import io

import jujusim
import pytest
from jujusim.worker import pebble as served
from jujusim.worker.hook_process import HookProcess
from ops import pebble

LAYER = {
    "services": {
        "web": {"override": "replace", "command": "web", "startup": "enabled"},
        "job": {"override": "replace", "command": "job"},
    },
    "checks": {"up": {"override": "replace", "level": "ready", "tcp": {"port": 80}}},
}


@pytest.fixture
def engine(tmp_path):
    """A container that is up."""
    made = jujusim.Pebble("app", tmp_path / "root")
    made.boot({})
    return made


@pytest.fixture
def life():
    """The life of a hook whose process is this one's fiction."""
    return HookProcess()


@pytest.fixture
def client(engine, life, tmp_path):
    """A client of it."""
    with served.listening({"app": engine}, life, tmp_path / "c"):
        yield pebble.Client(str(tmp_path / "c" / "app" / "pebble.socket"))


def test_a_container_that_is_not_up_has_no_socket(engine, life, tmp_path):
    engine.halt()
    with served.listening({"app": engine}, life, tmp_path / "c"):
        assert not (tmp_path / "c" / "app" / "pebble.socket").exists()
        with pytest.raises(pebble.ConnectionError):
            pebble.Client(str(tmp_path / "c" / "app" / "pebble.socket")).get_system_info()


def test_the_plan_and_its_services(client, engine):
    client.add_layer("one", LAYER)
    change = client.get_change(client.replan_services())
    assert (change.ready, change.err, change.status) == (True, None, "Done")
    assert client.get_plan().to_dict()["services"]["web"]["command"] == "web"
    assert {s.name: s.is_running() for s in client.get_services()} == {"web": True, "job": False}
    client.start_services(["job"])
    client.restart_services(["web"])
    client.stop_services(["job"])
    assert engine.services() == {"web": True, "job": False}
    assert engine.starts == {"web": 2, "job": 1}
    assert [c.kind for c in client.get_changes(pebble.ChangeState.ALL)] == [
        "replan",
        "start",
        "restart",
        "stop",
    ]
    assert client.get_changes() == []


def test_a_service_that_is_not_there(client):
    with pytest.raises(pebble.APIError, match="service nix does not exist") as caught:
        client.start_services(["nix"])
    assert caught.value.code == 400


def test_a_layer_of_a_label_that_exists(client):
    client.add_layer("one", LAYER)
    with pytest.raises(pebble.APIError, match='layer "one" already exists') as caught:
        client.add_layer("one", LAYER)
    assert caught.value.code == 400
    client.add_layer(
        "one", {"services": {"web": {"override": "merge", "command": "x"}}}, combine=True
    )
    assert client.get_plan().services["web"].command == "x"


@pytest.mark.parametrize("content", ["text\r\n\r\n--with lines\n", "", "ünï", "x" * 100_000])
def test_files_come_back_as_they_were(client, content):
    client.push("/etc/a dir/file", content, make_dirs=True, permissions=0o640)
    with client.pull("/etc/a dir/file", encoding=None) as file:
        assert file.read() == content.encode()
    (info,) = client.list_files("/etc/a dir")
    assert (info.path, info.type, info.permissions) == (
        "/etc/a dir/file",
        pebble.FileType.FILE,
        0o640,
    )
    assert info.size == len(content.encode())


def test_bytes_and_streams_are_files_too(client):
    content = bytes(range(256)) * 50
    client.push("/blob", io.BytesIO(content))
    with client.pull("/blob", encoding=None) as file:
        assert file.read() == content


def test_directories(client):
    client.make_dir("/a/b", make_parents=True, permissions=0o700)
    assert [info.name for info in client.list_files("/a")] == ["b"]
    assert client.list_files("/a", itself=True)[0].type is pebble.FileType.DIRECTORY
    client.push("/a/b/x.txt", "")
    client.push("/a/b/y", "")
    assert [info.name for info in client.list_files("/a/b", pattern="*.txt")] == ["x.txt"]
    client.remove_path("/a", recursive=True)
    with pytest.raises(pebble.APIError, match="no such file") as caught:
        client.list_files("/a")
    assert caught.value.code == 404


def test_what_cannot_be_done_with_files(client):
    client.make_dir("/full/of", make_parents=True)
    for act in (
        lambda: client.pull("/nix"),
        lambda: client.push("/no/parent", "x"),
        lambda: client.make_dir("/no/parent"),
        lambda: client.remove_path("/nix"),
        lambda: client.remove_path("/full"),
        lambda: client.pull("relative"),
    ):
        with pytest.raises(pebble.PathError):
            act()


def test_commands_are_answered_by_their_replies(client, engine):
    def reply(command):
        if command[1:] == ["fail"]:
            raise pebble.ExecError(command, 3, "some", "worse")
        return "x" * 70_000

    engine.commands[("do",)] = reply
    assert client.exec(["do", "it"]).wait_output() == ("x" * 70_000, "")
    assert client.exec(["do", "it"], encoding=None, combine_stderr=True).wait_output()[1] is None
    with pytest.raises(pebble.ExecError) as caught:
        client.exec(["do", "fail"], stdin="ignored\n" * 1000).wait_output()
    assert (caught.value.exit_code, caught.value.stdout, caught.value.stderr) == (
        3,
        "some",
        "worse",
    )
    out = io.StringIO()
    client.exec(["do"], stdout=out).wait()
    assert out.getvalue() == "x" * 70_000


def test_a_command_that_nobody_has_described(client, engine):
    for here in (client, engine):
        with pytest.raises(pebble.APIError, match="execution handler not found") as caught:
            here.exec(["nix"])
        assert caught.value.code == 500


def test_checks(client, engine):
    client.add_layer("one", LAYER)
    (check,) = client.get_checks()
    assert (check.name, check.status, check.level, check.threshold) == (
        "up",
        pebble.CheckStatus.UP,
        pebble.CheckLevel.READY,
        3,
    )
    assert not client.get_change(check.change_id).ready
    engine.set_check("up", up=False)
    assert client.get_checks(names=["up"])[0].status is pebble.CheckStatus.DOWN
    assert client.get_checks(level=pebble.CheckLevel.ALIVE) == []
    assert client.stop_checks(["up"]) == ["up"]
    assert client.get_checks()[0].status is pebble.CheckStatus.INACTIVE
    assert client.start_checks(["up"]) == ["up"]


def test_notices(client):
    number = client.notify(
        pebble.NoticeType.CUSTOM,
        "example.com/a",
        data={"k": "v"},
        repeat_after=datetime.timedelta(minutes=2),
    )
    notice = client.get_notice(number)
    assert (notice.key, notice.last_data) == ("example.com/a", {"k": "v"})
    assert notice.repeat_after == datetime.timedelta(minutes=2)
    assert client.get_notices(keys=["example.com/b"]) == []
    with pytest.raises(pebble.APIError, match="cannot find notice") as caught:
        client.get_notice("99")
    assert caught.value.code == 404


def test_signals(client):
    client.add_layer("one", LAYER)
    client.replan_services()
    client.send_signal("SIGHUP", ["web"])
    with pytest.raises(pebble.APIError, match="service is not running"):
        client.send_signal("SIGHUP", ["job"])


def test_what_is_not_simulated_is_refused(client):
    with pytest.raises(pebble.APIError, match="not simulated") as caught:
        client.get_identities()
    assert caught.value.code == 501
    with pytest.raises(pebble.APIError, match="invalid API endpoint") as caught:
        client._request("GET", "/v1/nix")
    assert caught.value.code == 404
    with pytest.raises(pebble.APIError, match="'nix' is unsupported"):
        client._request("POST", "/v1/services", body={"action": "nix", "services": ["a"]})


def test_a_fault_breaks_the_connection(client, engine):
    def broken(_):
        raise pebble.ConnectionError("injected")

    engine.interrupt = broken
    # The first request meets a connection that breaks, what follows finds no socket.
    with pytest.raises(OSError, match="closed connection"):
        client.get_system_info()
    with pytest.raises(pebble.ConnectionError, match="socket not found"):
        client.push("/x", "")


def test_a_hook_that_is_killed_at_a_request(client, engine, life):
    def killed(_):
        raise jujusim.Killed("now")

    engine.interrupt = killed
    with pytest.raises(OSError, match="closed connection"):
        client.get_system_info()
    assert isinstance(life.error, jujusim.Killed)
