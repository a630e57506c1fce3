"""Text of unknown origin made harmless, and every text made fit for the terminal that shows it."""

import codecs
import io
import os
import sys
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDTH: Final = 80  # columns that every terminal has

# What texts use beyond ASCII, and what stands for it where that cannot be shown.
PLAIN: Final = {
    **{"·": "-", "•": "*", "…": "...", "×": "x", "±": "+/-", "≈": "~", "²": "^2", "\u00a0": " "},
    **{"→": "->", "←": "<-", "≤": "<=", "≥": ">=", "≠": "!=", "✓": "ok", "✗": "x"},
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("–—−─━", "-"),
    **dict.fromkeys("│┃", "|"),
}
HANDLER: Final = "grader.plain"
ASCII_LOCALES: Final = ("C", "POSIX")
COERCED: Final = ("", "C", "POSIX", "C.UTF-8", "C.utf8", "UTF-8")


def print_lines(console: "Console", *lines: "str | Text") -> None:
    """Print lines as they are, however long: nothing in them is markup."""
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False, markup=False)


def wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    """A text as lines of at most `WIDTH` columns; no word or option is torn apart.

    Args:
        text: any text.
        first: what its first line begins with.
        rest: what the others begin with.
    """
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def printable(text: str) -> str:
    r"""`text` with everything that a terminal might obey, or cannot show, as its escape.

    Line ends and tabs stay; other control characters (ANSI sequences begin with one), invisible
    formatting characters and lone surrogates become `\x1b`, `\u202e`, `\udc80`.
    """
    return "".join(c if c.isprintable() or c in "\n\t" else _escaped(c) for c in text)


def encodable(text: str, encoding: str | None) -> str:
    r"""`text` as a terminal can show it: in ASCII letters where it knows no others.

    "·" becomes "-" and "…" becomes "..."; what `PLAIN` does not know becomes an escape, `\xe4`.

    Args:
        text: any text.
        encoding: of the terminal; None: unknown.
    """
    encoding = encoding or "ascii"
    codecs.register_error(HANDLER, _plainly)
    return text.encode(encoding, errors=HANDLER).decode(encoding)


def fit_streams() -> None:
    """Let standard output and error write what the terminal has, and plain ASCII for the rest."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            fit_stream(stream)


def fit_stream(stream: TextIO, environment: Mapping[str, str] = os.environ) -> None:
    """Let a stream write plain ASCII for each character that it cannot encode, as `encodable` does.

    Args:
        stream: of the terminal; one that cannot be reconfigured stays as it is.
        environment: whose locale says which characters the terminal has.
    """
    if not isinstance(stream, io.TextIOWrapper):
        return
    codecs.register_error(HANDLER, _plainly)
    if _asks_for_ascii(environment):
        stream.reconfigure(encoding="ascii", errors=HANDLER)
    else:
        stream.reconfigure(errors=HANDLER)


def _asks_for_ascii(environment: Mapping[str, str]) -> bool:
    """Whether the locale says in so many words that the terminal knows ASCII alone.

    Python itself writes UTF-8 there, and sets LC_CTYPE for that (PEP 538 and 540).
    """
    if environment.get("PYTHONIOENCODING") or environment.get("PYTHONUTF8"):
        return False  # then Python's encoding is the one that was asked for
    if everything := environment.get("LC_ALL"):
        return everything in ASCII_LOCALES
    coerced = environment.get("LC_CTYPE", "") in COERCED
    return coerced and environment.get("LANG") in ASCII_LOCALES


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    return "".join(PLAIN.get(c) or _escaped(c) for c in characters), error.end


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", errors="surrogatepass").decode("ascii")
