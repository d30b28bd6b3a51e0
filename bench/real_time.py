"""In real time, at Mindee's own limits: the program against the sandbox, beside the least time that any client could
take for the same jobs. Five minutes for 1,000 documents, so only when asked for (--only real-time)."""

import json
import urllib.request

from measuring import Sandbox, make_documents, number

LIMIT, WINDOW_S = 200, 60.0
MEDIAN, SIGMA = "10s", "0.6"


def listed(sandbox):
    jobs, start = [], 0
    while True:
        with urllib.request.urlopen(f"{sandbox.url}/sandbox/jobs?from={start}&limit=1000") as answer:
            page = json.load(answer)["jobs"]
        jobs += page
        start += len(page)
        if len(page) < 1000:
            return jobs


def measure(b):
    count = b.arguments.real_time_documents
    documents = make_documents(b.path("month-end"), count, 60000)
    more = ["--latency-median", MEDIAN, "--latency-sigma", SIGMA]
    with Sandbox(b, limits=True, more=more) as sandbox:
        line = b.batch("run", documents, b.path("out"), sandbox, **{
            "limits.post_per_minute": str(LIMIT),
            "limits.get_per_minute": "1200",
            "limits.uploads": "16",
            "polling.planner": "learned",
            "polling.first_delay": "2s",
            "polling.interval": "1s",
        })
        cost = b.measure(line)
        jobs, stats = listed(sandbox), sandbox.stats()
    took = [job["duration_ms"] / 1000 for job in jobs]  # in the order of their coming
    # the k-th goes when its window opens, at the earliest, and is done when its job is
    best = max(k // LIMIT * WINDOW_S + each for k, each in enumerate(took))
    return {
        "documents": count,
        "stored": stats["results_served"],
        "makespan_s": cost["wall_s"],
        "best_s": best,
        "over": cost["wall_s"] / best - 1,
        "gets_a_document": stats["gets"] / count,
        "posts_429": stats["posts_429"],
        "gets_429": stats["gets_429"],
        "most_posts_60s": stats["max_posts_60s"],
        "most_gets_60s": stats["max_gets_60s"],
        "cpu_s": cost["cpu_s"],
        "peak_mib": cost["peak_kib"] / 1024,
    }


def show(r):
    print(f"real time: {r['documents']:,} documents at {LIMIT} a minute, jobs of {MEDIAN} (lognormal, {SIGMA})")
    for title, cell in (
        ("got", f"{r['stored']:,}"),
        ("seconds in all", f"{r['makespan_s']:.1f}"),
        ("least for these jobs", f"{r['best_s']:.1f}, so {100 * r['over']:.1f} % over"),
        ("GETs a document", f"{r['gets_a_document']:.2f}"),
        ("429s to POSTs, to GETs", f"{r['posts_429']}, {r['gets_429']}"),
        ("most in any 60 s: POSTs, GETs", f"{r['most_posts_60s']}, {r['most_gets_60s']}"),
        ("CPU seconds", number(r["cpu_s"])),
        ("peak resident MiB", number(r["peak_mib"])),
    ):
        print(f"  {title:<34}{cell}")
