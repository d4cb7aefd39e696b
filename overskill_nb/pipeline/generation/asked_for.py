"""What a prompt names letter by letter and an answer does not have: worth another try, though it runs."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"(?<![\w'])'([^'\n]{2,60})'(?!\w)|\"([^\"\n]{2,60})\"|[“„]([^”\n]{2,60})[”“]|`([^`\n]{2,60})`")
_NAMED = re.compile(
    r"\b(?i:buttons?|fields?|tabs?|columns?|labell?ed|called|headings?|titled)\s+(?:is\s+|are\s+)?"
    r"((?:[A-Z][\w%+-]*|\d+%)(?:(?:,? and |, |,? or )(?:[A-Z][\w%+-]*|\d+%))*)"
)
_COMMENT = re.compile(r"/\*[\s\S]*?\*/|(?<!:)//[^\n]*")
_WORD = re.compile(r"[a-z]{3,}|\d+%")


def missing(prompt: str, source: str, text: str) -> list[str]:
    """Texts that the prompt quotes, and names of buttons, fields and columns, that stand nowhere in the answer.

    ``source`` is the code, ``text`` what a screen reader finds. Case does not matter; of a quoted text each word has
    to be there, since its numbers and names may come from the state.
    """
    there = f"{_COMMENT.sub('', source)}\n{text}".lower()
    out: list[str] = []
    for wanted in named(prompt):
        words = _WORD.findall(wanted.lower())
        if any(not _stands(word, there) for word in words) and wanted not in out:
            out.append(wanted)
    return out


def named(prompt: str) -> list[str]:
    """What a prompt quotes, or gives as the name of a part, in order."""
    found = [(match.start(), next(text for text in match.groups() if text)) for match in _QUOTED.finditer(prompt)]
    for match in _NAMED.finditer(prompt):
        found += [(match.start(), name) for name in re.split(r",? and |,? or |, ", match[1])]
    return [text.strip() for _, text in sorted(found, key=lambda item: item[0])]


def _stands(word: str, there: str) -> bool:
    """Numbers may be put together: ``{rate}%``."""
    if word.endswith("%"):
        return re.search(rf"\b{word[:-1]}\b|\b0?\.{int(word[:-1]):02d}\b", there) is not None
    return word in there
