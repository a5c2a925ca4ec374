"""Two calls of the signing library's C interface that its Python side does not offer.

They are documented and exported; the library that c2pa-python has loaded is used. Everything else
goes through its Python classes. A test signs with them, so that a version that changes them is
noticed before it is used.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
from typing import Any

_FORMAT = b"application/c2pa"


def placeholder(builder: Any, reserve: int) -> bytes:
    """A store of the size that the signed one will have.

    Raises:
        C2paError: The definition is faulty.
    """
    call = _function(
        "c2pa_builder_data_hashed_placeholder",
        (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p),
    )
    return _result(lambda out: call(_pointer(builder), reserve, _FORMAT, out))


def sign(builder: Any, signer: Any, data: bytes, room: int) -> bytes:
    """A store signed over `data`, after which `room` bytes will stand that its hash leaves out.

    Raises:
        C2paError: Signing failed.
    """
    call = _function(
        "c2pa_builder_sign_data_hashed_embeddable",
        (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p),
    )
    bound = {
        "exclusions": [{"start": len(data), "length": room}],
        "name": "jumbf manifest",
        "alg": "sha256",
        "hash": list(hashlib.sha256(data).digest()),  # a list: text would be encoded twice
        "pad": [],
    }
    described = json.dumps(bound).encode()
    return _result(
        lambda out: call(_pointer(builder), _pointer(signer), described, _FORMAT, None, out)
    )


def _function(name: str, arguments: tuple[Any, ...]) -> Any:
    from c2pa import c2pa as native

    found = getattr(native._lib, name)
    out = ctypes.POINTER(ctypes.POINTER(ctypes.c_ubyte))
    found.restype, found.argtypes = ctypes.c_int64, (*arguments, out)
    return found


def _pointer(held: Any) -> ctypes.c_void_p:
    return ctypes.cast(held._handle, ctypes.c_void_p)


def _result(call: Any) -> bytes:
    from c2pa import C2paError
    from c2pa import c2pa as native

    out = ctypes.POINTER(ctypes.c_ubyte)()
    length = call(ctypes.byref(out))
    if length < 0:
        raise C2paError(native._read_native_error() or "the library gave no reason")
    try:
        return ctypes.string_at(out, length)
    finally:
        native._lib.c2pa_free(out)
