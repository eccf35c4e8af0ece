# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Expressions in the Common Expression Language, as far as rules of schemas use them.

https://github.com/google/cel-spec; with the optional values and the string and list functions that
Kubernetes adds. There is no type checker, and times, quantities, addresses and captures of regular
expressions are not known: an expression that calls them is refused when it is compiled.
"""

import functools
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from . import evaluation
from .evaluation import FUNCTIONS, METHODS, OPERATORS, TYPES, CelError, Node, Scope


class Expression(NamedTuple):
    """A compiled expression: its text, outermost operation, and the variables that it reads."""

    text: str
    root: Node
    names: frozenset[str]

    def evaluate(self, scope: Scope) -> Any:
        """Return the expression's value.

        Raises:
            CelError: A field is absent, or a value has a type that an operation does not take.
        """
        return evaluation.evaluate(self.root, scope)


@functools.lru_cache(maxsize=1024)
def compile_text(text: str) -> Expression:
    """Compile an expression.

    Raises:
        CelError: It cannot be read, or it calls a function that is not known.
    """
    parser = _Parser(text)
    return Expression(text, parser.expression(), frozenset(parser.names))


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+\.\d+(?:[eE][+-]?\d+)?|0x[0-9a-fA-F]+u?|\d+u?)
    | (?P<text>[rR]?(?:
          \"{3}(?s:.*?)\"{3} | '{3}(?s:.*?)'{3} | '(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*"
      ))
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>&&|\|\||==|!=|<=|>=|\.\?|\[\?|[-+*/%<>!?:.,()\[\]{}])
    )""",
    re.VERBOSE,
)
_LEVELS = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"), ("*", "/", "%"))
_CONSTANTS = {"true": True, "false": False, "null": None}
_MACROS = {"all", "exists", "exists_one", "filter", "map", "optMap"}


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise CelError(f"Syntax error: token recognition error at: '{text[position:end]}'")
        found.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


class _Parser:
    """Reads one expression, by precedence."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._bound: list[str] = []
        self.names: set[str] = set()

    def expression(self) -> Node:
        """Read all of the text."""
        found = self._ternary()
        if self._peek():
            raise CelError(f"Syntax error: extraneous input '{self._peek()}'")
        return found

    def _peek(self, ahead: int = 0) -> str:
        """Return the next word, or one after it; empty at the end."""
        place = self._at + ahead
        return self._tokens[place][1] if place < len(self._tokens) else ""

    def _next(self) -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise CelError("Syntax error: unexpected end of the expression")
        self._at += 1
        return self._tokens[self._at - 1]

    def _takes(self, *signs: str) -> str:
        """Return the next word and step over it if it is one of these; empty otherwise."""
        found = self._peek() if self._peek() in signs else ""
        self._at += bool(found)
        return found

    def _expect(self, sign: str) -> None:
        kind, word = self._next()
        if kind == "text" or word != sign:
            raise CelError(f"Syntax error: '{word}' where '{sign}' is expected")

    def _ternary(self) -> Node:
        condition = self._binary(0)
        if not self._takes("?"):
            return condition
        then = self._binary(0)
        self._expect(":")
        return ("if", condition, then, self._ternary())

    def _binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while sign := self._takes(*_LEVELS[level]):
            kind = ("call", OPERATORS[sign]) if sign in OPERATORS else ("either", sign == "||")
            left = (*kind, left, self._binary(level + 1))
        return left

    def _unary(self) -> Node:
        sign = self._takes("!", "-")
        if not sign:
            return self._member()
        return ("call", operator.not_ if sign == "!" else operator.neg, self._unary())

    def _member(self) -> Node:
        found: Node = self._primary()
        while sign := self._takes(".", ".?", "[", "[?"):
            if sign == "." and self._peek(1) == "(":
                found = self._method(found, self._next()[1])
                continue
            if sign[0] == ".":
                key: Node = ("constant", _unescaped(self._next()[1]))
            else:
                key = self._ternary()
                self._expect("]")
            found = ("call", evaluation.maybe if sign[1:] else evaluation.at, found, key)
        return found

    def _primary(self) -> Node:
        kind, word = self._next()
        if kind == "number":
            return ("constant", float(word) if "." in word else int(word.rstrip("u"), 0))
        if kind == "text":
            return ("constant", _text(word))
        if kind == "name":
            return self._named(word)
        if word == "(":
            found = self._ternary()
            self._expect(")")
            return found
        if word in {"[", "{"}:
            made = evaluation.listed if word == "[" else evaluation.mapped
            return ("call", made, *self._arguments("]" if word == "[" else "}"))
        raise CelError(f"Syntax error: '{word}' where a value is expected")

    def _named(self, word: str) -> Node:
        if word in _CONSTANTS:
            return ("constant", _CONSTANTS[word])
        if self._takes("("):
            return self._function(word)
        if word in TYPES and word not in self._bound:
            return ("constant", TYPES[word])
        if word not in self._bound:
            self.names.add(word)
        return ("name", word)

    def _function(self, name: str) -> Node:
        found = self._arguments(")")
        if name == "has":
            if len(found) != 1 or found[0][:2] != ("call", evaluation.at):
                raise CelError("invalid argument to has() macro")
            return ("call", evaluation.has, *found[0][2:])
        return ("call", _known(FUNCTIONS, name), *found)

    def _method(self, owner: Node, name: str) -> Node:
        self._expect("(")
        if owner == ("name", "optional") and name in {"of", "none"}:
            self.names.discard("optional")
            return ("call", evaluation.optional, *self._arguments(")"))
        if name in _MACROS:
            return self._macro(owner, name)
        return ("call", _known(METHODS, name), owner, *self._arguments(")"))

    def _macro(self, owner: Node, name: str) -> Node:
        variable = self._next()[1]
        self._expect(",")
        self._bound.append(variable)
        body = self._arguments(")")
        self._bound.pop()
        if not body:
            raise CelError(f"Syntax error: {name}() without an expression")
        return ("macro", name, owner, variable, *body)

    def _arguments(self, end: str) -> list[Node]:
        """Read what stands up to a bracket: values, or a map's keys and values in turn."""
        found: list[Node] = []
        while not self._takes(end):
            found.append(self._ternary())
            if end == "}":
                self._expect(":")
                found.append(self._ternary())
            if not self._takes(",") and self._peek() != end:
                raise CelError(f"Syntax error: '{self._peek()}' where '{end}' is expected")
        return found


def _known(functions: Mapping[str, Callable[..., Any]], name: str) -> Callable[..., Any]:
    if name not in functions:
        raise CelError(f"undeclared reference to '{name}' (in container '')")
    return functions[name]


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def _text(word: str) -> str:
    raw = word[0] in "rR"
    word = word[raw:]
    width = 3 if word[:3] in {"'''", '"""'} else 1
    text = word[width:-width]
    return text if raw else re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text)


_UNESCAPED = {"__dot__": ".", "__dash__": "-", "__slash__": "/", "__underscores__": "__"}
_KEYWORD = re.compile(r"__([a-z]+)__")


def _unescaped(name: str) -> str:
    """Return the field that an identifier stands for: `a__dash__b` is `a-b`."""
    for escape, character in _UNESCAPED.items():
        name = name.replace(escape, character)
    keyword = _KEYWORD.fullmatch(name)
    return keyword[1] if keyword else name
