"""The app contacts nothing outside the machine."""

from __future__ import annotations

import socket
from pathlib import Path

from support.app_reader import in_a_thread, read_together
from support.app_server import running_app


def test_nothing_is_asked_of_the_network(release_dir: Path) -> None:
    """Every way out of the server leads to a proxy of ours; served to all addresses, as on a server, nobody comes."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.setblocking(False)
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        ways = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), address)
        none = dict.fromkeys(("NO_PROXY", "no_proxy"), "")
        with running_app(release_dir, STREAMLIT_SERVER_ADDRESS="0.0.0.0", **ways, **none) as server:
            clicks = in_a_thread(read_together(server.address, 1, 2, (0.0, 0.1)))
        assert clicks
        assert not [click.errors for click in clicks if click.errors]
        try:
            caller, _ = proxy.accept()
        except BlockingIOError:
            return
        with caller:
            caller.settimeout(5)
            raise AssertionError(f"the app asked for {caller.recv(200)!r}")
