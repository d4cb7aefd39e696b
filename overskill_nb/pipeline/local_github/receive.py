"""What a push does to a repository: its objects go in first, then its branches move, each only from where the pusher
saw it. Dulwich's own ``ReceivePackHandler`` says ``ok`` for a branch that has moved meanwhile, so this is not it."""

from __future__ import annotations

from typing import BinaryIO

import msgspec
from dulwich.objects import Commit, ObjectID
from dulwich.protocol import (
    SIDE_BAND_CHANNEL_DATA,
    SIDE_BAND_CHANNEL_PROGRESS,
    Protocol,
    extract_capabilities,
    format_ref_line,
    pkt_line,
)
from dulwich.refs import Ref, check_ref_format
from dulwich.repo import Repo

from . import packs

ZERO = ObjectID(b"0" * 40)
_CAPABILITIES = [
    b"report-status",
    b"delete-refs",
    b"quiet",
    b"atomic",
    b"ofs-delta",
    b"side-band-64k",
    b"object-format=sha1",
    b"agent=git/overskill-local",
]


class Rule(msgspec.Struct):
    """What a branch's protection forbids to pushes."""

    pull_request: bool = False
    """Nothing is pushed to it: it changes through pull requests."""
    force: bool = False
    """Whether history may be rewritten."""
    deletion: bool = False
    """Whether it may be deleted."""


class Move(msgspec.Struct):
    """A branch or tag, where the pusher saw it, and where it shall be."""

    old: ObjectID
    new: ObjectID
    ref: Ref


class Push:
    """One push into an open repository."""

    def __init__(self, repo: Repo, rules: dict[str, Rule], default_branch: str) -> None:
        self._repo = repo
        self._rules = rules
        self._default = Ref(f"refs/heads/{default_branch}".encode())
        self.moved: list[Move] = []
        """What was done."""

    def receive(self, body: BinaryIO) -> bytes:
        """Take the body of a ``git-receive-pack`` request. Gives what is answered."""
        protocol = Protocol(body.read, lambda _: None)
        moves, capabilities = _commands(protocol)
        if not moves:
            return b""
        notes: list[bytes] = []
        try:
            self._unpack(body, moves)
            results = self._move(moves, b"atomic" in capabilities, notes)
            unpacked = b"ok"
        except _Refused as refusal:
            notes += refusal.notes
            unpacked, results = refusal.unpacked, {move.ref: refusal.reason for move in moves}
        if b"report-status" not in capabilities and b"report-status-v2" not in capabilities:
            return b""
        report = [pkt_line(b"unpack " + unpacked + b"\n")]
        for move in moves:
            wrong = results[move.ref]
            report.append(pkt_line(b"ng %s %s\n" % (move.ref, wrong) if wrong else b"ok %s\n" % move.ref))
        return _banded(b"".join([*report, pkt_line(None)]), notes, b"side-band-64k" in capabilities)

    def _unpack(self, body: BinaryIO, moves: list[Move]) -> None:
        """Put the pushed objects into the store, and see that nothing is missing."""
        if all(move.new == ZERO for move in moves):
            return
        store = self._repo.object_store
        try:
            packs.take(store, body)
        except packs.BadPack as error:
            raise _Refused(
                b"index-pack abnormal exit", b"unpacker error", [b"fatal: " + str(error).encode()]
            ) from error
        except packs.Incomplete as error:
            raise _missing(error.sha) from error
        except packs.TooLarge as error:
            note = b"error: GH001: Large files detected. You may want to try Git Large File Storage."
            raise _Refused(b"ok", b"pre-receive hook declined", [note]) from error
        for move in moves:
            if move.new != ZERO and move.new not in store:
                raise _missing(move.new)

    def _move(self, moves: list[Move], atomic: bool, notes: list[bytes]) -> dict[Ref, bytes]:
        """Move the branches. Gives why one was not moved, or nothing."""
        results = {move.ref: self._objection(move, notes) for move in moves}
        if atomic and any(results.values()):
            return {ref: wrong or b"atomic push failure" for ref, wrong in results.items()}
        for move in moves:
            if results[move.ref]:
                continue
            refs = self._repo.refs
            if move.new == ZERO:
                done = refs.remove_if_equals(move.ref, move.old)
            elif move.old == ZERO:
                done = refs.add_if_new(move.ref, move.new)
            else:
                done = refs.set_if_equals(move.ref, move.old, move.new)
            if done:
                self.moved.append(move)
            else:
                results[move.ref] = b"failed to update ref"
        return results

    def _objection(self, move: Move, notes: list[bytes]) -> bytes:
        """Why a move cannot be made; empty where it can."""
        if not check_ref_format(move.ref):
            return b"funny refname"
        if move.ref.startswith(b"refs/pull/"):
            return b"deny updating a hidden ref"
        if not move.ref.startswith((b"refs/heads/", b"refs/tags/", b"refs/notes/")):
            return b"funny refname"
        now = self._repo.refs.as_dict().get(move.ref, ZERO)
        if now != move.old:
            return b"cannot lock ref '%s': is at %s but expected %s" % (move.ref, now, move.old)
        if move.new == ZERO and move.ref == self._default:
            return b"refusing to delete the current branch: " + move.ref
        if move.ref.startswith(b"refs/heads/") and move.new != ZERO and not isinstance(self._repo[move.new], Commit):
            return b"cannot update ref: a branch must be at a commit"
        rule = self._rules.get(move.ref.decode("utf-8", "replace").removeprefix("refs/heads/"))
        forbidden = self._forbidden(move, rule) if rule and move.ref.startswith(b"refs/heads/") else b""
        if forbidden:
            notes.append(b"error: GH006: Protected branch update failed for %s." % move.ref)
            notes.append(b"error: " + forbidden)
            return b"protected branch hook declined"
        return b""

    def _forbidden(self, move: Move, rule: Rule) -> bytes:
        if move.new == ZERO:
            return b"" if rule.deletion else b"Cannot delete this branch"
        if rule.pull_request and move.old != ZERO:
            return b"Changes must be made through a pull request."
        if move.old != ZERO and not rule.force and not descends(self._repo, move.new, move.old):
            return b"Cannot force-push to this branch"
        return b""


class _Refused(Exception):
    """Nothing of the push is taken."""

    def __init__(self, unpacked: bytes, reason: bytes, notes: list[bytes]) -> None:
        super().__init__(reason)
        self.unpacked, self.reason, self.notes = unpacked, reason, notes


def advertisement(repo: Repo) -> bytes:
    """What a pusher is told first: where every branch is."""
    refs = sorted((name, sha) for name, sha in repo.refs.as_dict().items() if name != b"HEAD")
    lines = refs or [(Ref(b"capabilities^{}"), ZERO)]
    first = pkt_line(format_ref_line(lines[0][0], lines[0][1], _CAPABILITIES))
    return b"".join([first, *(pkt_line(format_ref_line(name, sha)) for name, sha in lines[1:]), pkt_line(None)])


def descends(repo: Repo, later: ObjectID, earlier: ObjectID) -> bool:
    """Whether ``earlier`` is in the history of ``later``."""
    if later == earlier:
        return True
    oldest = repo[earlier]
    if not isinstance(oldest, Commit):
        return False
    seen, waiting = {later}, [later]
    while waiting:
        commit = repo[waiting.pop()]
        if not isinstance(commit, Commit):
            continue
        for parent in commit.parents:
            if parent == earlier:
                return True
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return False


def _commands(protocol: Protocol) -> tuple[list[Move], set[bytes]]:
    moves: list[Move] = []
    capabilities: set[bytes] = set()
    while (line := protocol.read_pkt_line()) is not None:
        if not moves:
            line, given = extract_capabilities(line)
            capabilities = set(given)
        words = line.rstrip(b"\n").split(b" ", 2)
        if words[0] == b"shallow":
            continue
        if len(words) != 3 or not all(len(word) == 40 for word in words[:2]):
            raise ValueError("a push's command cannot be read")
        moves.append(Move(ObjectID(words[0]), ObjectID(words[1]), Ref(words[2])))
    return moves, capabilities


def _missing(sha: ObjectID) -> _Refused:
    return _Refused(b"ok", b"missing necessary objects", [b"fatal: did not receive expected object " + sha])


def _banded(report: bytes, notes: list[bytes], banded: bool) -> bytes:
    if not banded:
        return report
    made: list[bytes] = []
    sink = Protocol(lambda _: b"", made.append)
    for note in notes:
        sink.write_sideband(SIDE_BAND_CHANNEL_PROGRESS, note + b"\n")
    sink.write_sideband(SIDE_BAND_CHANNEL_DATA, report)
    sink.write_pkt_line(None)
    return b"".join(made)
