"""What is to be mended in a dossier, as its note tells it: also what only the making of its documents shows."""

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from toolkit.errors import Problem
from toolkit.tree import layout
from toolkit.tree.settings import Settings
from toolkit.walk.case import Case
from toolkit.walk.options import Options
from toolkit.walk.references import References

if TYPE_CHECKING:
    from toolkit.walk.means import Means


class Corrections:
    """Of any number of dossiers; only those where the last walk left a note are planned, the others cost nothing."""

    def __init__(self, settings: Settings, options: Options, references: References) -> None:
        self._settings = settings
        self._options = replace(options, simulate=True, with_pdf=False)
        self._references = references

    def of(self, case: Case) -> Sequence[Problem]:
        """The problems of a dossier; raises EnvironmentRefused."""
        if case.fiche is None or not os.path.lexists(layout.named(case.path, layout.NOTE)):
            return case.problemes
        from toolkit.walk.plan import plan_dossier

        return plan_dossier(case, self._means).problems

    @cached_property
    def _means(self) -> "Means":
        # Word takes a third of a second: a tree where all is well never pays it.
        from toolkit.walk.means import Means

        return Means(self._settings, self._options, self._references)
