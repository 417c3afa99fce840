"""Whether each package works with the oldest Rust it names: no dependency may say that it needs a newer one.

Reads the output of `cargo metadata`. What only tests use is not asked.
"""

import json
import sys


def main():
    metadata = json.load(sys.stdin)
    packages = {package["id"]: package for package in metadata["packages"]}
    uses = {
        node["id"]: [use["pkg"] for use in node["deps"] if any(kind["kind"] != "dev" for kind in use["dep_kinds"])]
        for node in metadata["resolve"]["nodes"]
    }
    is_good = True
    for member in metadata["workspace_members"]:
        oldest = packages[member]["rust_version"]
        newer = [packages[id] for id in closure(member, uses) if number(packages[id]) > number(packages[member])]
        for package in newer:
            print(f"{packages[member]['name']} names Rust {oldest}, {package['name']} needs {package['rust_version']}")
        is_good = is_good and oldest is not None and not newer
        print(f"{packages[member]['name']}: Rust {oldest}")
    return 0 if is_good else 1


def closure(start, uses):
    found, waiting = {start}, [start]
    while waiting:
        new = set(uses[waiting.pop()]) - found
        found |= new
        waiting += new
    return found


def number(package):
    parts = [int(part) for part in (package["rust_version"] or "0").split(".")]
    return (parts + [0, 0])[:3]


if __name__ == "__main__":
    sys.exit(main())
