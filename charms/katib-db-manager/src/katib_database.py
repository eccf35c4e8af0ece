"""What Katib's database manager reads from its environment.

Source: pkg/db/v1beta1 of github.com/kubeflow/katib, v0.19.0. A variable that is missing has a
default there, such as the host katib-mysql: either all are set or the program does not run.
"""

from __future__ import annotations

PORT = 6789
DATABASE = "katib"
_MYSQL_PORT = "3306"


def environment(endpoints: str, database: str, user: str, password: str) -> dict[str, str]:
    """Return the program's environment.

    Args:
        endpoints: `host:port` of the database's primary, or a list of them, separated by commas.
        database: the database's name.
        user: who has rights on it.
        password: their password.
    """
    # One is the primary, whichever address of several it has; a name may end with a dot.
    host, _, port = endpoints.split(",")[0].strip().partition(":")
    return {
        # The kind of database, despite the name.
        "DB_NAME": "mysql",
        "DB_USER": user,
        "DB_PASSWORD": password,
        "KATIB_MYSQL_DB_HOST": host,
        "KATIB_MYSQL_DB_PORT": port or _MYSQL_PORT,
        "KATIB_MYSQL_DB_DATABASE": database,
    }
