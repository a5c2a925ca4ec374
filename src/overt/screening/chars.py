"""How single characters are folded for comparison.

`fold_char` turns one code point into what is compared: NFKC, lower case, without marks in scripts
where people leave marks out, and with the letters of one sound written one way. It is a pure table
look-up after the first time. Nothing here knows about names or words.

Sources: Unicode 15 NFKC (UAX 15) and general categories; the look-alike table is a small own one
in the spirit of UTS 39, limited to letters that really pass for Latin ones in common fonts.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

DROP = ""
SPACE = " "

_SPECIAL = {
    "ł": "l", "đ": "d", "ð": "d", "ø": "o", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th",
    "ħ": "h", "ŧ": "t", "ŋ": "n", "ə": "e", "ĸ": "k", "ſ": "s",
    # Arabic script: one form a letter, whatever the keyboard
    "ي": "ی", "ى": "ی", "ئ": "ی", "ې": "ی", "ك": "ک", "ڪ": "ک", "أ": "ا", "إ": "ا", "آ": "ا",
    "ٱ": "ا", "ة": "ه", "ہ": "ه", "ھ": "ه", "ۃ": "ه", "ە": "ه", "ؤ": "و", "ے": "ی", "ۓ": "ی",
    "ں": "ن", "ء": DROP, "ـ": DROP,
    # Devanagari and Bengali: nukta letters and the two nasal signs
    "क़": "क", "ख़": "ख", "ग़": "ग", "ज़": "ज", "ड़": "ड", "ढ़": "ढ", "फ़": "फ", "य़": "य",
    "़": DROP, "ँ": "ं", "়": DROP, "ঁ": DROP,
    # apostrophes and quotes in names
    "’": "'", "‘": "'", "ʼ": "'", "ʹ": "'", "`": "'", "´": "'", "＇": "'", "׳": "'",
    "ґ": "г", "ў": "у", "ё": "е",
    "ㅡ": SPACE, "ᅳ": SPACE,  # a dash between syllables
    # traditional, Japanese and simplified forms that differ in names of leaders
    "習": "习", "總": "总", "統": "统", "黨": "党", "選": "选", "舉": "举", "國": "国", "馬": "马",
    "馮": "冯", "賴": "赖", "頼": "赖", "蘇": "苏", "澤": "泽", "沢": "泽", "連": "连", "斯": "斯",
    "爾": "尔", "納": "纳", "亞": "亚", "亜": "亚", "達": "达", "羅": "罗", "倫": "伦", "錫": "锡",
    "濟": "济", "済": "济", "韓": "韩", "龍": "龙", "竜": "龙", "齊": "齐", "廣": "广", "広": "广",
    "歐": "欧", "貝": "贝", "魯": "鲁", "魏": "魏", "麥": "麦", "鄧": "邓", "張": "张", "陳": "陈",
    "劉": "刘", "楊": "杨", "趙": "赵", "吳": "吴", "蔡": "蔡", "鄭": "郑", "盧": "卢", "蕭": "萧",
    "薩": "萨", "諾": "诺", "維": "维", "強": "强", "鎮": "镇", "門": "门", "東": "东", "蓮": "莲",
    "聲": "声", "音": "音", "聽": "听", "說": "说", "話": "话", "請": "请", "電": "电", "視": "视",
    "頻": "频", "錄": "录", "録": "录", "製": "制", "為": "为", "爲": "为", "與": "与", "這": "这",
    "個": "个", "們": "们", "來": "来", "時": "时", "間": "间", "開": "开", "關": "关", "関": "关",
    "會": "会", "議": "议", "員": "员", "長": "长", "縣": "县", "県": "县", "區": "区", "臺": "台",
    "灣": "湾", "銀": "银", "錢": "钱", "帳": "帐", "轉": "转", "賄": "贿", "賂": "赂", "買": "买",
    "賣": "卖", "華": "华", "經": "经", "濱": "滨", "歲": "岁", "寫": "写", "畫": "画", "圖": "图",
    "圗": "图", "實": "实", "真": "真", "偽": "伪", "變": "变", "節": "节", "條": "条", "務": "务",
    "當": "当", "對": "对", "發": "发", "諷": "讽", "誌": "志", "聞": "闻", "報": "报",
    "標": "标", "籤": "签", "語": "语", "漢": "汉", "絕": "绝", "禁": "禁", "計": "计", "勝": "胜",
    "敗": "败", "結": "结", "慶": "庆", "給": "给", "讓": "让", "認": "认", "識": "识", "並": "并",
    "後": "后", "從": "从", "點": "点", "處": "处", "無": "无", "應": "应", "見": "见", "親": "亲",
    "幣": "币", "資": "资", "財": "财", "訊": "讯", "號": "号", "據": "据", "擊": "击", "殺": "杀",
}  # fmt: skip

_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True))
LETTERLIKE = (
    _SMALL_CAPITALS
    | {chr(0x1F150 + n): chr(ord("a") + n) for n in range(26)}
    | {chr(0x1F170 + n): chr(ord("a") + n) for n in range(26)}
)
"""Small capitals and letters on dark discs and squares, which NFKC leaves as they are."""

_MARKED_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW")


@lru_cache(maxsize=65536)
def fold_char(char: str) -> str:
    """The folded form of one code point: `DROP`, one space, or a few characters."""
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char in LETTERLIKE:
        return LETTERLIKE[char]
    category = unicodedata.category(char)
    if category in ("Cf", "Cs", "Co", "Cn", "Me"):
        return DROP
    if category[0] == "Z" or category == "Cc":
        return SPACE
    if category == "Mn" and not _is_spelling_mark(char):
        return DROP
    return "".join(_fold_compatible(c) for c in unicodedata.normalize("NFKC", char).lower())


def _fold_compatible(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char < "\x80":
        return char
    if unicodedata.name(char, "").startswith(_MARKED_SCRIPTS):
        base = "".join(
            c for c in unicodedata.normalize("NFD", char) if unicodedata.category(c) != "Mn"
        )
        return "".join(_SPECIAL.get(c, c) for c in base)
    return DROP if unicodedata.category(char) == "Mn" and not _is_spelling_mark(char) else char


def _is_spelling_mark(char: str) -> bool:
    """Vowel signs and viramas of Indic and South-East Asian scripts carry the spelling."""
    return "\u0900" <= char <= "\u109f" or "\u1780" <= char <= "\u17d3" or char in "\u3099\u309a"


CYRILLIC_TO_LATIN = {
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "і": "i", "ј": "j",
    "ѕ": "s", "в": "b", "к": "k", "м": "m", "н": "h", "т": "t", "ԁ": "d", "ԛ": "q", "ԝ": "w",
    "г": "r", "п": "n", "ь": "b", "һ": "h", "ѵ": "v", "ӏ": "l", "з": "3", "и": "u",
}  # fmt: skip
GREEK_TO_LATIN = {
    "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "μ": "m", "ν": "v", "ο": "o",
    "ρ": "p", "τ": "t", "υ": "u", "χ": "x", "ω": "w", "γ": "y", "σ": "s", "ς": "s", "ζ": "z",
}  # fmt: skip
OTHER_TO_LATIN = {"ա": "w", "ո": "n", "ս": "u", "օ": "o", "հ": "h", "ց": "g", "զ": "q", "ⅼ": "l"}
LOOKALIKES = str.maketrans(CYRILLIC_TO_LATIN | GREEK_TO_LATIN | OTHER_TO_LATIN)
LATIN_TO_CYRILLIC = str.maketrans(
    {v: k for k, v in CYRILLIC_TO_LATIN.items() if v not in "3u"} | {"u": "и", "h": "н", "b": "в"}
)
LEET = str.maketrans("013457@$!|8+€9", "oieastasilbteg")
LEET_CYRILLIC = str.maketrans("01346@", "оізчба")
LEET_SIGNS = "@$!|+€"
