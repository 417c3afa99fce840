"""Whether the arrows between the folders of trace-core point down only.

A line `use crate::...` is an arrow from the folder of its file to the folder that it names. What a folder uses stands above it
in this list, so that there is no circle. Prints the number of arrows; with --all, the arrows, too.
"""

import pathlib
import re
import sys

ROOMS = ["id", "wire", "policy", "dsc", "record", "propagation", "context", "sinks", "tracer"]
SOURCE = pathlib.Path("crates/trace-core/src")


def main():
    arrows = {}
    for file in sorted(SOURCE.rglob("*.rs")):
        room = file.relative_to(SOURCE).parts[0]
        if room == "lib.rs" or "tests" in file.stem:
            continue
        code = re.split(r"#\[cfg\(test\)\]\s*\n\s*mod ", file.read_text())[0]
        code = "\n".join(line for line in code.splitlines() if not line.strip().startswith("//"))
        for used in re.findall(r"\bcrate::(\w+)", code):
            if used in ROOMS and used != room:
                arrows.setdefault((room, used), []).append(str(file))
    wrong = {arrow: files for arrow, files in arrows.items() if ROOMS.index(arrow[1]) > ROOMS.index(arrow[0])}
    for (room, used), files in sorted(arrows.items()):
        if "--all" in sys.argv or (room, used) in wrong:
            print(f"{room} -> {used}: {len(files)} uses, in {', '.join(sorted(set(files)))}")
    print(f"{len(ROOMS)} rooms, {len(arrows)} arrows, {len(wrong)} of them up")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
