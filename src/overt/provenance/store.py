"""Small questions to a manifest store in its JSON form, as the reader gives it.

The store may come from a stranger, so nothing here takes a shape for granted: what is not there,
or is of another type, is as good as absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from overt.provenance.shapes import UNTRUSTED, mapping, sequence

__all__ = [
    "actions",
    "active_manifest",
    "assertions",
    "failure_codes",
    "ingredient_failures",
    "mapping",
    "sequence",
]


def active_manifest(store: Mapping[str, Any]) -> Mapping[str, Any]:
    """The newest manifest; empty when there is none."""
    manifests = mapping(store.get("manifests"))
    return mapping(manifests.get(str(store.get("active_manifest"))))


def assertions(manifest: Mapping[str, Any], label: str) -> Iterator[Mapping[str, Any]]:
    """Data of every assertion with a label, whatever instance number it has."""
    for entry in sequence(manifest.get("assertions")):
        found = str(mapping(entry).get("label", ""))
        if found == label or found.startswith(label + "__"):
            yield mapping(mapping(entry).get("data"))


def actions(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every action of a manifest, in both versions of the assertion."""
    for label in ("c2pa.actions.v2", "c2pa.actions"):
        for data in assertions(manifest, label):
            for action in sequence(data.get("actions")):
                yield mapping(action)


def failure_codes(store: Mapping[str, Any], *, ingredients: bool = True) -> list[str]:
    """Failure codes of the active manifest, and of its ingredients, each once."""
    results = mapping(store.get("validation_results"))
    codes = [_code(e) for e in sequence(mapping(results.get("activeManifest")).get("failure"))]
    codes += [str(code) for code in sequence(store.get("irregular"))]
    if ingredients:
        nested: list[str] = []
        for delta in sequence(results.get("ingredientDeltas")):
            changes = mapping(mapping(delta).get("validationDeltas"))
            nested += [_code(entry) for entry in sequence(changes.get("failure"))]
        for ingredient in sequence(active_manifest(store).get("ingredients")):
            nested += ingredient_failures(mapping(ingredient))
        # Who signed an ingredient is a question of its own; see overt.provenance.upstream.
        codes += [code for code in nested if code != UNTRUSTED]
    return list(dict.fromkeys(codes))


def ingredient_failures(ingredient: Mapping[str, Any]) -> list[str]:
    """Failure codes that were recorded of an ingredient when it was added."""
    results = mapping(mapping(ingredient.get("validation_results")).get("activeManifest"))
    return [_code(entry) for entry in sequence(results.get("failure"))]


def _code(entry: Any) -> str:
    return str(mapping(entry).get("code", "unknown"))
