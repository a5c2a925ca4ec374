"""Finds out, before anything depends on it, whether a signer works and leads to our anchors.

One tiny picture is signed in memory and read back: 5 ms, and one question to the key's keeper.
"""

from __future__ import annotations

import io

from overt.errors import ConfigError
from overt.models import Act, Extent, utc_now
from overt.ports import Signer
from overt.provenance import _c2pa
from overt.provenance.manifest import DigitalSourceType, manifest_for
from overt.provenance.store import failure_codes

_PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>'


def probe_signer(signer: Signer, pool: _c2pa.ContextPool) -> None:
    """Sign and verify a probe.

    Raises:
        ConfigError: `keys.signer` when it cannot be signed, `keys.anchors` when the anchors are
            unreadable, `keys.untrusted` when the result does not verify under them.
    """
    try:
        pool.get()
    except Exception as cause:
        raise ConfigError(
            "keys.anchors", "the trust anchors cannot be used", str(cause)[:200], "give PEM"
        ) from cause
    manifest = manifest_for(
        "image/svg+xml",
        act=Act.GENERATE,
        extent=Extent.WHOLLY_GENERATED,
        tool_name="probe",
        tool_version=None,
        source_type=DigitalSourceType.ALGORITHMIC,
        when=utc_now(),
    )
    signed = io.BytesIO()
    job = _c2pa.Job(manifest.to_c2pa(), (), "image/svg+xml", io.BytesIO(_PICTURE), signed)
    try:
        _c2pa.sign(job, signer, pool, None)
        signed.seek(0)
        found = _c2pa.read_store(signed, "image/svg+xml", None, pool)
    except Exception as cause:
        raise ConfigError(
            "keys.signer",
            "the signer does not work",
            type(cause.__cause__ or cause).__name__,
            "see the cause; check key, token or service",
        ) from cause.__cause__ or cause
    store = found[0] if found else {}
    if store.get("validation_state") != "Trusted":
        codes = ", ".join(failure_codes(store, ingredients=False)) or "not trusted"
        raise ConfigError(
            "keys.untrusted",
            "the signing chain does not verify under the trust anchors",
            codes,
            "put the root that issued the chain into the trust anchors, and the intermediate "
            "certificates into the chain",
        )
