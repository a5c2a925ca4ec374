"""Every reason for which a consent record does not count, each with its code and sentence."""

from __future__ import annotations

from overt.errors import VerificationError

VALID = "consent.valid"

# Earlier ones are nearer to consent: the first is what a caller hears when several records fail.
SENTENCES = {
    "consent.clock": "the clock is behind the record's last use",
    "consent.used_up": "it was used as often as it allows",
    "consent.blackout": "its scope does not count at this time",
    "consent.not_yet_valid": "its time has not come",
    "consent.expired": "its time is over",
    "consent.suspended": "it is suspended",
    "consent.disputed": "it is disputed",
    "consent.revoked": "it was revoked",
    "consent.superseded": "a later record took its place",
    "consent.subject_died": "it ended with the subject's death",
    "consent.forgotten": "the record was erased",
    "consent.reference_unbound": "the reference is not among its evidence",
    "consent.out_of_scope": "the request is outside its scope",
    "consent.not_for_us": "it was given to somebody else",
    "consent.outside_authority": "the scope goes beyond the grantor's authority",
    "consent.authority_expired": "the grantor's authority does not cover this time",
    "consent.no_authority": "the grantor has no authority for the subject",
    "consent.redelegated": "the authority was passed on, which it cannot be",
    "consent.untrusted": "no trusted key speaks for the subject, or not well enough",
    "consent.wrong_signer": "it is signed by a key that has no part in it",
    "consent.key_window": "a key was used outside its time",
    "consent.swapped_key": "the certificate is of another key than the one that is named",
    "consent.reserialised": "its content was written anew after it was signed",
    "consent.signature": "a signature does not fit the content",
    "consent.algorithm": "an algorithm is not allowed, or does not fit its key",
    "consent.critical_header": "it has a critical header that is not known",
    "consent.header": "a header is missing, unknown or of the wrong kind",
    "consent.replayed": "a record with this id is here already, or was",
    "consent.too_large": "it is too large",
    "consent.too_deep": "it is nested too deeply",
    "consent.malformed": "it is not a consent record",
    "consent.changed": "it changed while it was used",
    "consent.lapsed": "the time in which the run could use it is over",
    "consent.unknown": "its signed bytes are not here",
    "consent.absent": "there is no record",
}
RANK = {code: place for place, code in enumerate(SENTENCES)}


def refusal(code: str, todo: str = "") -> VerificationError:
    """The error for a code; it holds nothing of the record."""
    return VerificationError(code, "the consent record does not count", SENTENCES[code], todo)
