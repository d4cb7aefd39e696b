"""A visit: one page of a headless Chromium that shows a fresh build, and what is done to it step by step.

Each visit is the same: its clock stands at nine o'clock on the first of January 2026 and goes on only by what a step
takes, random numbers are those of one seed, and nothing but the build, and what the app is allowed to reach, answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import config
from .errors import CheckError
from .network import ORIGIN, Network
from .redaction import of_environment, redacted
from .steps import FIELD, HIDDEN, TEXT, Step
from .trees import FIELDS, Node, Tree

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Locator, Page, Request

    from .protocol_trials import Trial

SIZE = (1024, 768)
BEGIN = "2026-01-01T09:00:00Z"
BEFORE = "2026-01-01T08:00:00Z"
"""The clock cannot be set back: it is stopped an hour after it was set, when less than that went by."""
TURNS = 6
"""How often, after a step, the clock goes on and what waits for it is done."""
TURN_MS = 100
IDLE_SECONDS = 5.0
"""How long requests, and pictures that move, may keep a step from being over."""
PATIENCE_SECONDS = 1.5
"""How long what should be there may be late, on a busy machine."""
STUCK_SECONDS = 20.0
MOST_NAMED = 8
PASSIVE = frozenset({"cell", "row", "listitem", "img"})
"""What can be clicked, and rarely is."""

CONTROLS = (
    *("button", "link", "checkbox", "radio", "switch", "tab", "menuitem", "option", "menuitemcheckbox"),
    *("menuitemradio", "treeitem", "combobox", "textbox", "searchbox", "spinbutton", "slider", "listbox"),
    *("gridcell", "cell", "columnheader", "row", "listitem", "heading", "img"),
)
"""What can be clicked by its name alone, the likeliest first."""

SAME = """(() => {
  const generator = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  Math.random = generator(20260101);
  const bytes = generator(20260102);
  const fill = (array) => {
    const view = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let at = 0; at < view.length; at += 1) view[at] = Math.floor(bytes() * 256);
    return array;
  };
  Crypto.prototype.getRandomValues = fill;
  if (Crypto.prototype.randomUUID) {
    Crypto.prototype.randomUUID = () => {
      const view = fill(new Uint8Array(16));
      view[6] = (view[6] & 0x0f) | 0x40;
      view[8] = (view[8] & 0x3f) | 0x80;
      const text = Array.from(view, (byte) => byte.toString(16).padStart(2, "0")).join("");
      return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    };
  }
})()"""
TASKS = """() => new Promise((done) => {
  const channel = new MessageChannel();
  let left = 3;
  channel.port1.onmessage = () => (--left ? channel.port2.postMessage(0) : done());
  channel.port2.postMessage(0);
})"""
MOVING = """() => document.getAnimations().filter((one) => one.playState === "running"
  && one.effect.getComputedTiming().endTime !== Infinity).length"""
PASSWORDS = """() => [...document.querySelectorAll("input[type=password]")].map((one) => one.value).filter(Boolean)"""


class Visit:
    """An open page."""

    def __init__(self, context: BrowserContext, page: Page, trial: Trial) -> None:
        self._context = context
        self._page = page
        self._network = Network(trial)
        self._under_way: set[Request] = set()
        self.problems: list[str] = []
        """What was thrown and not caught."""

    @classmethod
    async def open(cls, browser: Browser, trial: Trial) -> Visit:
        """Open the build in a page of its own."""
        width, height = SIZE
        context = await browser.new_context(
            locale="en-US",
            timezone_id="UTC",
            reduced_motion="reduce",
            color_scheme="light",
            viewport={"width": width, "height": height},
            service_workers="block",
        )
        page = await context.new_page()
        visit = cls(context, page, trial)
        try:
            await visit._begin()
        except BaseException:
            await visit.close()
            raise
        return visit

    async def _begin(self) -> None:
        page = self._page
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        page.on("pageerror", lambda error: self.problems.append(error.message.strip()))
        page.on("request", self._asked)
        page.on("requestfinished", self._answered)
        page.on("requestfailed", self._answered)
        page.on("framenavigated", lambda _: self._under_way.clear())
        await self._network.close_off(self._context)
        await page.add_init_script(SAME)
        await page.clock.install(time=BEFORE)
        await page.clock.pause_at(BEGIN)
        await page.goto(f"{ORIGIN}/", wait_until="load", timeout=STUCK_SECONDS * 1000)
        await self.settle()

    def _asked(self, request: Request) -> None:
        self._under_way.add(request)

    def _answered(self, request: Request) -> None:
        self._under_way.discard(request)

    async def close(self) -> None:
        """Close the page."""
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._context.close(), 5)

    # -------------------------------------------------------------------------------------------------- seeing

    async def tree(self) -> Tree:
        """What a screen reader finds now."""
        found = await self._page.locator("body").aria_snapshot(timeout=STUCK_SECONDS * 1000)
        secrets = of_environment()
        tree = Tree(redacted(found, secrets))
        if passwords := await self.evaluate(PASSWORDS):
            tree.hide(redacted(passwords, secrets), HIDDEN)
        return tree

    async def tree_like(self, expected: Tree) -> Tree:
        """Likewise; what is not as expected may come yet."""
        found = await self.tree()
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while found != expected and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.1)
            found = await self.tree()
        return found

    async def picture(self) -> bytes:
        """A PNG of the whole page; nothing in it moves."""
        return await self._page.screenshot(full_page=True, animations="disabled", caret="hide", timeout=20_000)

    async def evaluate(self, script: str, argument: Any = None) -> Any:
        """Run a script in the page."""
        return await asyncio.wait_for(self._page.evaluate(script, argument), STUCK_SECONDS)

    async def holds_secret(self, step: Step) -> bool:
        """Whether what a step types is a password."""
        found = await self._find(step)
        return bool(await found.evaluate("(one) => one.type === 'password'"))

    async def let_go(self) -> None:
        """Have the clock go by itself from now on, for scripts that wait."""
        await self._page.clock.resume()

    async def settle(self) -> None:
        """Let happen what a step set off."""
        try:
            for _ in range(TURNS):
                await asyncio.wait_for(self._turn(), STUCK_SECONDS)
            await self._moved()
        except asyncio.TimeoutError:
            raise CheckError("The app keeps its page busy and does not answer any more.") from None

    async def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + IDLE_SECONDS
        await self._page.evaluate(TASKS)
        while self._under_way and loop.time() < deadline:
            await asyncio.sleep(0.005)
            if not self._under_way:
                await self._page.evaluate(TASKS)
        await self._page.clock.run_for(TURN_MS)

    async def _moved(self) -> None:
        """What is unmounted when its animation is over is gone then."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + IDLE_SECONDS
        while await self._page.evaluate(MOVING) and loop.time() < deadline:
            await asyncio.sleep(0.02)
        await self._page.evaluate(TASKS)

    # --------------------------------------------------------------------------------------------------- doing

    async def do(self, step: Step) -> None:
        """Carry a step out, and let happen what follows from it. Raises CheckError."""
        from playwright.async_api import Error

        if step.do == "see":
            await self._see(step.value)
            return
        if step.do == "wait":
            await self._page.clock.run_for(round(step.seconds * 1000))
        else:
            try:
                if step.do == "press" and not step.role:
                    await self._page.keyboard.press(step.value)
                else:
                    await _carry_out(await self._find(step), step)
            except Error as error:
                raise CheckError(f"The step '{step}' cannot be done: {_reason(error)}.") from error
        await self.settle()

    async def _see(self, text: str) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while not (found := await self.tree()).sees(text):
            if asyncio.get_running_loop().time() > deadline:
                raise CheckError(f'"{text}" is not there; there is {named(found.texts)}.')
            await asyncio.sleep(0.1)

    async def _find(self, step: Step) -> Locator:
        page = self._page
        if step.role == TEXT:
            found = page.get_by_text(step.name, exact=True)
        elif step.role == FIELD:
            found = page.get_by_label(step.name, exact=True).or_(page.get_by_placeholder(step.name, exact=True))
        elif step.name:
            found = page.get_by_role(step.role, name=step.name, exact=True)  # type: ignore[arg-type]
        else:
            found = page.get_by_role(step.role)  # type: ignore[arg-type]
        wanted = max(step.nth, 1)
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while (count := await found.count()) < wanted:
            if asyncio.get_running_loop().time() > deadline:
                raise CheckError(absent(step, count, await self.tree()))
            await asyncio.sleep(0.1)
        return found.nth(wanted - 1)

    async def control(self, name: str, role: str, nth: int, roles: tuple[str, ...]) -> tuple[str, str, int]:
        """Role, name and number of what a person means by a name alone. Raises CheckError."""
        tree = await self.tree()
        nodes = [node for node in tree.walk() if (node.role == role if role else node.role in roles)]
        same = [node for node in nodes if node.name == name] if name else nodes
        for kind in [role] if role else roles:
            these = [node for node in same if node.role == kind]
            if not these:
                continue
            if nth > len(these) or (not nth and len(these) > 1):
                few = f'{len(these)} of them with the name "{name}" ({kind})' if name else f"{len(these)} of {kind}"
                raise CheckError(f"There are {few}: say which one, as in nth=1.")
            meant = these[max(nth, 1) - 1]
            alike = [node for node in nodes if (node.role, node.name) == (kind, meant.name)] if meant.name else these
            number = next(at for at, node in enumerate(alike, 1) if node is meant)
            return kind, meant.name, number if len(alike) > 1 else 0
        if name and not role:
            # What has no role of its own, though a person sees it.
            if roles is CONTROLS and await self._page.get_by_text(name, exact=True).count():
                return TEXT, name, nth
            if roles is not CONTROLS and await self._page.get_by_label(name, exact=True).count():
                return FIELD, name, nth
        kind = role or ("control" if roles is CONTROLS else "field")
        which = f' "{name}"' if name else ""
        raise CheckError(f"There is no {kind}{which}; there is {_controls(tree, roles)}.")


async def _carry_out(found: Locator, step: Step) -> None:
    if step.do == "click":
        await found.click()
    elif step.do == "double-click":
        await found.dblclick()
    elif step.do == "press":
        await found.press(step.value)
    elif step.do == "type":
        await found.fill(os.environ.get(config.PASSWORD, HIDDEN) if step.value == HIDDEN else step.value)
    elif await found.evaluate("(one) => one.tagName === 'SELECT'"):
        await found.select_option(label=step.value)
    else:
        await found.click()
        await found.page.get_by_role("option", name=step.value, exact=True).click()


def absent(step: Step, count: int, tree: Tree) -> str:
    """What to say where a step finds too few."""
    if count:
        return f"There is no {step.control}; there {'is' if count == 1 else 'are'} only {count}."
    roles = (step.role,) if step.role not in {TEXT, FIELD} else tuple(FIELDS) if step.role == FIELD else CONTROLS
    there = [node for node in tree.walk() if node.role in roles]
    return f"There is no {step.control}; there is {_controls(tree, roles if there else CONTROLS)}."


def _controls(tree: Tree, roles: tuple[str, ...]) -> str:
    wanted = [node for node in tree.walk() if node.role in roles and node.role not in PASSIVE]
    return named([_said(node) for node in wanted], quoted=False)


def _said(node: Node) -> str:
    return f'{node.role} "{node.name}"' if node.name else node.role


def named(things: list[str], *, quoted: bool = True) -> str:
    """The first few of them, in words."""
    texts = [f'"{one}"' if quoted else one for one in dict.fromkeys(things)]
    if not texts:
        return "nothing of the kind"
    more = len(texts) - MOST_NAMED
    return ", ".join([*texts[:MOST_NAMED], *([f"and {more} more"] if more > 0 else [])])


def _reason(error: Exception) -> str:
    """Playwright's words without its log."""
    lines: Iterator[str] = (line.strip() for line in str(error).splitlines())
    words = [line for line in lines if line and "Call log" not in line]
    told = [line for line in words if "intercepts pointer events" in line or "did not find some options" in line]
    if told:
        return told[0].lstrip("- ")
    if words and "Timeout" in words[0]:
        return "it is covered, disabled or never stands still"
    return (words or ["it is not there"])[0].split(": ", 1)[-1]


__all__ = ["CONTROLS", "Visit", "absent", "named"]
