"""A month's end in virtual time, by bench_month_end: the real core, 3,000 documents of several kinds."""

import json
import os
import subprocess

from measuring import number

PROGRAM = "bench_month_end"  # a target to build


def measure(b):
    """Every shape and client, one row each."""
    program = os.path.join(os.path.dirname(b.program), PROGRAM)
    said = subprocess.run([program, "--json"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {"rows": [json.loads(line) for line in said.splitlines()]}


def show(r):
    rows = r["rows"]
    print(
        f"{'month-end, virtual time':<28}{'documents got':>14}{'makespan s':>12}{'over best':>11}{'GETs each':>11}"
        f"{'delay s':>9}{'p95 s':>8}{'optimum s':>11}{'last s':>8}{'429s':>8}"
    )
    for shape in dict.fromkeys(row["shape"] for row in rows):
        print(f"  {shape}")
        for row in (x for x in rows if x["shape"] == shape):
            each = row["gets_a_document"]
            over = 100 * (row["makespan_s"] / row["clairvoyant_makespan_s"] - 1)
            whole = row["got"] == row["documents"]
            best = number(row["optimum_delay_s"]) if "optimum_delay_s" in row else ""
            print(
                f"    {row['client']:<24}{number(row['got']):>14}{number(row['makespan_s']):>12}"
                f"{f'{over:.1f} %' if whole else '':>11}{each:>11.2f}{row['delay_mean_s']:>9.2f}"
                f"{row['delay_p95_s']:>8.2f}{best:>11}{row['delay_last_mean_s']:>8.2f}{row['http_429']:>8,}"
            )
    print(
        "  Delay: from a job's end to the answer that tells of it. Optimum: the least mean delay of any schedule with as\n"
        "  many GETs. Last: the ten documents that end last. Best: a client that knows the server's window and each end."
    )
