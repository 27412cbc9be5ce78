"""List the exercises of all chapters, which sphinx-exercise has no directive for.

The list is of links, so that numbers and titles are those of the pages.
"""

import re

from exercise_cells import find_titles
from sphinx.util.docutils import SphinxDirective

HEADING = re.compile(r"^\((sec-[\w-]+)\)=\n# ", re.MULTILINE)  # of a chapter


def list_exercises(chapter: str) -> str:
    """List a chapter's exercises in MyST, under a link to the chapter.

    Parameters
    ----------
    chapter : str
        Its text.

    Returns
    -------
    str
        Empty where there is no exercise.
    """
    titles = find_titles(chapter)
    if not titles:
        return ""
    lines = [f"- {{ref}}`{label}`: {title}" for label, title in titles.items()]
    return "\n".join([f"**{{ref}}`{HEADING.search(chapter)[1]}`**", "", *lines, "", ""])


class ExerciseIndex(SphinxDirective):
    """``{exercise-index}``: the exercises of the book, in its order."""

    def run(self):
        """Read the chapters, and parse what is made of them."""
        parts = []
        for name in self.config.external_site_map:
            path = self.env.doc2path(name)
            self.env.note_dependency(path)
            with open(path, encoding="utf-8") as file:
                parts.append(list_exercises(file.read()))
        return self.parse_text_to_nodes("".join(parts))


def setup(app):
    """Register with Sphinx."""
    app.add_directive("exercise-index", ExerciseIndex)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
