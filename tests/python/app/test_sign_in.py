"""Sign-in: off by default, closed where it is not set up, open to those on the list only."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.app_pages import APP, FIRST, open_page, page_names
from support.commands import PATIENCE

from smv_ai.cli import open_to_all

ALLOWED = ["Reader@Example.dk", "@whole.example"]
SECRETS = {"auth": {"redirect_uri": "http://localhost/oauth2callback", "cookie_secret": "x"},
           "sign_in": {"allow": ALLOWED}}  # fmt: skip


@pytest.fixture
def enter(release_dir: Path, monkeypatch: pytest.MonkeyPatch):
    """The app with sign-in on, as seen by a reader with these claims; None: nobody is signed in."""

    def opened(claims: dict | None, secrets: dict = SECRETS, page: str = FIRST) -> AppTest:
        monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(release_dir))
        monkeypatch.setenv("SMV_AI_SIGN_IN", "on")
        monkeypatch.syspath_prepend(str(APP))
        app = AppTest.from_file(str(APP / "app.py"), default_timeout=PATIENCE)
        app.secrets = dict(secrets)
        app.user = {"is_logged_in": claims is not None} | (claims or {}) if "auth" in secrets else {}
        app.run()
        return app if page == FIRST else app.switch_page(f"pages/{page}.py").run()

    return opened


def figures_are_shown(app: AppTest) -> bool:
    """Whether anything of the release reached the reader."""
    return bool(app.metric or app.dataframe or app.table or app.selectbox or app.subheader)


def test_sign_in_is_off_by_default(release_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMV_AI_SIGN_IN", raising=False)
    assert figures_are_shown(open_page(release_dir, monkeypatch, "overview"))


@pytest.mark.parametrize(
    ("address", "sign_in", "is_open"),
    [
        (None, "off", True), ("", "off", True), ("0.0.0.0", "off", True), ("192.0.2.7", "off", True),
        ("localhost", "off", False), ("127.0.0.1", "off", False), ("::1", "off", False), (None, "on", False),
    ],
)  # fmt: skip
def test_it_is_said_where_the_app_answers_everybody(
    monkeypatch: pytest.MonkeyPatch, address: str | None, sign_in: str, is_open: bool
) -> None:
    monkeypatch.setenv("SMV_AI_SIGN_IN", sign_in)
    if address is None:
        monkeypatch.delenv("STREAMLIT_SERVER_ADDRESS", raising=False)
    else:
        monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", address)
    assert open_to_all() is is_open


@pytest.mark.parametrize("page", page_names())
def test_nobody_sees_a_page_before_signing_in(enter, page: str) -> None:
    app = enter(None, page=page)
    assert not app.exception
    assert [title.value for title in app.title] == ["Log ind"]
    assert [button.key for button in app.button] == ["sign_in"]
    assert not figures_are_shown(app)


@pytest.mark.parametrize(
    ("claims", "enters"),
    [
        ({"email": "reader@example.dk"}, True),
        ({"email": "READER@EXAMPLE.DK", "email_verified": True}, True),
        ({"email": "reader@example.dk", "email_verified": False}, False),
        ({"email": "anybody@whole.example"}, True),
        ({"email": "reader@example.dk", "email_verified": "false"}, False),
        ({"email": "reader@example.dk", "email_verified": "true"}, False),
        ({"email": "reader@example.dk", "email_verified": 1}, False),
        ({"email": "stranger@other.example,anybody@whole.example"}, False),
        ({"email": "a b@whole.example"}, False),
        ({"email": "a@other.example\n@whole.example"}, False),
        ({"email": "other@example.dk"}, False),
        ({"email": "x@sub.whole.example"}, False),
        ({"email": "@whole.example"}, False),
        ({"email": "reader@example.dk.evil.example"}, False),
        ({"email": "reader@example.dk@evil.example"}, False),
        ({"email": "whole.example"}, False),
        ({"email": ""}, False),
        ({"email": None}, False),
        ({"email": ["reader@example.dk"]}, False),
        ({"name": "reader@example.dk"}, False),
    ],
)
def test_only_those_on_the_list_enter(enter, claims: dict, enters: bool) -> None:
    app = enter(claims)
    assert not app.exception
    assert figures_are_shown(app) == enters
    assert "sign_out" in [button.key for button in app.button]
    if enters:
        from shared.text import plain  # an address is text from outside

        assert f"Logget ind som {plain(claims['email'])}" in [caption.value for caption in app.caption]
    else:
        assert "har ikke adgang" in app.error[0].value


@pytest.mark.parametrize(
    "secrets",
    [
        {},
        {"auth": SECRETS["auth"]},
        {"auth": SECRETS["auth"], "sign_in": {}},
        {"auth": SECRETS["auth"], "sign_in": {"allow": []}},
        {"sign_in": SECRETS["sign_in"]},
    ],
)
def test_without_its_settings_the_app_stays_closed(enter, secrets: dict) -> None:
    app = enter(None, secrets)
    assert not app.exception
    assert "ikke sat op" in app.error[0].value
    assert not app.button
    assert not figures_are_shown(app)


def test_the_list_holds_for_those_already_signed_in(enter) -> None:
    """Whoever is taken off the list is out with the next click, whatever cookie the browser still has."""
    app = enter({"email": "reader@example.dk"})
    assert figures_are_shown(app)
    app.secrets = SECRETS | {"sign_in": {"allow": ["@whole.example"]}}
    app.run()
    assert not figures_are_shown(app)
