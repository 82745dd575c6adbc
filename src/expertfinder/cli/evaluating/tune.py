"""`tune` learns weights from the organisation's own judgements; `judge` collects judgements."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from expertfinder.cli.app import again, app, bar, emit, opened, out
from expertfinder.cli.evaluating.evaluate import folder_of
from expertfinder.cli.find import eyes
from expertfinder.cli.options import Eyes, HomeOption, JsonOption, grouped
from expertfinder.configuration.settings import settings
from expertfinder.errors import InvalidQuestion, SourceError
from expertfinder.model import SHARED, Query, Ranking, Viewer
from expertfinder.store import Feedback

if TYPE_CHECKING:
    from expertfinder.ask.finder import ExpertFinder
    from expertfinder.evaluation.learning import Judgements, Lesson

MOVED = 10
"""How many people are named among those who rise, and how many among those who fall."""


@app.command("tune")
def tune(
    set_folder: Annotated[
        str | None,
        typer.Argument(help="A set in the native format to learn from; without it the home's own accepts and thanks."),
    ] = None,
    judgements: Annotated[
        Path | None, typer.Option("--judgements", help="Folder that `expertfinder judge` wrote for this home.")
    ] = None,
    publish_them: Annotated[
        bool, typer.Option("--publish", help="Let the weights serve in the home, if they are better beyond noise.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn weights of the parts from judgements: what they gain on questions left out, and what changes for whom."""
    from expertfinder.evaluation.learning import Lesson, publish
    from expertfinder.evaluation.sets import SOURCE, loaded, read_qrels, read_queries

    if set_folder is not None and judgements is not None:
        raise InvalidQuestion("a set and --judgements exclude each other")
    if set_folder is not None:
        folder = folder_of(set_folder)
        asked = read_queries(folder / "queries.jsonl")
        truth = read_qrels(folder / "qrels.tsv")
        judged = [
            (name, query, {f"{SOURCE}:{person}": grade for person, grade in truth[name].items()})
            for name, query in asked
            if name in truth
        ]
        with loaded(folder, encoder_name=settings().encoder) as finder:
            lesson = _learn(finder, judged, Viewer(everything=True))
        if publish_them:
            with opened(home) as finder:
                publish(finder, lesson)
    else:
        with opened(home) as finder:
            # Weights are for everybody: they are learned from what everybody may read.
            lesson = _learn(finder, _own(finder) if judgements is None else _kept(judgements), SHARED)
            if publish_them:
                publish(finder, lesson)
    if as_json:
        emit({**{name: getattr(lesson, name) for name in Lesson.__slots__}, "published": publish_them})
    else:
        _show(lesson, published=publish_them)


def _learn(finder: ExpertFinder, judged: Judgements, viewer: Viewer) -> Lesson:
    from expertfinder.evaluation.learning import examples, learn

    with bar() as advance:
        known = examples(finder, judged, viewer=viewer, progress=lambda done, total: advance("asking", done, total))
    return learn(known)


def _own(finder: ExpertFinder) -> Judgements:
    from expertfinder.evaluation.learning import judgements_from, judgements_of

    praised = judgements_of(finder.store.all("post"), finder.store.all("interaction"))
    return [*praised, *judgements_from(finder.store.statements(Feedback))]


def _kept(folder: Path) -> Judgements:
    """Judgements that `judge` wrote: their ids are those of the home, so the prefix that reading adds is removed."""
    from expertfinder.evaluation.sets import SOURCE, read_qrels, read_queries

    truth = read_qrels(folder / "qrels.tsv")
    start = f"{SOURCE}:"
    return [
        (
            name,
            replace(
                query,
                asker=query.asker.removeprefix(start) if query.asker else None,
                exclude_posts=frozenset(post.removeprefix(start) for post in query.exclude_posts),
            ),
            truth[name],
        )
        for name, query in read_queries(folder / "queries.jsonl")
        if name in truth
    ]


def _show(lesson: Lesson, *, published: bool) -> None:
    gain = lesson.gain
    out.print(
        f"{lesson.questions:,} judged questions; MAP on questions left out {lesson.shipped_map:.3f} with the shipped "
        f"weights, {lesson.learned_map:.3f} with those learned: {gain.mean:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]",
        markup=False,
    )
    table = Table("part", "shipped", "learned", "in the folds", box=None, pad_edge=False)
    for part, weight in lesson.weights.items():
        spread = [fold[part] for fold in lesson.folds]
        table.add_row(part, f"{lesson.shipped[part]:.2f}", f"{weight:.2f}", f"{min(spread):.2f} to {max(spread):.2f}")
    out.print(table)
    out.print(f"{lesson.answers_changed:.0%} of the answers have another first ten")
    for word, people in (("rise", lesson.rises), ("fall", lesson.falls)):
        named = ", ".join(f"{person} ({by:+d})" for person, by in people[:MOVED])
        out.print(f"{len(people):,} people {word}{': ' + named if named else ''}", markup=False)
    if published:
        out.print("published: they serve from the next refresh on")
    elif lesson.better:
        out.print("better beyond noise: --publish lets them serve")
    else:
        out.print("not better beyond noise: the shipped weights stay")


# --- judge -----------------------------------------------------------------------------------------------------------


@app.command("judge")
@grouped
def judge(
    *,
    queries: Annotated[Path, typer.Argument(help="JSONL file of questions (id, text), or a text file, one a line.")],
    folder: Annotated[Path, typer.Option("--out", help="Folder for queries.jsonl and qrels.tsv; it is added to.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=50, help="People shown for each question.")] = 10,
    answers: Annotated[
        Path | None, typer.Option("--answers", help="Take the answers from this file, a line for each question.")
    ] = None,
    asking: Eyes,
    home: HomeOption = None,
) -> None:
    """Say who is right for each question; the answers are kept as a set in the native format, for `tune`.

    An answer is the numbers of who is right (`1 3`), `-` for nobody of them, or empty to pass over.
    """
    from expertfinder.evaluation.sets import read_queries

    asked = _questions(queries)
    given = iter(answers.read_text("utf-8").splitlines()) if answers is not None else None
    known = (
        {name for name, _ in read_queries(folder / "queries.jsonl")} if (folder / "queries.jsonl").exists() else set()
    )
    done = 0
    with opened(home) as finder:
        viewer = eyes(finder, asking, event="judge")
        for name, text in asked:
            if name in known:
                continue
            ranking = finder.find(Query(text=text, asker=viewer.person, limit=limit), viewer)
            if not ranking.recommendations:
                continue
            _ask(finder, ranking, viewer)
            answer = next(given, "") if given is not None else typer.prompt("right", default="", show_default=False)
            right = _right(answer, len(ranking.recommendations))
            if right is not None:
                _keep(folder, (name, text), ranking, right)
                done += 1
    out.print(f"{done:,} questions judged in {folder}", markup=False)
    out.print(f"learn from them: {again(f'tune --judgements {folder}', home)}", markup=False)


def _questions(path: Path) -> list[tuple[str, str]]:
    if path.suffix == ".jsonl":
        from expertfinder.evaluation.sets import read_queries

        return [(name, query.text) for name, query in read_queries(path)]
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"the questions cannot be read: {error}", file=str(path)) from error
    return [(f"{path.stem}-{number}", line.strip()) for number, line in enumerate(lines, 1) if line.strip()]


def _ask(finder: ExpertFinder, ranking: Ranking, viewer: Viewer) -> None:
    out.print(f"\n{ranking.query.text}", markup=False, style="bold")
    names = {
        person.id: person for person in finder.people(viewer, ids=[one.subject for one in ranking.recommendations])
    }
    for number, one in enumerate(ranking.recommendations, 1):
        person = names[one.subject]
        about = ", ".join(part for part in (person.title, person.org_unit) if part)
        out.print(f"{number:>3}. {person.name or person.id}{'  ' + about if about else ''}", markup=False)


def _right(answer: str, shown: int) -> set[int] | None:
    """Places (from 0) of who is right; `None` to pass over."""
    if not answer.strip():
        return None
    if answer.strip() == "-":
        return set()
    numbers = answer.replace(",", " ").split()
    if not all(number.isdigit() and 1 <= int(number) <= shown for number in numbers):
        raise InvalidQuestion(f"an answer is numbers from 1 to {shown}, `-`, or nothing; got {answer!r}")
    return {int(number) - 1 for number in numbers}


def _keep(folder: Path, question: tuple[str, str], ranking: Ranking, right: set[int]) -> None:
    import orjson

    folder.mkdir(parents=True, exist_ok=True)
    name, text = question
    asker = {"asker": ranking.query.asker} if ranking.query.asker else {}
    with (folder / "qrels.tsv").open("a", encoding="utf-8") as file:
        for place, one in enumerate(ranking.recommendations):
            file.write(f"{name}\t0\t{one.subject}\t{int(place in right)}\n")
    with (folder / "queries.jsonl").open("ab") as file:
        file.write(orjson.dumps({"id": name, "text": text, **asker}) + b"\n")
