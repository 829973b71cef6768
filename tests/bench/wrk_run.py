"""wrk, run once."""
import re
import subprocess

import rig


def wrk(port, seconds, connections):
    """Requests, requests a second, p50 and p99 in milliseconds, errors."""
    text = subprocess.run(["taskset", "-c", str(rig.LOAD_CPU), "wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency",
                           f"http://127.0.0.1:{port}/"], capture_output=True, text=True, check=True).stdout
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    errors = sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", text)))
    errors += sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", text)))

    def milliseconds(percentile):
        number, unit = re.search(percentile + r"%\s+([\d.]+)(us|ms|s)", text).groups()
        return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    return requests, requests / seconds, milliseconds("50"), milliseconds("99"), errors
