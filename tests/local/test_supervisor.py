"""The supervisor of `make run`, with small programs of the test's own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenants.local.errors import LocalError
from tenants.local.supervisor import Program, Supervisor

from .conftest import PROJECT, processes_about, wait_for

# Notes what it gets in the file named by its argument, as does a child it has in its own process group.
PARENT = """
import os, signal, subprocess, sys, time
note = sys.argv[1]
def write(text):
    with open(note, "a") as file:
        file.write(text + "\\n")
def end(number, frame):
    write(sys.argv[2] + " got " + signal.Signals(number).name)
    if "stubborn" not in sys.argv:
        sys.exit(0)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, end)
if sys.argv[2] == "parent":
    helper = subprocess.Popen([sys.executable, __file__, note, "child", "stubborn"])
write(f"{sys.argv[2]} {os.getpid()} runs")
while True:
    time.sleep(0.1)
"""


class Stage:
    """A folder for the programs and their notes, and a supervisor whose lines are kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes = folder / "notes.txt"
        self.notes.touch()
        self.lines: list[str] = []
        self.supervisor = Supervisor(grace=5, first_delay=0.1, output=self.lines.append)

    def program(self, name: str, code: str, *arguments: str) -> Program:
        script = self.folder / f"{name}.py"
        script.write_text(textwrap.dedent(code))
        return Program(
            name,
            [sys.executable, str(script), str(self.notes), *arguments],
            {"PATH": os.environ["PATH"]},
            self.folder,
        )

    def noted(self) -> list[str]:
        return self.notes.read_text().splitlines()

    def has(self, *words: str) -> bool:
        return all(any(word in line for line in self.noted()) for word in words)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.supervisor.stop()
    assert not processes_about(tmp_path)


def test_a_step_runs_to_its_end_and_tells_its_code(stage: Stage) -> None:
    code = "import sys; print('doing it'); sys.exit(3)"
    assert stage.supervisor.run_step(stage.program("step", code)) == 3
    assert stage.lines == ["    step | doing it"]


def test_what_crashes_is_started_again_with_growing_delays(stage: Stage) -> None:
    code = "import sys; open(sys.argv[1], 'a').write('run\\n'); sys.exit(7)"
    stage.supervisor.start(stage.program("crasher", code))
    assert stage.supervisor.watch(until=lambda: len(stage.noted()) == 3, every=0.02)
    delays = [line.rpartition(" in ")[2] for line in stage.lines if "ended with code 7" in line]
    assert delays[:2] == ["0.1 s", "0.2 s"]


def test_a_killed_program_takes_its_own_children_along_and_comes_back(stage: Stage) -> None:
    stage.supervisor.start(stage.program("web", PARENT, "parent"))
    wait_for(lambda: stage.has("parent", "child"))
    pids = {line.split()[0]: int(line.split()[1]) for line in stage.noted()}
    os.kill(pids["parent"], signal.SIGKILL)
    assert stage.supervisor.watch(until=lambda: len(stage.noted()) == 4, every=0.02)
    assert not {process.pid for process in processes_about(stage.folder)} & set(pids.values())


def test_it_gives_up_when_asked_to_and_says_who_crashed(stage: Stage) -> None:
    stage.supervisor.start(stage.program("web", "raise SystemExit(1)"))
    with pytest.raises(LocalError, match="The program web ended 2 times with code 1"):
        stage.supervisor.watch(every=0.02, give_up_after=2)


def test_stopping_signals_the_first_process_alone_and_leaves_nothing(stage: Stage) -> None:
    stage.supervisor.start(stage.program("worker", PARENT, "parent"))
    wait_for(lambda: stage.has("parent", "child"))
    stage.supervisor.stop()
    got = [line for line in stage.noted() if "got" in line]
    assert got == ["parent got SIGTERM"]
    assert not processes_about(stage.folder)


def test_what_does_not_end_in_time_is_killed_with_its_group(stage: Stage) -> None:
    stage.supervisor.grace = 0.5
    stage.supervisor.start(stage.program("worker", PARENT, "parent", "stubborn"))
    wait_for(lambda: stage.has("parent", "child"))
    began = time.monotonic()
    stage.supervisor.stop()
    assert 0.5 <= time.monotonic() - began < 5
    assert stage.noted()[-1] == "parent got SIGTERM"
    assert not processes_about(stage.folder)


def test_a_restart_is_orderly_and_counts_as_no_crash(stage: Stage) -> None:
    stage.supervisor.start(stage.program("worker", PARENT, "parent"))
    wait_for(lambda: stage.has("parent", "child"))
    stage.supervisor.restart("worker")
    assert stage.supervisor.watch(
        until=lambda: sum("parent" in line and "runs" in line for line in stage.noted()) == 2, every=0.02
    )
    assert "parent got SIGTERM" in stage.noted()
    assert stage.supervisor.children["worker"].crashes == 0


# A whole `make run` in small: a "database" that notes when it is stopped, and a program.
WHOLE = """
import sys
from pathlib import Path
from tenants.local.supervisor import Program, Supervisor
script, notes = sys.argv[1:3]
supervisor = Supervisor(grace=float(sys.argv[3]))
supervisor.listen()
import os
supervisor.start(Program("web", [sys.executable, script, notes, "parent", *sys.argv[4:]],
                         dict(os.environ), Path(notes).parent))
supervisor.watch()
supervisor.stop()
with open(notes, "a") as file:
    file.write("database stopped\\n")
"""


def whole(stage: Stage, grace: float, *arguments: str) -> subprocess.Popen[bytes]:
    script = stage.folder / "whole.py"
    script.write_text(WHOLE)
    program = stage.program("web", PARENT)
    started = subprocess.Popen(
        [sys.executable, str(script), program.command[1], str(stage.notes), str(grace), *arguments],
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        # Whoever runs the tests under nohup ignores it, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    )
    wait_for(lambda: stage.has("parent", "child"))
    return started


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_sigterm_and_a_closed_terminal_stop_everything_the_database_last(
    stage: Stage, number: signal.Signals
) -> None:
    running = whole(stage, 5)
    # To the whole group, as a terminal does with Ctrl-C: the programs must not get it from there.
    os.killpg(running.pid, number)
    assert running.wait(20) == 0
    assert stage.noted()[-2:] == ["parent got SIGTERM", "database stopped"]
    assert not any("child got" in line for line in stage.noted())


def test_a_second_ctrl_c_does_not_wait_for_the_stubborn(stage: Stage) -> None:
    running = whole(stage, 60, "stubborn")
    running.send_signal(signal.SIGINT)
    wait_for(lambda: stage.has("parent got SIGTERM"))
    running.send_signal(signal.SIGINT)
    assert running.wait(20) == 0
    assert stage.noted()[-1] == "database stopped"


def test_programs_do_not_outlive_a_killed_supervisor(stage: Stage) -> None:
    running = whole(stage, 1, "stubborn")
    running.kill()
    running.wait()
    wait_for(lambda: not processes_about(stage.folder))
    assert "parent got SIGTERM" in stage.noted()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing ends the child of a killed guard")
def test_a_program_does_not_outlive_its_killed_guard(stage: Stage) -> None:
    stage.supervisor.start(stage.program("web", PARENT, "parent"))
    wait_for(lambda: stage.has("parent", "child"))
    stage.supervisor.children["web"].guard.kill()
    wait_for(lambda: stage.has("parent got SIGTERM"))
    for process in processes_about(stage.folder):
        process.kill()  # the helper, which nobody could tell
