"""From what a model said to the files that it means. Nothing here knows of React; that is the check's to judge."""

from __future__ import annotations

import re
from typing import NamedTuple

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})([^\n`]*)\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_PATH = re.compile(r"[\w@./-]+\.(?:tsx|jsx|ts|js|css|json|svg|md)\b")
_FIRST_LINE_PATH = re.compile(
    r"^\s*(?://|/\*|#)\s*(?:file(?:name)?:\s*)?([\w@./-]+\.(?:tsx|jsx|ts|js|css))\s*(?:\*/)?\s*\n"
)
_CODE_LINE = re.compile(
    r"^\s*(?:import\b.*|export\b.*|(?:const|let|var|type|interface|enum|class|(?:async\s+)?function)\s+[\w${\[].*|"
    r"[\"']use (?:client|strict)[\"'];?|//.*|/\*.*|\}\s*;?|\)\s*;?)$"
)
_LEFT_OUT = re.compile(
    r"^\s*(?://|/\*|\{\s*/\*)\s*(?:"
    r"(?:\.{3}|…)(?!\w)"
    r"|(?:\.{3}|…)?\s*(?:the )?(?:rest|remainder|remaining|existing|previous|other|same)(?: of)?(?: the)? "
    r"(?:code|component|file|imports|logic|state|content|jsx|markup|handlers|functions|as before|above)"
    r"|your (?:code|logic) (?:goes )?here|unchanged\b)",
    re.IGNORECASE | re.MULTILINE,
)
_SCRIPTS = {"", "tsx", "jsx", "ts", "js", "typescript", "javascript", "react", "typescriptreact", "javascriptreact"}
_OTHER = {
    "py": "Python",
    "python": "Python",
    "html": "HTML",
    "vue": "Vue",
    "svelte": "Svelte",
    "java": "Java",
    "dart": "Dart",
    "swift": "Swift",
    "ruby": "Ruby",
    "php": "PHP",
}
_ASIDE = {"bash", "sh", "shell", "console", "text", "txt", "diff", "json", "markdown", "md", "plaintext"}


class Block(NamedTuple):
    """One piece of code of an answer."""

    path: str
    """As the model named it; empty where it did not."""
    language: str
    code: str
    closed: bool


class Answer(NamedTuple):
    """The files of an answer by path, and what is wrong with it as a whole."""

    files: dict[str, str]
    prose: str
    problem: str
    """Why there is nothing to check, in one sentence to the model; empty where there is something."""


def read(text: str, path: str, *, cut_off: bool = False, several: bool = False) -> Answer:
    """The files in a model's answer. ``path`` is where code goes that names no file.

    ``cut_off``: the service said that the answer was longer than it was allowed to be.
    """
    text = text.replace("\r\n", "\n")
    found = list(blocks(text))
    prose = _FENCE.sub("", text).strip() if found else ""
    scripts = [b for b in found if b.language in _SCRIPTS or (b.language == "css" and (several or b.path))]
    if not found:
        bare, prose = _bare_code(text)
        scripts = [Block("", "tsx", bare, closed=True)] if bare else []
    if not scripts:
        return Answer({}, prose or text.strip()[:2000], _nothing(text, found))
    if cut_off or (not scripts[-1].closed and not _looks_whole(scripts[-1].code)):
        return Answer({}, prose, "The answer ends in the middle of the code. Write the whole file, shorter.")
    files = _placed(scripts, path, several)
    if other := _other_language(files.get(path, "")):
        return Answer({}, prose, f"The answer is {other}. Write the component in TypeScript with React.")
    for code in files.values():
        if left_out := _LEFT_OUT.search(code):
            shown = left_out[0].strip()[:60]
            return Answer({}, prose, f"The answer leaves code out ('{shown}'). Write the whole file.")
    return Answer(files, prose, "")


def blocks(text: str) -> list[Block]:
    """The fenced pieces of a text."""
    out = []
    for match in _FENCE.finditer(text):
        info, code = match[2].strip(), match[3]
        closed = match[0].rstrip().endswith(match[1]) and not match[3].endswith(match[0])
        language = re.split(r"[\s:{]", info, maxsplit=1)[0].lower()
        named = _PATH.search(info)
        if named and language == named[0].lower():
            language = language.rsplit(".", 1)[-1]
        path = named[0] if named else _title(text[: match.start()])
        if first := _FIRST_LINE_PATH.match(code):
            path = path or first[1]
        out.append(Block(path, language, code, closed))
    return out


def _title(before: str) -> str:
    """The file that the line above a fence names."""
    lines = before.rstrip().splitlines()
    last = lines[-1].strip() if lines else ""
    match = _PATH.search(last)
    return match[0] if match and len(last) < len(match[0]) + 24 else ""


def _placed(scripts: list[Block], path: str, several: bool) -> dict[str, str]:
    """Which block is which file. Of those without a name, the last that exports something is it."""
    named = {b.path.removeprefix("./").removeprefix("/"): b.code for b in scripts if b.path}
    if several and named:
        return named
    mine = [code for name, code in named.items() if name == path or name.rsplit("/", 1)[-1] == path.rsplit("/", 1)[-1]]
    if mine:
        return {path: mine[-1]}
    candidates = [b.code for b in scripts if b.language != "css"]
    if not candidates:
        return {}
    exporting = [code for code in candidates if re.search(r"^\s*export\s+default\b", code, re.MULTILINE)]
    return {path: exporting[-1] if exporting else max(candidates, key=len)}


def _bare_code(text: str) -> tuple[str, str]:
    """Code that was not fenced, without the sentences around it."""
    lines = text.strip().splitlines()
    code = [n for n, line in enumerate(lines) if _CODE_LINE.match(line)]
    if not code or not re.search(r"\b(?:export|function|=>|return)\b", text) or not re.search(r"[{(<]", text):
        return "", text.strip()
    first, last = code[0], code[-1]
    if sum(1 for n in code if n <= last) < 3:
        return "", text.strip()
    prose = "\n".join(lines[:first] + lines[last + 1 :]).strip()
    return "\n".join(lines[first : last + 1]) + "\n", prose


def _looks_whole(code: str) -> bool:
    """Whether code may be all of a file though its fence was left open."""
    return bool(re.search(r"(?:\}|;|\))\s*$", code)) and code.count("{") == code.count("}")


def _nothing(text: str, found: list[Block]) -> str:
    for block in found:
        if block.language in _OTHER:
            return f"The answer is {_OTHER[block.language]}. Write the component in TypeScript with React."
    if other := _other_language(text):
        return f"The answer is {other}. Write the component in TypeScript with React."
    if found and all(b.language in _ASIDE for b in found):
        return "The answer holds no component. Write the whole file in one fenced block."
    return "The answer holds no code. Write the whole file in one fenced block and nothing else."


def _other_language(code: str) -> str:
    if re.search(r"^\s*<!doctype html|^\s*<html\b", code, re.IGNORECASE):
        return "HTML"
    if re.search(r"^\s*<template>", code, re.MULTILINE) and "</template>" in code:
        return "Vue"
    if re.search(r"^\s*def \w+\(.*\):\s*$|^\s*from [\w.]+ import [\w, *]+\s*$", code, re.MULTILINE):
        return "Python"
    return ""


class Endless:
    """Notices while a text arrives that it does not end by itself."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._text = ""
        self._size = 0
        self._looked = 0

    def sees(self, delta: str) -> str:
        """Take in more of the text; why it should be stopped, or nothing."""
        self._size += len(delta)
        self._text = (self._text + delta)[-6000:]
        if self._size > self._most:
            return f"it wrote more than {self._most // 1000} thousand characters"
        if self._size - self._looked < 400:
            return ""
        self._looked = self._size
        return "it repeats itself" if _repeats(self._text) else ""


def _repeats(text: str) -> bool:
    """Whether a text ends in the same lines, or the same characters, again and again."""
    lines = [line.strip() for line in text.splitlines()][:-1]
    for period in range(1, 9):
        tail = lines[-period * 8 :]
        if len(tail) == period * 8 and len(tail) >= 24 and any(tail):
            first = tail[:period]
            if sum(map(len, first)) > 3 and all(tail[n : n + period] == first for n in range(0, len(tail), period)):
                return True
    end = text[-2000:]
    return len(end) == 2000 and any(end == (end[:period] * (2000 // period + 1))[:2000] for period in range(1, 200))
