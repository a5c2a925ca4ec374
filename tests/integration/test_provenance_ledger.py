"""The record that a manifest cites, checked against a real ledger."""

import media_samples as samples
import pytest
from sqlalchemy import update

from overt.inspect import verify, verify_folder
from overt.ledger import SqlLedger
from overt.storage import Database
from overt.storage.schema import entries

KEYS = samples.keys()
ORIGIN = "example.org/log"


def entry(number):
    return {
        "type": "decision",
        "id": f"decision-{number}",
        "at": samples.WHEN.isoformat(),
        "outcome": "allow",
    }


@pytest.fixture
def ledger(tmp_path):
    url = f"sqlite:///{tmp_path / 'overt.db'}"
    with Database.open(url) as database:
        log = SqlLedger(ORIGIN)
        for number in range(11):
            database.write(lambda tx, number=number: log.append(tx, entry(number)))
        yield url, database


def signed(**changes):
    manifest = samples.manifest("image/png", **changes)
    return samples.embedder().sign(samples.media("image/png"), manifest).media.read()


def proof(url, **changes):
    result = verify(signed(**changes), trust=KEYS.root, ledger_db=url)
    return result.record.proof, [problem.code for problem in result.problems]


def test_a_record_that_is_there(ledger):
    for number in (0, 5, 10):
        assert proof(ledger[0], decision_index=number, decision_id=f"decision-{number}") == (
            "included",
            [],
        )


def test_a_record_that_is_not_there(ledger):
    assert proof(ledger[0], decision_index=11, decision_id="decision-11") == (
        "missing",
        ["record.missing"],
    )


def test_another_decisions_record(ledger):
    assert proof(ledger[0], decision_index=3, decision_id="decision-4") == (
        "invalid",
        ["record.invalid"],
    )


def test_a_record_that_was_changed(ledger):
    url, database = ledger
    changed = b'{"id":"decision-3","type":"decision"}'
    database.write(
        lambda tx: tx.execute(update(entries).where(entries.c.idx == 3).values(body=changed))
    )
    assert proof(url, decision_index=3, decision_id="decision-3") == (
        "invalid",
        ["record.invalid"],
    )


def test_another_ledgers_record_is_not_judged(ledger):
    assert proof(ledger[0], origin="elsewhere.example/log") == ("unchecked", [])


def test_without_a_ledger_it_is_unchecked():
    assert verify(signed(), trust=KEYS.root).record.proof == "unchecked"


def test_a_folder_is_checked_too(ledger, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.png").write_bytes(signed(decision_index=1, decision_id="decision-1"))
    (folder / "b.png").write_bytes(signed(decision_index=99))
    first, second = verify_folder(folder, trust=KEYS.root, ledger_db=ledger[0])
    assert (first.record.proof, second.record.proof) == ("included", "missing")
    assert (first.passed, second.passed) == (True, False)


def test_chinas_label_names_the_producer_and_the_run():
    import io
    import json
    import re

    from PIL import Image

    from overt.guard import Guard
    from overt.models import Media, Request

    stream = io.BytesIO()
    Image.effect_noise((320, 240), 60).convert("RGB").save(stream, "PNG")
    with Guard.ephemeral(identity={"china_producer": "91310000MA1FL0000X"}) as guard:
        result = guard.run(
            Request(prompt="hills", media_type="image/png"),
            lambda _: Media(media_type="image/png", data=stream.getvalue()),
        )
    found = re.search(rb"<TC260:AIGC>(.*?)</TC260:AIGC>", result.media.read())
    label = json.loads(found[1].replace(b"&quot;", b'"'))
    assert label["ContentProducer"] == "91310000MA1FL0000X"
    assert label["ProduceID"] == result.decision.id
