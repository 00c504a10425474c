"""Where the stand-ins are found, and the token that opens them. The launcher waits for this import."""

import socket

HOST = "127.0.0.1"
TOKEN = "1000001:sandbox-no-real-bot-has-this-token"  # noqa: S105 - opens nothing but this sandbox


class PortTaken(Exception):
    """Somebody else listens there."""


def bind(port: int) -> socket.socket:
    """A listening socket; port 0 takes any. Raises PortTaken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()  # whoever was told the port may come before the server is up
    except OSError as exc:
        listener.close()
        raise PortTaken(f"Port {port} is taken: stop what listens there, or choose another --port.") from exc
    return listener
