"""Accessible trees: what is the same, and what differs."""

from __future__ import annotations

import pytest

from overskill_nb.trees import Tree, difference

TASKS = """
- main:
  - heading "Tasks" [level=1]
  - text: New task
  - textbox "New task": Milk
  - button "Add" [disabled]
  - list:
    - listitem:
      - text: Milk
      - button "Delete"
  - paragraph:
    - text: You have
    - strong: "1"
    - text: item
  - 'link "a: b"':
    - /url: "#a"
"""
PRINTED = """\
- main:
  - heading "Tasks" [level=1]
  - textbox "New task": Milk
  - button "Add" [disabled]
  - list:
    - listitem:
      - text: Milk
      - button "Delete"
  - text: You have 1 item
  - 'link "a: b"':
    - /url: '#a'"""


def test_it_prints_what_a_screen_reader_finds_and_is_read_again() -> None:
    tree = Tree(TASKS)
    assert str(tree) == PRINTED
    assert str(Tree(PRINTED)) == PRINTED
    assert Tree(PRINTED) == tree
    assert hash(Tree(PRINTED)) == hash(tree)
    assert repr(Tree("")) == "(nothing)"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("- paragraph: Three left", "- text: Three left"),
        ("- text: You have 3 items", "- paragraph:\n  - text: You have\n  - strong: 3\n  - text: items"),
        ("- paragraph: a\n- paragraph: b", "- text: a b"),
        ("- text: $96.00", '- text: $\n- emphasis: "96.00"'),
        ('- text: Name\n- textbox "Name"', '- textbox "Name"'),
        ('- checkbox "Red"\n- text: Red Nothing', '- checkbox "Red"\n- text: Nothing'),
        ('- button "Close": ×', '- button "Close"'),
        ('- table:\n  - rowgroup:\n    - row "a":\n      - cell "a"', '- table:\n  - row "a":\n    - cell "a"'),
        ("- listitem: Milk", "- listitem:\n  - paragraph: Milk"),
        ('- link "x":\n  - /url: /assets/a-ABC.png', '- link "x":\n  - /url: /assets/a-DEF.png'),
        ('- link "x":\n  - /url: blob:https://app.test/1', '- link "x":\n  - /url: blob:https://app.test/2'),
    ],
)
def test_markup_alone_makes_no_difference(one: str, other: str) -> None:
    assert Tree(one) == Tree(other)
    assert difference(Tree(one), Tree(other)) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("- text: 3 items", "- text: 2 items"),
        ('- button "Add"', '- link "Add"'),
        ('- button "Add"', '- button "Insert"'),
        ('- button "Add"', '- button "Add" [disabled]'),
        ('- textbox "Name"', '- textbox "Name": Ada'),
        ('- textbox "Name"', "- textbox"),
        ("- listitem: a\n- listitem: b", "- listitem: b\n- listitem: a"),
        ('- heading "A" [level=1]', '- heading "A" [level=2]'),
        ("- list:\n  - listitem: a", "- listitem: a"),
        ('- link "x":\n  - /url: "#a"', '- link "x":\n  - /url: "#b"'),
        ("- text: a", ""),
        ("- text: 1 11", "- text: 11 1"),
        ("- text: 1\n- strong: 11", "- text: 11\n- strong: 1"),
        ("- cell: 25:00", "- cell: 1500"),
        ("- text: no", "- text: false"),
    ],
)
def test_what_a_person_would_notice_does(one: str, other: str) -> None:
    assert Tree(one) != Tree(other)
    assert difference(Tree(one), Tree(other))


def test_a_difference_shows_what_went_and_what_came_with_a_little_around_it() -> None:
    before = Tree("- main:\n" + "".join(f"  - listitem: no. {n}\n" for n in range(20)))
    after = Tree(str(before).replace("no. 10", "no. ten"))
    assert difference(before, after).splitlines() == [
        "    - listitem: no. 8",
        "    - listitem: no. 9",
        "-   - listitem: no. 10",
        "+   - listitem: no. ten",
        "    - listitem: no. 11",
        "    - listitem: no. 12",
    ]


def test_what_the_checker_finds_is_read_without_quotes() -> None:
    found = ["- main", '  - heading "a "b": c" [level=2]', "  - * [x] list: of {things}", '  - textbox "Name": Ada']
    tree = Tree("\n".join([*found, "  - list", "    - hello"]), of_eyes=True)
    assert tree.texts == ['a "b": c', "* [x] list: of {things}", "Name", "Ada", "hello"]
    assert [node.role for node in tree.walk() if node.role] == ["main", "heading", "textbox", "list"]


def test_a_text_is_seen_whatever_pieces_it_is_in() -> None:
    tree = Tree('- text: You have\n- emphasis: "3"\n- text: items\n- button "Add"\n- textbox "Name": Ada')
    for text in ("You have 3 items", "3 items", "Add", "Ada", "Name", "items Add"):
        assert tree.sees(text)
    assert not tree.sees("4 items")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10 to buy", "0 to buy"),
        ("1.5 litres", "5 litres"),
        ("Total 1,200", "Total 1"),
        ("Address", "Add"),
        ("3 items", "3 item"),
        ("nothing", " "),
    ],
)
def test_a_part_of_a_word_or_of_a_number_is_not_seen(text: str, wanted: str) -> None:
    assert not Tree(f'- text: "{text}"').sees(wanted)


@pytest.mark.parametrize(
    ("text", "wanted"), [("$96.00", "96.00"), ("$ 96", "$96"), ("我的待办事项", "待办"), ("Done!", "Done"), ("3.", "3")]
)
def test_a_whole_word_is_seen_beside_signs_and_where_words_have_no_blanks(text: str, wanted: str) -> None:
    assert Tree(f'- text: "{text}"').sees(wanted)


def test_what_another_yaml_has_a_meaning_for_is_text() -> None:
    tree = Tree('- text: =\n- text: <<\n- button "on": 0x10\n- listitem: 012')
    assert tree.texts == ["=", "<<", "on", "012"]
