import email
import json
import subprocess
import tarfile
import tempfile
import zipfile

import pip

OPTION = re.compile(r"(-i|-f|-c|--(extra-)?index-url|--find-links|--constraint|--no-index|--pre|--trusted-host|--(no|only)-binary|--prefer-binary|--require-hashes|--use-feature)\b")


class Fetched:
    """A package that is not installed yet."""

    def __init__(self, version, requires):
        self.version, self.requires = version, requires


def run_pip(*args):
    """None, or pip's words when it failed."""
    done = subprocess.run([sys.executable, "-m", "pip", *args], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode == 0:
        return None
    words = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return " ".join([line for line in words if line.startswith("ERROR")] or words[-3:])[:500] or "exit %d" % done.returncode


def metadata(path):
    """Of a wheel, or of a source package that says it."""
    if path.endswith(".whl"):
        with zipfile.ZipFile(path) as wheel:
            name = next(name for name in wheel.namelist() if re.match(r"[^/]+\.dist-info/METADATA$", name))
            return email.message_from_bytes(wheel.read(name))
    if path.endswith(".zip"):
        with zipfile.ZipFile(path) as source:
            name = min((name for name in source.namelist() if name.endswith("/PKG-INFO")), key=len)
            return email.message_from_bytes(source.read(name))
    with tarfile.open(path) as source:
        name = min((name for name in source.getnames() if name.endswith("/PKG-INFO")), key=len)
        return email.message_from_bytes(source.extractfile(name).read())


def fetch(text, options, folder):
    """A package without what it needs: (Fetched, None) or (None, pip's words)."""
    own = tempfile.mkdtemp(dir=folder)
    words = run_pip("download", "--quiet", "--no-deps", "--dest", own, *options, text)
    if words is not None:
        return None, words
    path = os.path.join(own, os.listdir(own)[0])
    found = metadata(path)
    os.replace(path, os.path.join(folder, os.path.basename(path)))
    return Fetched(found["Version"], found.get_all("Requires-Dist")), None


def solve(args, folder):
    """What pip would install, by name: ({name: (Fetched, direct)}, None) or (None, pip's words)."""
    report = os.path.join(folder, "report.json")
    words = run_pip("install", "--quiet", "--dry-run", "--report", report, "--find-links", folder, *args)
    if words is not None:
        return None, words
    with open(report, encoding="utf-8") as opened:
        items = json.load(opened)["install"]
    of = lambda item: (Fetched(item["metadata"]["version"], item["metadata"].get("requires_dist")), item.get("is_direct", False))
    return {canonical(item["metadata"]["name"]): of(item) for item in items}, None


def solve_here(roots, have, options, folder):
    """The same for a pip before 22.2, which cannot say it: what is unmet is fetched until all is met."""
    chosen = {}
    for _ in range(500):
        wrong, seen = unmet(roots, {**have, **chosen})
        if not wrong:
            return {name: (package, False) for name, package in chosen.items()}, None
        name = canonical(wrong[0][1].name)
        alike = [need for need in seen if canonical(need.name) == name]
        text = wrong[0][1].name + ",".join(sorted({str(need.specifier) for need in alike if need.specifier}))
        chosen[name], words = fetch(text, options, folder)
        if words is not None:
            return None, words
    return None, "the requirements contradict each other"


def broken(have, changes):
    """Other packages that would no longer have what they need."""
    after = {**have, **changes}
    for name, dist in sorted(have.items()):
        for who, need in needs("%s %s" % (name, dist.version), dist.requires) if name not in changes else []:
            other = canonical(need.name)
            if other in changes and met(need, have.get(other)) and not met(need, after[other]):
                yield "%s needs %s, which will be %s" % (who, without_marker(need), after[other].version)


def look(mode, wanted, folder):
    have = installed()
    known = tuple(int(part) for part in re.findall(r"\d+", pip.__version__)[:2]) >= (22, 2)
    if mode == "one":
        options, direct, roots = [], [], needs("", [wanted])
        head, words = fetch(wanted, options, folder) if roots else (None, "pip does not know such a version")
        if words is not None:
            return {"cannot": words}
        name = canonical(roots[0][1].name)
        wrong, _ = unmet(needs("%s %s" % (name, head.version), head.requires), {**have, name: head})
        args, found, words = [wanted], {name: (head, False)}, None
    else:
        entries = list(lines(wanted))
        options = [part for line in entries if OPTION.match(line) for part in re.split(r"[ =]+", line, maxsplit=1)]
        direct = [line for line in entries if not OPTION.match(line) and not re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[^\]]*\])?\s*([<>=!~;].*)?$", line)]
        roots = needs(os.path.basename(wanted), [line for line in entries if line not in direct])
        wrong, _ = unmet(roots, have)
        args, found, words = ["-r", wanted], {}, None
    constrained = any(option in ("-c", "--constraint") for option in options)
    if wrong or direct or constrained:
        if known:
            found, words = solve(args, folder)
        elif direct:
            found, words = None, "pip %s cannot say what %s would change (22.2 can)" % (pip.__version__, ", ".join(direct))
        else:
            found, words = solve_here(roots, have, options, folder)
    answer = {"unmet": [{"who": who, "need": without_marker(need), "has": version_of(need.name, have)} for who, need in wrong]}
    if found is None:
        answer["failed"] = words
        answer["missing"] = [without_marker(need) for _, need in wrong if fetch(without_marker(need), options, folder)[1] is not None]
        return answer
    change = lambda name, package, direct: {"name": name, "old": version_of(name, have), "new": package.version, "direct": direct}
    answer["changes"] = [change(name, package, direct) for name, (package, direct) in sorted(found.items())]
    answer["breaks"] = list(broken(have, {name: package for name, (package, _) in found.items()}))
    return answer


with tempfile.TemporaryDirectory() as folder:
    print(json.dumps(look(sys.argv[1], sys.argv[2], folder)))
