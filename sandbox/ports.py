"""Taking a port on loopback, and serving a WSGI application on it."""

import socket
import threading
from wsgiref.types import WSGIApplication

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

HOST = "127.0.0.1"
_LOOKS_UP_SECONDS = 0.02  # how soon a server notices that it shall stop


class PortTaken(Exception):
    """Somebody else listens on the port. The text is a sentence for the person who started the sandbox."""


def take(port: int, purpose: str) -> socket.socket:
    """Return a socket bound to `port` of 127.0.0.1 (0: any free one). Raises PortTaken."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((HOST, port))
        taken.listen(128)
    except OSError as problem:
        taken.close()
        raise PortTaken(f"Port {port} cannot be used for {purpose}: {problem.strerror}.") from problem
    return taken


def number(taken: socket.socket) -> int:
    """Return the port number of a bound socket."""
    port: int = taken.getsockname()[1]
    return port


class _QuietHandler(WSGIRequestHandler):
    """No access log, and one request per connection: nothing is left open when the server stops."""

    protocol_version = "HTTP/1.0"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


class WebServer:
    """Serves `app` on an already bound socket with one thread per request."""

    def __init__(self, taken: socket.socket, app: WSGIApplication, name: str) -> None:
        self._socket = taken
        self._server: BaseWSGIServer = make_server(
            HOST, number(taken), app, threaded=True, request_handler=_QuietHandler, fd=taken.fileno()
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_LOOKS_UP_SECONDS,), name=name, daemon=True
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop taking requests and give the port back."""
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()
        self._socket.close()
