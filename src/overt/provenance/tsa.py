"""RFC 3161 time-stamp authorities, asked only where the builder names one.

The signing library waits thirty seconds for an authority that accepts a connection and says
nothing, and cannot be told otherwise. So the authority is asked once with a time limit of ours
before a signature depends on it, and a good answer is trusted for a minute.
"""

from __future__ import annotations

import hashlib
import http.client
import secrets
import ssl
import threading
import time
from urllib.parse import urlsplit

from overt.errors import ConfigError

PROBE_VALID_S = 60.0
_SHA256_ALGORITHM = bytes.fromhex("300d06096086480165030402010500")
_GRANTED = (0, 1)
_ANSWER_LIMIT = 1 << 20


class TimeAuthority:
    """An authority that signs the time.

    Args:
        url: `http:` or `https:` address.
        timeout_s: How long it may take to answer the first question.

    Raises:
        ConfigError: The address is neither.
    """

    def __init__(self, url: str, *, timeout_s: float = 5.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                "tsa.url", "the time-stamp authority cannot be used", "not an http address", ""
            )
        self.url, self._timeout_s = url, timeout_s
        self._lock = threading.Lock()
        self._good_until = 0.0

    def __repr__(self) -> str:
        return "TimeAuthority()"

    def available(self) -> bool:
        """Whether it answered a question properly within the last minute, asking it if need be."""
        with self._lock:
            if time.monotonic() < self._good_until:
                return True
            if not self._answers():
                return False
            self._good_until = time.monotonic() + PROBE_VALID_S
            return True

    def failed(self) -> None:
        """Forget the last good answer: a signature could not be stamped."""
        self._good_until = 0.0

    def _answers(self) -> bool:
        parts = urlsplit(self.url)
        path = parts.path or "/"
        if parts.query:
            path += "?" + parts.query
        assert parts.hostname is not None  # checked when made
        try:
            connection: http.client.HTTPConnection
            if parts.scheme == "https":
                connection = http.client.HTTPSConnection(
                    parts.hostname,
                    parts.port,
                    timeout=self._timeout_s,
                    context=ssl.create_default_context(),
                )
            else:
                connection = http.client.HTTPConnection(
                    parts.hostname, parts.port, timeout=self._timeout_s
                )
            try:
                headers = {"Content-Type": "application/timestamp-query"}
                connection.request("POST", path, body=_query(), headers=headers)
                answer = connection.getresponse()
                body = answer.read(_ANSWER_LIMIT)
                return answer.status == 200 and _status(body) in _GRANTED
            finally:
                connection.close()
        except (OSError, http.client.HTTPException):
            return False


def _query() -> bytes:
    """A time-stamp request (RFC 3161, 2.4.1) for the digest of a random number."""
    digest = hashlib.sha256(secrets.token_bytes(16)).digest()
    imprint = _SHA256_ALGORITHM + b"\x04\x20" + digest
    body = b"\x02\x01\x01" + b"\x30" + bytes([len(imprint)]) + imprint + b"\x01\x01\xff"
    return b"\x30" + bytes([len(body)]) + body


def _status(response: bytes) -> int | None:
    """The PKIStatus of a response: the first integer of its first member; none if malformed."""
    at = 0
    for _ in range(2):  # TimeStampResp, then PKIStatusInfo: both sequences
        if response[at : at + 1] != b"\x30" or len(response) < at + 2:
            return None
        first = response[at + 1]
        at += 2 + (first & 0x7F if first & 0x80 else 0)
    if response[at : at + 2] != b"\x02\x01" or len(response) < at + 3:
        return None
    return response[at + 2]
