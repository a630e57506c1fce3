"""Text of unknown origin, made harmless before a person sees it."""


def printable(text: str) -> str:
    r"""`text` with everything that a terminal might obey, or cannot show, as its escape.

    Line ends and tabs stay; other control characters (ANSI sequences begin with one), invisible
    formatting characters and lone surrogates become `\x1b`, `\u202e`, `\udc80`.
    """
    return "".join(c if c.isprintable() or c in "\n\t" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", errors="surrogatepass").decode("ascii")
