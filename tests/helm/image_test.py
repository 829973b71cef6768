#!/usr/bin/env python3
"""The content of the image (helm/image.sh): the program runs in it, without anything else of the system, as user 15100."""
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import chart

PROGRAM = chart.program()
if os.geteuid() != 0:
    chart.skip("only root may change the root folder, in which the program is tried")
DOCKERFILE = (chart.ROOT / "helm/Dockerfile").read_text()


class Image(unittest.TestCase):
    def test_the_program_runs_in_it(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            subprocess.run([chart.ROOT / "helm/image.sh", folder, PROGRAM], check=True)
            (Path(folder) / "etc/outrigger/outrigger.yaml").write_text("version: 1\n")
            inside = ["chroot", "--userspec=15100:15100", folder, "/usr/bin/outrigger"]
            version = subprocess.run([*inside, "version"], capture_output=True, text=True, check=False)
            self.assertEqual(version.returncode, 0, version.stderr)
            check = [*inside, "check", "/etc/outrigger/outrigger.yaml"]
            self.assertEqual(subprocess.run(check, capture_output=True, check=False).returncode, 0)

    def test_the_image_is_no_root_and_holds_the_program(self):
        final = DOCKERFILE.split("FROM scratch")[1]
        self.assertIn("USER 15100:15100", final)
        self.assertIn('ENTRYPOINT ["/usr/bin/outrigger"]', final)
        version = re.search(r"project\(outrigger VERSION (\S+)", (chart.ROOT / "CMakeLists.txt").read_text()).group(1)
        self.assertIn(f"-t outrigger:{version} ", DOCKERFILE)


if __name__ == "__main__":
    unittest.main()
