"""A gate on loopback before a server: what is asked passes at once, what is answered waits while the gate is shut."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

PATIENCE_SECONDS = 60
PIECE = 65_536


class Gate:
    """Listens on a port of its own (`url`) and passes everything on to the server at `port`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.came = 0  # connections on which something was asked
        self._is_open = threading.Event()
        self._is_open.set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.own_port = int(self._listening.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.own_port}"
        self._in_thread(self._accept, self._listening)

    def shut(self) -> None:
        """Keep answers back from now on."""
        self._is_open.clear()

    def open(self) -> None:
        """Let every answer go."""
        self._is_open.set()

    def die(self) -> None:
        """Refuse every connection from now on, as a server does that is gone."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def revive(self) -> None:
        """Listen again where it did."""
        self._listening = socket.create_server(("127.0.0.1", self.own_port))
        self._in_thread(self._accept, self._listening)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                visitor, _ = listening.accept()
            except OSError:  # it has died
                return
            server = socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS)
            self._in_thread(self._ask, visitor, server)
            self._in_thread(self._answer, server, visitor)

    def _ask(self, visitor: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            piece = visitor.recv(PIECE)
            self.came += bool(piece)
            while piece:
                server.sendall(piece)
                piece = visitor.recv(PIECE)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _answer(self, server: socket.socket, visitor: socket.socket) -> None:
        with suppress(OSError), server, visitor:
            while piece := server.recv(PIECE):
                self._is_open.wait(PATIENCE_SECONDS)
                visitor.sendall(piece)

    @staticmethod
    def _in_thread(run: Callable[..., None], *with_what: socket.socket) -> None:
        threading.Thread(target=run, args=with_what, daemon=True).start()
