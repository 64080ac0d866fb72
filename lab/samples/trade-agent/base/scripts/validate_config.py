#!/usr/bin/env python3
"""Checks a configuration file: keys, types and ranges of schema 1."""

import json
import sys

SCHEMA = {
    "agent": {"alpha": (float, 0, 10), "seed": (int, 0, 2**31), "window": (int, 3, 1000), "max_position": (int, 1, 1000)},
    "execution": {"venue": (str, None, None), "tick_size": (float, 1e-6, 100)},
    "service": {
        "host": (str, None, None),
        "port": (int, 0, 65535),
        "interval_seconds": (float, 0.01, 60),
        "log_dir": (str, None, None),
        "state_dir": (str, None, None),
    },
}


def check_value(name, value, rule):
    """Problems of one value."""
    kind, low, high = rule
    if not isinstance(value, (int, float) if kind is float else kind) or isinstance(value, bool):
        return ["%s: %r is not a %s" % (name, value, kind.__name__)]
    if low is not None and not low <= value <= high:
        return ["%s: %r is outside of %r..%r" % (name, value, low, high)]
    return []


def check_section(name, section, rules):
    """Problems of one section: missing, unknown and wrong values."""
    if not isinstance(section, dict):
        return ["%s: section missing" % name]
    problems = ["%s.%s: missing" % (name, key) for key in rules if key not in section]
    problems += ["%s.%s: unknown key" % (name, key) for key in section if key not in rules]
    for key, rule in rules.items():
        if key in section:
            problems += check_value("%s.%s" % (name, key), section[key], rule)
    return problems


def check(config):
    """All problems of a configuration."""
    problems = []
    if config.get("schema_version") != 1:
        problems.append("schema_version: %r, this release knows 1" % config.get("schema_version"))
    for name, rules in SCHEMA.items():
        problems += check_section(name, config.get(name), rules)
    return problems


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: validate_config.py FILE")
    try:
        with open(sys.argv[1]) as file:
            config = json.load(file)
    except (OSError, ValueError) as error:
        sys.exit("%s: %s" % (sys.argv[1], error))
    problems = check(config) if isinstance(config, dict) else ["not a JSON object"]
    if problems:
        sys.exit("%s is not valid:\n  %s" % (sys.argv[1], "\n  ".join(problems)))
    print("%s is valid" % sys.argv[1])


if __name__ == "__main__":
    main()
