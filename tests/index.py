"""A package index on this machine that offers a newer version of everything, and what the real one has behind it."""

import base64
import hashlib
import io
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urljoin

NEWER = "9999"


def real_index() -> str:
    """The one that pip uses here."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False
    )
    if asked.returncode == 0 and asked.stdout.strip():
        return asked.stdout.strip()
    own = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    return subprocess.run([sys.executable, "-c", own], capture_output=True, text=True, check=True).stdout.strip()


def empty_wheel(name: str) -> bytes:
    """A release of tomorrow, of a package that needs nothing."""
    info = f"{name}-{NEWER}.dist-info"
    members = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {NEWER}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},sha256={_digest(text)},{len(text)}" for path, text in members.items()]
    members[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as wheel:
        for path, text in members.items():
            wheel.writestr(path, text)
    return buffer.getvalue()


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@contextmanager
def index_of_tomorrow() -> Iterator[str]:
    """Serve it on the loopback; gives its address."""
    upstream = real_index().rstrip("/")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, name = self.path.strip("/").split("/")[:2]
            if kind == "newer":
                self._answer(empty_wheel(name.partition("-")[0]), "application/zip")
                return
            address = f"{upstream}/{name}/"
            with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": "text/html"})) as page:
                html = page.read().decode()
            html = html.replace("<head>", f'<head><base href="{urljoin(address, ".")}">', 1)
            wheel = f"{name.replace('-', '_')}-{NEWER}-py3-none-any.whl"
            link = f'<a href="http://{self.headers["Host"]}/newer/{wheel}">{wheel}</a>'
            self._answer(html.replace("</body>", f"{link}</body>", 1).encode(), "text/html; charset=utf-8")

        def _answer(self, content: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/simple/"
        finally:
            server.shutdown()
