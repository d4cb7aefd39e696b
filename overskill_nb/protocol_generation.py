"""The part of the protocol that is about what models write; ``protocol.py`` puts it into the conversation."""

from __future__ import annotations

from typing import Literal, Union

import msgspec

from .message import Message
from .protocol_diagnostics import Diagnostic

GenerationTask = Literal["component", "app", "fix", "ask"]
GenerationStatus = Literal["running", "kept", "proposed", "answered", "failed", "cancelled", "undone"]
Mode = Literal["auto", "record", "replay", "live"]
"""``auto``: what is recorded is replayed, the rest asked and recorded; ``live``: nothing is recorded or replayed."""


class Budget(Message):
    """What one generation may take. Zero is the default of each."""

    attempts: int = 0
    tokens: int = 0
    """Of all requests together, in and out."""
    seconds: float = 0.0
    money: float = 0.0
    """In US dollars, for models whose prices are known."""


class Cost(Message):
    """What a generation took so far."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    """Of waiting for the model."""
    own_seconds: float = 0.0
    """Of everything else."""
    money: Union[float, None] = None
    """In US dollars; None where the price is not known."""


class Picture(Message):
    """An image for a model that sees."""

    media_type: str
    data: str
    """As base64."""


class Attempt(Message):
    """One version that a model wrote, and what the check said of it."""

    number: int
    passed: bool
    diagnostics: list[Diagnostic] = []
    mended: list[str] = []
    """What was put right without asking the model, in words."""
    text: str = ""
    """What a screen reader finds in the component."""


class GeneratedFile(Message):
    """A file that a generation wants to change, or changed."""

    path: str
    before: Union[str, None]
    """None for a file that is new."""
    after: Union[str, None]
    """None for one that goes."""


class Generation(Message):
    """One request to a model, with all that became of it."""

    id: str
    app: str
    task: GenerationTask
    name: str
    """The component that was asked for; empty for the whole app."""
    prompt: str
    model: str
    status: GenerationStatus = "running"
    attempts: list[Attempt] = []
    files: list[GeneratedFile] = []
    diff: str = ""
    """Of all files, as a unified diff."""
    answer: str = ""
    """What the model said beside the code."""
    cost: Cost = msgspec.field(default_factory=Cost)
    replayed: bool = False
    """Whether a recording answered."""
    error: str = ""
    """Why nothing was kept, in one sentence; empty where there is no reason."""
    error_kind: str = ""
    """Name of the class in ``errors.py``."""


# ------------------------------------------------------------------------------------------------------------ steps


class TextWritten(Message, tag="text"):
    """More of the code, as the model writes it."""

    text: str
    path: str = ""
    """The file that it belongs to, where that is known."""


class AttemptStarted(Message, tag="attempt"):
    number: int
    reason: str = ""
    """What was wrong with the one before."""


class ToolUsed(Message, tag="tool"):
    """The model did something: read, searched, wrote, edited."""

    tool: str
    subject: str
    outcome: str = ""


class AttemptChecked(Message, tag="checked"):
    attempt: Attempt


class CostChanged(Message, tag="cost"):
    cost: Cost


class GenerationEnded(Message, tag="ended"):
    """The model's work is over; ``GetGeneration`` has the files, the diff and the answer. Comes once more for each time
    that it is kept or undone afterwards."""

    status: GenerationStatus
    error: str = ""
    error_kind: str = ""


GenerationStep = Union[TextWritten, AttemptStarted, ToolUsed, AttemptChecked, CostChanged, GenerationEnded]


# ----------------------------------------------------------------------------------------------------------- events


class GenerationStepped(Message, tag="generation_stepped"):
    """A generation went on. Goes to every client: what shows generations picks its own."""

    app: str
    generation: str
    number: int
    """Of the step, from 0."""
    step: GenerationStep


# --------------------------------------------------------------------------------------------------------- requests


class GenerateComponent(Message, tag="generate_component"):
    """Have a component written, or changed where there is one. Answered at once; the work goes on."""

    app: str
    name: str
    prompt: str
    path: str = ""
    """Where it goes; empty for the file of that name, or a new one where there is none."""
    model: str = ""
    """Such as ``anthropic:…``; empty for the one that the environment names."""
    context: list[str] = []
    """Paths of further files that the model is shown."""
    data: dict[str, str] = {}
    """Further texts by name, such as a table's columns and first rows."""
    pictures: list[Picture] = []
    budget: Budget = msgspec.field(default_factory=Budget)
    keep: bool = True
    """Whether a version that passed is written to the app; it is proposed only, where not."""
    variant: int = 0
    """Which of several answers to the same prompt; those after the first are asked for with more chance in them."""
    mode: Union[Mode, None] = None
    recording: str = ""
    """Absolute path of the notebook's recording, or of the folder of recordings where the notebook's name is not
    known; empty where there is none."""
    environment: dict[str, str] = {}
    """Keys and addresses of models from the environment of who asks, by name; never stored or sent on."""


class GenerateApp(Message, tag="generate_app"):
    """Have several files of an app written or changed."""

    app: str
    prompt: str
    model: str = ""
    context: list[str] = []
    data: dict[str, str] = {}
    pictures: list[Picture] = []
    budget: Budget = msgspec.field(default_factory=Budget)
    keep: bool = True
    mode: Union[Mode, None] = None
    recording: str = ""
    environment: dict[str, str] = {}


class FixApp(Message, tag="fix_app"):
    """Have the errors mended that the app shows: of its sources, and those that previews reported."""

    app: str
    errors: list[Diagnostic] = []
    """From previews, beside those of the sources."""
    model: str = ""
    budget: Budget = msgspec.field(default_factory=Budget)
    keep: bool = True
    mode: Union[Mode, None] = None
    recording: str = ""
    environment: dict[str, str] = {}


class AskModel(Message, tag="ask_model"):
    """Ask about the app. Nothing is changed."""

    app: str
    question: str
    model: str = ""
    context: list[str] = []
    data: dict[str, str] = {}
    pictures: list[Picture] = []
    budget: Budget = msgspec.field(default_factory=Budget)
    mode: Union[Mode, None] = None
    recording: str = ""
    environment: dict[str, str] = {}


class GetGeneration(Message, tag="get_generation"):
    """A generation; where ``seen`` of its steps are known, once there are more, or when time is up."""

    app: str
    generation: str
    seen: int = -1
    seconds: float = 0.0


class CancelGeneration(Message, tag="cancel_generation"):
    """Stop at once. What was kept before stays."""

    app: str
    generation: str


class KeepGeneration(Message, tag="keep_generation"):
    """Write what a generation proposes, also where its check failed."""

    app: str
    generation: str


class UndoGeneration(Message, tag="undo_generation"):
    """Put the files back as they were before a generation. Refused where one was changed since."""

    app: str
    generation: str


class RetryGeneration(Message, tag="retry_generation"):
    """Ask the same once more: a generation of its own, which is given. What was kept before is taken back first."""

    app: str
    generation: str


class CheckFiles(Message, tag="check_files"):
    """Compile and render a component as it would be with these files; nothing is written."""

    app: str
    target: str
    files: dict[str, Union[str, None]] = {}


GenerationRequest = Union[
    GenerateComponent,
    GenerateApp,
    FixApp,
    AskModel,
    GetGeneration,
    CancelGeneration,
    KeepGeneration,
    UndoGeneration,
    RetryGeneration,
    CheckFiles,
]


# ---------------------------------------------------------------------------------------------------------- results


class GenerationInfo(Message, tag="generation"):
    generation: Generation
    steps: list[GenerationStep] = []
    """Those that were not seen yet."""
    seen: int = -1
    """How many steps there are."""


class CheckInfo(Message, tag="check"):
    passed: bool
    export: str
    diagnostics: list[Diagnostic]
    mended: dict[str, str]
    """Files in which the obvious was put right."""
    notes: list[str]
    text: str
    console: list[str]


GenerationResult = Union[GenerationInfo, CheckInfo]
