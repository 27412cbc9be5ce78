"""Bind the built book into an EPUB 3 for a phone or a reading device: `make epub`.

``python _sphinx/epub.py HTML FILE`` takes the pages as they are built, so it executes
nothing and leaves the built book alone. Two runs on one commit write the same bytes.
"""

import argparse
import uuid
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import yaml
from contents import read_parts
from epub_cover import ALT, draw_cover
from epub_page import convert_page, escape, mend_links, write_page
from publish import ask_git

ROOT = Path(__file__).parents[1]
STYLE = Path(__file__).with_name("epub.css")
RIGHTS = "Text and figures: CC BY 4.0. Code: MIT."
SUMMARY = (
    "Pictures have alternative texts, formulas are MathML, and every chapter and "
    "section is in the table of contents. Figures that can be touched on the course's "
    "pages are still pictures here."
)
KINDS = {
    ".xhtml": "application/xhtml+xml",
    ".css": "text/css",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".svg": "image/svg+xml",
}
CONTAINER = """\
<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles>
<rootfile full-path="book/book.opf" media-type="application/oebps-package+xml"/>
</rootfiles>
</container>
"""
PACKAGE = """\
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" xml:lang="en"
 unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:language>en</dc:language>
{authors}
<dc:description>{description}</dc:description>
<dc:rights>{rights}</dc:rights>
<meta property="dcterms:modified">{modified}</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">MathML</meta>
<meta property="schema:accessibilityFeature">readingOrder</meta>
<meta property="schema:accessibilityFeature">structuralNavigation</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
<meta property="schema:accessibilitySummary">{summary}</meta>
<meta name="cover" content="file-cover.png"/>
</metadata>
<manifest>
{items}
</manifest>
<spine>
{spine}
</spine>
</package>
"""
NAVIGATION = """\
<nav epub:type="toc" id="toc">
<h1>Contents</h1>
<ol>
{contents}
</ol>
</nav>
<nav epub:type="landmarks" hidden="hidden">
<ol>
<li><a epub:type="cover" href="cover.xhtml">Cover</a></li>
<li><a epub:type="toc" href="contents.xhtml#toc">Contents</a></li>
<li><a epub:type="bodymatter" href="{first}">The course</a></li>
</ol>
</nav>"""


def write_epub(html: Path, file: Path):
    """Write the volume.

    Parameters
    ----------
    html : Path
        The built book.
    file : Path
        The volume; its folder is made where there is none.

    Raises
    ------
    FileNotFoundError : a page of the table of contents was not built.
    ValueError : a page cannot be converted, and why.
    """
    parts = read_parts()
    pages = [page for _, chapters in parts for page in chapters]
    names = {(html / f"{page}.html").resolve(): name_file(page) for page in pages}
    missing = [str(path) for path in names if not path.exists()]
    if missing:
        raise FileNotFoundError(f"{', '.join(missing)}: run `make book` first.")
    articles, pictures = {}, {}
    for path, name in names.items():
        articles[name], shown = convert_page(path)
        pictures |= shown
    ids = {name: {tag["id"] for tag in one(id=True)} for name, one in articles.items()}
    for path, name in names.items():
        mend_links(articles[name], path, names, ids)
    files = bind(parts, articles, pictures)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_archive(file, files)


def name_file(page: str) -> str:
    """Name the file of a page: "digits.xhtml" of "chapters/digits"."""
    return f"{Path(page).name}.xhtml"


def bind(parts, articles, pictures) -> dict[str, bytes]:
    """Name every file of the volume, with what leads from one to the other."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    title = citation["title"]
    cover = f'<p class="cover"><img src="cover.png" alt="{escape(ALT)}"/></p>'
    contents = write_contents(parts, articles)
    pages = {"cover.xhtml": (title, cover), "contents.xhtml": ("Contents", contents)}
    for name, article in articles.items():
        heading = article.find("h1").get_text()
        pages[name] = (heading, article.decode_contents(formatter="minimal"))
    files = {
        **{name: write_page(*page).encode() for name, page in pages.items()},
        "course.css": STYLE.read_bytes(),
        "cover.png": draw_cover(title),
        **pictures,
    }
    package = write_package(citation, files, list(pages))
    return {**files, "book.opf": package.encode()}


def write_contents(parts, articles) -> str:
    """Write the table of contents: parts, chapters and their sections."""
    lines = []
    for caption, pages in parts:
        names = [name_file(page) for page in pages]
        entries = [write_entry(name, articles[name]) for name in names]
        if caption:
            inner = "\n".join(entries)
            entries = [f"<li><span>{escape(caption)}</span><ol>\n{inner}\n</ol></li>"]
        lines += entries
    return NAVIGATION.format(contents="\n".join(lines), first=next(iter(articles)))


def write_entry(name, article) -> str:
    """Write a chapter's line of the table of contents, with its sections."""
    sections = [
        f'<li><a href="{name}#{section["id"]}">{escape(heading.get_text())}</a></li>'
        for heading in article.find_all("h2")
        if (section := heading.find_parent("section", id=True))
    ]
    inner = "\n".join(["<ol>", *sections, "</ol>"]) if sections else ""
    title = escape(article.find("h1").get_text())
    return f'<li><a href="{name}">{title}</a>{inner}</li>'


def write_package(citation, files, pages) -> str:
    """Write the package document: what the volume is, holds, and its order."""
    items = [describe_file(name, content) for name, content in files.items()]
    order = [f'<itemref idref="{name_item(page)}"/>' for page in pages]
    authors = [
        f"<dc:creator>{escape(author['name'])}</dc:creator>"
        for author in citation["authors"]
    ]
    return PACKAGE.format(
        identifier=uuid.uuid5(uuid.NAMESPACE_OID, citation["title"]),
        title=escape(citation["title"]),
        authors="\n".join(authors),
        description=escape(citation["abstract"]),
        rights=RIGHTS,
        modified=f"{read_date():%Y-%m-%dT%H:%M:%SZ}",
        summary=SUMMARY,
        items="\n".join(items),
        spine="\n".join(order),
    )


def describe_file(name: str, content: bytes) -> str:
    """Write the line of a file in the package document."""
    kind = KINDS[Path(name).suffix]
    special = {"contents.xhtml": "nav", "cover.png": "cover-image"}.get(name, "")
    if kind.startswith("application") and b"<math " in content:
        special = "mathml"
    properties = f' properties="{special}"' if special else ""
    return (
        f'<item id="{name_item(name)}" href="{name}" media-type="{kind}"{properties}/>'
    )


def name_item(name: str) -> str:
    """Name a file within the package document."""
    return f"file-{name.replace('/', '-')}"


def read_date() -> datetime:
    """Read when the commit was made; without Git, the first day that a zip can hold."""
    try:
        seconds = int(ask_git("log", "-1", "--format=%ct", folder=ROOT))
    except (RuntimeError, OSError):
        seconds = 315532800
    return datetime.fromtimestamp(seconds, UTC)


def write_archive(file: Path, files: dict[str, bytes]):
    """Write the files, the kind of the archive first and bare, as the format asks."""
    date = read_date().timetuple()[:6]
    everything = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": CONTAINER.encode(),
        **{f"book/{name}": content for name, content in files.items()},
    }
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in everything.items():
            info = zipfile.ZipInfo(name, date)
            info.external_attr = 0o644 << 16
            if name != "mimetype":
                info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("html", type=Path, help="folder of the built book")
    parser.add_argument("file", type=Path, help="the volume to write")
    arguments = parser.parse_args()
    write_epub(arguments.html, arguments.file)
