# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Every hook tool that a packed charm calls, under its own name.

State lies in one file beside it, calls in another.

A charm's test runs this outside the charm, with an interpreter and nothing else.
"""

import json
import os
import sys

# Started a dozen times in each hook: nothing is imported that takes its time.
FOLDER, NAME = os.path.split(sys.argv[0])
STATE = os.path.join(FOLDER, "state.json")  # noqa: PTH118


def read(path):
    with open(path) as file:  # noqa: PTH123
        return file.read()


def option(arguments, name):
    return arguments[arguments.index(name) + 1] if name in arguments else None


def words(arguments):
    """The arguments that are no options; all options here are written --name=value or take one."""
    found, skip = [], False
    for argument in arguments:
        if skip:
            skip = False
        elif argument in ("-r", "--label", "--owner", "--file", "--description", "--relation"):
            skip = True
        elif argument == "-" or not argument.startswith("-"):
            found.append(argument)
    return found


def relation_get(state, arguments):
    unit = words(arguments)[-1]
    bag = "app" if "--app" in arguments else unit
    return state["databags"].get(bag, {})


def relation_set(state, arguments):
    bag = "app" if "--app" in arguments else state["unit"]
    changed = {**state["databags"].get(bag, {}), **json.load(sys.stdin)}
    state["databags"][bag] = {key: value for key, value in changed.items() if value != ""}


def secret_add(state, arguments):
    content = dict(word.split("=", 1) for word in words(arguments))
    values = {
        key.removesuffix("#file"): read(value) if key.endswith("#file") else value
        for key, value in content.items()
    }
    identifier = f"secret:{len(state['secrets']) + 1:020d}"
    state["secrets"][identifier] = {
        "label": option(arguments, "--label"),
        "content": values,
    }
    return identifier


def secret_of(state, arguments):
    label = option(arguments, "--label")
    wanted = words(arguments)
    for identifier, secret in state["secrets"].items():
        if identifier in wanted or (label and secret["label"] == label):
            return identifier, secret
    sys.exit("ERROR secret not found")


def secret_get(state, arguments):
    return secret_of(state, arguments)[1]["content"]


def secret_info_get(state, arguments):
    identifier, secret = secret_of(state, arguments)
    about = {"revision": 1, "label": secret["label"], "owner": "application", "rotation": "never"}
    return {identifier.removeprefix("secret:"): about}


def status_set(state, arguments):
    kind = "app-status" if "--application=True" in arguments else "status"
    state[kind] = words(arguments)


def status_get(state, arguments):
    status, message = ([*state.get("status", []), "unknown", ""])[:2]
    return {"status": status, "message": message, "status-data": {}}


def action_set(state, arguments):
    state["results"] = dict(word.split("=", 1) for word in arguments)


def action_fail(state, arguments):
    state["failed"] = arguments


def nothing(*_):
    return None


def network_get(*_):
    address = {"hostname": "", "value": "10.1.0.5"}
    return {
        "bind-addresses": [{"interface-name": "eth0", "addresses": [address]}],
        "egress-subnets": ["10.1.0.5/32"],
        "ingress-addresses": ["10.1.0.5"],
    }


def goal_state(state, _):
    since = {"since": "2026-01-02T03:04:05Z"}
    units = {name: {**goal, **since} for name, goal in state["planned"].items()}
    return {"units": units, "relations": {}}


def ports(state, arguments):
    state["ports"] = sorted({*state["ports"], *words(arguments)})


ANSWERS = {
    "config-get": lambda state, _: state["config"],
    "is-leader": lambda state, _: state["leader"],
    "relation-ids": lambda state, words: [f"{words[0]}:0"] if words[0] in state["peers"] else [],
    "relation-list": lambda state, arguments: (
        state["unit"].split("/")[0] if "--app" in arguments else []
    ),
    "relation-get": relation_get,
    "relation-set": relation_set,
    "secret-add": secret_add,
    "secret-get": secret_get,
    "secret-info-get": secret_info_get,
    "secret-ids": lambda state, _: list(state["secrets"]),
    "status-get": status_get,
    "status-set": status_set,
    "opened-ports": lambda state, _: state["ports"],
    "open-port": ports,
    "action-get": lambda state, _: state["parameters"],
    "action-set": action_set,
    "action-fail": action_fail,
    "goal-state": goal_state,
    "network-get": network_get,
    "storage-list": lambda *_: [],
    "juju-log": nothing,
    "application-version-set": nothing,
}


def main():
    arguments = sys.argv[1:]
    with open(os.path.join(FOLDER, "calls.jsonl"), "a") as calls:  # noqa: PTH118, PTH123
        calls.write(json.dumps([NAME, *arguments]) + "\n")
    state = json.loads(read(STATE))
    answer = ANSWERS[NAME](state, arguments)
    with open(STATE, "w") as file:  # noqa: PTH123
        json.dump(state, file)
    if answer is not None:
        sys.stdout.write(answer if NAME == "secret-add" else json.dumps(answer))


if __name__ == "__main__":
    main()
