"""Start programs, wait until they answer, notice when one dies, end them in reverse order."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

LOOPBACK = "127.0.0.1"
_POLL = 0.1
"""Seconds between two looks at a program."""
_TAIL_LINES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One program to run. `ready` says whether it answers already; it is asked until it does."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool] = field(default=lambda: True)
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beside what this process has."""
    folder: Path | None = None
    """Where it runs; None: where this process does."""
    grace: float = 25.0
    """Seconds between the polite request to end and the end by force. Longer than a slice of a worker."""
    polite: int = signal.SIGTERM
    """The signal that asks it to end."""
    user: str | None = None
    """Run as this user (only root can)."""


class ProgramFailed(RuntimeError):
    """A program ended by itself or never answered. The message names it, the reason and the end of its log."""

    def __init__(self, name: str, reason: str, log: Path) -> None:
        self.name = name
        self.log = log
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:] if log.exists() else []
        tail = "".join(f"\n    {line}" for line in lines)
        super().__init__(f"{name} {reason}. The end of {log}:{tail or ' (empty)'}")


@dataclass(slots=True)
class _Running:
    program: Program
    process: subprocess.Popen[bytes]
    log: Path


class Supervisor:
    """A row of running programs. Use it as a context manager: whatever happens inside, all of them are ended."""

    def __init__(self, log_folder: Path) -> None:
        self.log_folder = log_folder
        self._running: list[_Running] = []

    def __enter__(self) -> Self:
        self.log_folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, program: Program, timeout: float = 60.0) -> int:
        """Start it and wait until it answers. Returns its process id. Raises ProgramFailed."""
        return self.start_all([program], timeout)[0]

    def start_all(self, programs: Sequence[Program], timeout: float = 60.0) -> list[int]:
        """Start programs that do not need each other, side by side, and wait until all of them answer. Returns their
        process ids. Raises ProgramFailed."""
        deadline = time.monotonic() + timeout
        started = [self._launch(program) for program in programs]
        for running in started:
            while not running.program.ready():
                self.check()
                if time.monotonic() > deadline:
                    raise ProgramFailed(
                        running.program.name, f"did not answer within {timeout:.0f} seconds", running.log
                    )
                time.sleep(_POLL)
        self.check()
        return [running.process.pid for running in started]

    def _launch(self, program: Program) -> _Running:
        log = self.log_folder / f"{program.name}.log"
        with log.open("wb") as sink:
            # A session of its own: Ctrl-C in the terminal reaches us alone, and we end the others one by one.
            process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env={**os.environ, **program.environment},
                cwd=program.folder,
                start_new_session=True,
                user=program.user,
            )
        self._running.append(_Running(program, process, log))
        return self._running[-1]

    def check(self) -> None:
        """Raises ProgramFailed when one of the programs has ended."""
        for running in self._running:
            code = running.process.poll()
            if code is not None:
                raise ProgramFailed(running.program.name, f"ended by itself ({_how(code)})", running.log)

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Return when `until` says so. Raises ProgramFailed when a program ends before, KeyboardInterrupt on Ctrl-C."""
        while not until():
            self.check()
            time.sleep(_POLL)

    def stop(self) -> None:
        """End all, the youngest first. A program that does not end within its grace is ended by force."""
        while self._running:
            running = self._running.pop()
            _end(running.process, running.program)


def _how(code: int) -> str:
    if code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


def _end(process: subprocess.Popen[bytes], program: Program) -> None:
    if process.poll() is not None:
        return
    process.send_signal(program.polite)
    try:
        process.wait(program.grace)
    except subprocess.TimeoutExpired:
        # It leads a session of its own, so its children go with it.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether something accepts connections on this port of the loopback interface."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def answers_http(url: str) -> bool:
    """Whether a server answers at this address, with whatever status but a server error."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, TimeoutError):
        return False
