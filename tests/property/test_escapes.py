"""Whatever looks like a code of characters is read without an error, and plain text stays plain."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from overt.screening.escapes import from_hex, unescaped, upright

CODES = st.sampled_from(
    ["%", "%4a", "%ff", "&#74;", "&#x110000;", "&amp;", "&", ";", "\\", "\\u004a", "\\ud800",
     "\\U00110000", "\\u{ffffff}", "\\x4a", "🇯🇴🇪🇧🇮", "⠚⠕⠑", "ɐɔǝ", "0x4a", "4a ", "\ud800", "\x00"]
)  # fmt: skip


@given(st.lists(CODES | st.text(max_size=4), max_size=30).map("".join))
def test_no_code_is_an_error(text: str) -> None:
    plain, hidden = unescaped(text)
    assert not hidden or plain != text
    assert isinstance(upright(text), str)
    assert isinstance(from_hex(text), str)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="%&\\")))
def test_text_without_codes_is_left_alone(text: str) -> None:
    assert unescaped(text) == (text, False)
    assert upright(text) == text
