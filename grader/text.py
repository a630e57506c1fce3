"""Text of unknown origin, made harmless before a person sees it; and text for plain terminals."""

from typing import Final

_PLAIN: Final = str.maketrans(
    {"·": "-", "→": "->", "×": "x", "≈": "~", "…": "...", "²": "^2"}
    | dict.fromkeys("“”„", '"')
    | dict.fromkeys("‘’", "'")
    | dict.fromkeys("–—−", "-")
)


def printable(text: str) -> str:
    r"""`text` with everything that a terminal might obey, or cannot show, as its escape.

    Line ends and tabs stay; other control characters (ANSI sequences begin with one), invisible
    formatting characters and lone surrogates become `\x1b`, `\u202e`, `\udc80`.
    """
    return "".join(c if c.isprintable() or c in "\n\t" else _escaped(c) for c in text)


def encodable(text: str, encoding: str | None) -> str:
    """`text` as a terminal can show it: in ASCII letters where it knows no others.

    Args:
        text: any text.
        encoding: of the terminal; None: unknown.
    """
    encoding = encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = text.translate(_PLAIN)
        return plain.encode(encoding, errors="backslashreplace").decode(encoding)
    return text


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", errors="surrogatepass").decode("ascii")
