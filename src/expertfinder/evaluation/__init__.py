"""A set in the native format -> figures, runs, comparisons. Offline, in the base install, on own judgements too."""

from __future__ import annotations

from expertfinder.evaluation.exposure import Exposure, exposure
from expertfinder.evaluation.figures import MEASURES, OURS, Figure, Run, figure, measure, paired, write_run
from expertfinder.evaluation.ranking import Evaluation, How, evaluate
from expertfinder.evaluation.results import WORST, Comparison, Results, compare, results, written
from expertfinder.evaluation.sets import Judged, judged, loaded, read_qrels, read_queries

__all__ = [
    "MEASURES",
    "OURS",
    "WORST",
    "Comparison",
    "Evaluation",
    "Exposure",
    "Figure",
    "How",
    "Judged",
    "Results",
    "Run",
    "compare",
    "evaluate",
    "exposure",
    "figure",
    "judged",
    "loaded",
    "measure",
    "paired",
    "read_qrels",
    "read_queries",
    "results",
    "write_run",
    "written",
]
