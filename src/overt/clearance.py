"""The clearance: proof that a request was screened and decided, for one use.

It carries nothing secret and proves nothing by itself: the database row with its digest does. The
digest binds the request (with every input and reference by its own digest), the decision with its
obligations, and the time limit. A clearance that was widened, made by hand, used before, taken to
another guard or kept past its time is refused when it is claimed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from overt.models import Decision, Media, Request

_MEDIA = ("inputs", "references", "guides")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """Permission to finish one request.

    Args:
        salt: Makes the digests in the ledger useless for guessing prompts.
        languages: BCP 47 tags for the disclosure, best first, as far as the prompt tells.
        approved: Ids of the rules that a review approved; they hold for the output, too.
        approved_words: Where the review was about words that came out, their `words_digest`; it
            covers no other words.
        elapsed_ms: Time spent so far, by stage.
    """

    id: str
    request: Request
    decision: Decision
    languages: tuple[str, ...]
    expires_at: datetime
    salt: bytes = field(repr=False)
    approved: frozenset[str] = frozenset()
    approved_words: tuple[str, bytes] | None = field(default=None, repr=False)
    elapsed_ms: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    def digest(self, request: str | None = None) -> str:
        """What the database row holds: a keyed SHA-256 over all that this clearance permits.

        Args:
            request: The request's digest where it was just made; else it is made again, so that a
                plate which was exchanged meanwhile is noticed.
        """
        bound = {
            "id": self.id,
            "request": request or request_digest(self.request, self.salt),
            "decision": self.decision.model_dump(mode="json"),
            "languages": self.languages,
            "expires_at": self.expires_at.isoformat(),
            "approved": sorted(self.approved),
            "approved_words": self.approved_words and self.approved_words[0],
        }
        return _keyed(self.salt, bound)


def request_digest(request: Request, salt: bytes) -> str:
    """Salted SHA-256 of everything in a request; media enter by their own digests."""
    fields = request.model_dump(mode="json", exclude=set(_MEDIA))
    fields |= {name: [_media(one) for one in getattr(request, name)] for name in _MEDIA}
    return _keyed(salt, fields)


def words_digest(text: str, salt: bytes) -> str:
    """Salted SHA-256 of the words of an output, for an approval that is about them."""
    return _keyed(salt, {"output": text})


def _media(media: Media) -> list[str]:
    return [media.media_type, media.digest()]


def _keyed(salt: bytes, value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()
