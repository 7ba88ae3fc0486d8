"""Visitors of the page without a browser: each speaks Streamlit's own protocol over a websocket, as the browser does.

A visitor's messages are those that a browser was seen to send: it opens the page, runs its fragments again when the
page asks for it, draws on the pad in steps, goes to another tab and uploads files. It keeps what it waits for. Like
`pad.js` it sends a drawing again that is not answered in time.
"""

import asyncio
import json
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from uuid import uuid4

import numpy as np
import websockets
from streamlit.proto.AutoRerun_pb2 import AutoRerun
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileUploaderState, FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.support import pen_strokes
from digits.drawing.canvas import CELLS

PATIENCE = 30.0  # seconds until an answer that has not come is lost
RESEND_AFTER = (1.0, 2.0, 4.0, 8.0)  # seconds without an answer, after which `pad.js` sends a drawing once more
LARGEST = 50_000_000  # bytes of a message
PAD = "digit_pad"  # the component's name
TIMEOUT = 10.0  # seconds for a request over HTTP


class Visitor:
    """One visitor's session. What it has seen: the pad's latest reply, the captions of the pictures in the tab Images.

    address: of the page, such as "http://127.0.0.1:8501/". resend_after: seconds; empty to send every drawing once.
    """

    def __init__(self, address: str, name: str, resend_after: Sequence[float] = RESEND_AFTER):
        self.name = name
        self.num_resent = 0
        self._resend_after = resend_after
        self.reply: dict = {}
        self.captions: set[str] = set()
        self._address = address
        self._news = asyncio.Condition()
        self._widgets: dict[str, WidgetState] = {}
        self._ids: dict[str, str] = {}  # of widgets, by their keys
        self._pad_fragment = ""
        self._again: asyncio.Task | None = None  # runs a fragment from time to time
        self._urls: FileURLs | None = None
        self._place = ""  # of the last upload on the server
        self._version = 0
        self._num_runs = 0  # of the whole page

    async def __aenter__(self) -> "Visitor":
        self._cookie = await asyncio.to_thread(self._ask_for_cookie)
        url = self._address.replace("http", "ws", 1) + "_stcore/stream"
        self._socket = await websockets.connect(url, max_size=LARGEST, additional_headers={"Cookie": self._cookie})
        self._listening = asyncio.create_task(self._listen())
        await self._run()
        await self.wait_for("the page", lambda: self._num_runs > 0)
        return self

    async def __aexit__(self, *how: object) -> None:
        for task in (self._listening, self._again):
            if task:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        await self._socket.close()

    async def wait_for(self, what: str, is_there: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until something is there; raises TimeoutError, which says what did not come."""
        try:
            async with self._news, asyncio.timeout(seconds):
                await self._news.wait_for(is_there)
        except TimeoutError as error:
            raise TimeoutError(f"{what} did not come within {seconds:.0f} s") from error

    async def draw(self, strokes: list[np.ndarray], pause: float) -> float:
        """Draw strokes, points (n, 2) in cells, each of them answered; return the seconds that the last one took.

        pause: seconds between two strokes. Raises ValueError where the answer is to another drawing.
        """
        for count in range(1, len(strokes) + 1):
            if count > 1:
                await asyncio.sleep(pause)
            began = asyncio.get_running_loop().time()
            await self._send_drawing(strokes[:count])
        await self._wait_for_reply(strokes)
        seconds = asyncio.get_running_loop().time() - began
        self._check(strokes)
        return seconds

    async def upload(self, name: str, content: bytes) -> float:
        """Put a picture in the place of the one before; return the seconds until it is read."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        message = BackMsg()
        message.file_urls_request.request_id, message.file_urls_request.session_id = str(uuid4()), self._session
        message.file_urls_request.file_names.append(name)
        self._urls = None
        await self._socket.send(message.SerializeToString())
        await self.wait_for("the address for an upload", lambda: self._urls is not None)
        urls = self._urls
        assert urls is not None
        await asyncio.to_thread(self._put, urls.upload_url, name, content)
        state = FileUploaderState()
        file = state.uploaded_file_info.add(name=name, size=len(content), file_id=urls.file_id)
        file.file_urls.CopyFrom(urls)
        self._set(WidgetState(id=self._ids["upload"], file_uploader_state_value=state))
        before = self._num_runs
        await self._run()
        if self._place:  # as a browser does when its visitor takes a file away
            await asyncio.to_thread(self._request, "DELETE", self._place)
        self._place = urls.delete_url
        await self.wait_for(
            "the answer to an upload", lambda: any(caption.startswith(name) for caption in self.captions)
        )
        seconds = loop.time() - began
        await self.wait_for("the rest of the page", lambda: self._num_runs > before)  # not taken for the next tab's end
        return seconds

    async def open_tab(self, name: str) -> None:
        """Go to another tab and wait until it is there; the fragments of the one before run no more."""
        self._stop_fragments()
        self._set(WidgetState(id=self._ids["tab"], string_value=name))
        before = self._num_runs
        await self._run()
        await self.wait_for(f"the tab {name}", lambda: self._num_runs > before)

    async def _wait_for_reply(self, strokes: list[np.ndarray]) -> None:
        def is_answered() -> bool:
            return self.reply.get("version") == self._version

        for seconds in self._resend_after:
            try:
                await self.wait_for("the answer to a drawing", is_answered, seconds)
            except TimeoutError:
                self.num_resent += 1
                await self._send_drawing(strokes, is_new=False)
        await self.wait_for("the answer to a drawing", is_answered)

    async def _send_drawing(self, strokes: list[np.ndarray], is_new: bool = True) -> None:
        self._version += is_new
        drawing = {"version": self._version, "columns": 28, "strokes": [stroke.tolist() for stroke in strokes]}
        self._set(WidgetState(id=self._ids["pad"], json_value=json.dumps({"drawing": drawing})))
        await self._run(self._pad_fragment)

    def _check(self, strokes: list[np.ndarray]) -> None:
        points = np.concatenate(strokes)
        box = [*points.min(axis=0).tolist(), *points.max(axis=0).tolist()]
        if [digit["box"] for digit in self.reply["digits"]] != [box]:
            raise ValueError(f"{self.name} got the answer to another drawing")

    def _set(self, state: WidgetState) -> None:
        self._widgets[state.id] = state

    async def _run(self, fragment: str = "", is_auto: bool = False) -> None:
        """Have the page, or a fragment of it, run."""
        message = BackMsg()
        state = message.rerun_script
        state.widget_states.widgets.extend(self._widgets.values())
        state.fragment_id, state.is_auto_rerun = fragment, is_auto
        state.context_info.timezone, state.context_info.url = "UTC", self._address
        await self._socket.send(message.SerializeToString())

    async def _listen(self) -> None:
        async for content in self._socket:
            message = ForwardMsg.FromString(content if isinstance(content, bytes) else content.encode())
            async with self._news:
                self._take(message)
                self._news.notify_all()

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._session = message.new_session.initialize.session_id
        elif kind == "file_urls_response":
            (self._urls,) = message.file_urls_response.file_urls
        elif kind == "script_finished":
            self._num_runs += message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        elif kind == "auto_rerun":
            self._stop_fragments()
            self._again = asyncio.create_task(self._run_again(message.auto_rerun))
        elif kind == "delta":
            self._take_delta(message.delta)

    def _take_delta(self, delta) -> None:
        block, element = delta.add_block, delta.new_element
        if block.WhichOneof("type") == "tab_container":
            self._ids["tab"] = block.tab_container.id
        elif element.WhichOneof("type") == "file_uploader":
            self._ids["upload"] = element.file_uploader.id
        elif element.WhichOneof("type") == "imgs":
            self.captions |= {image.caption.replace("\\", "") for image in element.imgs.imgs}
        elif element.WhichOneof("type") == "bidi_component" and element.bidi_component.component_name == PAD:
            self._ids["pad"], self._pad_fragment = element.bidi_component.id, delta.fragment_id
            self.reply = json.loads(element.bidi_component.json)["reply"] or {}

    async def _run_again(self, timer: AutoRerun) -> None:
        while True:
            await asyncio.sleep(timer.interval)
            await self._run(timer.fragment_id, is_auto=True)

    def _stop_fragments(self) -> None:
        if self._again:
            self._again.cancel()

    def _ask_for_cookie(self) -> str:
        with urllib.request.urlopen(f"{self._address}_stcore/health", timeout=TIMEOUT) as response:
            return response.headers["Set-Cookie"].split(";")[0]

    def _put(self, path: str, name: str, content: bytes) -> None:
        boundary = uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        self._request("PUT", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def _request(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = {}) -> None:
        allowed = {"Cookie": self._cookie, "X-Xsrftoken": self._cookie.partition("=")[2]}
        request = urllib.request.Request(self._address.rstrip("/") + path, body, {**headers, **allowed}, method=method)
        urllib.request.urlopen(request, timeout=TIMEOUT).close()


def drawing(rng: np.random.Generator) -> list[np.ndarray]:
    """Return a digit in any size anywhere on the pad, in cells, to two places as a browser sends them."""
    digit = pen_strokes.made_up(10, int(rng.integers(10**9))).digits[int(rng.integers(10))]
    placed = pen_strokes.place(digit, 100 * CELLS, "anywhere", rng)
    return [stroke / 100 for stroke in placed]


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return a percentile, to three places; of nothing, infinity."""
    return round(float(np.percentile(seconds, share)), 3) if seconds else float("inf")
