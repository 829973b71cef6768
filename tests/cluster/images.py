"""Which program an image's name stands for: there is no container engine, so a pod's root is the machine's, with these laid on it."""
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYTHON = "/usr/bin/python3"


class Image:
    """entry: its entry point; files: path in the container -> path on the machine; user: as which it runs if nobody says."""

    def __init__(self, entry, files, user=0):
        self.entry, self.files, self.user = entry, files, user


def toy(name):
    return Image([PYTHON, "-u", f"/toys/{name}.py"], {"/toys": HERE / "toys"}, 1000)


def find(name, outrigger):
    """By the name without registry and tag."""
    short = name.rsplit("/", 1)[-1].split("@")[0].split(":")[0]
    if short == "outrigger":
        return Image(["/usr/bin/outrigger"], {"/usr/bin/outrigger": pathlib.Path(outrigger)}, 15100)
    if short.startswith("toy-") and (HERE / "toys" / f"{short[4:]}.py").exists():
        return toy(short[4:])
    return None
