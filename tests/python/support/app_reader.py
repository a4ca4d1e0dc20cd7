"""A reader without a browser: a client of Streamlit's websocket that opens pages and turns their filters."""

from __future__ import annotations

import asyncio
import random
import time
import urllib.request
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

LONGEST_SECONDS = 30
Made = TypeVar("Made")


class Click(NamedTuple):
    """What a reader did, how long the server took to answer, and what went wrong."""

    what: str
    seconds: float
    errors: list[str]


class Reader:
    """One session: its pages, the select boxes of the page it is on, and what it has chosen."""

    def __init__(
        self, connection: ClientConnection, chance: random.Random, address: str = "", name: str = "", delay: float = 0
    ) -> None:
        """With a delay before each message is read, as over a slow line, and a name by which the proxy knows it."""
        self.connection, self.chance, self.address, self.delay = connection, chance, address, delay
        self.name = name
        self.session = ""
        self.downloads: list[str] = []
        self.texts: list[str] = []
        self.triggers: list[str] = []
        self.pressed = ""
        self.pages: dict[str, str] = {}
        self.page = ""
        self.boxes: dict[str, list[str]] = {}
        self.buttons: dict[str, list[str]] = {}
        self.buttons_before: dict[str, list[str]] = {}
        self.chosen: dict[str, str] = {}

    async def rerun(self, what: str) -> Click:
        """Ask for a run of the script and wait for its end."""
        message = BackMsg()
        message.rerun_script.page_script_hash = self.page
        message.rerun_script.query_string = "lang=en"
        for key, value in self.chosen.items():
            message.rerun_script.widget_states.widgets.append(WidgetState(id=key, string_value=value))
        for key, values in self.buttons.items():  # a browser sends them with every run, pressed or not
            pressed = WidgetState(id=key)
            pressed.string_array_value.data.extend(values)
            message.rerun_script.widget_states.widgets.append(pressed)
        if self.pressed:
            message.rerun_script.widget_states.widgets.append(WidgetState(id=self.pressed, trigger_value=True))
            self.pressed = ""
        started = time.monotonic()
        await self.connection.send(message.SerializeToString())
        async with asyncio.timeout(LONGEST_SECONDS):
            errors = await self.answer()
        return Click(what, time.monotonic() - started, errors)

    async def answer(self) -> list[str]:
        """Read until the script has ended; returns the errors that it put on the page."""
        errors: list[str] = []
        async for data in self.connection:
            await asyncio.sleep(self.delay)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.buttons_before |= self.buttons
                self.boxes, self.buttons, errors = {}, {}, []
                self.session = message.new_session.initialize.session_id or self.session
                self.downloads, self.texts, self.triggers = [], [], []
            elif kind == "navigation":
                self.pages = {page.page_script_hash: page.url_pathname for page in message.navigation.app_pages}
                self.page = message.navigation.page_script_hash
            elif kind == "page_not_found":
                errors.append("page not found")
            elif kind == "delta":
                errors += self.note(message)
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    errors.append(f"ended with {message.script_finished}")
                break
        return errors

    def note(self, message: ForwardMsg) -> Iterator[str]:
        """Remember the select boxes; returns the errors that are drawn."""
        element = message.delta.new_element
        if element.WhichOneof("type") == "selectbox" and len(element.selectbox.options) > 1:
            self.boxes[element.selectbox.id] = list(element.selectbox.options)
        if element.WhichOneof("type") == "button_group":
            group = element.button_group
            chosen = group.raw_values if group.set_value else [group.options[index].content for index in group.default]
            self.buttons[group.id] = list(chosen) or self.buttons_before.get(group.id, [])
        if element.WhichOneof("type") == "download_button" and element.download_button.deferred_file_id:
            self.downloads.append(element.download_button.deferred_file_id)
        if element.WhichOneof("type") == "text_area":
            self.texts.append(element.text_area.id)
        if element.WhichOneof("type") == "button":
            self.triggers.append(element.button.id)
        if element.WhichOneof("type") == "exception":
            return iter([element.exception.message])
        if element.WhichOneof("type") == "alert" and element.alert.format == Alert.ERROR:
            return iter([element.alert.body])
        return iter([])

    async def click(self) -> Click:
        """Turn a filter of this page, or open another one."""
        if self.boxes and self.chance.random() < 0.6:
            key = self.chance.choice(list(self.boxes))
            self.chosen[key] = self.chance.choice(self.boxes[key])
            return await self.rerun(f"{self.pages[self.page]}: {self.chosen[key]}")
        self.page = self.chance.choice(list(self.pages))
        self.chosen = {}
        return await self.rerun(self.pages[self.page])

    async def open(self, page: str) -> Click:
        """Go to a page by its name."""
        self.page = next(key for key, name in self.pages.items() if name == page)
        self.chosen = {}
        return await self.rerun(page)

    async def export(self) -> Click:
        """Save a file of the page of files, as a click on it does: ask for it, wait until it is made, fetch it."""
        click = await self.open("files")
        if click.errors or not self.downloads:
            return Click("export", click.seconds, [*click.errors, "nothing to save"][:1])
        message = BackMsg()
        message.backend_operation_request.request_id = "1"
        message.backend_operation_request.session_id = self.session
        message.backend_operation_request.deferred_file.file_id = self.chance.choice(self.downloads)
        started = time.monotonic()
        await self.connection.send(message.SerializeToString())
        async with asyncio.timeout(LONGEST_SECONDS):
            async for data in self.connection:
                answer = ForwardMsg.FromString(data)
                if answer.WhichOneof("type") == "backend_operation_response":
                    break
        told = answer.backend_operation_response
        if told.error_msg:
            return Click("export", time.monotonic() - started, [told.error_msg])
        content = await asyncio.to_thread(self.fetch, told.deferred_file.url)
        return Click("export", time.monotonic() - started, [] if content else ["an empty file"])

    def fetch(self, url: str) -> bytes:
        """A file of the server."""
        asked = urllib.request.Request(f"{self.address}/{url.lstrip('/')}", headers=_cookie(self.name))
        with urllib.request.urlopen(asked, timeout=LONGEST_SECONDS) as answer:
            return answer.read()

    async def ask(self) -> Click:
        """Run a statement on the SQL page."""
        click = await self.open("sql")
        if click.errors or not self.texts or not self.triggers:
            return Click("sql", click.seconds, [*click.errors, "no box for a statement"][:1])
        self.chosen = {
            self.texts[0]: f"select publisher, count(*) as n, {self.chance.random()} from mart_adoption group by 1"
        }
        run = [key for key in self.triggers if "sql_run" in key]
        self.pressed = (run or self.triggers)[0]
        done = await self.rerun("sql")
        return Click("sql", done.seconds, done.errors)


def _cookie(name: str) -> dict[str, str]:
    """What a browser sends back that the proxy has given a name; each meets its own process by it."""
    return {"Cookie": f"smv_ai_reader={name}"} if name else {}


def in_a_thread(what: Coroutine[Any, Any, Made]) -> Made:
    """What a coroutine gives; in a thread of its own, for a browser may keep this one's loop running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, what).result()


def connected(address: str, name: str = "") -> connect:
    """A session's socket."""
    url = address.replace("http", "ws") + "/_stcore/stream"
    return connect(url, subprotocols=["streamlit"], max_size=None, additional_headers=_cookie(name))


async def _guest(address: str, seed: int, until: float, pause: tuple[float, float]) -> list[Click]:
    """Of ten readers one saves files, one asks in SQL, one has a slow line; the others look and click."""
    chance, kind = random.Random(seed), seed % 10
    await asyncio.sleep(chance.uniform(*pause))
    async with connected(address, f"{seed:032x}") as connection:
        reader = Reader(connection, chance, address, f"{seed:032x}", delay=0.05 if kind == 2 else 0)
        clicks = [await reader.rerun("first")]
        do = {0: reader.export, 1: reader.ask}.get(kind, reader.click)
        while time.monotonic() < until:
            await asyncio.sleep(chance.uniform(*pause))
            clicks.append(await do())
    return [click._replace(what=f"slow: {click.what}") for click in clicks] if kind == 2 else clicks


async def guests_together(address: str, readers: int, seconds: float, pause: tuple[float, float]) -> list[Click]:
    """The clicks of so many readers of all kinds."""
    until = time.monotonic() + seconds
    sessions = await asyncio.gather(*(_guest(address, seed, until, pause) for seed in range(readers)))
    return [click for clicks in sessions for click in clicks]


async def _session(address: str, seed: int, until: float, pause: tuple[float, float]) -> list[Click]:
    chance = random.Random(seed)
    await asyncio.sleep(chance.uniform(*pause))
    async with connected(address) as connection:
        reader = Reader(connection, chance)
        clicks = [await reader.rerun("first")]
        while time.monotonic() < until:
            await asyncio.sleep(chance.uniform(*pause))
            clicks.append(await reader.click())
    return clicks


async def read_together(address: str, readers: int, seconds: float, pause: tuple[float, float]) -> list[Click]:
    """The clicks of so many readers who look at a page for `pause` seconds each time."""
    until = time.monotonic() + seconds
    sessions = await asyncio.gather(*(_session(address, seed, until, pause) for seed in range(readers)))
    return [click for clicks in sessions for click in clicks]
