"""A stylesheet's next version, put in rule by rule: what applies is what the whole text would give."""

from __future__ import annotations

import random

import pytest

from .preview import Preview

pytestmark = pytest.mark.asyncio(loop_scope="session")

TAILWIND = """@layer theme, base, components, utilities;
@layer theme { :root { --color-red: red; } }
@layer base { h1::-moz-selection { color: red } h1 { margin: 0 } }
@layer utilities {
  .mt-\\[7px\\] { margin-top: 7px; }
  .p-1 { padding: 1px; }
  @media (width >= 1px) { .md\\:p-2 { padding: 2px; } }
}
@property --tw-x { syntax: "*"; inherits: false; }
"""

EDITS = {
    "a class": ("  .p-1 {", "  .mt-\\[8px\\] { margin-top: 8px; }\n  .p-1 {"),
    "two classes, apart": ("{ padding: 1px; }", "{ padding: 1px; } .z { color: red } "),
    "one in a media query": (".md\\:p-2 {", ".md\\:m-2 { margin: 2px } .md\\:p-2 {"),
    "one that needs a property": (
        "@property",
        '@property --tw-y { syntax: "*"; inherits: false; initial-value: "}"; }\n@property',
    ),
    "another value": ("padding: 1px", "padding: 3px"),
    "one less": ("  .p-1 { padding: 1px; }\n", ""),
    "brackets in strings and comments": ("  .p-1 {", "  /* } */ .q::after { content: '}{;' ; } .p-1 {"),
    "another layer": ("@layer utilities", "@layer late { h1 { top: 0 } }\n@layer utilities"),
}

FILES = {
    "src/main.tsx": 'import "./app.css"; import { createRoot } from "react-dom/client";\n'
    'createRoot(document.getElementById("root")!).render(<h1 className="p-1">hello</h1>);',
    "src/app.css": TAILWIND,
}

# The rules of the app's sheet, and those of the same text read anew.
BOTH = """css => {
  const fresh = new CSSStyleSheet();
  fresh.replaceSync(css);
  const text = sheet => [...sheet.cssRules].map(rule => rule.cssText).join("\\n");
  return [text(document.querySelector("style[data-overskill]").sheet), text(fresh)];
}"""
MARK = "document.querySelector('style[data-overskill]').sheet.marked = true"
MARKED = "document.querySelector('style[data-overskill]').sheet.marked === true"


@pytest.mark.parametrize("edit", EDITS, ids=str)
async def test_rules_are_put_in_where_they_belong(preview: Preview, edit: str) -> None:
    old, new = EDITS[edit]
    css = TAILWIND.replace(old, new, 1)
    assert css != TAILWIND
    await preview.show(FILES)
    await preview.frame.evaluate(MARK)
    for text in (css, TAILWIND, css):
        await preview.edit({"src/app.css": text})
        now, fresh = await preview.frame.evaluate(BOTH, text)
        assert now == fresh
    assert await preview.frame.evaluate(MARKED)


async def test_a_sheet_whose_rules_the_browser_counts_otherwise_is_replaced(preview: Preview) -> None:
    odd = "h1 { color: red }\nh1::-moz-nothing { color: red }\n"
    await preview.show({**FILES, "src/app.css": odd})
    await preview.frame.evaluate(MARK)
    text = odd + "h1 { top: 1px }"
    await preview.edit({"src/app.css": text})
    now, fresh = await preview.frame.evaluate(BOTH, text)
    assert now == fresh
    assert not await preview.frame.evaluate(MARKED)
    for broken in ("h1 { color: blue", "h1 { color: green } }", "@media { h1 { color: red }"):
        await preview.edit({"src/app.css": broken})
        now, fresh = await preview.frame.evaluate(BOTH, broken)
        assert now == fresh, broken


async def test_any_sequence_of_edits_ends_with_the_rules_of_the_last(preview: Preview) -> None:
    chance = random.Random(7)
    rules = [f".r{i} {{ top: {i}px }}" for i in range(8)] + ["@supports (top: 0) { .s { top: 0 } }", "@layer a, b;"]
    await preview.show(FILES)
    for _ in range(60):
        inner = " ".join(chance.sample(rules[:8], chance.randint(0, 6)))
        outer = chance.sample(rules, chance.randint(0, 6))
        outer.insert(chance.randint(0, len(outer)), f"@layer utilities {{ {inner} @media all {{ {inner} }} }}")
        text = "\n".join(outer)
        await preview.edit({"src/app.css": text})
        now, fresh = await preview.frame.evaluate(BOTH, text)
        assert now == fresh
