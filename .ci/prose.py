"""Whether the documents and comments keep to the rules of style that a program can check.

prose.py                the README is short and shows code early, and no text holds guillemets
prose.py --summaries    also, no documentation of an item begins with a question word
"""

import re
import subprocess
import sys
from pathlib import Path

LONGEST_README = 700
WORDS_BEFORE_CODE = 150
CODE = "```rust"
QUESTION = re.compile(r"(What|Where|How|Whether|Who|Whoever|Nobody|Somebody)\b")
GUILLEMETS = re.compile("[\u00ab\u00bb]")


def main(arguments):
    problems = readme(Path("README.md").read_text()) + guillemets()
    if "--summaries" in arguments:
        problems += summaries()
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def readme(text):
    words, before = len(text.split()), len(text.partition(CODE)[0].split())
    print(f"README.md: {words} words, {before} before the code")
    problems = {
        f"README.md: longer than {LONGEST_README} words": words > LONGEST_README,
        f"README.md: no code within the first {WORDS_BEFORE_CODE} words": before > WORDS_BEFORE_CODE,
    }
    return [problem for problem, is_there in problems.items() if is_there]


def guillemets():
    return [
        f"{path}:{number}: guillemets; use straight quotes"
        for path, lines in texts()
        for number, line in enumerate(lines, 1)
        if GUILLEMETS.search(line)
    ]


def summaries():
    return [
        f"{path}:{number}: {line.strip()}"
        for path in sorted(Path("crates").glob("*/src/**/*.rs"))
        for number, line in first_lines(path.read_text().splitlines())
        if QUESTION.match(line.strip().removeprefix("///").strip())
    ]


def first_lines(lines):
    """The first line of each block of `///`, with its number."""
    is_inside = False
    for number, line in enumerate(lines, 1):
        is_doc = line.strip().startswith("///")
        if is_doc and not is_inside:
            yield number, line
        is_inside = is_doc


def texts():
    """Each file under version control that is text, with its lines."""
    files = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True, text=True).stdout
    for path in map(Path, filter(None, files.split("\0"))):
        try:
            yield path, path.read_text().splitlines()
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            pass


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
