"""The parts of pages that the program writes: between `<!-- outrigger reference TOPIC: ... -->` and `<!-- end -->`."""
import re
import subprocess

REGION = re.compile(r"(<!-- outrigger reference (\w+): renewed by \./dev docs -->\n)(.*?)(<!-- end -->)", re.S)


def renewed(text, binary):
    """The text with each of its regions as the program has it now."""
    def fill(match):
        made = subprocess.run([binary, "reference", match[2]], capture_output=True, text=True, check=True).stdout
        return f"{match[1]}\n{made}\n{match[4]}"
    return REGION.sub(fill, text)
