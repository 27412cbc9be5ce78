"""Keep once a page what its interactive figures share, and widgets out of it."""

import re

PART = re.compile(r'<(script|style)[^>]* data-lenet-part="(\w+)".*?</\1>', re.S)


def forget_widgets(app, doctree):
    """Leave out the state for a widget manager: figures bring their own."""
    pages = getattr(app.env, "nb_metadata", {})
    pages.get(app.env.docname, {}).get("js_files", {}).pop("ipywidgets_state", None)


def share_parts(app, pagename, templatename, context, doctree):
    """Keep each shared part once, behind the text, which is painted before it."""
    body = context.get("body", "")
    parts = {match[2]: match[0] for match in PART.finditer(body)}
    if parts:
        context["body"] = PART.sub("", body) + "".join(parts.values())


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", forget_widgets)
    app.connect("html-page-context", share_parts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
