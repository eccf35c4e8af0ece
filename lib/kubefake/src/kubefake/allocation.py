"""What only one object of a cluster can have."""

from collections.abc import Collection
from typing import Protocol


class Allocator(Protocol):
    """Gives out what is unique in a cluster."""

    def address(self) -> str:
        """Return a cluster IP that no Service has."""
        ...

    def port(self, beside: Collection[int]) -> int:
        """Return a node port that no Service has, and none of those beside it."""
        ...

    def uid(self) -> str:
        """Return a new uid."""
        ...
