"""What a person added with a post: without quotations, signatures, boilerplate and markup.

The record keeps the text as it was written and shows it; only what is read of it is less. The words by which this is
told stand in `graph/correspondence.toml`, by language.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import chain

from expertfinder.configuration.resources import graph_folder
from expertfinder.configuration.titles import is_of_another
from expertfinder.index.posts.function_words import function_words
from expertfinder.index.posts.markup import is_html, of_forum, of_html, of_markdown, plain_of
from expertfinder.index.posts.tokens import PAIRED, folded, runs, runs_of
from expertfinder.model import Post

SIGNATURE_LINES = 12
"""Lines of a signature, at most: RFC 3676 asks for four, programs of firms write up to a dozen."""
FAREWELL_LINES = 6
"""Lines after a farewell that are still a signature, at most: name, post, firm, address, telephone, link."""
SHORT_LINE = 60
"""Characters of such a line, at most; a longer one is a sentence, and so is one of half as many that ends as one."""
LONG_LINE = 300
"""Characters of the line that tells whom a quotation is of, at most."""
DATED = 4
"""Digits of such a line without an address, at least: those of a year, or of a day and an hour."""
FEWEST_HEADERS = 3
"""Lines `From:`, `Sent:`, `To:` ... in a row that make the head of a quoted mail."""
NOTICE_WORDS, NOTICE_HITS, NOTICE_PARAGRAPHS = 12, 4, 3
"""A legal notice is one of the last so many paragraphs, of at least so many words, with so many of a notice's stems."""

FEWEST_SAME = 8
"""Words by which a post is told to say the same as another, at least: routine work is recorded in the same few words
again and again, by whoever does it (in five sets with 98,000 posts 43 of fewer words, and 59 of more, are in words that
somebody else used before)."""
ENOUGH_SAME = 20
"""Words of a text from which on it is the same one under another title, too."""

_SHORT_MARK = re.compile(r"[RI]: ?")
"""What Italian mail programs put before the title of a reply or a forwarded mail. Where nothing is quoted below, it is
as well a language or the name of a part."""
_INITIALS = re.compile(r"^[ \t]{0,3}(?!SQL>)[A-Z][A-Za-z]{1,3}>(?=[ \t>]|$)")
"""A quotation with the initials of its author before the mark, as old mail and news programs write it."""
_BARRED = re.compile(r"^[ \t]{0,3}[|:](?:[ \t](?!.*\|[ \t]*$)|$)")
"""A quotation with a bar or a colon before each line; a row of a table ends with a bar."""
_QUOTED = re.compile(r"^[ \t\u00a0]{0,3}(?:>|&gt;|＞)")
_PROMPT = re.compile(r"^[ \t]*>>> ")
_FENCE = re.compile(r"^[ \t]{0,3}(?:```|~~~)")
_CALLOUT = re.compile(
    r"^[ \t]{0,3}> *(?:\[!|\*\*(?:Note|Warning|Tip|Important|Hinweis|Achtung|Remarque|Nota)\b)", re.IGNORECASE
)
_RULE = re.compile(r"^[ \t]*(?:_{20,}|([-=*~_])\1{2,})[ \t]*$")
"""A line above a signature; a short one is a part of a text as well, so that what follows has to look like one."""
_DIAL = re.compile(r"(?:\+|\b00?)\d[\d \t()/.-]{6,20}\d")
_FIRST = re.compile(r"[^\W_]+")
_DASHED = re.compile(r"^[ \t]*[-_=*]{2,}[ \t]*([^-_=*\n].*?)[ \t]*[-_=*]{2,}[ \t]*:?$")
_LABEL = re.compile(r"^[ \t*_]*([^\W\d_][^:：\n]{0,24}?)[ \t*_\u00a0]*[:：](.*)$")
_DIGIT = re.compile(r"\d")
_ADDRESS = re.compile(r"(?:https?://|www\.|mailto:)\S+|(?<![\w.+-])[\w.+-]++@[\w-]+\.[\w.]+")
_GENERATED_LINE = re.compile(
    r"^\s*(?:this reverts (?:commit|merge request|changeset)\b.*|\(cherry[ -]picked from commit .*\)"
    r"|\[?\s*upstream commit:? [0-9a-f]{7,64}\s*\]?|commit [0-9a-f]{7,64} upstream\.?"
    r"|reverts? \S+#\d+\.?|see merge request \S*!\d+)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Own:
    """A post as its author wrote it."""

    title: str
    """Without the marks of a reply."""
    text: str
    borrowed: bool
    """Whether the title is another's: of the mail that is answered, of the change that is taken back."""
    parted: bool = False
    """Whether something was taken out of the text: a quotation, a signature, a notice."""

    @property
    def content(self) -> int:
        """How many different words that may name a subject the author added."""
        return content(*([] if self.borrowed else [self.title]), self.text)

    @property
    def wording(self) -> int:
        """Equal for two posts that say the same: a digest, 64 bits with a sign, of the words that the author added, in
        whatever order and whatever is polite around them. 0 for a post of few words, which is the same as none."""
        text, title = _telling(self.text), set() if self.borrowed else _telling(self.title)
        said = text if len(text) >= ENOUGH_SAME else text | title
        if len(said) < FEWEST_SAME:
            return 0
        digest = hashlib.blake2b("\n".join(sorted(said)).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)


@dataclass(frozen=True, slots=True)
class Words:
    """The lists of all languages together, folded."""

    replies: frozenset[str]
    empty: frozenset[str]
    """Function words and words of courtesy."""
    strings: re.Pattern[str]
    wrote: re.Pattern[str]
    headers: frozenset[str]
    senders: frozenset[str]
    """The first label of each language."""
    forwarded: frozenset[str]
    farewell: frozenset[str]
    sent_from: tuple[str, ...]
    opening: frozenset[str]
    """The first words of farewells and of what programs add."""
    notices: tuple[tuple[str, ...], ...]
    """Stems of a legal notice, by language."""


@cache
def words() -> Words:
    """The lists, read once."""
    raw = tomllib.loads((graph_folder() / "correspondence.toml").read_text(encoding="utf-8"))
    replies = frozenset(map(folded, raw.pop("replies")))

    def every(name: str) -> list[str]:
        return [folded(word) for lists in raw.values() for word in lists.get(name, ())]

    def one_of(strings: list[str]) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, sorted(set(strings), key=lambda string: (-len(string), string)))))

    lists = function_words()
    spaced = [word for word in every("wrote") if PAIRED.match(word) is None]
    unspaced = [word for word in every("wrote") if PAIRED.match(word) is not None]
    return Words(
        replies=replies,
        empty=frozenset(every("courtesy")) | (lists.every - lists.also_english),
        strings=one_of(every("strings")),
        wrote=re.compile(rf"(?:\b(?:{'|'.join(map(re.escape, spaced))})\b|{'|'.join(map(re.escape, unspaced))})"),
        headers=frozenset(every("headers")),
        senders=frozenset(folded(found["headers"][0]) for found in raw.values()),
        forwarded=frozenset(map(_said, every("forwarded"))),
        farewell=frozenset(map(_said, every("farewell"))),
        sent_from=tuple(map(_said, every("sent_from"))),
        opening=frozenset(runs(line)[0] for line in (*every("farewell"), *every("sent_from"))),
        notices=tuple(tuple(map(folded, found["disclaimer"])) for found in raw.values() if "disclaimer" in found),
    )


def may_have_lines(text: str) -> bool:
    """Whether several lines may be left of the text of a post: a line alone is one of those that has no mark from which
    a program makes others."""
    return any(mark in text for mark in "\n<&{[")


def own_words(post: Post) -> Own:
    """A post without what its author did not write."""
    title, answered = _without_marks(post.title)
    generated = bool(title) and is_of_another(title)
    text, parted = plain_of(post.text), False
    if text:
        html = is_html(text)
        plain = of_html(text) if html else of_forum(text)
        own = _own_text(plain)
        if not answered and len(own) < len(plain) and (short := _SHORT_MARK.match(title)):
            title, answered = _without_marks(title[short.end() :])[0], True
        parted = len(own.rstrip()) < len(plain.rstrip())
        text = own if html else of_markdown(own)
    return Own(title, text.strip(), answered or generated, parted)


def _telling(text: str) -> set[str]:
    """The words of a text that say something, numbers and addresses among them."""
    found = set(runs_of(text)) - words().empty if text else set()
    return {run for run in found if len(run) > 1 or run.isdigit() or not run.isascii()}


def content(*texts: str) -> int:
    """How many different words of some texts may name a subject: no function word, no courtesy, no number, no address.

    Of scripts without spaces two characters count as a word.
    """
    lists = words()
    bare = [_ADDRESS.sub(" ", text) if "@" in text or ":" in text or "www." in text else text for text in texts]
    if all(map(str.isascii, bare)):
        found = set(chain.from_iterable(map(runs_of, bare))) - lists.empty
        return len([run for run in found if len(run) > 1 and not run.isdigit()])
    plain = folded("\n".join(bare))
    if PAIRED.search(plain) is not None:
        plain = function_words().strings.sub(" ", lists.strings.sub(" ", plain))
    found = {run for run in runs(plain) if run not in lists.empty and not run.isdigit()}
    count = 0
    for run in found:
        if PAIRED.match(run) is not None:
            count += len(run) // 2
        elif len(run) > 1 or not run.isascii():
            count += 1
    return count


def _without_marks(title: str) -> tuple[str, bool]:
    """A title without `Re:`, `Fwd:` and the like before it, and whether there were any."""
    rest, answered = title, False
    while ":" in rest or "：" in rest:
        mark, _, after = rest.replace("：", ":", 1).partition(":") if ":" not in rest else rest.partition(":")
        bare = folded(re.sub(r"[\[(]\d+[\])]|\[[^\]]*\]", "", mark)).strip()
        if bare not in words().replies:
            break
        rest, answered = after.strip(), True
    return rest, answered


# --- a text, line by line ---------------------------------------------------------------------------------------------


def _own_text(text: str) -> str:
    """The lines of a text that are neither quoted nor of a signature nor a notice."""
    lines = _without_notices(_with_plain_marks(text.split("\n")))
    prompts = not any(_QUOTED.match(line) and not _PROMPT.match(line) for line in lines)
    kept: list[str] = []
    fenced = callout = begun = False
    for place, line in enumerate(lines):
        if _FENCE.match(line):
            fenced = not fenced
        if fenced:
            kept.append(line)
            begun = True
        elif _QUOTED.match(line) and not (prompts and _PROMPT.match(line)):
            begun = True
            callout = callout or _CALLOUT.match(line) is not None
            if callout:
                kept.append(line.lstrip(" \t>"))
            else:
                _drop_attribution(kept)
        else:
            callout = False
            if line.strip():
                if _others_from(lines, place) or (begun and _signature_from(lines, place)) or _farewell(lines, place):
                    break
                begun = True
                if _GENERATED_LINE.match(line) or _sent_from(lines, place):
                    continue
            kept.append(line)
    return "\n".join(kept)


def _with_plain_marks(lines: list[str]) -> list[str]:
    """The lines with `>` where a quotation bears its author's initials, or a bar: below a line that tells who wrote."""
    told = right_below = False
    for place, line in enumerate(lines):
        if (told and _INITIALS.match(line)) or (right_below and _BARRED.match(line)):
            lines[place] = ">"
        elif ":" in line and _attributes(line):
            told = right_below = True
        elif line.strip():
            right_below = False
    return lines


def _drop_attribution(kept: list[str]) -> None:
    """Take the line away that says whom the quotation below it is of; a mail program may have broken it in two."""
    while kept and not kept[-1].strip():
        kept.pop()
    for lines in (1, 2, 3):
        if len(kept) >= lines and _attributes(" ".join(kept[-lines:])):
            del kept[-lines:]
            return


def _attributes(line: str) -> bool:
    """Whether a line ends in a colon and tells who wrote, and when or from where."""
    bare = line.strip().rstrip("*_ ")
    if not bare.endswith((":", "：")) or len(bare) > LONG_LINE:
        return False
    told = words().wrote.search(folded(bare)) is not None
    return told or "@" in bare


def _others_from(lines: list[str], place: int) -> bool:
    """Whether all from this line on is another's: a mark of a forwarded mail, the head of a quoted one, or a line that
    tells who wrote what follows, unmarked, to the end."""
    line = lines[place].strip()
    dashed = _DASHED.match(line)
    ends = line.endswith((":", "："))
    if (dashed or ends) and _said(dashed[1] if dashed else line) in words().forwarded:
        return True
    if _heads(lines, place):
        return True
    dated = ends and (len(_DIGIT.findall(line)) >= DATED or "@" in line)
    told = dated and len(line) <= LONG_LINE and words().wrote.search(folded(line)) is not None
    return told and not any(_QUOTED.match(after) for after in lines[place + 1 :])


def _heads(lines: list[str], place: int) -> bool:
    """Whether the head of a quoted mail begins here: sender, then date, addressee, subject, in any order."""
    first = _LABEL.match(lines[place])
    if first is None or folded(first[1]).strip() not in words().senders:
        return False
    found = 0
    for line in lines[place : place + 2 * FEWEST_HEADERS + 2]:
        label = _LABEL.match(line)
        if label is not None and folded(label[1]).strip() in words().headers:
            found += 1
        elif line.strip():
            break
    return found >= FEWEST_HEADERS


def _rest(lines: list[str], place: int) -> list[str]:
    """The lines after this one that are not empty, up to the next quotation."""
    rest: list[str] = []
    for line in lines[place + 1 :]:
        if _QUOTED.match(line):
            break
        if line.strip():
            rest.append(line.strip())
            if len(rest) > SIGNATURE_LINES:
                break
    return rest


def _signature_from(lines: list[str], place: int) -> bool:
    """Whether a signature begins with this line and reaches to the end, or to a quotation."""
    line = lines[place]
    if line in ("--", "-- ", "—", "--\u00a0"):
        return len(_rest(lines, place)) <= SIGNATURE_LINES
    if _RULE.match(line) and not (place and lines[place - 1].strip()):
        rest = _rest(lines, place)
        reached = any(_ADDRESS.search(line) or _DIAL.search(line) for line in rest)
        return reached and len(rest) <= FAREWELL_LINES and all(len(line) <= SHORT_LINE for line in rest)
    return False


def _farewell(lines: list[str], place: int) -> bool:
    """Whether this line is a farewell, and after it come at most a name and the like."""
    if not _begins(lines[place], words().opening) or _said(lines[place]) not in words().farewell:
        return False
    rest = _rest(lines, place)
    return len(rest) <= FAREWELL_LINES and all(
        len(line) <= SHORT_LINE and (len(line) <= SHORT_LINE // 2 or not line.endswith((".", "?", "!")))
        for line in rest
    )


def _sent_from(lines: list[str], place: int) -> bool:
    """Whether a program wrote this line at the end of a mail."""
    line = lines[place]
    if len(line) > 2 * SHORT_LINE or not _begins(line, words().opening):
        return False
    return _said(line).startswith(words().sent_from) and len(_rest(lines, place)) <= FAREWELL_LINES


def _begins(line: str, first: frozenset[str]) -> bool:
    """Whether the first word of a line is one of these: a quick look that spares most lines a closer one."""
    found = _FIRST.search(line)
    return found is not None and folded(found[0]) in first


def _said(line: str) -> str:
    return " ".join(runs(folded(line)))


def _without_notices(lines: list[str]) -> list[str]:
    """Without legal notices among the last paragraphs of the text, and of what stands above a quotation."""
    paragraphs: list[tuple[int, int]] = []
    starts = 0
    for place, line in enumerate([*lines, ""]):
        if line.strip() and not _QUOTED.match(line):
            continue
        if place > starts:
            paragraphs.append((starts, place))
        starts = place + 1
    ends = [start for start, line in enumerate(lines) if _QUOTED.match(line)][:1] or [len(lines)]
    above = [paragraph for paragraph in paragraphs if paragraph[0] < ends[0]]
    for start, end in {*paragraphs[-NOTICE_PARAGRAPHS:], *above[-NOTICE_PARAGRAPHS:]}:
        if start and _is_notice(" ".join(lines[start:end])):
            lines[start:end] = [""] * (end - start)
    return lines


def _is_notice(paragraph: str) -> bool:
    plain = folded(paragraph)
    if len(plain.split()) < NOTICE_WORDS:
        return False
    return any(sum(stem in plain for stem in stems) >= NOTICE_HITS for stems in words().notices)
