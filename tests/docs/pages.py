"""The Markdown files of the repository, and what stands in them."""
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def tracked(pattern):
    out = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", pattern], capture_output=True, text=True)
    if out.returncode == 0:
        return sorted({f for f in out.stdout.split("\n") if f and os.path.exists(os.path.join(ROOT, f))})
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in ("build", ".git")]
        found += [os.path.relpath(os.path.join(folder, f), ROOT) for f in files if f.endswith(pattern.lstrip("*"))]
    return sorted(found)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


class Block:
    """Text between fences."""
    def __init__(self, line, info, text):
        self.line, self.info, self.text = line, info, text


def split(text):
    """The prose, with as many lines as the text, and the fenced blocks."""
    prose, blocks, fence, body, begun, info = [], [], None, [], 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if fence is None and bare.startswith("```"):
            fence, begun, info, body = len(line) - len(line.lstrip()), number, bare.strip("`").strip(), []
        elif fence is not None and bare == "```":
            blocks.append(Block(begun, info, "\n".join(body) + "\n"))
            fence = None
        elif fence is not None:
            body.append(line[fence:])
            prose.append("")
            continue
        else:
            prose.append(line)
            continue
        prose.append("")
    return "\n".join(prose), blocks


def anchors(text):
    """As GitHub makes them of the headings."""
    seen, out = {}, set()
    for line in split(text)[0].split("\n"):
        heading = re.match(r"#{1,6} +(.*?)\s*$", line)
        if not heading:
            continue
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        count = seen.get(anchor, 0)
        seen[anchor] = count + 1
        out.add(anchor if count == 0 else f"{anchor}-{count}")
    return out


def links(text):
    """(line, target) of each."""
    for number, line in enumerate(split(text)[0].split("\n"), 1):
        for target in re.findall(r"\]\(([^()\s]+)\)", re.sub(r"`[^`]*`", "``", line)):
            yield number, target


def section(text, heading):
    """What stands below a heading, up to the next one."""
    found = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", text, re.S | re.M)
    return found[1] if found else ""
