"""What the demo runs and where it keeps things: folder, keys, environment, the row of programs."""

import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet

from integrator.local.broker import broker_program, broker_url
from integrator.local.processes import LOOPBACK, Program, answers_http
from syncjobs.demo.storefronts import EMPTY, STOREFRONTS, Storefront

NEEDED_KEYS = ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")
CLIENTS = tuple(dict.fromkeys(shop.client for shop in (*STOREFRONTS, EMPTY)))
_CARD = "household.json"


class EnvFileIncomplete(RuntimeError):
    """The `.env` file exists and lacks keys that the panel cannot do without."""


class NoDemo(RuntimeError):
    """The folder was not made by `manage.py demo`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Loopback ports of what the demo starts."""

    web: int
    broker: int
    shoper: int
    woocommerce: int
    prestashop: int
    empty_shop: int


def ensure_env_file(path: Path) -> bool:
    """Write fresh keys to `path`, readable by its owner only, unless it exists. Returns whether it was written.

    Raises EnvFileIncomplete for a file without the keys: it is somebody's, so nothing is added to it.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        missing = [key for key in NEEDED_KEYS if not (os.environ.get(key) or _named_in(path, key))]
        if missing:
            raise EnvFileIncomplete(
                f"{path} has no {' and no '.join(missing)}. Add them (README.md says how), or move the file away and "
                "let the demo write a new one."
            ) from None
        return False
    lines = [
        "# Keys of this installation. Keep them secret and keep them: stored shop credentials cannot be read without.",
        f"SECRET_KEY={secrets.token_urlsafe(64)}",
        f"FIELD_ENCRYPTION_KEYS={Fernet.generate_key().decode()}",
    ]
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return True


def given_redis(env_file: Path) -> str:
    """REDIS_URL as the caller set it. The one of the `.env` file serves the real installation, whose messages a demo's
    worker must not take."""
    given = os.environ.get("REDIS_URL", "")
    return "" if given == _named_in(env_file, "REDIS_URL") else given


def _named_in(path: Path, key: str) -> str:
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, value = line.removeprefix("export ").partition("=")
        if name.strip() == key:
            return value.strip().strip("'\"")
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """The demo's folder and what its programs need to know. Nothing outside the folder is written but `.env`."""

    root: Path
    """The folder of manage.py."""
    folder: Path
    env_file: Path
    ports: Ports
    rate_limit: bool = True
    """Whether the shop lets only two requests a second through, as a real one does."""
    given_redis: str = ""
    """REDIS_URL of the environment: then no broker of our own is started."""

    def save(self) -> None:
        """Write down what the programs of this demo need to know, for `load`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        known = {"root": str(self.root), "env_file": str(self.env_file), "ports": asdict(self.ports)}
        (self.folder / _CARD).write_text(json.dumps(known), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote. Raises NoDemo."""
        try:
            known = json.loads((folder / _CARD).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise NoDemo(
                f"{folder} holds no demo: `manage.py demo` makes one and calls this command by itself"
            ) from None
        return cls(
            root=Path(known["root"]), folder=folder, env_file=Path(known["env_file"]), ports=Ports(**known["ports"])
        )

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    def sample(self, client: str) -> Path:
        """Database of a client's company: the same sample for all of them, each bent for its own shops."""
        return self.folder / f"wapro-{CLIENTS.index(client) + 1}.sqlite3"

    @property
    def login_file(self) -> Path:
        return self.folder / "login.json"

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports.web}/"

    def shop_url(self, shop: Storefront) -> str:
        return f"http://{LOOPBACK}:{self._port(shop)}"

    def _port(self, shop: Storefront) -> int:
        port: int = self.ports.empty_shop if shop is EMPTY else getattr(self.ports, shop.platform)
        return port

    def shop_state(self, shop: Storefront) -> Path:
        """File in which a simulator keeps its shop."""
        return self.folder / f"{_process_name(shop)}.json"

    def environment(self) -> Mapping[str, str]:
        """What every program of the demo gets. The demo never touches the database or broker that `.env` names."""
        return {
            "INTEGRATOR_ENV_FILE": str(self.env_file),
            "INTEGRATOR_DATA": str(self.folder),
            "DATABASE_URL": f"sqlite:///{self.folder / 'integrator.sqlite3'}",
            "REDIS_URL": self.given_redis or broker_url(self.ports.broker),
            "DEBUG": "false",
            "HTTPS": "false",
            "ALLOWED_HOSTS": f"localhost,{LOOPBACK}",
            "INTEGRATOR_ALLOW_LOOPBACK": "true",
            "PYTHONUNBUFFERED": "1",
        }

    def manage(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.root / "manage.py"), *arguments]

    def broker(self) -> Program:
        """Raises NoBroker."""
        return broker_program(self.ports.broker, self.folder)

    def simulators(self) -> list[Program]:
        return [self._simulator(shop) for shop in (*STOREFRONTS, EMPTY)]

    def _simulator(self, shop: Storefront) -> Program:
        command = self.manage("simulator", shop.platform, "--port", str(self._port(shop)))
        command += ["--state", str(self.shop_state(shop)), *([] if self.rate_limit else ["--no-limit"])]
        ready = f"{self.shop_url(shop)}/_control/stats"
        return Program(
            name=_process_name(shop),
            command=command,
            environment=self.environment(),
            ready=lambda: answers_http(ready),
        )

    def worker(self) -> Program:
        log = self.logs / "worker.log"
        command = [sys.executable, "-m", "celery", "-A", "integrator", "worker", "--beat", "--concurrency", "2"]
        command += ["--schedule", str(self.folder / "beat"), "--loglevel", "INFO", "--without-mingle"]
        return Program(
            name="worker",
            command=command,
            environment=self.environment(),
            folder=self.root,
            ready=lambda: " ready." in log.read_text(encoding="utf-8", errors="replace"),
        )

    def trade(self) -> Program:
        """Those who buy in the shops, and the company's warehouse."""
        return Program(
            name="trade",
            command=self.manage("demo_trade"),
            environment=self.environment(),
            grace=10,
        )

    def web(self) -> Program:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", LOOPBACK]
        command += ["--port", str(self.ports.web), "integrator.wsgi:application"]
        return Program(
            name="web",
            command=command,
            environment=self.environment(),
            folder=self.root,
            ready=lambda: answers_http(self.url),
            grace=10,
        )


def _process_name(shop: Storefront) -> str:
    return "empty-shop" if shop is EMPTY else f"shop-{shop.platform}"


def keep_login(path: Path, login: Mapping[str, str]) -> None:
    """Remember the password of this demo, readable by its owner only, so that a restart can print it again."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(login, file)


def kept_login(path: Path) -> dict[str, str] | None:
    """What `keep_login` wrote, None before the first start."""
    if not path.exists():
        return None
    login: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return login
