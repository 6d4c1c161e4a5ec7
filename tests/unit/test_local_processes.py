"""Programs are started, watched and ended; a dead one is named with the end of its log."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrator.local.processes import Program, ProgramFailed, Supervisor, answers_http, free_port, listens

SERVER = """
import signal, sys, http.server
name, port, journal = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def end(*_):
    open(journal, "a").write(name + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "w").write("deaf")
signal.pause()
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    with Supervisor(tmp_path / "log") as supervisor:
        yield supervisor


def server(name: str, journal: Path, port: int) -> Program:
    command = [sys.executable, "-c", SERVER, name, str(port), str(journal)]
    return Program(name=name, command=command, ready=lambda: listens(port))


def script(name: str, text: str) -> Program:
    return Program(name=name, command=[sys.executable, "-c", text], ready=lambda: False)


def test_programs_end_in_reverse_order(tmp_path: Path) -> None:
    journal, ports = tmp_path / "journal", [free_port(), free_port()]
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(server("first", journal, ports[0]))
        supervisor.start(server("second", journal, ports[1]))
        assert all(answers_http(f"http://127.0.0.1:{port}/") for port in ports)
    assert journal.read_text().split() == ["second", "first"]
    assert not any(listens(port) for port in ports)


def test_a_program_that_dies_while_starting_is_named_with_the_end_of_its_log(supervisor: Supervisor) -> None:
    text = "import sys; print('one'); print('the port is taken'); sys.exit(3)"
    with pytest.raises(
        ProgramFailed, match=r"(?s)worker ended by itself \(exit code 3\).*worker\.log.*the port is taken"
    ):
        supervisor.start(script("worker", text))


def test_a_program_that_never_answers_is_given_up(supervisor: Supervisor) -> None:
    with pytest.raises(ProgramFailed, match="web did not answer within 0 seconds"):
        supervisor.start(script("web", "import signal; signal.pause()"), timeout=0.3)


def test_a_program_that_dies_later_ends_the_watch(supervisor: Supervisor, tmp_path: Path) -> None:
    port = free_port()
    pid = supervisor.start(server("simulator", tmp_path / "journal", port))
    os.kill(pid, 9)
    with pytest.raises(ProgramFailed, match=r"simulator ended by itself \(signal SIGKILL\)"):
        supervisor.watch()


def test_the_watch_ends_when_it_is_told_so(supervisor: Supervisor, tmp_path: Path) -> None:
    port, looks = free_port(), iter([False, True])
    supervisor.start(server("simulator", tmp_path / "journal", port))
    supervisor.watch(until=lambda: next(looks))
    assert listens(port)


def test_a_program_deaf_to_the_polite_request_is_ended_by_force(tmp_path: Path) -> None:
    deaf = tmp_path / "deaf"
    with Supervisor(tmp_path) as supervisor:
        program = Program(
            name="stubborn", command=[sys.executable, "-c", STUBBORN, str(deaf)], ready=deaf.exists, grace=0.2
        )
        pid = supervisor.start(program)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_program_gets_the_environment_and_folder_it_was_given(supervisor: Supervisor, tmp_path: Path) -> None:
    told = tmp_path / "told"
    text = "import os, signal; open('told', 'w').write(os.environ['REDIS_URL']); signal.pause()"
    supervisor.start(
        Program(
            name="web",
            command=[sys.executable, "-c", text],
            environment={"REDIS_URL": "redis://127.0.0.1:1/0"},
            folder=tmp_path,
            ready=lambda: told.exists() and told.read_text() != "",
        )
    )
    assert told.read_text() == "redis://127.0.0.1:1/0"
