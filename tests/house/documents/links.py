"""Checks that the links between documents lead to files and headings that exist."""

import os
import re

EXTERNAL = re.compile(r"^[a-z]+:")


def check_links(root, documents):
    """One line for each link that leads nowhere."""
    by_path = {one.path: one for one in documents}
    for document in documents:
        for number, target in document.links():
            if EXTERNAL.match(target):
                continue
            path, _, anchor = target.partition("#")
            place = f"{document.path}:{number}"
            leads_to = document.path
            if path:
                leads_to = os.path.normpath(os.path.join(os.path.dirname(document.path), path))
            if not (root / leads_to).exists():
                yield f"{place}: there is no {leads_to}"
            elif anchor and leads_to in by_path and anchor not in by_path[leads_to].anchors():
                yield f"{place}: {leads_to} has no heading #{anchor}"
