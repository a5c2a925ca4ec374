"""Chinese names in Latin letters, for lists that give them in Han characters only.

Needs the extra `pinyin`; without it there are no such spellings. Mandarin only: the spellings of
Hong Kong and Taiwan are for the list to give. A name's characters say how it sounds, not the other
way round, so a list in Latin letters gets no Han characters.
"""

from __future__ import annotations

import importlib.util
import re

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]{2,4}")
_DOUBLE_TEXT = (
    "欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 司徒 尉迟 尉遲 皇甫 慕容 令狐 夏侯 端木 东方 東方 公孙 公孫"
)
_DOUBLE = frozenset(_DOUBLE_TEXT.split())
_SURNAMES = {
    "单": "shan", "單": "shan", "解": "xie", "曾": "zeng", "仇": "qiu", "区": "ou", "區": "ou",
    "查": "zha", "任": "ren", "华": "hua", "華": "hua", "盖": "ge", "蓋": "ge", "朴": "piao",
    "尉迟": "yu chi", "尉遲": "yu chi", "令狐": "ling hu", "员": "yun", "員": "yun",
}  # fmt: skip
"""Characters that are read in another way when they are a surname."""


def available() -> bool:
    """Whether the extra is installed."""
    return importlib.util.find_spec("pypinyin") is not None


def pinyin(name: str) -> str | None:
    """`习近平` as `Xi Jinping`; None where it is no Chinese name or the extra is not there."""
    if not _HAN.fullmatch(name) or not available():
        return None
    from pypinyin import lazy_pinyin

    length = 2 if name[:2] in _DOUBLE and len(name) > 2 else 1
    surname = _SURNAMES.get(name[:length]) or " ".join(lazy_pinyin(name[:length]))
    family, given = "".join(surname.split()), "".join(lazy_pinyin(name[length:]))
    return f"{family.capitalize()} {given.capitalize()}" if (family + given).isascii() else None
