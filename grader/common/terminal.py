"""Makes text from untrusted sources harmless, and fits any text to the terminal that shows it."""

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

WIDTH: Final = 80  # columns, assumed for every terminal

# ASCII replacements for the other characters in the kit's texts, where these cannot be shown.
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
    """Print lines as they are, without wrapping or markup."""
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False, markup=False)


def wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    """Wrap a text to lines of at most `WIDTH` columns, without breaking words or options.

    Args:
        text: any text.
        first: the indent of the first line.
        rest: the indent of all other lines.
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
    r"""`text` with control characters and characters that a terminal cannot show escaped.

    Line ends and tabs stay; other control characters (ANSI sequences begin with one), invisible
    formatting characters and lone surrogates become `\x1b`, `\u202e`, `\udc80`.
    """
    return "".join(c if c.isprintable() or c in "\n\t" else _escaped(c) for c in text)


def encodable(text: str, encoding: str | None) -> str:
    r"""`text` in the characters that a terminal's encoding has, with ASCII for all others.

    For example, "·" becomes "-" and "…" becomes "...". A character without an entry in `PLAIN`
    becomes an escape such as `\xe4`.

    Args:
        text: any text.
        encoding: the terminal's encoding; None means unknown, and ASCII is used.
    """
    encoding = encoding or "ascii"
    codecs.register_error(HANDLER, _plainly)
    return text.encode(encoding, errors=HANDLER).decode(encoding)


def fit_streams() -> None:
    """Let standard output and error write ASCII for characters that the terminal does not have."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            fit_stream(stream)


def fit_stream(stream: TextIO, environment: Mapping[str, str] = os.environ) -> None:
    """Let a stream write plain ASCII for each character that it cannot encode, as `encodable` does.

    Args:
        stream: the terminal's stream; one that cannot be reconfigured stays as it is.
        environment: the environment variables, whose locale says which characters there are.
    """
    if not isinstance(stream, io.TextIOWrapper):
        return
    codecs.register_error(HANDLER, _plainly)
    if _asks_for_ascii(environment):
        stream.reconfigure(encoding="ascii", errors=HANDLER)
    else:
        stream.reconfigure(errors=HANDLER)


def _asks_for_ascii(environment: Mapping[str, str]) -> bool:
    """Whether the locale explicitly asks for ASCII.

    Python itself writes UTF-8 in such a locale, and sets LC_CTYPE for that (PEP 538 and 540).
    """
    if environment.get("PYTHONIOENCODING") or environment.get("PYTHONUTF8"):
        return False  # the user chose an encoding, and Python uses it
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
