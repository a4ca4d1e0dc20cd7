"""Sign-in with Streamlit's own OpenID Connect and a list of who may enter; off unless SMV_AI_SIGN_IN is on."""

from __future__ import annotations

import re

import streamlit as st

from shared.text import plain, t
from smv_ai.environment import must_sign_in

# One address: no second one behind a comma, no quotes, blanks or signs that are not seen.
ONE_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255}", re.ASCII)


def _allowed() -> list[str]:
    """Addresses, and domains written as @example.dk, from `[sign_in] allow` in secrets.toml; [] where it lacks."""
    if not st.secrets.load_if_toml_exists():
        return []
    return [str(entry).casefold() for entry in st.secrets.get("sign_in", {}).get("allow", [])]


def is_allowed(email: object, is_verified: object, allowed: list[str]) -> bool:
    """Whether one address is on the list, itself or by its domain.

    Where the provider says anything of it being verified, only true counts: text such as "false" or "true" is refused.
    """
    if not isinstance(email, str) or not (is_verified is None or is_verified is True):
        return False
    if ONE_ADDRESS.fullmatch(email) is None:
        return False
    name, at, domain = email.casefold().rpartition("@")
    return bool(name) and (name + at + domain in allowed or at + domain in allowed)


def may_enter() -> bool:
    """True where the reader may see the pages; otherwise draws what is to be done instead."""
    if not must_sign_in():
        return True
    user = st.user.to_dict()
    if not user.get("is_logged_in"):
        st.title(t("sign_in_title"), anchor=False)
        # Closed, not open, where the settings lack: a damaged file must not let everybody in.
        if "is_logged_in" not in user or not _allowed():
            st.error(t("sign_in_unset"))
        else:
            st.write(t("sign_in_lead"))
            st.button(t("sign_in"), on_click=st.login, key="sign_in")
        return False
    if not is_allowed(user.get("email"), user.get("email_verified"), _allowed()):
        st.title(t("sign_in_title"), anchor=False)
        st.error(t("sign_in_refused", email=plain(user.get("email") or "–")))
        st.button(t("sign_out"), on_click=st.logout, key="sign_out")
        return False
    return True


def sign_out() -> None:
    """Who is signed in, and the way out; nothing where sign-in is off."""
    if must_sign_in():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(t("signed_in", email=plain(st.user.email)))
            st.button(t("sign_out"), on_click=st.logout, type="tertiary", key="sign_out")
