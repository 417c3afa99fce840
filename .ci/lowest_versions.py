"""A copy of the packages without what only their tests use, so that Cargo can choose the lowest versions that they name.

lowest_versions.py FOLDER
"""

import pathlib
import re
import shutil
import sys


def main(folder):
    shutil.rmtree(folder, ignore_errors=True)
    members = sorted(pathlib.Path("crates").iterdir())
    for member in members:
        shutil.copytree(member / "src", folder / member / "src")
        manifest = (member / "Cargo.toml").read_text()
        for section in ["dev-dependencies", "[example]"]:
            manifest = without_sections(manifest, section)
        (folder / member / "Cargo.toml").write_text(manifest)
    root = pathlib.Path("Cargo.toml").read_text()
    root = re.sub(r"(?m)^members = .*", 'members = ["crates/*"]', root)
    root = re.sub(r"(?m)^exclude = .*\n", "", root)
    (folder / "Cargo.toml").write_text(root)


def without_sections(manifest, name):
    return re.sub(rf"(?ms)^\[{re.escape(name)}\]\n.*?(?=^\[|\Z)", "", manifest)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
