import sys

sys.path[:] = [entry for entry in sys.path if entry]  # what lies in the directory itself is not installed

import importlib.metadata as m
import os
import re

try:
    from pip._vendor.packaging.requirements import InvalidRequirement, Requirement
except ImportError:
    from packaging.requirements import InvalidRequirement, Requirement


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def installed():
    """Packages by name, as an import would find them."""
    found = {}
    for dist in m.distributions():
        if dist.metadata["Name"]:
            found.setdefault(canonical(dist.metadata["Name"]), dist)
    return found


def parse(text, extras=()):
    """A requirement that holds on this interpreter, or None."""
    try:
        need = Requirement(re.split(r"\s--", text)[0])
    except InvalidRequirement:
        return None
    holds = need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras))
    return need if holds else None


def needs(who, texts, extras=()):
    return [(who, need) for need in (parse(text, extras) for text in texts or ()) if need]


def met(need, dist):
    return dist is not None and bool(need.url or need.specifier.contains(dist.version, prereleases=True))


def unmet(roots, have):
    """What of `roots`, and of all that they need in turn, `have` lacks; and every need that was looked at."""
    wrong, seen, queue = [], {}, list(roots)
    while queue:
        who, need = queue.pop(0)
        key = canonical(need.name), str(need.specifier), tuple(sorted(need.extras))
        if key in seen:
            continue
        seen[key] = need
        dist = have.get(key[0])
        if met(need, dist):
            queue += needs("%s %s" % (key[0], dist.version), dist.requires, need.extras)
        else:
            wrong.append((who, need))
    return wrong, list(seen.values())


def lines(file, depth=0):
    """The lines of a requirements file and of those it names, joined and without comments."""
    with open(file, encoding="utf-8") as opened:
        text = opened.read().replace("\\\n", " ")
    for line in text.splitlines():
        line = re.sub(r"(^|\s)#.*$", "", line).strip()
        nested = re.match(r"(?:-r|--requirement)[ =]*(\S+)$", line)
        if nested and depth < 20:
            yield from lines(os.path.join(os.path.dirname(file), nested[1]), depth + 1)
        elif line:
            yield line


def without_marker(need):
    extras = "[%s]" % ",".join(sorted(need.extras)) if need.extras else ""
    return need.name + extras + (" @ " + need.url if need.url else str(need.specifier))


def version_of(name, have):
    dist = have.get(canonical(name))
    return dist.version if dist else None
