"""`overt init`: a commented `overt.toml`, the database, and a test identity that nobody trusts."""

from __future__ import annotations

import secrets
from pathlib import Path

from overt.errors import ConfigError

TEMPLATE = """\
# Configuration of overt. Unknown keys are errors. Secrets are references: file:PATH or env:NAME.
# Relative paths count from this file. Every key that is commented out shows its default.

[identity]                      # who signs: replace the TEST identity before anything is published
chain = "file:.overt/identity/chain.pem"
key = "file:.overt/identity/key.pem"
root = "file:.overt/identity/root.pem"
# hsm = {{ module = "/usr/lib/x.so", token = "…", key = "…", pin = "env:HSM_PIN" }}   # not `key`
# time_authority = "https://…"  # RFC 3161; none by default, for it needs a network
# on_time_authority_failure = "fail"      # or "sign_without"
# upstream = "refuse"           # tampered credentials; "strict" also untrusted, "record" none
# china_producer = "…"          # your code, for the hidden label of GB 45438-2025

[store]
url = "sqlite:///.overt/overt.db"         # or postgresql+psycopg://user@host/name

[ledger]
origin = "{origin}"
key = "file:.overt/identity/ledger.key"

[screening]
# overlay = "figures.jsonl"     # people to add or change; {{"remove": "Q6279"}} takes one out
# index = "figures.index"       # from `overt figures import`, in place of the packaged people
# max_age_days = 365
# when_stale = "warn"           # or "fail"
# intent_model = true           # where the extra `intent` is installed

[policy]
# bundle = "packaged"           # or a folder of rule files
# elections = "elections.yaml"  # overlay that adds or corrects elections and silence rules
# reload_seconds = 5            # how often edited rules and new overrides are looked for
# signing_keys = []             # public keys, one of which must have signed the folder of rules
# shadow = "candidate"          # a folder of rules that sees every request and changes nothing
# override_keys = []            # public keys that may sign emergency overrides (PEM files)

[actors]                        # by opaque ids that your code passes as `actor`
# window_hours = 24
# review_after_refusals = 3
# suspend_after_refusals = 10
# bulk_calls = 20

[disclosure]
# profiles = ["eu-art50"]       # laws and platforms that add to the standard disclosure
# audience = "en"               # language when nothing else tells
# wording = "wording.jsonl"     # your reviewed wordings, over the packaged ones
# fonts = {{ Jpan = "NotoSansJP.ttf" }}   # for names in Chinese, Japanese and Korean letters

[consent]
# sealing_key = "file:.overt/identity/sealing.key"

[consent.trust]                 # whose signatures count for other people's consent
keys = []                       # file:PATH of a JWK that has "speaks_for": ["<subject id>"]
registrars = ["file:.overt/identity/root.pem"]  # may countersign for everybody: TEST, replace

[voices]                        # voice id = "stock" or "grant:ID"; an unknown voice needs consent
default = "stock"               # the voice when a command names none

[lookup]                        # "did this come from us?"
# fingerprints = true           # where the extra `lookup` is installed
# archive = ".overt/manifests"  # manifests are kept for files that are stripped of theirs
# watermark = false             # also hide a mark in pictures: slow, and not for drawings

[effects]
# registry = "effects.yaml"      # the house's own effects, laid over the packaged ones

[limits]
# clearance_minutes = 1440
# prompt_chars = 2000000
# output_mb = 4096

[tool]
name = "unnamed generator"      # how the wrapped tool is named in manifests
"""


def initialise(folder: Path) -> list[Path]:
    """Write everything a first guard needs into `folder`.

    Returns:
        The files that were made.

    Raises:
        ConfigError: There is a configuration already, or the folder cannot be written.
    """
    from overt.ledger import checkpoint
    from overt.provenance.identity import make_test_identity
    from overt.storage import Database
    from overt.storage.refs import write_secret
    from overt.storage.sealing import create_key

    config = folder / "overt.toml"
    if config.exists() or (folder / ".overt").exists():
        raise ConfigError(
            "init.exists",
            f"{folder} is set up already",
            "nothing is overwritten",
            "choose another folder, or move overt.toml and .overt away",
        )
    try:
        keys = folder / ".overt" / "identity"
        keys.mkdir(parents=True, mode=0o700)
        made = make_test_identity(keys)
        write_secret(keys / "ledger.key", checkpoint.new_key())
        create_key(keys / "sealing.key")
        origin = f"overt.invalid/test-{secrets.token_hex(6)}"
        config.write_text(TEMPLATE.format(origin=origin), encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            "init.unwritable", f"cannot write into {folder}", error.strerror or "", "choose another"
        ) from None
    database = folder / ".overt" / "overt.db"
    Database.open(f"sqlite:///{database.resolve()}").close()
    secrets_kept = [keys / "ledger.key", keys / "sealing.key"]
    return [config, made.root, made.chain, made.key, *secrets_kept, database]
