"""What platforms and standards want to be told, as plain values.

IPTC digital source types, schema.org's form of them, China's `AIGC` object and the flags of upload
forms. The caller sends or embeds them; nothing here opens a connection.

Source: IPTC NewsCodes `digitalsourcetype` (cv.iptc.org), schema.org `IPTCDigitalSourceEnumeration`,
GB 45438-2025 annex E, Google Ads API `syntheticContentAttestationStatus`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from overt.disclosure.planning import Content, DisclosurePlan
from overt.models import Covers, Extent

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_SCHEMA = {
    "trainedAlgorithmicMedia": "TrainedAlgorithmicMediaDigitalSource",
    "compositeWithTrainedAlgorithmicMedia": "CompositeWithTrainedAlgorithmicMediaDigitalSource",
    "algorithmicallyEnhanced": "AlgorithmicallyEnhancedDigitalSource",
}


def digital_source_type(content: Content) -> str | None:
    """IPTC's URI for how the asset came to be; none for what was not touched.

    A synthetic voice over real pictures and a significant edit are composites; a minor edit is an
    enhancement.
    """
    if content.extent is Extent.NONE:
        return None
    if content.extent is Extent.MINOR:
        return IPTC + "algorithmicallyEnhanced"
    if content.edited_real or content.covers is not Covers.WHOLE:
        return IPTC + "compositeWithTrainedAlgorithmicMedia"
    if content.extent is Extent.SIGNIFICANT:
        return IPTC + "compositeWithTrainedAlgorithmicMedia"
    return IPTC + "trainedAlgorithmicMedia"


def schema_org(content: Content, plan: DisclosurePlan, url: str | None = None) -> str:
    """JSON-LD for a page that shows the asset; safe inside a script element."""
    kinds = {"image": "ImageObject", "audio": "AudioObject", "video": "VideoObject"}
    source = digital_source_type(content)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": kinds.get(plan.modality, "CreativeWork"),
        "encodingFormat": plan.media_type,
        "inLanguage": plan.languages[0],
    }
    if url is not None:
        data["contentUrl"] = url
    if source is not None:
        data["digitalSourceType"] = "https://schema.org/" + _SCHEMA[source.removeprefix(IPTC)]
    text = json.dumps(data, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def aigc(
    *, producer: str, produce_id: str, propagator: str = "", propagate_id: str = "", label: int = 1
) -> str:
    """China's implicit label: the JSON under the metadata key `AIGC`.

    Args:
        producer: Name or code of the service that generated it.
        produce_id: Its number for this asset.
        propagator: Name or code of who spreads it.
        propagate_id: Their number for it.
        label: 1 generated, 2 possibly, 3 suspected.

    Raises:
        ValueError: `label` is none of these, or the producer is missing.
    """
    if label not in (1, 2, 3):
        raise ValueError("label is 1, 2 or 3")
    if not producer or not produce_id:
        raise ValueError("name the producer and its number")
    return json.dumps(
        {
            "Label": str(label),
            "ContentProducer": producer,
            "ProduceID": produce_id,
            "ReservedCode1": "",
            "ContentPropagator": propagator,
            "PropagateID": propagate_id,
            "ReservedCode2": "",
        },
        ensure_ascii=False,
    )


def upload_flags(content: Content, plan: DisclosurePlan) -> dict[str, Any]:
    """What upload forms ask: one key a platform."""
    synthetic = plan.owed or content.extent in (Extent.SIGNIFICANT, Extent.WHOLLY_GENERATED)
    return {
        "digital_source_type": digital_source_type(content),
        "google_ads": {
            "syntheticContentAttestationStatus": "IS_SYNTHETIC" if synthetic else "NOT_SYNTHETIC"
        },
        "tiktok": {"is_aigc": synthetic},
        "youtube": {"containsSyntheticMedia": synthetic},
        "languages": list(plan.languages),
        "labels": [*(one.text for one in plan.visible), *(one.text for one in plan.text)],
    }


def names_ai(label: str) -> bool:
    """Whether an effect's or filter's name tells that it is AI.

    A creator sees only the name when choosing an effect, so the name has to say it: as a word or an
    abbreviation of any language of the catalogue, or as `generated`, `synthetic` or `deepfake`.
    Where an abbreviation is also a common word, as Hungarian MI, it counts in capitals only, and
    not in a name that is all capitals.
    """
    words = [word.strip(".,:;!?()[]") for word in label.replace("-", " ").split()]
    if {word.casefold() for word in words} & _SHORT or _LATIN.search(label):
        return True
    if label != label.upper() and _CAPITALS & set(words):
        return True
    return bool(_LONG.search(label.casefold()))


_LATIN = re.compile("(?<![A-Z])AI(?![A-Za-z])|(?<![A-Za-z])AI(?=[A-Z][a-z])")
_SHORT = frozenset({"ai", "a.i", "ia", "ki", "ии", "ші", "τν", "এআই"})
_CAPITALS = frozenset({"MI", "DI", "ВИ", "ЖИ", "ԱԲ"})
_LONG = re.compile(
    "|".join(
        (
            r"generativ", r"\bgenerated\b", r"\bsynthetic\b", r"\bdeepfake",
            r"artificial intelligen", r"intelligence artificiel",
            r"inteligenc\w* artificial", r"inteligênc\w* artificial", r"inteligenț\w* artificial",
            r"intelligenz\w* artificial", r"intel·ligènc\w* artificial",
            r"inteligjenc\w* artificial", r"intelliġenz\w* artifiċjal", r"h?intleacht\w* shaorga",
            r"künstlich\w* intelligen", r"kunstmatig\w* intelligen", r"artificiel\w* intelligen",
            r"kunstig\w* intelligen", r"tekoäly", r"tehisaru", r"tehisintellekt",
            r"sztuczn\w* inteligen", r"um[eě]l\w* inteligen", r"um[j]?etn\w* inteligen",
            r"v[j]?eštačk\w* inteligen", r"ustvarjen\w* z ui\b", r"spremenjen\w* z ui\b",
            r"mesterséges intelligen", r"dirbtin\w* intelekt", r"mākslīg\w* intelekt",
            r"yapay zek", r"süni intellekt", r"sun.iy intellekt", r"жасанды интеллект",
            r"вештачк\w* интелиген", r"изкуствен\w* интелект", r"искусственн\w* интеллект",
            r"штучн\w* інтэ?лект", r"хиймэл оюун", r"τεχνητ\w* νοημοσύν", r"ხელოვნურ\w* ინტელექტ",
            r"արհեստական բանական", r"בינה מלאכותית", r"ذكاء", r"هوش مصنوعی", r"مصنوعی ذہانت",
            r"مصنوعي ځيرکتيا", r"कृत्रिम", r"एआ[ईय]", r"কৃত্রিম", r"ਏਆਈ", r"એઆઈ", r"કૃત્રિમ",
            r"செயற்கை நுண்ணறி", r"కృత్రిమ మేధ", r"ಕೃತಕ ಬುದ್ಧಿ", r"നിർമ്മിത ബുദ്ധി", r"කෘතිම බුද්ධි",
            r"ปัญญาประดิษฐ์", r"ປັນຍາປະດິດ", r"បញ្ញាសិប្បនិម្មិត", r"ဉာဏ်ရည်တု", r"trí tuệ nhân tạo",
            r"kecerdasan buatan", r"akili mnemba", r"ሰው ሰራሽ አስተውሎት", r"garaad macmal",
            r"人工智能", r"人工智慧", r"人工知能", r"ai生成", r"인공지능",
        )
    )
)  # fmt: skip
