"""What a word in a YAML file means: the core schema of YAML 1.2.

Unlike in YAML 1.1, `1e-3` is a number, and `no`, `on`, `1_000`, `1:30` and `2024-01-01` are words.
"""

from __future__ import annotations

import json
import math
import re

Scalar = None | bool | int | float | str

MAX_NUMBER_LENGTH = 100
"""Characters in a number: enough for any seed, too few to keep Python busy."""

_CONSTANTS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NAN = re.compile(r"\.(nan|NaN|NAN)")
_PLAIN_WORD = re.compile(r"[A-Za-z_/.][\w./+-]*( [\w./+-]+)*", re.ASCII)
_WORDS_OF_YAML_1_1 = {"y", "n", "yes", "no", "on", "off"}

FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no text may contain: control characters, NUL, halves of surrogate pairs."""


def resolve(word: str) -> Scalar:
    """The value of an unquoted word.

    Raises ValueError, with a sentence for the user, when it is a number of absurd length or size.

    >>> [resolve(word) for word in ("1e-3", "0x10", "010", "1_000", "no", "true", "~")]
    [0.001, 16, 10, '1_000', 'no', True, None]
    """
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    if word.lower() in _CONSTANTS and (word.isupper() or word.istitle()):
        return _CONSTANTS[word.lower()]
    if _INFINITY.fullmatch(word):
        return -math.inf if word.startswith("-") else math.inf
    if _NAN.fullmatch(word):
        return math.nan
    is_integer = _INTEGER.fullmatch(word)
    if not is_integer and not _FLOAT.fullmatch(word):
        return word
    if len(word) > MAX_NUMBER_LENGTH:
        raise ValueError(f"the number {word[:12]}… has {len(word)} characters; at most {MAX_NUMBER_LENGTH} are read")
    if is_integer:
        return int(word, {"0o": 8, "0x": 16}.get(word[:2], 10))
    number = float(word)
    if math.isinf(number):
        raise ValueError(f"the number {word} is too large for a float; write .inf if infinity is meant")
    return number


def write(value: Scalar) -> str:
    """The text that `resolve`, or a YAML reader where it is quoted, turns back into `value`.

    >>> [write(value) for value in (1e-5, 64, True, None, "relu", "no", "1e3", "a: b")]
    ['1e-05', '64', 'true', 'null', 'relu', '"no"', '"1e3"', '"a: b"']
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else "-.inf" if value < 0 else ".inf"
    if not isinstance(value, str):
        return repr(value)
    if is_word(value):
        return value
    # JSON text is YAML text, but for the characters that YAML takes for line breaks.
    quoted = json.dumps(value, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff]", lambda match: f"\\u{ord(match[0]):04x}", quoted)


def is_word(text: str) -> bool:
    """Whether a text means itself without quotes, for readers of YAML 1.1 as well."""
    if not _PLAIN_WORD.fullmatch(text) or text.lower() in _WORDS_OF_YAML_1_1:
        return False
    try:
        return isinstance(resolve(text), str)
    except ValueError:
        return False
