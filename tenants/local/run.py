"""`make run`: everything on one machine, from an empty folder to a ready site, until Ctrl-C.

    python -m tenants.local.run

What goes wrong is said in one sentence on stderr with exit code 1, and nothing is left running.
Environment: PORT, BIND, DATABASE_URL, WEB_DATABASE_URL, MEANDER_DATA, DEMO (docs/operations-local.md).
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import kept_secrets, server_url
from .errors import NO_SPACE, LocalError, full_disk, is_full, require_space
from .postgres import DATABASE, OWNER, EmbeddedPostgres
from .supervisor import Program, Supervisor, say

PROJECT = Path(__file__).resolve().parents[2]
WEB_ROLE = "meander_web"
READY_SECONDS = 180
CRASHES_BEFORE_READY = 3
POLL_SECONDS = 0.5
LOOK_SECONDS = 10
# Readiness calls a heartbeat stale after 60 s; a new worker gets that and some time to start.
WORKER_PATIENCE_SECONDS = 90
FREE_MEGABYTES = 50
HIGHEST_PORT = 65535

DEMO_ACCOUNTS = """
Demo accounts, password likeperson-demo-2026:
  owner@meander.example    the platform's staff
  admin@nhf.example        and coordinator@, mentor@; the same three at blindeforbundet.example
  both@meander.example     peer mentor in nhf, coordinator in blindeforbundet""".splitlines()


class Run:
    """One `make run`, with the environment it was given."""

    def __init__(self, environment: Mapping[str, str], project: Path = PROJECT) -> None:
        self.given = environment
        self.project = project
        self.data = Path(environment.get("MEANDER_DATA") or project / "var").absolute()
        self.bind = environment.get("BIND") or "127.0.0.1"
        self.port = self._port()
        self.demo = environment.get("DEMO", "1").lower() in ("1", "true", "yes", "on")
        self.supervisor = Supervisor()
        self.database: EmbeddedPostgres | None = None
        self.environment: dict[str, str] = {}
        self._looked = 0.0

    def run(self) -> None:
        """Runs until somebody asks to stop. Raises LocalError."""
        self.supervisor.listen()
        try:
            self.check_port()
            self.environment = self.prepare_data(say)
            self._migrate()
            self._serve()
        except LocalError:
            # A child of ours that got the same Ctrl-C is no news.
            if self.supervisor.stopping:
                return
            if any(NO_SPACE in line for line in self.supervisor.recent):
                raise full_disk(self.data) from None
            raise
        finally:
            self.stop()

    # -- before anything runs

    def _port(self) -> int:
        text = self.given.get("PORT") or "8000"
        if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
            raise LocalError(f"PORT must be a number from 1 to {HIGHEST_PORT} and is {text!r}.")
        return int(text)

    def prepare_data(self, tell: Callable[[str], None] = lambda text: None) -> dict[str, str]:
        """Makes the data folder, its secrets and the database; returns the environment for Django."""
        owner_given = self.given.get("DATABASE_URL")
        if owner_given:
            server_url.check(owner_given)
        try:
            self.data.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        except OSError as error:
            if is_full(error):
                raise full_disk(self.data) from error
            raise LocalError(f"The data folder {self.data} cannot be made: {error.strerror}.") from error
        require_space(self.data, FREE_MEGABYTES, "the data folder")
        if owner_given:
            owner, web = (
                owner_given,
                self.given.get("WEB_DATABASE_URL")
                or server_url.web_url(
                    owner_given, WEB_ROLE, self._secret("web-database-password", kept_secrets.password)
                ),
            )
            tell("Using the database server of DATABASE_URL.")
        else:
            self.database = EmbeddedPostgres(self.data / "postgres")
            tell("Starting PostgreSQL …")
            self.database.start()
            owner, web = self.database.url(DATABASE, OWNER), self.database.url(DATABASE, WEB_ROLE)
        return self._environment(owner, web)

    def check_port(self) -> None:
        """Raises LocalError when the port is taken or not ours to use."""
        family = socket.AF_INET6 if ":" in self.bind else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            # A port whose last connections are just fading away is free.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((self.bind, self.port))
            except PermissionError:
                raise LocalError(
                    f"Port {self.port} is reserved for the administrator: choose one above 1023,"
                    f" for example `make run PORT=8000`."
                ) from None
            except OSError as error:
                if error.errno is None or "in use" not in (error.strerror or ""):
                    raise LocalError(f"The address {self.bind} cannot be used: {error.strerror}.") from None
                raise LocalError(self._taken()) from None
        # Where somebody listens on all addresses, some systems still let us bind one of them.
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.settimeout(1)
            if tried.connect_ex((self._reachable_host(), self.port)) == 0:
                raise LocalError(self._taken())

    def _taken(self) -> str:
        return (
            f"Port {self.port} is taken by another program: end it, or choose another port,"
            f" for example `make run PORT={self.port + 1 if self.port < HIGHEST_PORT else 8000}`."
        )

    def _secret(self, name: str, make: Callable[[], str]) -> str:
        return kept_secrets.kept(self.data, name, make)

    def _environment(self, owner: str, web: str) -> dict[str, str]:
        # libpq's own variables (PGOPTIONS, PGSERVICE …) would change what the addresses say.
        given = {name: value for name, value in self.given.items() if not name.startswith("PG")}
        programs = Path(sys.executable).parent
        return given | {
            "PATH": f"{programs}{os.pathsep}{self.given.get('PATH', os.defpath)}",
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": self.given.get("DJANGO_SETTINGS_MODULE") or "cms.settings.dev",
            "DATABASE_URL": owner,
            "WEB_DATABASE_URL": web,
            "SECRET_KEY": self.given.get("SECRET_KEY")
            or self._secret("secret-key", kept_secrets.django_secret),
            "MEANDER_MASTER_KEYS": self.given.get("MEANDER_MASTER_KEYS")
            or f"local:{self._secret('master-key', kept_secrets.master_key)}",
            "MEANDER_DATA": str(self.data),
            "PORT": str(self.port),
            "BIND": self.bind,
            "DEMO": "1" if self.demo else "0",
            "PLATFORM_HOST": self.given.get("PLATFORM_HOST") or "localhost",
        }

    # -- running

    def _migrate(self) -> None:
        if self.supervisor.stopping:
            return
        commands = ["migrate_fleet", "seed_demo"] if self.demo else ["migrate_fleet"]
        command = [sys.executable, "-m", "tenants.local.commands", *commands]
        say("Preparing the database (the first time takes a while) …")
        code = self.supervisor.run_step(Program("prepare", command, self.environment, self.project))
        if code:
            raise LocalError(
                f"The database could not be prepared ({' and '.join(commands)}, code {code}):"
                " the lines above say why."
            )

    def _serve(self) -> None:
        if self.supervisor.stopping:
            return
        self.check_port()  # somebody may have taken it while we migrated
        for name, line in self._processes().items():
            # The shell fills in the line's variables and then becomes the program.
            self.supervisor.start(
                Program(name, ["/bin/sh", "-c", f"exec {line}"], self.environment, self.project)
            )
        deadline = time.monotonic() + READY_SECONDS
        if self.supervisor.watch(
            until=lambda: self._is_ready() or time.monotonic() > deadline, give_up_after=CRASHES_BEFORE_READY
        ):
            if time.monotonic() > deadline:
                raise LocalError(
                    f"The site was not ready after {READY_SECONDS} seconds:"
                    f" {self._health_address()} says why."
                )
            say(self._welcome())
            self.supervisor.watch(until=self._look_after)

    def _processes(self) -> dict[str, str]:
        """The lines of the Procfile that run for good, so that platforms and `make run` do the same."""
        lines = (self.project / "Procfile").read_text(encoding="utf-8").splitlines()
        named = dict(line.split(":", 1) for line in lines if ":" in line)
        return {name: named[name].strip() for name in ("web", "worker")}

    def _reachable_host(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)  # noqa: S104 - only compared

    def _health_address(self) -> str:
        return f"http://{self._reachable_host()}:{self.port}/health/ready"

    def _health(self) -> tuple[int, dict[str, Any]]:
        """Status and checks of /health/ready; (0, {}) when nobody answers."""
        connection = http.client.HTTPConnection(self._reachable_host(), self.port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            answer = connection.getresponse()
            said = json.loads(answer.read())
            return answer.status, said.get("checks", said)
        except (OSError, http.client.HTTPException, ValueError):
            return 0, {}
        finally:
            connection.close()

    def _is_ready(self) -> bool:
        # Each refusal is a line in the site's log: no more often than is felt.
        now = time.monotonic()
        if now - self._looked < POLL_SECONDS:
            return False
        self._looked = now
        return self._health()[0] == http.HTTPStatus.OK

    def _look_after(self) -> bool:
        """Every few seconds: brings back a database that has died and a worker that only looks alive."""
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return False
        self._looked = now
        if self.database and not self.database.is_running():
            say("PostgreSQL has ended; starting it again …")
            self.database.start()
        worker = self.supervisor.children["worker"]
        stale = self._health()[1].get("worker", {}).get("ok") is False
        if stale and worker.due is None and now - worker.started > WORKER_PATIENCE_SECONDS:
            say("The worker has stopped reporting; restarting it …")
            self.supervisor.restart("worker")
        return False

    def _welcome(self) -> str:
        end = f":{self.port}"
        lines = [
            "",
            f"Meander is ready:  http://localhost{end}/            the platform",
        ]
        if self.demo:
            lines += [
                f"                   http://nhf.localhost{end}/admin/",
                f"                   http://blindeforbundet.localhost{end}/admin/",
            ]
        lines += [f"                   http://localhost{end}/api/docs/   the API"]
        if self.demo:
            lines += DEMO_ACCOUNTS
        return "\n".join([*lines, "", "Ctrl-C stops everything.", ""])

    def stop(self) -> None:
        """Ends all processes and then the database."""
        if self.supervisor.children:
            say("Stopping …")
        self.supervisor.stop()
        if self.database:
            self.database.stop()


def main() -> int:
    """The exit code of `make run`."""
    try:
        Run(os.environ).run()
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        if not is_full(error):
            raise
        print(full_disk(Path(error.filename or PROJECT)), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
