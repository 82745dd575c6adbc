"""The text of a post without its markup: HTML by its parser, marks of Markdown, forums, wikis and chats by name.

What is left has the lines of the text. A quotation that is told by its markup becomes a line `>`, so that `own_words`
sees one kind. Code stays as it is: its identifiers are words of whoever wrote it.
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

QUOTED = "\n>\n"
"""What stands for a quotation that was told by its markup."""

_CODE = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1[ \t]*$|\Z)|``[^`]+``|`[^`\n]+`", re.DOTALL | re.MULTILINE)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*(?:-[\w-]+)?)(?::[\w-]+)?(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BLOCKS = (
    "address article aside body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6"
)
_BLOCKS += " header hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
_INLINE = "a b big blockquote code del em font i ins kbd label mark s small span strike strong sub sup tt u ac ri o w"
_INLINE += " abbr audio button canvas caption cite iframe map noscript object picture q script style svg video"
_KNOWN = frozenset((_BLOCKS + " " + _INLINE).split())
_ALONE = frozenset({"br", "hr", "img"})
_PARTED = ",".join(name for name in _BLOCKS.split() if name not in ("html", "body"))
_QUOTATIONS = (
    "blockquote,q[cite],aside.quote,.gmail_quote,.gmail_extra,.moz-cite-prefix,.yahoo_quoted,.protonmail_quote,"
    "#divRplyFwdMsg,#appendonsend"
)
_ALL_AFTER = "#divRplyFwdMsg,#appendonsend"
"""Where Outlook begins what is quoted: all that stands beside it and after."""
_SILENT = (
    "script,style,head,template,noscript,nav,footer,svg,[hidden],[style*='display:none'],ac\\:parameter,"
    ".gmail_signature,.gmail_signature_prefix,.moz-signature,.yahoo-signature,.protonmail_signature_block,#Signature,"
    "#signature,#ms-outlook-mobile-signature,[data-smartmail=gmail_signature]"
)
"""What is not shown, navigation, and what mail programs mark as a signature."""
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)

_ESCAPES = 4
"""How often a text may be escaped again, at most; nobody writes more than two in earnest."""
_ESCAPED = re.compile(
    r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,5}|#x[0-9a-f]{1,4}|[aeiou](?:uml|acute|grave|circ)|szlig|[cs]cedil"
    r"|ntilde|[mn]dash);",
    re.I,
)

_STARTS = re.compile(r"\s*<(?:!doctype|html|body|div|p|table|span|h[1-6]|ul|ol|ac:)\b", re.IGNORECASE)
_MARKDOWN = re.compile(r"\]\(|^[ \t]*\[[^\]]+\]: |^[ \t]*(?:```|~~~)|`|^#{1,6} |^\s*[-*] ", re.MULTILINE)
"""What Markdown is told by: elements in such a text are taken out one by one, and code stays."""
_ASIDE = re.compile(r"(<!--)|<blockquote\b[^<>]*>", re.IGNORECASE)
_COMMENT_END, _QUOTE_END = re.compile(r"-->"), re.compile(r"</blockquote>", re.IGNORECASE)
_PICTURE = re.compile(r"!\[([^\]\n]*)\]\([^()\n]*\)")
_FORUM_QUOTE = re.compile(r"\[quote[^\]\n]*\]((?:(?!\[/?quote\b).)*)\[/quote\]", re.IGNORECASE | re.DOTALL)
_FENCED_QUOTE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*quote[ \t]*$.*?^[ \t]*\1[ \t]*$", re.DOTALL | re.MULTILINE)
_WIKI_QUOTE = re.compile(r"\{quote\}.*?\{quote\}|^bq\. [^\n]*", re.DOTALL | re.MULTILINE)
_ASCIIDOC_QUOTE = re.compile(
    r"^\[(?:quote|verse)\b[^\]\n]*\][ \t]*\n(?:^\.[^\n]*\n)?"
    r"(?:^(_{4}|-{2,4}|\"\")[ \t]*$.{0,5000}?^\1[ \t]*$|(?:^[^\n]+\n?){1,100})"
    r"|^____[ \t]*$.{0,5000}?^____[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
"""A quotation of AsciiDoc: below `[quote]` a block or a paragraph, or a block between two lines of four underscores."""
_RST_QUOTE = re.compile(
    r"^([ \t]*)\.\. (?:epigraph|pull-quote|highlights)::[^\n]*\n(?:(?:[ \t]*\n)|(?:\1[ \t]+[^\n]*\n?))*", re.MULTILINE
)
_TEMPLATE_QUOTE = re.compile(
    r"\{\{[ \t]*(?:block ?quote|quote ?box|cquote|rquote|quote|zitat|citation bloc|citation|cita|citazione|citaat"
    r"|tq2?|qq|talk ?quote"
    r"(?: inline)?|цитата|引用|引用文)[ \t]*\|[^{}]*\}\}",
    re.IGNORECASE,
)
"""A quotation that a wiki's template makes."""
_FORUM_TAG = re.compile(
    r"\[/?(?:b|i|u|s|url|img|size|color|font|code|list|center|left|right|spoiler|youtube|email|table|tr|td|\*)"
    r"(?:=[^\]\n]*)?\]",
    re.IGNORECASE,
)
_WIKI_MARK = re.compile(r"\{(?:code|noformat|panel|color|info|tip|note|warning|expand|toc)(?::[^}\n]*)?\}")
_CHAT_LINK = re.compile(r"<(?:https?://|mailto:)[^|<>\s]+\|([^<>]*)>")
_CHAT_NAME = re.compile(r"<[@#!][A-Z0-9^]+(?:\|[^<>]*)?>")
_CHAT_SIGN = re.compile(
    r"(?<=\S ):[a-z][a-z0-9_+-]*:(?::[a-z][a-z0-9_+-]*:)*(?![\w:`])|^(?::[a-z][a-z0-9_+-]*:[ \t]*)+$", re.MULTILINE
)
"""A small picture by its name, within or as a whole line; `:name: text` at the beginning of one is a field."""
_NESTED = 20
"""Quotations within quotations, and templates within templates, that are taken out of a text."""
_WIKI = re.compile(r"\[\[[^\]\n]+\]\]|\'\'\'|<ref\b|^==+ .+ ==+\s*$", re.MULTILINE)
"""What the text of a MediaWiki is told by, beside a template."""
_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}|\{\|.*?\|\}|<ref\b[^<>]*(?:/>|>.*?</ref>)", re.DOTALL | re.IGNORECASE)
_WIKI_FILE = re.compile(r"\[\[(?:file|image|media|datei|bild|fichier|archivo|category|kategorie)\s*:[^\]]*\]\]", re.I)
_WIKI_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_RTF_GROUP = re.compile(
    r"\{\\(?:\*\\)?(?:fonttbl|colortbl|stylesheet|info|pict|generator|themedata)\b(?:[^{}]|\{[^{}]*\})*\}"
)
_RTF_WORD = re.compile(r"\\(?:'[0-9a-f]{2}|(par|line|tab)\b ?|[a-z]+-?\d* ?|[{}\\])|[{}]", re.IGNORECASE)
_JSON_TEXT = frozenset({"text", "insert", "value"})
"""Fields of rich text in which editors keep what was written: Atlassian's documents, blocks of Slack, Quill, Draft.js,
Lexical, EditorJS, Portable Text."""
_JSON_PARTS = frozenset(
    {"content", "blocks", "elements", "ops", "root", "children", "items", "data", "text", "document"}
)
_JSON_KEYS = frozenset({"content", "blocks", "ops", "root", "children", "elements"})


def unescaped(text: str) -> str:
    """A text with the characters that entities of HTML stand for, also where a program escaped it several times."""
    text = html.unescape(text)
    for _ in range(_ESCAPES):
        if _ESCAPED.search(text) is None:
            break
        text = html.unescape(text)
    return text


def plain_of(text: str) -> str:
    """A text out of what programs keep it in: escaped twice, as a CDATA section, as an editor's JSON, as RTF, or with a
    wiki's templates; as it is where it is none of these."""
    start = text[:20].lstrip()
    if start.startswith(("&lt;", "&amp;")) and _STARTS.match(inside := unescaped(text)):
        return inside
    if start.startswith("<![CDATA["):
        return _CDATA.sub(r"\1", text)
    if start.startswith("{\\rtf"):
        plain = _RTF_WORD.sub(lambda found: "\n" if found[1] else "", _RTF_GROUP.sub("", text))
        return plain.strip()
    if start[:1] in ("{", "[") and '"' in text and (inside := _of_json(text)) != text:
        return inside
    if "{{" in text and _WIKI.search(text):
        for _ in range(_NESTED):
            text, found = _TEMPLATE.subn(" ", text)
            if not found:
                break
        return _WIKI_LINK.sub(r"\1", _WIKI_FILE.sub(" ", text))
    return text


def _of_json(text: str) -> str:
    """What was written in an editor that keeps it as JSON; any other JSON as it is."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text
    parts = document if isinstance(document, list) else [document]
    if not all(
        isinstance(part, dict) and (part.keys() >= {"type", "text"} or not _JSON_KEYS.isdisjoint(part))
        for part in parts
    ):
        return text
    found: list[str] = []
    rest: list[object] = [parts]
    while rest:
        node = rest.pop()
        if isinstance(node, str):
            found.append(node)
        elif isinstance(node, list):
            rest.extend(reversed(node))
        elif isinstance(node, dict):
            inside = [
                value
                for key, value in node.items()
                if key in _JSON_TEXT or (key in _JSON_PARTS and not isinstance(value, str))
            ]
            rest.extend(["\n" if "type" in node else "", *reversed(inside)])
    return "".join(found).strip() or text


def is_html(text: str) -> bool:
    """Whether a text has elements of HTML outside of code: known ones that are opened and closed, or that stand alone.

    A type in brackets (`Vec<T>`) or an element that is only named is none.
    """
    if "<" not in text or (_MARKDOWN.search(text) is not None and _STARTS.match(text) is None):
        return False
    found = {(bool(closing), name.lower()) for closing, name in _TAG.findall(_CODE.sub(" ", text))}
    return any(
        (not closing and name in _ALONE) or (closing and (name in _KNOWN or "-" in name) and (False, name) in found)
        for closing, name in found
    )


def of_html(text: str) -> str:
    """The text of HTML, in lines: without what is not shown, signatures that mail programs mark, and quotations."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415  (a question loads none)

    tree = LexborHTMLParser(_CDATA.sub(lambda found: html.escape(found[1]), text))
    if tree.body is None:
        return ""
    silent, quoted, last, parted = (
        {node.mem_id for node in tree.css(selector)} for selector in (_SILENT, _QUOTATIONS, _ALL_AFTER, _PARTED)
    )
    found: list[str] = []
    rest: list[LexborNode | str] = [tree.body]
    while rest:
        node = rest.pop()
        if isinstance(node, str):
            found.append(node)
        elif node.tag == "-text":
            found.append(node.text_content or "")
        elif node.mem_id in quoted:
            found.append(QUOTED)
        elif node.tag == "br":
            found.append("\n")
        elif node.mem_id not in silent:
            inside: list[LexborNode | str] = []
            for child in node.iter(include_text=True):
                inside.append(child)
                if child.mem_id in last:
                    break
            around = ["\n"] if node.mem_id in parted else []
            rest.extend(reversed([*around, *inside, *around]))
    plain = "".join(found).replace("\u00a0", " ")
    return unescaped(plain) if "&" in plain and _ESCAPED.search(plain) else plain


def of_forum(text: str) -> str:
    """Without the marks of forums (BBCode), of wikis such as Jira's, and of chats (Slack, Zulip)."""
    if "[" in text and "[/" in text:
        for _ in range(_NESTED):
            text, found = _FORUM_QUOTE.subn(QUOTED, text)
            if not found:
                break
        text = _FORUM_TAG.sub(" ", text)
    if "quote" in text and ("```" in text or "~~~" in text):
        text = _FENCED_QUOTE.sub(QUOTED, text)
    if "{{" in text and "|" in text:
        text = _TEMPLATE_QUOTE.sub(QUOTED, text)
    if "[quote" in text or "[verse" in text or "____" in text:
        text = _ASCIIDOC_QUOTE.sub(QUOTED, text)
    if "::" in text and ".. " in text:
        text = _RST_QUOTE.sub(QUOTED, text)
    if "{" in text or "bq. " in text:
        text = _WIKI_MARK.sub(" ", _WIKI_QUOTE.sub(QUOTED, text))
    if "<" in text:
        text = _CHAT_NAME.sub(" ", _CHAT_LINK.sub(r"\1", text))
    if text.count(":") > 1:
        text = _CHAT_SIGN.sub(" ", text)
    return text


def of_markdown(text: str) -> str:
    """The text of Markdown, in which known elements of HTML, comments and addresses of pictures are taken out.

    Its own marks are no words, so they may stay. Addresses of links are what the author points at, and stay as they do
    in plain text (`docs/ranking.md`).
    """
    if "<" not in text and "![" not in text:
        return unescaped(text) if "&" in text else text
    parts: list[str] = []
    end = 0
    for code in _CODE.finditer(text):
        parts += [_without_elements(text[end : code.start()]), code[0]]
        end = code.end()
    return "".join((*parts, _without_elements(text[end:])))


def _without_asides(text: str) -> str:
    """Without comments and quotations; what begins and does not end stays. The time grows with the length, as an end
    that was looked for in vain is not looked for again."""
    parts: list[str] = []
    end, in_vain = 0, set[re.Pattern[str]]()
    for begin in _ASIDE.finditer(text):
        ending = _COMMENT_END if begin[1] else _QUOTE_END
        if begin.start() < end or ending in in_vain:
            continue
        if (found := ending.search(text, begin.end())) is None:
            in_vain.add(ending)
            continue
        parts += [text[end : begin.start()], " "]
        end = found.end()
    return "".join((*parts, text[end:]))


def _without_elements(text: str) -> str:
    text = _without_asides(_PICTURE.sub(r"\1 ", text))
    return unescaped(_TAG.sub(lambda tag: " " if tag[2].lower() in _KNOWN | _ALONE or "-" in tag[2] else tag[0], text))
