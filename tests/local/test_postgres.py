"""The embedded PostgreSQL: real servers in real folders."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tenants.local import account, cluster
from tenants.local.errors import LocalError, require_space
from tenants.local.postgres import EmbeddedPostgres

from .conftest import AS_ROOT, PROJECT, Person, ask, processes_about, tell, wait_for

USE = """
import sys
from pathlib import Path
from tenants.local.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start()
print(server.url("meander", "meander_owner"), flush=True)
sys.stdin.read()
server.stop()
"""


def another_user(folder: Path) -> subprocess.Popen[str]:
    """Another process that uses the server until its standard input is closed."""
    return subprocess.Popen(
        [sys.executable, "-c", USE, str(folder)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def server_pid(folder: Path) -> int:
    pid = cluster.ready_pid(cluster.place(folder))
    assert pid is not None
    return pid


def keeper_pid(folder: Path) -> int:
    kept = EmbeddedPostgres(folder)._kept()
    assert kept is not None
    return int(kept["keeper_pid"])


def test_an_ordinary_user_runs_it_in_a_closed_home_with_a_space_in_its_path(person: Person) -> None:
    before = person.closed_folders()
    folder = person.checkout / "var" / "postgres"
    process = person.start(USE, folder)
    assert process.stdout and process.stdin and process.stderr
    url = process.stdout.readline().strip()
    assert url.startswith("postgres://meander_owner@/meander?host=/tmp/"), process.stderr.read()
    socket = Path(url.rpartition("=")[2])
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert socket.stat().st_uid == person.uid
    assert ask(url, "SELECT current_user::text") == "meander_owner"
    assert all(process.uids().real == person.uid for process in processes_about(folder))
    process.stdin.close()
    assert process.wait(30) == 0
    assert person.closed_folders() == before
    wait_for(lambda: not processes_about(folder))
    assert not socket.exists()


@pytest.mark.skipif(not AS_ROOT, reason="only root runs PostgreSQL as another user")
def test_root_runs_it_as_a_system_user_and_opens_no_folder(folder: Path) -> None:
    folder.parent.mkdir(mode=0o700)
    above = {each: stat.S_IMODE(each.stat().st_mode) for each in folder.parents}
    with EmbeddedPostgres(folder, durable=False) as server:
        running = {process.username() for process in processes_about(f"-D {server.data}")}
        assert running == {account.SYSTEM_USER}
        # The checkout is closed to that user, so the data lies elsewhere and a pointer tells where.
        assert server.data.parent == account.SYSTEM_FOLDER
        assert (folder / "location").read_text().strip() == str(server.data)
        assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
        assert ask(server.url("meander", "meander_owner"), "SELECT 1") == 1
    assert {each: stat.S_IMODE(each.stat().st_mode) for each in folder.parents} == above


@pytest.mark.skipif(not AS_ROOT, reason="only as root the data may lie outside the checkout")
def test_a_copied_checkout_does_not_use_the_data_of_its_original_but_a_moved_one_does(folder: Path) -> None:
    folder.parent.mkdir(mode=0o700)
    with EmbeddedPostgres(folder, durable=False) as server:
        tell(server.url("meander", "meander_owner"), "CREATE TABLE mine ()")
    copied, moved = folder.with_name("copied"), folder.with_name("moved")
    shutil.copytree(folder, copied)
    with pytest.raises(LocalError, match=f"is that of {folder}, of which it is a copy"):
        EmbeddedPostgres(copied).start()
    folder.rename(moved)
    with EmbeddedPostgres(moved, durable=False) as server:
        assert ask(server.url("meander", "meander_owner"), "SELECT count(*) FROM mine") == 0
    EmbeddedPostgres(moved).remove()


@pytest.mark.skipif(not AS_ROOT, reason="only root can act for another user")
def test_root_works_on_the_data_of_an_ordinary_user_and_leaves_it_usable(person: Person) -> None:
    folder = person.checkout / "var" / "shared"
    for _turn in range(2):
        process = person.start(USE, folder)
        assert process.stdout and process.stdin and process.stderr
        assert process.stdout.readline().startswith("postgres://"), process.stderr.read()
        process.stdin.close()
        assert process.wait(30) == 0
        with EmbeddedPostgres(folder, durable=False) as server:
            assert ask(server.url("meander", "meander_owner"), "SELECT 1") == 1
            assert server.data.stat().st_uid == person.uid
    assert {path.stat().st_uid for path in folder.rglob("*")} == {person.uid}


def test_the_owner_may_make_roles_and_databases_but_is_no_superuser(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False) as server:
        owner = server.url("meander", "meander_owner")
        tell(owner, "CREATE ROLE somebody NOLOGIN", "CREATE DATABASE test_meander")
        assert ask(owner, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert ask(owner, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'meander'") == (
            "meander_owner"
        )
        assert ask(server.superuser_url("postgres"), "SELECT current_user::text") == "postgres"


def test_the_server_is_set_up_as_the_application_expects(folder: Path) -> None:
    expected = {
        "listen_addresses": "",
        "max_connections": "200",
        "max_locks_per_transaction": "256",
        "idle_in_transaction_session_timeout": "5min",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    with EmbeddedPostgres(folder, durable=False) as server:
        url = server.url("meander", "meander_owner")
        assert {name: ask(url, f"SHOW {name}") for name in expected} == expected
        locale = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'meander'"
        assert ask(url, locale) == "bC.UTF-8"
        assert ask(url, "SELECT lower('ÆØÅ')") == "æøå"
        assert int(str(ask(url, "SHOW server_version_num"))) // 10_000 == 18
    with EmbeddedPostgres(folder) as server:
        assert ask(server.url("meander", "meander_owner"), "SHOW fsync") == "on"


def test_two_starters_share_one_server_and_the_last_to_leave_stops_it(folder: Path) -> None:
    first = EmbeddedPostgres(folder, durable=False)
    first.start()
    first.start()
    pid = server_pid(folder)
    second = another_user(folder)
    assert second.stdout and second.stdin
    url = second.stdout.readline().strip()
    assert url == first.url("meander", "meander_owner")
    first.stop()
    assert ask(url, "SELECT 1") == 1
    assert server_pid(folder) == pid
    second.stdin.close()
    assert second.wait(30) == 0
    wait_for(lambda: not processes_about(folder))


def test_four_that_start_at_the_same_moment_get_the_same_server(folder: Path) -> None:
    users = [another_user(folder) for _number in range(4)]
    urls = {user.stdout.readline().strip() for user in users if user.stdout}
    assert len(urls) == 1
    assert len([process for process in processes_about(folder) if "keeper.py" in process.cmdline()[2]]) == 1
    for user in users:
        assert user.stdin
        user.stdin.close()
    assert {user.wait(30) for user in users} == {0}
    wait_for(lambda: not processes_about(folder))


def test_a_user_that_was_killed_is_not_counted_for_ever(folder: Path) -> None:
    user = another_user(folder)
    assert user.stdout
    user.stdout.readline()
    user.kill()
    user.wait()
    wait_for(lambda: not processes_about(folder))


def test_a_killed_server_comes_back_with_everything_that_was_committed(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        url = server.url("meander", "meander_owner")
        tell(url, "CREATE TABLE note (text text)", "INSERT INTO note VALUES ('kept')")
        killed = server_pid(folder)
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: not server.is_running())
        server.start()
        assert server_pid(folder) != killed
        assert server.url("meander", "meander_owner") == url
        assert ask(url, "SELECT text FROM note") == "kept"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the server is stopped by the next start")
def test_a_server_whose_keeper_was_killed_stops_by_itself(folder: Path) -> None:
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    os.kill(keeper_pid(folder), signal.SIGKILL)
    wait_for(lambda: not processes_about(f"-D {server.data}"))
    server.start()
    assert ask(server.url("meander", "meander_owner"), "SELECT 1") == 1
    server.stop()


def test_a_pid_file_whose_number_now_belongs_to_another_program_does_not_hinder(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        pid_file = server.data / "postmaster.pid"
        left_behind = pid_file.read_text()
        owner = server.data.stat()
    # As after a power cut, when somebody else got the number: here a program of the same user.
    options = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if AS_ROOT else {}
    stranger = subprocess.Popen(["/bin/sleep", "60"], cwd="/", **options)  # type: ignore[call-overload]
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *left_behind.split("\n")[1:]]))
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        with EmbeddedPostgres(folder) as server:
            assert ask(server.url("meander", "meander_owner"), "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_unfinished_new_cluster_is_begun_again(folder: Path) -> None:
    folder.mkdir(parents=True)
    remains = folder / ".new-data"
    remains.mkdir()
    (remains / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(folder, durable=False) as server:
        assert ask(server.url("meander", "meander_owner"), "SELECT 1") == 1


def test_the_data_folder_of_another_version_is_refused_in_one_sentence(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False) as server:
        version = server.data / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(LocalError, match=r"made by PostgreSQL 17 and this is PostgreSQL 18") as refused:
        EmbeddedPostgres(folder).start()
    assert "\n" not in str(refused.value)
    wait_for(lambda: not processes_about(folder))


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    letter = folder / "data" / "letter.txt"
    letter.write_text("dear")
    folder.chmod(0o755)
    (folder / "data").chmod(0o755)
    with pytest.raises(LocalError, match="is not a data folder of PostgreSQL"):
        cluster.check_version(folder / "data", 18)
    assert letter.read_text() == "dear"


def test_a_database_in_use_is_not_deleted(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False) as server:
        with pytest.raises(LocalError, match="in use"):
            EmbeddedPostgres(folder).remove()
        assert ask(server.url("meander", "meander_owner"), "SELECT 1") == 1


def test_too_little_space_is_said_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(
        LocalError, match=r"Not enough disk space for a new database: .* 1000000000000 MB are needed"
    ):
        require_space(tmp_path / "not" / "there", 10**12, "a new database")
    assert not (tmp_path / "not").exists()


def test_a_stop_ends_open_connections_and_takes_little_time(folder: Path) -> None:
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    connection = psycopg.connect(server.url("meander", "meander_owner"))
    connection.execute("SELECT 1")
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 10
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()
