"""Where a shop's address may lead: the name is looked up once, judged, and exactly the judged address is called.

A name that answers with a public address when it is judged and with a private one when it is called (DNS rebinding)
gains nothing, because nothing looks the name up a second time. The certificate is still checked against the name.
"""

import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore

from integrator.canonical.errors import Transient, Unreachable
from integrator.canonical.problems import Code

Resolver = Callable[[str, int], list[str]]
Network = IPv4Network | IPv6Network
_NEVER = (ip_address("169.254.169.254"), ip_address("fd00:ec2::254"), ip_address("100.100.100.200"))
"""Metadata services of clouds: refused even where private addresses are allowed."""


def system_resolver(host: str, port: int) -> list[str]:
    """Addresses of a name in the system's order of preference. Raises OSError."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicy:
    """Which addresses may be called. Private ones (this machine, the LAN) only where an installation allows them."""

    allow_private: bool = False
    """All of them: demo and tests."""
    networks: tuple[Network, ...] = ()
    """Those that the administrator named. Link-local ones too, if they are named; metadata services never."""
    resolve: Resolver = field(default=system_resolver, repr=False)

    def addresses(self, host: str, port: int) -> list[str]:
        """The checked addresses of a name. Raises Unreachable (unknown name, forbidden address), Transient."""
        try:
            found = self.resolve(host, port)
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                raise Transient(Code.NAME_UNKNOWN, host=host, reason="no answer from the name server") from None
            raise Unreachable(Code.NAME_UNKNOWN, host=host) from None
        except (OSError, UnicodeError):
            raise Unreachable(Code.NAME_UNKNOWN, host=host) from None
        if not found:
            raise Unreachable(Code.NAME_UNKNOWN, host=host)
        for address in found:
            if not self.allows(address):
                raise Unreachable(Code.ADDRESS_NOT_ALLOWED, host=host, reason=address)
        return found

    def allows(self, address: str) -> bool:
        ip = _unwrapped(ip_address(address.partition("%")[0]))
        if ip in _NEVER:
            return False
        if any(ip in network for network in self.networks):
            return True
        if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved:
            return ip.is_loopback and self.allow_private
        return ip.is_global or self.allow_private


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address hidden in an IPv6 one (mapped, 6to4, NAT64)."""
    if isinstance(ip, IPv4Address):
        return ip
    inner = ip.ipv4_mapped or ip.sixtofour
    if inner is None and ip.packed[:12] == bytes.fromhex("0064ff9b0000000000000000"):
        inner = IPv4Address(ip.packed[12:])
    return inner or ip


class Deadline:
    """The moment at which the current call must be over, shared by everything that waits for the network."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = float("inf")

    def start(self, seconds: float) -> None:
        self._end = self._clock() + seconds

    @property
    def left(self) -> float:
        return self._end - self._clock()

    def within(self, timeout: float | None) -> float:
        """A socket timeout that ends with the deadline at the latest. Raises TimeoutError when it has passed."""
        left = self.left
        if left <= 0:
            raise TimeoutError
        return left if timeout is None else min(timeout, left)


class GuardedBackend(httpcore.NetworkBackend):
    """Sockets that go only where the policy allows and that no dripping server can hold beyond the deadline."""

    def __init__(self, policy: NetworkPolicy, deadline: Deadline) -> None:
        self._policy = policy
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        problem: Exception | None = None
        for address in self._policy.addresses(host, port):
            try:
                stream = self._inner.connect_tcp(
                    address, port, self._deadline.within(timeout), local_address, socket_options or []
                )
                return _DeadlineStream(stream, self._deadline, host, port)
            except (httpcore.ConnectError, httpcore.ConnectTimeout, TimeoutError) as error:
                problem = error
        raise _connect_problem(problem, host, port) from None


def _connect_problem(error: Exception | None, host: str, port: int) -> Unreachable:
    if isinstance(error, httpcore.ConnectTimeout | TimeoutError):
        return Unreachable(Code.SILENT, host=host, port=port)
    cause = error.__cause__ or error.__context__ if error is not None else None
    if isinstance(cause, ConnectionRefusedError):
        return Unreachable(Code.PORT_REFUSED, host=host, port=port)
    return Unreachable(Code.UNREACHABLE, host=host, port=port, reason=type(cause).__name__)


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline, host: str, port: int) -> None:
        self._inner = inner
        self._deadline = deadline
        self._host = host
        self._port = port

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self._inner.read(max_bytes, self._deadline.within(timeout))
        except TimeoutError:
            raise httpcore.ReadTimeout("deadline") from None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._inner.write(buffer, self._deadline.within(timeout))
        except TimeoutError:
            raise httpcore.WriteTimeout("deadline") from None

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.within(timeout))
        except httpcore.ConnectError as error:
            raise Unreachable(Code.TLS_FAILED, host=self._host, port=self._port, reason=str(error)) from None
        except (httpcore.ConnectTimeout, TimeoutError):
            raise Unreachable(Code.TLS_FAILED, host=self._host, port=self._port, reason="no answer") from None
        return _DeadlineStream(inner, self._deadline, self._host, self._port)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
