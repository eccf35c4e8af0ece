"""What only one object of a cluster can have."""

from typing import Protocol


class Allocator(Protocol):
    """Gives out what is unique in a cluster."""

    def address(self) -> str:
        """Return a cluster IP that no Service has."""
        ...

    def port(self) -> int:
        """Return a node port that no Service has."""
        ...

    def uid(self) -> str:
        """Return a new uid."""
        ...
