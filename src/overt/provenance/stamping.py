"""Signs with a time-stamp where an authority gives one, and as configured where it does not."""

from __future__ import annotations

import logging
from typing import Literal

from overt.errors import ConfigError, StageError
from overt.log import event
from overt.ports import Signer
from overt.provenance import _c2pa
from overt.provenance.target import SignerFailedError, Target, failure
from overt.provenance.tsa import TimeAuthority

_LOG = logging.getLogger(__name__)

OnFailure = Literal["fail", "sign_without"]
"""`fail` signs nothing without a time-stamp; `sign_without` signs, and logs a warning."""


class _NoTimestampError(Exception):
    """The time-stamp authority failed; the library's error is the cause."""


class Stamping:
    """Signs with one key, asking one time-stamp authority or none.

    Args:
        signer: Where the key is.
        pool: The library's context.
        authority: Asked for a time-stamp at each signature.
        on_failure: What to do when it does not answer.

    Raises:
        ConfigError: `on_failure` is neither.
    """

    def __init__(
        self,
        signer: Signer,
        pool: _c2pa.ContextPool,
        authority: TimeAuthority | None,
        on_failure: OnFailure,
    ) -> None:
        if on_failure not in ("fail", "sign_without"):
            raise ConfigError("tsa.policy", "on_tsa_failure", "it is `fail` or `sign_without`")
        self._signer, self._pool = signer, pool
        self._authority, self._on_failure = authority, on_failure

    def sign(self, job: _c2pa.Job, target: Target) -> tuple[bytes, bool]:
        """The manifest store, with the signed bytes in `target`; and whether it has a time.

        Raises:
            StageError: Stage `sign`.
        """
        tsa = self._authority
        if tsa is not None and not tsa.available():
            self._without()
            tsa = None
        try:
            return self._native(job, tsa), tsa is not None
        except _NoTimestampError as cause:
            assert tsa is not None
            tsa.failed()
            self._without(cause.__cause__)
        if job.target is not None:
            target.clear()
        return self._native(job, None), False

    def sign_text(self, job: _c2pa.Job) -> bytes:
        """The text with its manifest in it; no time-stamp is asked for.

        Raises:
            StageError: Stage `sign`.
        """
        try:
            return _c2pa.sign_text(job, self._signer, self._pool)
        except Exception as cause:
            raise failure(cause) from _real(cause)

    def _native(self, job: _c2pa.Job, tsa: TimeAuthority | None) -> bytes:
        for stream in (job.source, *(stream for _, _, stream in job.ingredients)):
            stream.seek(0)
        try:
            return _c2pa.sign(job, self._signer, self._pool, tsa.url if tsa else None)
        except Exception as cause:
            if tsa is not None and _is_about_time(cause):
                raise _NoTimestampError from cause
            raise failure(cause) from _real(cause)

    def _without(self, cause: BaseException | None = None) -> None:
        if self._on_failure == "fail":
            raise StageError(
                "sign",
                "sign.tsa",
                "the asset was not signed",
                "the time-stamp authority did not give a time-stamp",
                "try again later, or set on_tsa_failure to `sign_without`",
            ) from cause
        event(_LOG, "sign.without_timestamp", logging.WARNING, stage="sign", code="sign.tsa")


def _real(cause: Exception) -> BaseException | None:
    return cause.__cause__ if isinstance(cause, SignerFailedError) else cause


def _is_about_time(cause: Exception) -> bool:
    """Whether a failure while a time-stamp was wanted is the authority's.

    The library has no error of its own for it: what fails between a signature that was made and
    the end is the authority's answer, unless it is about the certificate.
    """
    return type(cause).__name__ == "_C2paSignature" and "certificate" not in str(cause)
