"""The encoder in JAX: its four-bit weights and what stands beside them, both trainable.

The same arithmetic as the engine's, in single precision: cosine with its vectors is above 0.9998.
A four-bit weight is trained as a `shift` from the whole number it is, in steps of its block's
scale. What counts is the rounded sum, as it will be stored, with the slope of the sum (straight
through). Shifts begin anywhere within half a step, which changes nothing yet: so weights move one
after the other and not all at once when half a step is reached.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from packed import BLOCK, Packed

MATRICES = (("q", 0, 0), ("k", 0, 0), ("v", 0, 0), ("ao", 0, 0), ("fi", 1, 0), ("fo", 0, 1))
"""Name, and whether rows and columns are of the inner width."""
STEPS = (-8, 7)
"""Least and greatest of what four bits hold."""
SHARPNESS = 8.0
_DROP, _WITHIN = 0.1, 0.49


def load(packed: Packed) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is trained, and what is fixed."""
    chance = np.random.default_rng(11)
    widths = (packed.width, packed.inner)
    trained: dict[str, Any] = {"norm": _norm(packed, "emb.ln"), "layers": []}
    fixed: dict[str, Any] = {"layers": []}
    for layer in range(packed.layers):
        ours: dict[str, Any] = {n: _norm(packed, f"l{layer}.{n}") for n in ("aln", "oln")}
        theirs: dict[str, Any] = {}
        for name, _, inner in MATRICES:
            whole, scales = packed.blocks(f"l{layer}.{name}.w", widths[inner])
            theirs[name] = {"whole": whole, "scales": scales}
            bias = packed.numbers(f"l{layer}.{name}.b")
            shift = chance.uniform(-_WITHIN, _WITHIN, whole.shape).astype(np.float32)
            ours[name] = {"stretch": np.zeros_like(scales), "bias": bias, "shift": shift}
        trained["layers"].append(ours)
        fixed["layers"].append(theirs)
    return trained, fixed


def _norm(packed: Packed, name: str) -> dict[str, Any]:
    return {"bias": packed.numbers(f"{name}.b"), "gain": packed.numbers(f"{name}.w")}


def tuned(trained: dict[str, Any], fixed: dict[str, Any]) -> dict[str, Any]:
    """What is put into the packed file.

    Scales are in half precision, biases and norms in single; of the four-bit weights of `name`,
    `name+` has how many steps each one moves.
    """
    out = {"emb.ln.w": trained["norm"]["gain"], "emb.ln.b": trained["norm"]["bias"]}
    for layer, (ours, theirs) in enumerate(zip(trained["layers"], fixed["layers"], strict=True)):
        for name, _, _ in MATRICES:
            scales = theirs[name]["scales"] * (1 + ours[name]["stretch"])
            out[f"l{layer}.{name}.w"] = np.asarray(scales, np.float16).ravel()
            moved = np.clip(np.rint(theirs[name]["whole"] + ours[name]["shift"]), *STEPS)
            out[f"l{layer}.{name}.w+"] = (moved - theirs[name]["whole"]).astype(np.int8).ravel()
            out[f"l{layer}.{name}.b"] = ours[name]["bias"]
        for name in ("aln", "oln"):
            out[f"l{layer}.{name}.w"] = ours[name]["gain"]
            out[f"l{layer}.{name}.b"] = ours[name]["bias"]
    kept = (np.float16, np.int8)
    return {k: v if v.dtype in kept else np.asarray(v, np.float32) for k, v in out.items()}


def put(trained: dict[str, Any], fixed: dict[str, Any], tensors: dict[str, Any]) -> None:
    """The reverse of `tuned`: set what is trained from tensors of a tuning."""
    trained["norm"] = {"gain": tensors["emb.ln.w"], "bias": tensors["emb.ln.b"]}
    for layer, (ours, theirs) in enumerate(zip(trained["layers"], fixed["layers"], strict=True)):
        for name, _, _ in MATRICES:
            scales = theirs[name]["scales"]
            now = tensors[f"l{layer}.{name}.w"].astype(np.float32).reshape(scales.shape)
            stretch = np.divide(now, scales, out=np.ones_like(scales), where=scales != 0) - 1
            shift = ours[name]["shift"]
            moved = tensors.get(f"l{layer}.{name}.w+")
            if moved is not None:
                shift = shift + moved.astype(np.float32).reshape(shift.shape)
            bias = tensors[f"l{layer}.{name}.b"]
            ours[name] = {"stretch": stretch, "bias": bias, "shift": shift}
        for name in ("aln", "oln"):
            gain, bias = (tensors[f"l{layer}.{name}.{part}"] for part in "wb")
            ours[name] = {"gain": gain, "bias": bias}


class Words:
    """Looks words up in the fixed embedding table."""

    def __init__(self, packed: Packed) -> None:
        self._whole, self._scales = packed.blocks("emb.word", packed.width)
        self._places = packed.numbers("emb.pos").reshape(-1, packed.width)
        self._type = packed.numbers("emb.type")[: packed.width]

    def __call__(self, ids: Any) -> Any:
        """[batch, length] of ids to [batch, length, width]."""
        rows = self._whole[ids].astype(np.float32) * self._scales[ids][..., None]
        flat = rows.reshape(*ids.shape, -1)
        return (flat + self._places[: ids.shape[1]] + self._type).astype(np.float32)


def _normed(x: Any, norm: dict[str, Any], eps: float) -> Any:
    mean = x.mean(-1, keepdims=True)
    spread = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(spread + eps) * norm["gain"] + norm["bias"]


def _linear(ours: dict[str, Any], theirs: dict[str, Any], x: Any) -> Any:
    scales = theirs["scales"] * (1 + ours["stretch"])
    steps = theirs["whole"].astype(jnp.float32) + ours["shift"]
    steps += jax.lax.stop_gradient(jnp.clip(jnp.rint(steps), *STEPS) - steps)
    weights = (steps * scales[..., None]).reshape(len(scales), -1)
    assert theirs["whole"].shape[-1] == BLOCK
    return x @ weights.T + ours["bias"]


def vectors(
    trained: dict[str, Any], fixed: dict[str, Any], words: Any, mask: Any,
    heads: int, eps: float, key: Any = None,
) -> Any:  # fmt: skip
    """Unit vectors of a batch; `key` turns dropout on."""
    batch, length, width = words.shape
    x = _normed(words, trained["norm"], eps)
    hidden = jnp.where(mask[:, None, None, :], 0.0, -1e9)

    def dropped(y: Any, key: Any) -> Any:
        return y if key is None else y * jax.random.bernoulli(key, 1 - _DROP, y.shape) / (1 - _DROP)

    for ours, theirs in zip(trained["layers"], fixed["layers"], strict=True):
        first, second, key = (None,) * 3 if key is None else jax.random.split(key, 3)
        linear = {n: partial(_linear, ours[n], theirs[n]) for n, _, _ in MATRICES}
        q, k, v = (
            linear[n](x).reshape(batch, length, heads, -1).transpose(0, 2, 1, 3) for n in "qkv"
        )
        weight = jax.nn.softmax(q @ k.transpose(0, 1, 3, 2) / np.sqrt(width // heads) + hidden)
        mixed = (weight @ v).transpose(0, 2, 1, 3).reshape(batch, length, width)
        x = _normed(x + dropped(linear["ao"](mixed), first), ours["aln"], eps)
        inner = jax.nn.gelu(linear["fi"](x), approximate=False)
        x = _normed(x + dropped(linear["fo"](inner), second), ours["oln"], eps)
    mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return mean / jnp.linalg.norm(mean, axis=-1, keepdims=True)
