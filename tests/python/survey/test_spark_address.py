"""A Spark server that is not there, or does not speak, is told at once, and by the name of the setting."""

from __future__ import annotations

import socket

import pytest

from smv_ai.errors import SystemStateError
from smv_ai.survey import engines


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", "engine: spark needs the address of its server: SMV_AI_SPARK_REMOTE=sc://host:15002"),
        ("http://127.0.0.1:15002", "allowed: the address of a server, as sc://host:15002"),
        ("sc://", "SMV_AI_SPARK_REMOTE: sc:// does not answer"),
        ("sc://127.0.0.1:99999", "SMV_AI_SPARK_REMOTE: sc://127.0.0.1:99999 does not answer"),
        ("sc://127.0.0.1:{port}", "does not answer"),
    ],
)
def test_a_server_that_cannot_be_reached_is_named(monkeypatch, address: str, expected: str) -> None:
    monkeypatch.setenv("SMV_AI_SPARK_REMOTE", address.format(port=free_port()))
    with pytest.raises(SystemStateError) as caught:
        engines.reach("spark")
    assert expected in str(caught.value)
