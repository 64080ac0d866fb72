#!/usr/bin/env python3
"""Checks the deployment on this host: container, health, version. Exits 1 with every problem found."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONTAINER = "agentrader"
HEALTH = "http://localhost:8000/health"
WAIT_S = 20.0


def output(*command):
    """What a command prints; its own message when it fails."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
    if done.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(command[:2]), done.stderr.strip() or "exit %d" % done.returncode))
    return done.stdout.strip()


def health():
    """The health answer once it is ok, or the last one there was."""
    deadline, last = time.monotonic() + WAIT_S, {}
    while True:
        try:
            with urllib.request.urlopen(HEALTH, timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            last = json.loads(error.read() or b"{}")
        except (OSError, ValueError) as error:
            last = {"status": "no answer", "reason": str(error)}
        if time.monotonic() > deadline or last.get("status") == "failing":
            return last
        time.sleep(0.25)


def problems():
    """Everything that is not as it should be."""
    wanted = output("git", "describe", "--tags", "--always")
    state = output("docker", "inspect", "--format", "{{.State.Status}} {{.Config.Image}}", CONTAINER)
    found = [] if state == "running agentrader:%s" % wanted else ["container is %r, expected running agentrader:%s" % (state, wanted)]
    answer = health()
    if answer.get("status") != "ok":
        found.append("health is %s: %s" % (answer.get("status"), answer.get("reason", "no reason given")))
    if answer.get("version") != wanted:
        found.append("version %s answers, expected %s" % (answer.get("version"), wanted))
    return found


def main():
    try:
        found = problems()
    except (RuntimeError, OSError) as error:
        found = [str(error)]
    if found:
        sys.exit("deployment is not valid:\n  " + "\n  ".join(found))
    print("deployment is valid")


if __name__ == "__main__":
    main()
