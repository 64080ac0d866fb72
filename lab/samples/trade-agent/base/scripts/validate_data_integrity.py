#!/usr/bin/env python3
"""Checks models, backups, reports and the configuration of this tree."""

import hashlib
import json
import math
import pickle
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class PlainUnpickler(pickle.Unpickler):
    """A model is plain numbers; anything that would import code is refused."""

    def find_class(self, module, name):
        raise pickle.UnpicklingError("refers to %s.%s" % (module, name))


def check_model(path):
    """Problems of one model file."""
    try:
        with open(path, "rb") as file:
            weights = PlainUnpickler(file).load()["weights"]
        wrong = not weights or not all(math.isfinite(weight) for weight in weights)
    except Exception as error:  # whatever a broken file makes pickle raise
        return ["%s cannot be read: %s" % (path.relative_to(ROOT), error)]
    return ["%s has no finite weights" % path.relative_to(ROOT)] if wrong else []


def check_manifest(manifest):
    """Problems of the files a backup's manifest names."""
    problems = []
    for line in manifest.read_text().splitlines():
        wanted, name = line.split(None, 1)
        path = manifest.parent / name.lstrip("*")
        if not path.is_file():
            problems.append("%s is missing" % path.relative_to(ROOT))
        elif hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
            problems.append("%s does not match its checksum" % path.relative_to(ROOT))
    return problems


def main():
    models, manifests = sorted(ROOT.glob("models/sac_*.pkl")), sorted(ROOT.glob("backups/*/MANIFEST.sha256"))
    problems = [problem for model in models for problem in check_model(model)]
    problems += [problem for manifest in manifests for problem in check_manifest(manifest)]
    problems += ["%s is empty" % path.relative_to(ROOT) for path in ROOT.glob("reports/sac_*.html") if path.stat().st_size == 0]
    try:
        json.loads((ROOT / "configs" / "sac_config.json").read_text())
    except (OSError, ValueError) as error:
        problems.append("configs/sac_config.json: %s" % error)
    if problems:
        sys.exit("data integrity failed:\n  " + "\n  ".join(problems))
    print("data integrity passed: %d models, %d backups" % (len(models), len(manifests)))


if __name__ == "__main__":
    main()
