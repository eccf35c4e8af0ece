# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The sentences in which argparse refuses a command line, in the words of the other refusals."""

import re

# What argparse says (Python 3.10 to 3.14; it varies in quotes), and what is said instead.
_SENTENCES = (
    (r"argument (.+?): expected (?:one|at least one|\d+) arguments?", r"\1 needs a value"),
    (r"argument (.+?): ignored explicit argument '?(.*?)'?", r"\1 takes no value"),
    (r"argument (.+?): invalid int value: '(.*)'", r"\1: '\2' is no whole number"),
    (
        r"argument VERB: invalid choice: '(.*?)' \(choose from (.*)\)",
        r"there is no command '\1'; there are \2",
    ),
    (r"argument (.+?): invalid choice: '?(.*?)'? \(choose from (.*)\)", r"\1: '\2' is none of \3"),
    (r"argument (.+?): not allowed with argument (.+)", r"\1 does not go with \2"),
    (r"argument (.+?): (.*)", r"\1: \2"),
    (r"the following arguments are required: (.*)", r"\1 must be given"),
    (r"one of the arguments (.*) is required", r"one of these must be given: \1"),
    (r"unrecognized arguments: (.*)", r"nothing is known of \1"),
)


def plain(message: str) -> str:
    """Return a message of argparse as a sentence of this tool."""
    for pattern, words in _SENTENCES:
        match = re.fullmatch(pattern, message, re.DOTALL)
        if match:
            return _unquoted(match.expand(words), "none of ", "there are ")
    return message


def _unquoted(sentence: str, *beginnings: str) -> str:
    """Return a sentence without the quotes round the items of its list."""
    for beginning in beginnings:
        head, found, items = sentence.partition(beginning)
        if found:
            return head + found + re.sub(r"'([^',]*)'", r"\1", items)
    return sentence
