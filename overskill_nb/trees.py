"""Accessible trees: what a screen reader finds of an app, as text; what is the same, and what differs.

Two trees are the same where roles, names, states and texts are. What only is markup makes no difference: paragraphs,
emphasis, groups of rows, how a text is cut into pieces between words, and where the text of a field's label stands.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec

BLOCKS = frozenset({"paragraph"})
"""Roles of nothing but markup that begin a line of their own."""
INLINE = frozenset({"strong", "emphasis", "code", "time", "mark", "subscript", "superscript", "insertion", "deletion"})
"""Those that stand within a line."""
WRAPPERS = frozenset({"rowgroup", "generic", "none", "presentation"})
FIELDS = ("textbox", "searchbox", "spinbutton", "combobox", "listbox", "checkbox", "radio", "switch", "slider")
NAMED_BY_CONTENT = frozenset(
    {
        "button",
        "link",
        "tab",
        "option",
        "menuitem",
        "menuitemcheckbox",
        "menuitemradio",
        "heading",
        "switch",
        "treeitem",
    }
)
CONTEXT = 2
"""Lines that a difference shows around it."""
MOST_LINES = 60
_LABEL = re.compile(r'(?P<role>[a-z/]+)(?: (?P<name>"(?:[^"\\]|\\.)*"|/.*/))?(?P<states>(?: \[[^\]]*\])*)')
_STATES = r"(?: \[[a-z=0-9]+\])*"
_EYES = re.compile(
    rf'(?P<role>[a-z]+)(?: "(?P<name>.*)")?(?P<states>{_STATES})(?:: (?P<value>.*?))?(?P<more>{_STATES})'
)
ROLES = frozenset(
    {
        *FIELDS,
        *("article", "banner", "button", "cell", "columnheader", "complementary", "contentinfo", "dialog", "form"),
        *("group", "heading", "img", "link", "list", "listitem", "main", "menu", "menuitem", "meter", "navigation"),
        *("option", "progressbar", "radiogroup", "region", "row", "rowheader", "separator", "status", "tab", "table"),
        *("tablist", "tabpanel", "timer", "toolbar", "tooltip", "tree", "treeitem", "alert", "alertdialog", "grid"),
        *("gridcell", "log", "marquee", "menubar", "menuitemcheckbox", "menuitemradio", "note", "search"),
    }
)
"""Those that stand at the beginning of a line without a text."""
_BUILT = re.compile(r"/assets/\S*|blob:\S*")
"""Addresses that are others with each build, or each visit."""
_SPACED = r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\U0010ffff]"
"""Characters of scripts that put blanks between words."""


class Node(msgspec.Struct):
    """A role, or a text where the role is empty."""

    role: str
    label: str
    """Role, name and states, as they are printed; the text where there is no role."""
    name: str = ""
    children: list[Node] = []


class Tree:
    """What a screen reader finds. Prints as an indented list."""

    def __init__(self, text: str, *, of_eyes: bool = False) -> None:
        """``text`` is such a list, as Playwright and this class write it, or as ``js/src/eyes`` does."""
        self.nodes = _cleaned(_read_lines(text) if of_eyes else _read(text))

    def __str__(self) -> str:
        return "\n".join(line for lines, _ in _printed(self.nodes, 0) for line in lines)

    def __repr__(self) -> str:
        return str(self) or "(nothing)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tree) and _keys(self.nodes) == _keys(other.nodes)

    def __hash__(self) -> int:
        return hash(tuple(_keys(self.nodes)))

    def walk(self) -> Iterator[Node]:
        """All nodes, in order."""
        yield from _walk(self.nodes)

    def hide(self, values: Collection[str], stands: str) -> None:
        """Put something else in place of what fields hold."""
        for node in self.walk():
            if node.role in FIELDS:
                node.children = [_text(stands) if one.label in values else one for one in node.children]

    @property
    def texts(self) -> list[str]:
        """What can be read in it, piece by piece: texts, names of controls, values of fields."""
        return list(dict.fromkeys(self._pieces()))

    def sees(self, text: str) -> bool:
        """Whether a text stands in it, in one piece or over several in a row; as whole words and numbers."""
        wanted = _squeezed(text)
        if not wanted:
            return False
        before = rf"(?<!{_SPACED})" if re.match(_SPACED, wanted) else ""
        after = rf"(?!{_SPACED})" if re.match(_SPACED, wanted[-1]) else ""
        if wanted[0].isdigit():
            before += r"(?<!\d[.,])"
        if wanted[-1].isdigit():
            after += r"(?![.,]\d)"
        whole = re.compile(f"{before}{re.escape(wanted)}{after}")
        pieces = list(self._pieces())
        return any(whole.search(_squeezed(one)) for one in [*pieces, " ".join(pieces)])

    def _pieces(self) -> Iterator[str]:
        for node in self.walk():
            if text := node.name if node.role else node.label:
                yield text


def difference(before: Tree, after: Tree) -> str:
    """What became of a tree, as lines with ``-`` and ``+``; empty where nothing did."""
    old, new = list(_printed(before.nodes, 0)), list(_printed(after.nodes, 0))
    matcher = difflib.SequenceMatcher(None, [key for _, key in old], [key for _, key in new], autojunk=False)
    out: list[str] = []
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if out:
            out.append("  …")
        for kind, a, b, c, d in group:
            if kind == "equal":
                out += _marked(" ", old[a:b])
            else:
                out += _marked("-", old[a:b]) + _marked("+", new[c:d])
    if len(out) > MOST_LINES:
        out = [*out[:MOST_LINES], f"  … and {len(out) - MOST_LINES} lines more"]
    return "\n".join(out)


def _marked(mark: str, groups: Iterable[tuple[list[str], str]]) -> list[str]:
    return [f"{mark} {line}" for lines, _ in groups for line in lines]


# ------------------------------------------------------------------------------------------------------- reading


def _read(text: str) -> list[Node]:
    import yaml

    if not text.strip():
        return []
    # All is text: "25:00" is no number here, nor "no" a truth value.
    read = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506 - it makes texts only
    return _nodes(read)


def _nodes(value: Any) -> list[Node]:
    if not value:
        return []
    if not isinstance(value, list):
        return [_text(str(value))]
    out: list[Node] = []
    for item in value:
        if isinstance(item, dict):
            out += [_node(str(label), inner) for label, inner in item.items()]
        else:
            out.append(_node(str(item), None))
    return out


def _node(label: str, inner: Any) -> Node:
    if label == "text":
        return _text("" if inner is None else str(inner))
    if label.startswith("/"):  # a property, such as a link's address
        return Node("/", f"{label}: {_value(str(inner))}")
    found = _LABEL.fullmatch(label)
    if found is None:
        return _text(label)
    name = found["name"] or ""
    plain = re.sub(r"\\(.)", r"\1", name[1:-1]) if name.startswith('"') else name
    return Node(found["role"], label.replace(" [active]", ""), plain, _nodes(inner))


def _read_lines(text: str) -> list[Node]:
    """What has no quotes around texts: a line is a role where it begins as one."""
    top: list[Node] = []
    within: list[list[Node]] = [top]
    for line in text.splitlines():
        words = line.lstrip(" ")
        depth = (len(line) - len(words)) // 2
        words = words.removeprefix("- ")
        found = _EYES.fullmatch(words)
        if found is None or found["role"] not in ROLES:
            node = _text(words)
        else:
            role, name, states, value = found["role"], found["name"] or "", found["states"], found["value"] or ""
            label = f"{role} {json.dumps(name, ensure_ascii=False)}" if name else role
            node = Node(role, f"{label}{states}", name, [_text(value)] if value else [])
        del within[depth + 1 :]
        within[-1].append(node)
        within.append(node.children)
    return top


def _text(text: str) -> Node:
    return Node("", " ".join(text.split()))


# ------------------------------------------------------------------------------------------------------ cleaning


def _cleaned(nodes: Sequence[Node]) -> list[Node]:
    """Without what is markup only."""
    out: list[Node] = []
    joins = False  # whether the next text goes on with the one before
    for node in _flat(nodes):
        if node is None:
            joins = bool(out) and not out[-1].role
        elif node.role:
            if not (node.role == "/" and _BUILT.search(node.label)):
                inner = _cleaned(node.children)
                if node.role in NAMED_BY_CONTENT and node.name:
                    inner = [one for one in inner if one.role]  # the name goes before what is drawn
                out.append(Node(node.role, node.label, node.name, inner))
            joins = False
        elif node.label:
            if joins:
                out[-1] = _text(f"{out[-1].label} {node.label}")
            else:
                out.append(node)
            joins = False
    return _without_labels(out)


def _without_labels(nodes: Sequence[Node]) -> list[Node]:
    """Without the texts beside fields that are their names."""
    names = {node.name for node in nodes if node.role in FIELDS and node.name}
    out: list[Node] = []
    for at, node in enumerate(nodes):
        text = node.label
        if node.role or text in names:
            if node.role:
                out.append(node)
            continue
        before, after = (nodes[at - 1] if at else None), (nodes[at + 1] if at + 1 < len(nodes) else None)
        if before is not None and before.name in names:
            text = text.removeprefix(f"{before.name} ")
        if after is not None and after.name in names:
            text = text.removesuffix(f" {after.name}")
        out.append(_text(text))
    return out


def _flat(nodes: Sequence[Node]) -> Iterator[Node | None]:
    """With what is in wrappers in their place; None between texts that stand in one line."""
    for node in nodes:
        if node.role in INLINE:
            yield None
            yield from _flat(node.children)
            yield None
        elif node.role in BLOCKS or (node.role in WRAPPERS and not node.name):
            yield from _flat(node.children)
        else:
            yield node


# ------------------------------------------------------------------------------------------------------ printing


def _printed(nodes: Sequence[Node], depth: int) -> Iterator[tuple[list[str], str]]:
    """Lines, and what they are compared by: texts in a row are one."""
    indent = "  " * depth
    texts: list[str] = []
    for node in nodes:
        if not node.role:
            texts.append(node.label)
            continue
        if texts:
            yield _texts(indent, texts)
            texts = []
        if node.role == "/":
            yield [f"{indent}- {node.label}"], f"{indent}{node.label}"
        elif not node.children:
            yield [f"{indent}- {_key(node.label)}"], f"{indent}{node.label}"
        elif all(not child.role for child in node.children):
            words = [child.label for child in node.children]
            key = f"{indent}{node.label}: {_squeezed(' '.join(words))}"
            yield [f"{indent}- {_key(node.label)}: {_value(' '.join(words))}"], key
        else:
            yield [f"{indent}- {_key(node.label)}:"], f"{indent}{node.label}"
            yield from _printed(node.children, depth + 1)
    if texts:
        yield _texts(indent, texts)


def _texts(indent: str, texts: Sequence[str]) -> tuple[list[str], str]:
    return [f"{indent}- text: {_value(text)}" for text in texts], f"{indent}text: {_squeezed(' '.join(texts))}"


def _keys(nodes: Sequence[Node]) -> list[str]:
    return [key for _, key in _printed(nodes, 0)]


def _value(text: str) -> str:
    """A text as YAML has it."""
    import yaml

    written = yaml.safe_dump(text, allow_unicode=True, width=10**9, default_style=None).strip()
    return written.removesuffix("\n...").strip()


def _key(label: str) -> str:
    """Quoted where YAML would read something else."""
    if ": " not in label and " #" not in label and not label.endswith(":"):
        return label
    return f"'{label.replace(chr(39), chr(39) * 2)}'"


def _walk(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _walk(node.children)


def _squeezed(text: str) -> str:
    """With one blank between words, and none elsewhere: where a text was cut, that cannot be told."""
    return re.sub(r"(?<=\w) (?=\w)|(?P<other> )", lambda found: "" if found["other"] else " ", " ".join(text.split()))
