"""Writes ES modules as one script, from which a page can make a Worker.

A page that lies on a disk starts no Worker from a module that imports others, so the
modules of the Worker become functions of one script, each called once, in an order in
which everything that a module imports is there before it. Comments are left out: a page
carries the script as data, which nobody reads.
"""

import re
from pathlib import Path

IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.\.?/[\w./-]+\.mjs)";$', re.M)
EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.M)
LEFT = re.compile(r"^(?:import|export)\b.*", re.M)
# On lines of their own: not the type of what follows on the same line.
COMMENT = re.compile(r"^ */\*\*(?:(?!\*/).)*\*/\n|^ *//[^\n]*\n", re.S | re.M)


def bundle(path: Path) -> str:
    """Write a module and all that it imports as one script.

    Parameters
    ----------
    path : Path
        The module. It and what it imports use ``import { a, b as c } from "./d.mjs";``
        and ``export`` in front of a function, a class or a constant.

    Returns
    -------
    str
        A script that does what the module does.

    Raises
    ------
    ValueError : a module imports or exports in another form.
    """
    names = {}  # path of a module -> the constant that holds its exports
    parts = ['"use strict";\n']

    def add(path):
        if path not in names:
            source = COMMENT.sub("", path.read_text(encoding="utf-8"))
            body = IMPORT.sub(
                lambda match: (
                    f"const {{{match[1].replace(' as ', ': ')}}} = "
                    f"{add((path.parent / match[2]).resolve())};"
                ),
                EXPORT.sub(r"\1 \2", source),
            )
            if left := LEFT.search(body):
                raise ValueError(
                    f"{path.name} has `{left[0]}`; write "
                    '`import { a } from "./other.mjs";` and `export` in front of a '
                    "function, a class or a constant, or no Worker can be made of it."
                )
            exports = ", ".join(name for _, name in EXPORT.findall(source))
            names[path] = f"module{len(names)}"
            parts.append(
                f"const {names[path]} = (() => {{\n{body}\n"
                f"return {{ {exports} }};\n}})();\n"
            )
        return names[path]

    add(path.resolve())
    return "".join(parts)
