"""deploy/smv-ai.nginx on the loopback, before processes of the app or stand-ins for them."""

from __future__ import annotations

import contextlib
import getpass
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from support.app_server import PROJECT, free_port

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
SITE = PROJECT / "deploy" / "smv-ai.nginx"


def configuration(folder: Path, port: int, behind: list[int]) -> Path:
    """The site as it is deployed, but for its ports and folders, in the frame that Debian's nginx.conf gives it."""
    site = SITE.read_text(encoding="utf-8")
    servers = iter(behind)
    site, count = re.subn(r"127\.0\.0\.1:850\d", lambda _: f"127.0.0.1:{next(servers)}", site)
    assert count == len(behind)
    site, found = re.subn(r"listen 80;", f"listen 127.0.0.1:{port};", site)
    assert found == 1
    site = site.replace("/var/cache/nginx/smv_ai", str(folder / "cache"))
    temporary = "\n".join(
        f"{kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Started by root, nginx would serve as somebody who may not write to the folder of the test.
    user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    whole = f"""{user} daemon off; worker_processes 1; pid {folder / "pid"}; error_log {folder / "error.log"};
events {{ worker_connections 256; }}
http {{ access_log off; {temporary}
{site} }}"""
    path = folder / "nginx.conf"
    path.write_text(whole, encoding="utf-8")
    return path


@contextlib.contextmanager
def proxied(folder: Path, behind: list[int]) -> Iterator[str]:
    """The address of a proxy before these ports, until the block ends."""
    port = free_port()
    file = configuration(folder, port, behind)
    process = subprocess.Popen([NGINX, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(file)])
    try:
        for _ in range(600):
            assert process.poll() is None, (folder / "error.log").read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)
