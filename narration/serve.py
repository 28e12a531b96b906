"""Serve a library: its own kinds of file and nothing else of the folder, by Starlette and uvicorn.

On loopback unless told otherwise. Nothing hidden, nothing outside the folder, no list of a folder, only names that the
server is known by (so that no web page elsewhere can read it under a name of its own).
"""

from __future__ import annotations

import ipaddress
import mimetypes
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import NarrationError, Place, UsageError
from .library.page import POLICY
from .library.tracks import TYPES as SOUNDS

if TYPE_CHECKING:
    from starlette.applications import Starlette

HOST, PORT = "127.0.0.1", 8765
TYPES = {  # the kinds of file a library has; no other is served
    **SOUNDS,
    **{".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json"},
    **{".webmanifest": "application/manifest+json", ".xml": "application/rss+xml", ".vtt": "text/vtt"},
    **{".txt": "text/plain", ".lrc": "text/plain", ".svg": "image/svg+xml"},
    **{".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"},
}
HEADERS = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",  # asked again each time, answered with 304 where nothing changed
}
_MISSING = "the parts that serve a library are not installed."
_REMEDY = "python -m pip install 'narration[serve]'"
_CLOSING_S = 2  # seconds that a listener's open connection may hold up the end


@dataclass(frozen=True)
class Served:
    """A listening socket and the address that people open. ``public`` if others on the network can, too."""

    folder: Path
    socket: socket.socket
    address: str
    names: tuple[str, ...]
    public: bool


def listen(folder: Path, host: str = HOST, port: int = PORT) -> Served:
    """Take the port; nothing is answered until :func:`run`. Port 0 is any free one.

    Raises NarrationError where the folder holds no library, the port is taken or the parts are missing; UsageError for
    an address that is not one of this machine.
    """
    _parts()
    if not os.path.isfile(folder / "index.html"):
        raise NarrationError("there is no library in this folder.", Place(str(folder)), f"narration library {folder}")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        taken = socket.create_server((host, port), family=family)
    except (socket.gaierror, UnicodeError):
        raise UsageError(f'--host: there is no address "{host}".', hint=f"--host {HOST}") from None
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise NarrationError(f"cannot serve on {host}, port {port}: {reason}.", hint="another --port, or 0") from error
    bound = taken.getsockname()[0]
    public = not ipaddress.ip_address(bound.partition("%")[0]).is_loopback
    shown = _own_address(family) if ipaddress.ip_address(bound.partition("%")[0]).is_unspecified else host
    names = tuple(dict.fromkeys((shown, host, bound, "localhost", HOST, *((socket.gethostname(),) if public else ()))))
    spelt = f"[{shown}]" if ":" in shown else shown
    return Served(folder, taken, f"http://{spelt}:{taken.getsockname()[1]}/", names, public)


def run(served: Served) -> None:
    """Answer until Ctrl-C or the end of the process."""
    import uvicorn

    config = uvicorn.Config(
        application(served.folder, served.names),
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=_CLOSING_S,
    )
    try:
        uvicorn.Server(config).run(sockets=[served.socket])
    except KeyboardInterrupt:
        return
    finally:
        served.socket.close()


def application(folder: Path, names: tuple[str, ...]) -> Starlette:
    """The ASGI application that serves ``folder`` to those who call it by one of ``names``."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles

    class Shelf(StaticFiles):
        """The files of a library; any other is not there."""

        def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
            parts = Path(path).parts
            known = Path(path).suffix.lower() in TYPES or not Path(path).suffix
            hidden = any(part.startswith(".") for part in parts if path != ".")
            return super().lookup_path(path) if known and not hidden else ("", None)

    for suffix, kind in TYPES.items():
        mimetypes.add_type(kind, suffix)  # the machine's own table may know less, or otherwise
    # Starlette has read the name before the port of an IPv6 address in three ways, by its version.
    hosts = [spelt for name in names for spelt in ((name, f"[{name}]", "[") if ":" in name else (name,))]
    return Starlette(
        routes=[Mount("/", Shelf(directory=folder, html=True))],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False), Middleware(_Headers)],
    )


class _Headers:
    """Adds HEADERS to every answer."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._app(scope, receive, with_headers)


def code(address: str) -> str:
    """The address as a QR code of half blocks, for a terminal."""
    import io

    import segno

    out = io.StringIO()
    segno.make(address, error="l", micro=False).terminal(out, compact=True, border=2)
    return out.getvalue()


def _parts() -> None:
    try:
        import segno  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise NarrationError(_MISSING, hint=_REMEDY) from error


def _own_address(family: socket.AddressFamily) -> str:
    """This machine's address in its network: the one that it would call out from. Nothing is sent."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("2001:db8::1", 9) if family == socket.AF_INET6 else ("192.0.2.1", 9))  # for documentation
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()
