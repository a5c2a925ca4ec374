"""Seals what could identify somebody under a key of its own, so that it can be forgotten.

Each subject has one random 256-bit key. Values are sealed with it (AES-GCM; the subject and the
place of the value are authenticated, so that a ciphertext cannot be moved). The key itself is
stored wrapped (AES key wrap, RFC 3394) under a key that is not in the database. Forgetting a
subject destroys its key: ciphertexts in the database and in later backups stay shut for good.
Keep wrapped keys out of long-lived backups, or a restore brings them back.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from sqlalchemy import Connection, delete, insert, select

from overt.errors import ConfigError, StageError
from overt.storage.refs import read_ref, write_secret
from overt.storage.rows import insert_new
from overt.storage.schema import sealed, subject_keys

KEY_BYTES = 32
_NONCE_BYTES = 12


class KeyProvider(Protocol):
    """Wraps and unwraps subject keys. The key it does that with may live anywhere."""

    @property
    def id(self) -> str:
        """Short name of the wrapping key, stored beside what it wrapped."""
        ...

    def wrap(self, key: bytes) -> bytes:
        """A subject key, made safe to store."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """The subject key again.

        Raises:
            StageError: `sealing.key`: it was wrapped with another key, or is damaged.
        """
        ...

    def derive(self, label: str) -> bytes:
        """A 32-byte key for another use; the same label gives the same key."""
        ...


class RefKeyProvider:
    """A wrapping key by reference: 32 bytes in base64, in a file or a variable."""

    def __init__(self, ref: str) -> None:
        """Read the key.

        Raises:
            ConfigError: `sealing.key`: it is not 32 bytes in base64.
        """
        try:
            self._key = base64.b64decode(read_ref(ref).strip(), validate=True)
        except (ValueError, binascii.Error):
            self._key = b""
        if len(self._key) != KEY_BYTES:
            raise ConfigError(
                "sealing.key",
                "the sealing key cannot be used",
                "it is not 32 bytes in base64",
                "make one with `overt init`",
            )
        self.id = self.derive("id").hex()[:16]

    def derive(self, label: str) -> bytes:
        """See `KeyProvider`."""
        info = b"overt " + label.encode()
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(self._key)

    def wrap(self, key: bytes) -> bytes:
        """See `KeyProvider`."""
        return aes_key_wrap(self._key, key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """See `KeyProvider`."""
        try:
            return aes_key_unwrap(self._key, wrapped)
        except InvalidUnwrap:
            raise _shut("its key was wrapped with another key") from None


def new_key() -> bytes:
    """A new wrapping key, in base64, to be kept where the reference will point."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n"


def create_key(path: Path) -> None:
    """Write a new wrapping key that only its owner can read.

    Raises:
        FileExistsError: A key is there; it is not replaced, what it sealed would be lost.
    """
    write_secret(path, new_key())


class Sealing:
    """Sealed values of subjects, in the table `sealed`."""

    def __init__(self, provider: KeyProvider | str) -> None:
        """With a key provider, or a reference (`file:PATH`, `env:NAME`) to a wrapping key.

        Raises:
            ConfigError: The referenced key cannot be read or used.
        """
        self._provider = RefKeyProvider(provider) if isinstance(provider, str) else provider

    def derive(self, label: str) -> bytes:
        """A 32-byte key for another use, such as digests of actors; the same each time."""
        return self._provider.derive(label)

    def seal(self, tx: Connection, subject_id: str, field: str, value: bytes, at: datetime) -> None:
        """Store `value`, replacing what was at `field`.

        Args:
            tx: An open transaction.
            subject_id: Whose it is; a key is made for a subject met the first time.
            field: Where it belongs: `grants/ID/jws`, `subjects/ID/name`.
            value: In clear.
            at: Now.
        """
        key = self._key(tx, subject_id, at)
        nonce = os.urandom(_NONCE_BYTES)
        data = AESGCM(key).encrypt(nonce, value, _place(subject_id, field))
        tx.execute(delete(sealed).where(sealed.c.subject_id == subject_id, sealed.c.field == field))
        tx.execute(
            insert(sealed).values(subject_id=subject_id, field=field, nonce=nonce, data=data, at=at)
        )

    def open(self, tx: Connection, subject_id: str, field: str) -> bytes | None:
        """The value in clear; none where there is none, or where it was forgotten.

        Raises:
            StageError: `sealing.key`: the key is another one, or the value was tampered with.
        """
        row = tx.execute(
            select(sealed.c.nonce, sealed.c.data, subject_keys.c.wrapped, subject_keys.c.provider)
            .join(subject_keys, subject_keys.c.subject_id == sealed.c.subject_id)
            .where(sealed.c.subject_id == subject_id, sealed.c.field == field)
        ).one_or_none()
        if row is None:
            return None
        key = self._unwrap(row.provider, row.wrapped)
        try:
            return AESGCM(key).decrypt(row.nonce, row.data, _place(subject_id, field))
        except InvalidTag:
            raise _shut("the stored value was changed") from None

    def forget(self, tx: Connection, subject_id: str) -> int:
        """Destroy the subject's key and sealed values. Returns how many values there were."""
        gone = tx.execute(delete(sealed).where(sealed.c.subject_id == subject_id))
        tx.execute(delete(subject_keys).where(subject_keys.c.subject_id == subject_id))
        return gone.rowcount

    def _key(self, tx: Connection, subject_id: str, at: datetime) -> bytes:
        find = select(subject_keys.c.wrapped, subject_keys.c.provider).where(
            subject_keys.c.subject_id == subject_id
        )
        row = tx.execute(find).one_or_none()
        if row is None:
            # Two that meet a subject at once must end up with one key, or one could not read.
            values = {
                "subject_id": subject_id,
                "provider": self._provider.id,
                "wrapped": self._provider.wrap(secrets.token_bytes(KEY_BYTES)),
                "created_at": at,
            }
            insert_new(tx, subject_keys, values)
            row = tx.execute(find).one()
        return self._unwrap(row.provider, row.wrapped)

    def _unwrap(self, provider: str, wrapped: bytes) -> bytes:
        if provider != self._provider.id:
            raise _shut("its key was wrapped with another key")
        return self._provider.unwrap(bytes(wrapped))


def _place(subject_id: str, field: str) -> bytes:
    return f"{subject_id}\n{field}".encode()


def _shut(why: str) -> StageError:
    return StageError(
        "record",
        "sealing.key",
        "a sealed value cannot be opened",
        why,
        "use the key it was made with",
    )
