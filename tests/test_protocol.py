from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from samples import TEXT, classes, samples

from overskill_nb import protocol
from overskill_nb.message import Message
from overskill_nb.protocol import (
    Call,
    Event,
    RawEvent,
    Reply,
    Subscribe,
    ToClient,
    ToEngine,
    decode_to_client,
    decode_to_engine,
    encode,
)

ROOT = Path(__file__).resolve().parent.parent
TO_ENGINE = typing.get_args(ToEngine)
TO_CLIENT = typing.get_args(ToClient)


def reachable(*kinds: type) -> set[type]:
    """The message classes that messages of these classes can hold, themselves included."""
    found: set[type] = set()

    def visit(form: Any) -> None:
        if isinstance(form, type) and issubclass(form, Message) and form not in found:
            found.add(form)
            for annotation in typing.get_type_hints(form).values():
                visit(annotation)
        for argument in typing.get_args(form):
            visit(argument)

    for kind in kinds:
        visit(kind)
    return found


# ---------------------------------------------------------------------------------------------------------- Python


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_every_message_survives_the_wire(kind: type[Message]) -> None:
    seen = 0
    for message in samples(kind):
        again = msgspec.json.decode(encode(message), type=kind)
        assert encode(again) == encode(message)
        assert again == message or kind is RawEvent
        seen += 1
    assert seen


def test_every_message_to_the_engine_is_read_as_what_it_was() -> None:
    for kind in TO_ENGINE:
        for message in samples(kind):
            assert decode_to_engine(encode(message)) == message
            assert decode_to_engine(encode(message).decode()) == message


def test_every_message_to_a_client_is_read_as_what_it_was() -> None:
    for kind in TO_CLIENT:
        for message in samples(kind):
            assert decode_to_client(encode(message)) == message


def test_each_class_has_its_place_in_the_protocol() -> None:
    assert {*classes()} == reachable(*TO_ENGINE, *TO_CLIENT) | {RawEvent}


def read(data: dict[str, Any], kind: type[Message]) -> Message:
    return msgspec.json.decode(json.dumps(data), type=kind)


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_an_unknown_field_is_refused(kind: type[Message]) -> None:
    data = json.loads(encode(next(iter(samples(kind)))))
    read(data, kind)
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        read({**data, "surprise": 1}, kind)


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_a_missing_field_is_refused(kind: type[Message]) -> None:
    data = json.loads(encode(next(iter(samples(kind)))))
    for field in msgspec.structs.fields(kind):
        if field.required:
            with pytest.raises(msgspec.ValidationError, match="required field"):
                read({name: value for name, value in data.items() if name != field.name}, kind)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"type":"nothing"}',
        '{"type":"reply","id":1}',
        '{"type":"call","id":"1","request":{"type":"inspect"}}',
        '{"type":"call","id":1,"request":{"type":"call"}}',
        '{"type":"ack","client":"c","app":"a","build":"b","seq":1,"outcome":"maybe"}',
        '{"type":"ack","client":"c","app":"a","build":"b","seq":1,"outcome":"applied","ms":-1}',
        b'{"type":"unsubscribe","client":"\xff"}',
        '{"type":"unsubscribe","client":"\\ud800"}',
    ],
)
def test_what_is_no_message_is_refused(data: str | bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode_to_engine(data)


def test_a_subscription_without_numbers_asks_for_a_snapshot() -> None:
    message = decode_to_engine('{"type":"subscribe","client":"c","app":"a"}')
    assert isinstance(message, Subscribe)
    assert (message.seq, message.build, message.module, message.have) == (-1, "", "", [])


def test_an_event_that_was_encoded_before_is_read_like_any_other() -> None:
    for event in samples(protocol.Update):
        sent = encode(RawEvent(client=TEXT, event=msgspec.Raw(encode(event))))
        assert decode_to_client(sent) == Event(client=TEXT, event=event)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------ TypeScript


def test_the_typescript_types_are_up_to_date(typescript: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/protocol", "--check"], capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def scratch(typescript: Path) -> Iterator[Path]:
    """A folder in js/ whose files tsc checks as it checks the sources."""
    with tempfile.TemporaryDirectory(prefix=".contract-", dir=typescript) as name:
        settings = {"extends": "../tsconfig.json", "include": ["*.ts"], "compilerOptions": {"types": ["node"]}}
        (Path(name) / "tsconfig.json").write_text(json.dumps(settings))
        yield Path(name)


def type_check(folder: Path) -> str:
    """What tsc has to say."""
    tsc = folder.parent / "node_modules/.bin/tsc"
    done = subprocess.run([tsc, "-p", folder], capture_output=True, text=True, check=False, timeout=200)
    return done.stdout + done.stderr


def literals(name: str, form: str, messages: list[Any]) -> str:
    lines = "".join(f"  {json.dumps(message)},\n" for message in messages)
    return f'import type {{ Protocol }} from "../src/protocol";\nexport const {name}: {form}[] = [\n{lines}];\n'


def test_what_python_sends_is_what_typescript_expects(scratch: Path) -> None:
    sent = [json.loads(encode(message)) for kind in TO_CLIENT for message in samples(kind)]
    asked = [json.loads(encode(message)) for kind in TO_ENGINE for message in samples(kind)]
    (scratch / "to_client.ts").write_text(literals("toClient", 'Protocol["to_client"]', sent))
    (scratch / "to_engine.ts").write_text(literals("toEngine", 'Protocol["to_engine"]', asked))
    assert type_check(scratch) == ""


def test_a_message_that_differs_in_one_field_does_not_pass_the_types(scratch: Path) -> None:
    good = json.loads(encode(Reply(id=1, result=protocol.Done())))
    wrong = [{**good, "extra": 1}, {**good, "id": "1"}, {"type": "reply", "id": 1}, {**good, "type": "answer"}]
    for number, message in enumerate(wrong):
        (scratch / f"wrong{number}.ts").write_text(literals("messages", 'Protocol["to_client"]', [message]))
    said = type_check(scratch)
    for number in range(len(wrong)):
        assert f"wrong{number}.ts" in said


def test_what_typescript_sends_is_what_python_reads(scratch: Path) -> None:
    source = scratch / "client.ts"
    source.write_text((Path(__file__).parent / "contract/to_engine.ts").read_text("utf-8"), "utf-8")
    assert type_check(scratch) == ""
    script = scratch / "client.mjs"
    esbuild = scratch.parent / "node_modules/esbuild/bin/esbuild"
    subprocess.run([esbuild, source, f"--outfile={script}", "--log-level=error"], check=True, timeout=200)
    printed = subprocess.run(["node", script], capture_output=True, text=True, check=True, timeout=200).stdout
    messages = [decode_to_engine(line) for line in printed.splitlines()]
    assert {type(message) for message in messages} == {*TO_ENGINE}
    assert {type(message.request) for message in messages if isinstance(message, Call)} == {
        *typing.get_args(protocol.Request)
    }
