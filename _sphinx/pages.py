"""What Sphinx and the theme leave undone: numbers, folds, sidebars, tables."""

import re

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.transforms.post_transforms import SphinxPostTransform


class JoinFoldedCells(SphinxPostTransform):
    """Make one fold of folded cells in a row, where nothing shows between them."""

    default_priority = 210  # after MyST-NB's folding
    formats = ("html",)

    def run(self, **options):
        """Move the code of a cell that is all folded into the fold of the next."""
        for cell in list(self.document.findall(nodes.container)):
            following = find_next(cell)
            if (
                len(cell) == 1
                and find_folded_code(cell)
                and find_folded_code(following)
            ):
                find_folded_code(following).insert(0, find_folded_code(cell).children)
                cell.parent.remove(cell)


def find_next(node):
    """Find the node that a page shows next: no comment, which marks slides."""
    following = node.next_node(descend=False, siblings=True)
    while isinstance(following, nodes.comment):
        following = following.next_node(descend=False, siblings=True)
    return following


def find_folded_code(cell):
    """Find the fold around the code of a cell, None where there is none."""
    if not isinstance(cell, nodes.container) or not cell.children:
        return None
    fold = cell[0]
    is_code = isinstance(fold, HideCodeCellNode) and "source" in fold["prompt_show"]
    return fold if is_code else None


def number_first_page(app, env):
    """Give the figures of the first page, which has no number, the numbers 0.1, 0.2."""
    for numbers in env.toc_fignumbers.get(app.config.root_doc, {}).values():
        for name, number in numbers.items():
            numbers[name] = (0, *number)
    return []


def write_sidebars(app, env):
    """Write every page when the sidebar changed, else what Sphinx would."""
    titles = {
        name: (title.get("secnumber"), title.astext())
        for name, title in env.titles.items()
    }
    before = getattr(env, "course_titles", titles)
    env.course_titles = titles
    return [] if titles == before else list(env.found_docs)


def mend_data_frames(app, doctree, docname):
    """Let the keyboard scroll a data frame, and make no header of its empty corner."""
    for node in doctree.findall(nodes.raw):
        if 'class="dataframe"' in node.astext():
            html = node.astext().replace("<th></th>", "<td></td>")
            html = html.replace('<table border="1"', '<table tabindex="0"')
            node.children = [nodes.Text(html)]


def keep_comments(app, doctree, docname):
    """Write comments, of which some mark slides, into the page, as HTML's own."""
    if app.builder.name == "html":
        for node in list(doctree.findall(nodes.comment)):
            node.replace_self(nodes.raw("", f"<!-- {node.astext()} -->", format="html"))


def split_raises(app, what, name, obj, options, lines):
    """Put why an error is raised below its name, where napoleon looks for it."""
    mended, inside = [], False
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if re.fullmatch("-{3,}", following):
            inside = line == "Raises"
        error, colon, reason = line.partition(" : ")
        is_entry = inside and colon and not line.startswith(" ")
        mended += [error, f"    {reason}"] if is_entry else [line]
    lines[:] = mended


def focus_tables(app, pagename, templatename, context, doctree):
    """Let the keyboard scroll the tables of the text, which are wide on a phone."""
    if "body" in context:
        context["body"] = context["body"].replace(
            '<table class="table"', '<table tabindex="0" class="table"'
        )


def setup(app):
    """Register with Sphinx."""
    app.add_post_transform(JoinFoldedCells)
    app.connect("env-get-updated", number_first_page, priority=900)  # after Sphinx
    app.connect("env-updated", write_sidebars)
    app.connect("doctree-resolved", mend_data_frames)
    app.connect("doctree-resolved", keep_comments)
    app.connect("html-page-context", focus_tables)
    app.connect("autodoc-process-docstring", split_raises, priority=400)  # of 500
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
