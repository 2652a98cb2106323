"""The page as one file: the same modules and sheets, with pictures that were played, readable with the network off.

A browser opens no module beside a page that comes from disk, so the modules are put into one script: each becomes a
function's body, in an order in which every module follows what it imports.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files

from playout.present import charts

ENTRY = "main.js"

#: What is changed is marked in this colour: the palette's vermilion, in a shade that tells on either page.
CHANGED = {"light": "#d55e00", "dark": "#e69f00"}

_IMPORT = re.compile(r'^import \{ ([^}]+) \} from "\./([a-z]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.MULTILINE)


def palette_css() -> str:
    """The colours of the charts as CSS variables: light, dark where the system asks for it, light on paper."""

    def variables(colours: Mapping[str, str], changed: str) -> str:
        """One palette."""
        return "".join(f"--{name}:{colour};" for name, colour in {**colours, "changed": changed}.items())

    return (
        f":root{{color-scheme:light dark;{variables(charts.LIGHT, CHANGED['light'])}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{variables(charts.DARK, CHANGED['dark'])}}}}}\n"
    )


def offline_page(scenario: Mapping[str, object], pictures: Sequence[Mapping[str, object]]) -> str:
    """The page with ``scenario`` and ``pictures`` inside, as the JSON API gives them; the first picture is shown.

    The file's own content-security policy runs the one script and uses the one sheet whose hashes it names.
    """
    style = "\n".join([palette_css(), _read("static/page.css"), _read("static/pictures.css")])
    script = bundle()
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    page = _read("templates/page.html")
    head, _, rest = page.partition('<link rel="stylesheet"')
    body = rest[rest.index("</head>") :]
    head = head.replace("<title>Playout</title>", f"<title>{escape(str(scenario['title']))} · Playout</title>")
    data = (
        f'<script type="application/json" id="embedded">{_json({"scenario": scenario, "pictures": pictures})}</script>'
    )
    body = body.replace("</body>", f"{data}\n<script>{script}</script>\n</body>")
    security = f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    return f"{head}{security}<style>{style}</style>\n{body}"


@cache
def bundle() -> str:
    """All modules as one script."""
    order: list[str] = []
    bodies: dict[str, str] = {}

    def visit(name: str) -> None:
        """A module after those it imports."""
        if name in bodies:
            return
        text = _read(f"static/{name}")
        bodies[name] = ""
        for _, other in _IMPORT.findall(text):
            visit(other)
        exported = _EXPORT.findall(text)
        body = _EXPORT.sub(
            "", _IMPORT.sub(lambda found: f"const {{ {found[1]} }} = modules[{json.dumps(found[2])}];\n", text)
        )
        bodies[name] = f"modules[{json.dumps(name)}] = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();\n"
        order.append(name)

    visit(ENTRY)
    script = f'"use strict";\nconst modules = {{}};\n{"".join(bodies[name] for name in order)}'
    # "</script" or "<!--" inside a script would end it, or hide its end, for an HTML parser.
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


@cache
def _read(path: str) -> str:
    return files("playout.present.web").joinpath(path).read_text(encoding="utf-8")


def _json(value: object) -> str:
    """Data for a script element: no character in it can end the element."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
