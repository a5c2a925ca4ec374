"""`overt.toml` and the `GuardConfig` it becomes.

One file, one frozen value; the same value can be built in code. Unknown keys are errors, secrets
are references (`file:…` or `env:…`), relative paths count from the folder of the file, and nothing
is read from a home folder or the network.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from overt.errors import ConfigError
from overt.models import Value

_LANGUAGE_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"


class TokenConfig(Value):
    """A private key that stays on a PKCS#11 token; needs the extra `hsm`.

    Args:
        module: The token's PKCS#11 library, a file.
        token: Label of the token.
        key: Label of the private key on it.
        pin: Reference to the user PIN, `env:NAME` or `file:PATH`; never the PIN itself.
    """

    module: Path
    token: str = Field(min_length=1)
    key: str = Field(min_length=1)
    pin: str = Field(pattern=r"^(env|file):.+$")


class IdentityConfig(Value):
    """Who signs: references to PEM files or environment variables, or a token.

    Args:
        chain: Certificates, leaf first.
        key: Private key of the leaf.
        hsm: Token that holds the private key, in place of `key`.
        root: Anchors against which every signed file is read back.
        time_authority: URL of an RFC 3161 authority; none by default, for it needs a network.
        on_time_authority_failure: `fail`, or `sign_without`.
        upstream: What to do with credentials that a file came with: `refuse` tampered ones,
            `strict` also those of unknown signers, `record` takes both and says so.
        china_producer: Name or code of the producer, for the hidden label that China asks for.
    """

    chain: str = "file:.overt/identity/chain.pem"
    key: str = "file:.overt/identity/key.pem"
    hsm: TokenConfig | None = None
    root: str = "file:.overt/identity/root.pem"
    time_authority: str | None = None
    on_time_authority_failure: Literal["fail", "sign_without"] = "fail"
    upstream: Literal["strict", "refuse", "record"] = "refuse"
    china_producer: str | None = Field(default=None, min_length=1, max_length=200)

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if self.hsm is not None and "key" in self.model_fields_set:
            raise ValueError("give either key or hsm")
        return self


class StoreConfig(Value):
    """Where decisions, consents and the ledger are kept; one database for all (I3)."""

    url: str = "sqlite:///.overt/overt.db"


class LedgerConfig(Value):
    """Name and key of the ledger. `origin` is a schema-less URL-like name, unique to it."""

    origin: str = Field(default="overt.invalid/ledger", pattern=r"^[A-Za-z0-9._~/-]+$")
    key: str = "file:.overt/identity/ledger.key"


class ScreeningConfig(Value):
    """The figure registry and the intent model.

    Args:
        overlay: JSON-lines file that adds or removes people.
        index: A prebuilt index from `overt figures import`, instead of the packaged one.
        max_age_days: Age of the registry from which `when_stale` applies.
        intent_model: Use the encoder of the `intent` extra where it is installed.
    """

    overlay: Path | None = None
    index: Path | None = None
    max_age_days: int = Field(default=365, ge=1)
    when_stale: Literal["warn", "fail"] = "warn"
    intent_model: bool = True


class PolicyConfig(Value):
    """The rule bundle: `packaged`, or a folder of rule files."""

    bundle: str = "packaged"
    elections: Path | None = None
    """Overlay file that adds or corrects elections and silence rules."""
    signing_keys: tuple[Path, ...] = ()
    """Public keys in PEM; where there are any, one has to have signed the folder's bundle."""
    override_keys: tuple[Path, ...] = ()
    """Public keys in PEM of those who may sign emergency overrides."""
    shadow: Path | None = None
    """A candidate bundle that sees every request and changes nothing; see `overt policy`."""
    reload_seconds: float = Field(default=5.0, ge=0)
    """How often a guard looks for edited rule files and new overrides."""


class ActorLimits(Value):
    """Counts after which an actor's calls are looked at, then stopped."""

    window_hours: int = Field(default=24, ge=1)
    review_after_refusals: int = Field(default=3, ge=1)
    suspend_after_refusals: int = Field(default=10, ge=1)
    bulk_calls: int = Field(default=20, ge=1)


class DisclosureConfig(Value):
    """Profiles (laws, platforms) that add to the standard disclosure, and what it is drawn with.

    Args:
        profiles: Ids of `data/disclosure/profiles.jsonl`.
        audience: BCP 47 tag used when nothing else tells the language.
        fonts: Font files by ISO 15924 code of the script, laid over the packaged ones.
        wording: JSON lines of reviewed wordings, laid over the packaged ones string by string; each
            row says in `review` who has read it, and that goes into the manifest.
    """

    profiles: tuple[str, ...] = ()
    audience: str | None = Field(default=None, pattern=_LANGUAGE_TAG)
    fonts: dict[str, Path] = Field(default_factory=dict)
    wording: Path | None = None


class TrustConfig(Value):
    """Whose signatures count for a consent record (I9): PEM or JWK references."""

    keys: tuple[str, ...] = ()
    registrars: tuple[str, ...] = ()


class ConsentConfig(Value):
    """Consent records: who is trusted, and the key that wraps sealed fields."""

    trust: TrustConfig = TrustConfig()
    sealing_key: str = "file:.overt/identity/sealing.key"


class LookupConfig(Value):
    """What is kept to find our own assets again.

    Args:
        fingerprints: Whether each asset is fingerprinted, where the `lookup` extra is installed.
        archive: Folder of manifests, for files that are stripped of theirs; none keeps none.
        watermark: Whether pictures also get a hidden mark; needs the extra `watermark`, takes a
            second or so a picture, and encodes it once more.
    """

    fingerprints: bool = True
    archive: Path | None = Path(".overt/manifests")
    watermark: bool = False


class EffectsConfig(Value):
    """In-house effects.

    Args:
        registry: The house's own effects, laid over the packaged ones; see `overt effects list`.
    """

    registry: Path | None = None


class LimitsConfig(Value):
    """Bounds on work."""

    clearance_minutes: int = Field(default=24 * 60, ge=1)
    prompt_chars: int = Field(default=2_000_000, ge=1)
    output_mb: int = Field(default=4096, ge=1)


class ToolConfig(Value):
    """How the wrapped tool is named in manifests."""

    name: str = "unnamed generator"
    version: str | None = None


class GuardConfig(Value):
    """Everything a guard is built from.

    Args:
        folder: Where relative paths and references count from.
        voices: Voice id to `stock` or `grant:<id>`; `default` stands for a missing voice id.
    """

    folder: Path = Field(default=Path(), exclude=True)
    identity: IdentityConfig = IdentityConfig()
    store: StoreConfig = StoreConfig()
    ledger: LedgerConfig = LedgerConfig()
    screening: ScreeningConfig = ScreeningConfig()
    policy: PolicyConfig = PolicyConfig()
    actors: ActorLimits = ActorLimits()
    disclosure: DisclosureConfig = DisclosureConfig()
    consent: ConsentConfig = ConsentConfig()
    voices: dict[str, Annotated[str, Field(pattern=r"^(stock|grant:[A-Za-z0-9:._-]+)$")]] = Field(
        default_factory=dict
    )
    lookup: LookupConfig = LookupConfig()
    effects: EffectsConfig = EffectsConfig()
    limits: LimitsConfig = LimitsConfig()
    tool: ToolConfig = ToolConfig()

    @field_validator("folder")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.resolve()

    def path(self, value: Path | str) -> Path:
        """A path from the configuration, made absolute."""
        return self.folder / value

    def reference(self, value: str) -> str:
        """A secret's reference with its file path made absolute: `file:key.pem`, `env:NAME`."""
        scheme, _, rest = value.partition(":")
        return f"file:{self.folder / rest}" if scheme == "file" else value

    def database_url(self) -> str:
        """The store's URL, a relative SQLite path made absolute."""
        prefix = "sqlite:///"
        if self.store.url.startswith(prefix):
            return prefix + str(self.folder / self.store.url.removeprefix(prefix))
        return self.store.url


def load_config(path: str | Path = "overt.toml") -> GuardConfig:
    """Read a configuration file.

    Raises:
        ConfigError: The file is missing, is no TOML, or has an unknown or ill-typed key.
    """
    file = Path(path)
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            "config.missing", f"no configuration at {file}", todo="run `overt init` first"
        ) from None
    except OSError as error:
        raise ConfigError(
            "config.unreadable", f"cannot read {file}", error.strerror or ""
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("config.syntax", f"{file} is not valid TOML", str(error)) from None
    return validated({**data, "folder": file.resolve().parent}, str(file))


def validated(data: Mapping[str, Any], source: str) -> GuardConfig:
    """A configuration from loose data.

    Raises:
        ConfigError: The first problem, with its place but never its value: it may be a secret.
    """
    try:
        return GuardConfig(**data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        raise ConfigError(
            "config.unknown_key",
            f"{source}: unknown key {place}",
            todo="see the file that `overt init` writes for all keys",
        )
    raise ConfigError("config.invalid", f"{source}: {place}", first["msg"], "correct this key")
