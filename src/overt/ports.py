"""What overt asks of the parts that a builder may replace: one method each.

Parts are passed to constructors as explicit values; nothing is found by being installed, and there
is no global registry. Every protocol has a contract test in `overt.testing`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy as np
    from sqlalchemy import Connection

    from overt.models import (
        ConsentNeed,
        ConsentState,
        Disclosure,
        Finding,
        Media,
        Record,
        ScreenContext,
    )

    Pixels: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]


class Clock(Protocol):
    """Tells the time; live requests never bring their own (I8)."""

    def __call__(self) -> datetime:
        """The present moment, aware."""
        ...


class Screen(Protocol):
    """Looks at text and reports findings. It never decides and never changes the text."""

    def screen(self, text: str, context: ScreenContext) -> Sequence[Finding]:
        """Findings in `text`.

        Raises:
            StageError: The screen could not do its work; the request is then not cleared.
        """
        ...


class ConsentStore(Protocol):
    """Answers consent questions inside the transaction that records the decision.

    `tx` is an open database transaction. The rows an answer rests on are locked until it ends, so
    that a revocation comes wholly before or wholly after.
    """

    def states(
        self, tx: Connection, needs: Sequence[ConsentNeed], at: datetime
    ) -> Sequence[ConsentState]:
        """One state for each need, in the same order."""
        ...


class Ledger(Protocol):
    """Appends entries to the tamper-evident log, in the caller's transaction."""

    def append(self, tx: Connection, entry: Mapping[str, Any]) -> Record:
        """Append one entry. It holds ids, digests and enum values only: no text, no names."""
        ...


class Discloser(Protocol):
    """Puts what a plan says on an asset and returns proof that it did."""

    def disclose(self, media: Media, plan: Any) -> tuple[Media, Sequence[Disclosure]]:
        """Return the disclosed asset and what is now perceivable on it.

        Raises:
            StageError: The plan could not be carried out, or the finished file does not show it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Speech:
    """Synthetic speech: mono float32 samples in -1..1, with where they came from."""

    samples: np.ndarray[Any, np.dtype[np.float32]]
    sample_rate: int
    engine: str
    voice: str = ""
    licence: str = ""


class Speaker(Protocol):
    """Speaks a disclosure, best in the voice of the content."""

    def speak(self, text: str, language: str) -> Speech | None:
        """Speech, or none when it has no voice for the language (BCP 47)."""
        ...

    def languages(self) -> Collection[str]:
        """BCP 47 tags it can speak."""
        ...


class Signer(Protocol):
    """Signs claims. The private key may live anywhere.

    Attributes:
        algorithm: `es256`, `es384`, `es512`, `ps256` or `ed25519`.
        chain: Certificates in PEM, leaf first.
    """

    @property
    def algorithm(self) -> str:
        """Name of the algorithm."""
        ...

    @property
    def chain(self) -> bytes:
        """Certificates in PEM, leaf first, root optional."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Signature over `data` (the raw bytes, not a digest)."""
        ...


class Watermarker(Protocol):
    """Hides a short payload in a picture and reads it again from a changed copy.

    Pixels are upright RGB: an array of height, width and 3 of `uint8`. A mark is a help to find an
    asset again, never a proof; its bits may be misread.

    Attributes:
        name: How a manifest calls it.
        version: Of the weights or the algorithm.
        size: Bytes of a payload.
    """

    @property
    def name(self) -> str:
        """Name of the algorithm."""
        ...

    @property
    def version(self) -> str:
        """Version of it."""
        ...

    @property
    def size(self) -> int:
        """Bytes of a payload."""
        ...

    def embed(self, pixels: Pixels, payload: bytes) -> Pixels:
        """The picture with the payload in it, of the same size."""
        ...

    def extract(self, pixels: Pixels) -> bytes:
        """What is read from a picture; noise where it carries no mark."""
        ...
