"""Titles of changes that programs make, or that say that nothing was written: reverts, backports, formatting, versions.

A title is compared as a whole, in small letters, and never by a part of a word. A history has many titles, so each is
looked at where it begins: at its start, and behind the part of the project that it is about.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_SCOPE = re.compile(r"\[[^\]]{1,40}\]:?\s+|[\w./ -]{1,40}(?:\([^)]{0,40}\))?!?:\s+")
"""What may stand before a title: the part of the project that it is about (`chore(billing):`)."""
_END = r"\s*[.!]?(?:\s*\(?[#!]\d+\)?)*$"
"""What may stand behind it: a full stop, the numbers of requests."""
_QUOTE = "[\"“'«„「`]"
_HASH = r"(?:commits?\s+|changesets?:?\s+)?[0-9a-f]{7,40}\b|r\d{3,}\b|\d+ changesets?\b"

_BACK = (
    r"(?:partial(?:ly)?\s+|manual(?:ly)?\s+)?(?:revert(?:s|ed|ing)?|un-?revert(?:ed)?|re-?appl(?:y|ied)|re-?land(?:ed)?"
    r"|recommit(?:ted)?|back(?:ed|ing)?[ -]?out|roll(?:ed|s|ing)?[ -]?back|undo|undoes|undone)(?:\^\d+)?(?:\s+of)?"
)
_BACK_ELSEWHERE = (
    r"(?:rückgängig(?: gemacht)?|zurückgenommen|annul(?:e|er|é|ation(?: de)?)|rétablit|revertir|revertido"
    r"|deshacer|desfaz(?:er)?"
    r"|reverter|reverte|ripristina(?:to)?|annulla(?:to)?|terugdraaien|teruggedraaid|cofnij|cofnięto|wycofaj"
    r"|wycofano|откат(?:ить)?"
    r"|отмена|отменить|відкат|geri al|vrátit|återställ(?:d)?"
    r"|回滚|还原|回退|撤销|復原|取り消し|リバート|되돌리기|되돌림|롤백)"
)
_TAKES_BACK = re.compile(
    rf"{_BACK}:?\s+(?:{_QUOTE}|{_HASH})|{_BACK_ELSEWHERE}\s*:?\s*(?:{_QUOTE}|{_HASH})|revert of .* \(patchset #"
)
_TAKES_BACK_FIRST = re.compile(
    rf"(?:{_BACK}|{_BACK_ELSEWHERE})(?:\([^)]{{0,40}}\))?!?:\s|\[(?:revert|re-?land|back-?out|re-?apply)\]"
    r"|.*[\"”」』»]\s*(?:を)?(?:リバート|取り消し|元に戻す)$"
)
"""Titles of a change that takes another one back, or makes it again: they repeat the title of the other."""
_TAKEN_BACK_BELOW = re.compile(
    r"^\s*(?:(?:this|it)(?: (?:change|commit|patch|cl))?\s+)?(?:partially\s+)?(?:reverts?|backs? out|rolls? back)\s+"
    rf"(?:merge requests?\b|pull requests?\b|prs?\b|{_HASH}|\S*[#!]\d+)|^\s*reverts?:\s+[0-9a-f]{{7,40}}\b"
    r"|^\s*(?:this is (?:a )?)?(?:re-?land|revert|back-?out)(?: of)? (?:commit )?[0-9a-f]{7,40}\b"
    r"|^\s*revert submission \d",
    re.MULTILINE,
)
"""Lines of a message that say the same."""
_UNDOES = re.compile(rf"\b{_BACK}\b")
_PART = re.compile(rf"\s*(?:[*+-]\s+)?(?:([0-9a-f]{{7,40}})\s+(?={_BACK}\b))?")
"""What stands before the title of a commit where a squashed one lists those that it is made of."""
_UNDOING: Final = (
    "revert", "reappl", "re-appl", "reland", "re-land", "recommit", "undo", "back out", "backs out", "back-out",
    "backout", "backed", "backing", "roll back", "rolls back", "rolled back", "rolling back", "rollback", "roll-back",
    "annul", "deshacer", "desfaz", "ripristina", "terugdraai", "teruggedraaid", "cofnij", "wycofa", "geri al",
)  # fmt: skip
"""One of these words is in each message in ASCII that takes a change back."""

_PORTED = r"(?:back-?port(?:ed|s|ing)?|cherry[ -]?pick(?:ed|s)?)"
_NUMBERED = r"(?:of\s+)?(?:pr|mr|pull request|merge request)?\s*[#!]\d+\b"
_BROUGHT = re.compile(
    rf"^\[[^\]]*\b{_PORTED}\b[^\]]*\]|^{_PORTED}\s*(?:\([^)]*\)\s*)?(?:{_NUMBERED}[^:\n]{{0,60}})?:\s"
    rf"|^{_PORTED}\s+{_NUMBERED}"
    rf"|\(\s*{_PORTED}\b[^()]*\)(?:\s*\([#!]\d+\))?$|\[\s*{_PORTED}\s*\]$|^\({_PORTED}[^)]*\)\s|^🍒",
)
"""Titles of a change that says it was brought to an older release from another commit."""
_PICKED = re.compile(
    r"^\s*(?:[(\[]?\s*(?:cherry[ -]pick(?:ed)?|back-?port(?:ed|s)?|picked|grafted)\b(?:\s+(?:from|of|commit"
    r"|master|main|trunk))*"
    r":?\s+(?:\(|https?://\S+/commits?/|\S+@)?([0-9a-f]{7,64})\b"
    r"|\[?\s*(?:upstream|original|master|main|trunk)[ -]commit(?:[ -]id)?:?\s+([0-9a-f]{7,64})\b"
    r"|commit ([0-9a-f]{7,64}) upstream\b)",
    re.MULTILINE,
)
"""Lines by which a message names the commit that it is a copy of."""
_COPIED: Final = (
    "pick", "backport", "back-port", "grafted", " upstream", "upstream commit", "upstream-commit", "original commit",
    "original-commit", "master commit", "master-commit", "main commit", "main-commit", "trunk commit", "trunk-commit",
)  # fmt: skip
"""One of these is in each message that has such a line."""

_TOOLS = (
    r"(?:black|prettier|clang-?\s?format|go ?fmt|gofumpt|goimports|rustfmt|cargo[ -]fmt|ruff(?: format| check)?"
    r"|isort|autopep8"
    r"|yapf|eslint|stylelint|oxlint|standardjs|standardrb|rubocop|scalafmt|ktlint|ktfmt|google-java-format"
    r"|spotless(?:apply)?"
    r"|astyle|uncrustify|swiftformat|swiftlint|dart ?fmt|dart format|deno fmt|mix format|terraform fmt|nix fmt|phpcbf"
    r"|php[ -]cs[ -]fixer|styleci|stylua|shfmt|perltidy|ormolu|fourmolu|nixfmt|alejandra|zig fmt|biome|dprint"
    r"|pyupgrade|djlint"
    r"|taplo|pre-commit|csharpier|dotnet format|cmake-format|yamlfmt|sqlfluff|checkstyle|flake8|resharper"
    r"|intellij(?: idea)?"
    r"|(?:(?:a|the|our) (?:code )?|code )(?:auto-?)?formatters?|(?:the|our) linters?)"
)
_ALL = (
    r"(?:\s+(?:all|the|our|whole|entire|complete|everything|code|codebase|code ?base|sources?|source code|files?|tree"
    r"|repo|repository|project|imports))+"
)
_INFLECTED = r"(?:s|ted|ting|ed|ing)?"
_MENDS = (
    r"(?:fix(?:es|ed)?|remove[sd]?|strip(?:ped)?|trim(?:med)?|clean(?:ed)?(?: up)?"
    r"|delete[sd]?|normali[sz]e[sd]?|convert(?:ed)?)"
)
_LAYOUT = (
    r"(?:trailing\s+)?(?:white-?\s?spaces?|(?:line[- ]?|file )endings?|eols?|tabs to spaces|indentation|(?:code "
    r"|coding )?style"
    r"|codestyle|(?:code )?formatting|lint(?:er|ing)?(?: errors| warnings| issues)?|unused imports)"
)
_COMMANDS = (
    r"(?:make|just|task|npm run|npx|yarn|pnpm|\./gradlew|gradle|mvn|tox -e|nox -s|mix|bundle exec|poetry run|uv run)"
)
_NAMED_TOOLS = (
    r"(?:clang-?format|go ?fmt|gofumpt|goimports|rustfmt|cargo[ -]fmt|ruff format|isort|autopep8|yapf|scalafmt|ktlint"
    r"|ktfmt|shfmt|dart ?fmt|terraform fmt|zig fmt|cmake-format|nixfmt)"
)
"""Tools whose names are no words of other subjects, as black and prettier are."""
_SET_UP = (
    r"(?:config\w*|rules?|versions?|plugins?|hooks?|support|upgrades?|updates?|bump\w*|add\w*|enabl\w*|disabl\w*|settings?"
    r"|options?|ci|workflows?|actions?|install\w*|integration|checks?|jobs?|bugs?|crash\w*|fails?|errors?|instead|to)"
)
"""Words by which a title is about a tool, and not about what the tool did."""
_DATA = (
    r"(?:inputs?|outputs?|messages?|names?|values?|strings?|fields?|responses?|results?|tokens?|keys?|cells?|stdout|stderr"
    r"|case of)"
)
"""Words by which a title is about what a program does with blanks, and not about those of its code."""
_CODE = {
    "de": r"(?:alles |den |die |gesamten? |ganzen? )*(?:(?:quell-?)?(?:code|texte?)|dateien|alles)? ?(?:neu "
    r"|um)?formatiert"
    r"|(?:code-?)?formatierung(?: (?:angepasst|korrigiert|vereinheitlicht|von .*))?"
    r"|einrückung(?:en)? (?:korrigiert|angepasst)",
    "fr": r"(?:re)?format(?:age|er|é)(?: (?:du|le|de|tout le))? (?:code|fichiers?)|mise en forme(?: du code)?"
    r"|(?:ré)?indentation",
    "es": r"(?:re)?format(?:ear|eo|eado|o)(?: (?:de|del|el|todo el))* (?:código|archivos?)",
    "it": r"(?:ri)?formatta(?:to|zione)(?: (?:del|il|di))* codice",
    "pt": r"(?:re)?formata(?:r|do|ção)(?: (?:o|do|de))* código",
    "nl": r"code (?:opnieuw )?geformatteerd|code-?opmaak",
    "pl": r"s?formatowan(?:ie|o) kodu?",
    "cs": r"(?:formátování|zformátován) kódu?",
    "sv": r"formater(?:a|at|ade|ing)(?: (?:om|av))? kod(?:en)?",
    "tr": r"kod (?:biçimlendirme(?:si)?|formatlandı)",
    "ru": r"(?:пере|от)?формат(?:ирование|ировал|ировать)(?: весь)? код[а]?",
    "uk": r"(?:від)?формат(?:ування|увати) код[у]?",
    "zh": r"(?:代码|全部|所有)*(?:重新)?格式化(?:所有|全部)?(?:代码|文件)?"
    r"|(?:调整|修正|统一)?(?:代码)?(?:格式|缩进)(?:调整|修正|统一)?|程式碼格式化",
    "ja": r"(?:ソース)?コード(?:の)?(?:整形|フォーマット|を整形)|整形|フォーマット(?:適用|修正)?|インデント(?:を)?修正",
    "ko": r"(?:코드\s?)?(?:포맷팅|포매팅|포맷|포멧)(?: 적용| 수정)?|들여쓰기 수정",
}
"""How the title says in other languages that code was formatted."""
_FORMATTING = re.compile(
    r"(?:"
    rf"(?:auto-?|re-?)?(?:format|indent|lint){_INFLECTED}\b.*\b(?:with|using|via|by|through)\s+{_TOOLS}\b.*"
    rf"|(?:re-?)?(?:run|ran|running|apply|applied|applying)\s+(?:the\s+|fixes from\s+)?{_TOOLS}"
    r"(?:\s+(?:on|over|to|in|for|across)\b.*)?"
    rf"|{_TOOLS}(?:\s+(?:on|over|in|for)\b.*|\s+-.*|\s+\.(?:/\S*)?|\s+(?:run(?:\s+-.*)?|pass|formatting"
    rf"|auto-?format|all(?: the)? things|everything))?"
    rf"|{_TOOLS}\s+(?:auto-?correct(?:ed|ions?)?|clean-?ups?|corrections?|(?:auto-?)?fix(?:es)?|issues|violations"
    rf"|warnings|suggestions)\b.*"
    rf"|(?:code )?clean-?up (?:by|with|using) {_TOOLS}|(?:clang-format|gofmt|rustfmt|prettier|black|isort)\s+\S+"
    rf"|{_NAMED_TOOLS}\s+(?!.*\b{_SET_UP}\b)\S+(?:\s\S+){{0,4}}"
    rf"|(?:re)?run(?:ning)?\s+{_COMMANDS}\s+\S*(?:fmt|format|lint)\S*.*|{_COMMANDS}\s+\S*(?:fmt|format|lint"
    rf"|spotless)\S*(?:\s+(?:[-&|./]|on\b|in\b|again\b|fix).*)?"
    rf"|(?:auto-?|re-?)(?:format|indent){_INFLECTED}"
    rf"(?:{_ALL}|\s+(?:\S+\s+)?\S*[./]\S*|\s+\S+ (?:code|files?|sources?))?"
    rf"|format{_INFLECTED}{_ALL}|(?:prettier-?if|prettif|beautif)(?:y|ied|ying)(?:{_ALL}|\s+\S+)?"
    rf"|{_MENDS}\s+(?:all\s+|the\s+|some\s+|up\s+)*{_LAYOUT}(?:\s+(?:in|from|across)(?!.*\b{_DATA}\b)(?:\s+\S+){{1,5}})?"
    r"|(?:white-?\s?space|format|fmt|formatting|indentation|code ?style|style|lint(?:er|ing)?)(?:\s+(?:only|fixes"
    r"|fix|changes?|clean-?ups?))*"
    r"|(?:fix(?:e[sd])?\s+)?pep[ -]?8(?:\s+(?:fix(?:es)?|clean-?ups?|complian\w+|changes?|issues?|style"
    r"|formatting|violations?))*"
    r"|code[ -]?formatting\s+(?:in|of|for)\b.*|code-?formatierung\b.*"
    r"|(?:cosmetic|style|stylistic|white-?\s?space|formatting) changes(?:\s+only)?"
    r"|lint(?:ed|ing)?\s+(?!.*\b(?:rules?|checks?|config\w*|for|against|errors?|warnings?|steps?"
    r"|jobs?)\b)\S+(?:\s\S+){0,2}"
    r"|(?:convert\s+)?(?:crlf|dos|windows)(?:\s+line endings)?\s*(?:to|->|→|2)\s*(?:lf|unix)\b.*|dos2unix\b.*"
    r"|(?:convert\s+)?(?:tabs?\s*(?:to|->|→|2)\s*spaces?|spaces?\s*(?:to|->|→)\s*tabs?)(?:\s+(?:in"
    r"|everywhere)\b.*)?|(?:un)?tabify\b.*"
    r"|(?:re-?)?(?:sort|order|organi[sz]e|optimi[sz]e|tidy)(?:d|ed|ing)?\s+(?:the\s+|all\s+)?(?:imports|includes"
    r"|usings)"
    r"(?:\s+(?:in|across|with|using|everywhere)\b.*)?"
    r"|(?:update|bump|fix|change|add)(?:s|ed)?\s+(?:all\s+|the\s+|missing\s+)*(?:copyright|spdx|spdx licen[cs]e"
    r"|licen[cs]e)"
    r"\s+(?:years?|headers?|notices?|dates?|identifiers?|tags?)(?:\s+(?:in|of|for|to|everywhere)\b.*)?"
    r"|happy new year\b.*"
    rf"|(?:{'|'.join(_CODE.values())})(?:\s*[:：(].*|\s+(?:in|im|dans|en|von|du|de|nel|em|no|w|v|i|в|у)\s.*)?"
    rf"){_END}|(?:formatting|format|formatierung|whitespace)(?:\([^)]*\))?:\s|\[pre-commit(?:\.ci)?\]",
)
"""Titles by which a commit says that a formatter ran, or that only the layout of the code changed."""

_VERSION = r"v?\d+\.\d+\S*"
_RAISES = re.compile(
    r"\[(?:maven|gradle)[- ]release[- ]plugin\]|(?:build|chore|fix|ci|deps)\((?:deps|deps-dev|release)\)!?:\s"
    r"|chore: release\b"
    rf"|(?:"
    rf"(?:bump|update|upgrade)(?:s|d|ed|ing)?\s+(?:the\s+|dependency\s+|module\s+"
    rf"|package\s+)*\S+\s+(?:from\s+v?\d\S*\s+)?(?:to|→|->)\s+(?:{_VERSION}|v\d+)"
    rf"|(?:release|version|publish|tag|prepare(?: for)?(?: the)?(?: release)?(?: of)?"
    rf"|bump(?:ed)?(?: the)? version(?: number)?(?: to)?"
    rf"|(?:set|update) (?:the )?version(?: to)?|release version):?\s*{_VERSION}(?:\s*(?:to|→|->)\s*{_VERSION})?"
    rf"|{_VERSION}|version packages"
    r"|prepare for (?:the )?next (?:development )?(?:iteration|version|release)|back to (?:development|dev|snapshot)"
    rf"){_END}",
)
"""Titles of a change that only raises a version: of a release, or of what the project depends on."""

_MOVES = re.compile(
    r"(?:(?:(?:re-)?mov|relocat|renam|re-?organi[sz])(?:e[sd]?|ing)|extract(?:ed)?)\b|(?:"
    r"verschiebe|verschoben|umbenannt|umbenennung|déplac|renomm|mover|movid|renombr|sposta|rinomina|verplaats"
    r"|hernoem|przenie"
    r"|перемест|переимен|перенос|перенес|移动|重命名|移動|名前変更|リネーム|이동|이름 변경)",
)
"""Beginnings of titles by which a commit says that it moves or renames files."""

_MERGED = re.compile(
    r"(?:(?:automatic|auto|manual)?\s*merge\s(?:branch|branches|pull request|pr|remote-tracking"
    r"|remote branch|tag|commit|of|changes? from|conflict)\b.*|merge\s\S*[/'\"]\S*\s(?:in)?to\s\S+|merge(?:d)?\s#\d+.*"
    r"|merged\s(?:in|pr)\s.*|rollup merge of .*|(?:fixup|squash|amend)!\s.*)$",
)
"""Titles that git and its servers make for merges, and for changes that are to be a part of another."""


def takes_back(message: str) -> bool:
    """Whether a message says that its change reverts or reapplies another one."""
    said = message.lower()
    if said.isascii() and not any(map(said.__contains__, _UNDOING)):
        return False
    said = said.lstrip()
    title = said.partition("\n")[0]
    if _takes_back(title):
        return True
    below = _TAKEN_BACK_BELOW.search(said)
    if below is None:
        return False
    return _UNDOES.search(title) is not None or not _is_of_part(said[len(title) : below.start()])


def _is_of_part(above: str) -> bool:
    """Whether what stands below these lines is said of a commit that a squashed one lists, which took back another."""
    parts = ((line, _PART.match(line)) for line in above.split("\n") if any(word in line for word in _UNDOING))
    return any(found and (found[1] or _takes_back(line[found.end() :])) for line, found in parts)


def is_of_another(title: str) -> bool:
    """Whether a title is made of another's: of the change that is taken back, brought elsewhere or merged."""
    said = title.lower()
    return _takes_back(said) or _BROUGHT.search(said) is not None or _MERGED.match(said) is not None


def is_brought(title: str) -> bool:
    """Whether a title says that the change was brought to an older release from another commit."""
    said = title.lower()
    return ("port" in said or "pick" in said or not said.isascii()) and _BROUGHT.search(said) is not None


def picked_from(message: str) -> str:
    """The beginning of the hash of the commit that a message says it is a copy of; empty where it says none."""
    said = message.lower()
    found = _PICKED.search(said) if any(map(said.__contains__, _COPIED)) else None
    return next(filter(None, found.groups())) if found else ""


def is_formatting(title: str) -> bool:
    """Whether a title says that a formatter ran, or that only the layout of the code changed."""
    return _begins(_FORMATTING, *_beginnings(title))


def is_version(title: str) -> bool:
    """Whether a title says that a version is raised: of a release, or of what the project depends on."""
    return _begins(_RAISES, *_beginnings(title))


def is_move(title: str) -> bool:
    """Whether a title says that files are moved or renamed."""
    return _begins(_MOVES, *_beginnings(title))


@lru_cache(maxsize=1)
def _beginnings(title: str) -> tuple[str, int]:
    """A title in small letters, and where it begins behind the part of the project; 0 where it names none."""
    said = title.lower()
    scope = _SCOPE.match(said)
    return said, scope.end() if scope else 0


def _begins(pattern: re.Pattern[str], said: str, behind: int) -> bool:
    return pattern.match(said) is not None or (behind > 0 and pattern.match(said, behind) is not None)


def _takes_back(said: str) -> bool:
    if _TAKES_BACK_FIRST.match(said) or _TAKES_BACK.match(said):
        return True
    scope = _SCOPE.match(said)
    return scope is not None and _TAKES_BACK.match(said, scope.end()) is not None
