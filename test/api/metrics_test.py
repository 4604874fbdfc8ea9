"""Reads /metrics with Prometheus' own parser, and asks the probes.

Usage: metrics_test.py PATH/TO/winback FOLDER/FOR/TOOLS, from the project's root.
"""
import os
import re
import subprocess
import sys
import tempfile

import served

WINBACK, TOOLS = sys.argv[1:3]
UNITS = ("_seconds", "_bytes", "_info")
COUNTED = re.compile(r"_(total|waiting|pending|connections|inputs|longest|flight|webhooks|customers"
                     r"|batches)$")
WANTED = {
    "winback_http_request_duration_seconds": "histogram",
    "winback_http_requests": "counter",
    "winback_batch_write_duration_seconds": "histogram",
    "winback_messages": "counter",
    "winback_queued_inputs": "gauge",
    "winback_webhook_deliveries": "counter",
    "winback_build_info": "gauge",
    "winback_http_connections": "gauge",
}


def check_histogram(family):
    series = {}
    for sample in family.samples:
        labels = tuple(sorted((k, v) for k, v in sample.labels.items() if k != "le"))
        one = series.setdefault(labels, {"buckets": [], "count": None, "sum": None})
        if sample.name.endswith("_bucket"):
            one["buckets"].append((float(sample.labels["le"]), sample.value))
        else:
            one[sample.name.rsplit("_", 1)[1]] = sample.value
    for labels, one in series.items():
        bounds = [bound for bound, _ in one["buckets"]]
        counts = [count for _, count in one["buckets"]]
        assert bounds == sorted(bounds) and bounds[-1] == float("inf"), (family.name, labels)
        assert counts == sorted(counts) and counts[-1] == one["count"], (family.name, labels)
        assert one["sum"] is not None and one["sum"] >= 0, (family.name, labels)


def main(parser):
    with tempfile.TemporaryDirectory() as folder, served.Served(WINBACK, folder) as server:
        for path, word in (("/healthz", "ok"), ("/readyz", "ready")):
            status, _, answer = server.ask(path, token=False)
            assert (status, answer) == (200, {"status": word}), answer
        assert server.ask("/metrics", token=False)[0] == 401
        server.ask("/api/v1/nothing")
        server.ask("/api/v1/customers/ada")
        status, headers, text = server.ask("/metrics")
        assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
        families = {family.name: family for family in parser.text_string_to_metric_families(text)}
        for name, kind in WANTED.items():
            assert name in families and families[name].type == kind, (name, sorted(families))
        seen = set()
        for name, family in families.items():
            assert family.documentation, name
            assert re.fullmatch(r"(winback|process)_[a-z_]+", name), name
            whole = name + ("_total" if family.type == "counter" else "")
            assert whole.endswith(UNITS) or COUNTED.search(whole), f"{whole} has no unit"
            if family.type == "histogram":
                check_histogram(family)
            for sample in family.samples:
                key = (sample.name, tuple(sorted(sample.labels.items())))
                assert key not in seen, f"{key} stands twice"
                seen.add(key)
                assert "ada" not in sample.labels.values(), "an id became a label"
        routes = {s.labels["route"] for s in families["winback_http_requests"].samples}
        assert {"/v1/batch", "/api/v1/customers/:id", "(none)"} <= routes | {"(none)"}, routes
    print(f"{len(families)} families are as Prometheus reads them")


if os.environ.get("WINBACK_IN_TOOLS"):
    from prometheus_client import parser as prometheus_parser
    main(prometheus_parser)
else:
    python = served.tools(TOOLS, "prometheus_client") / "python"
    sys.exit(subprocess.run([str(python), *sys.argv],
                            env={**os.environ, "WINBACK_IN_TOOLS": "1"}).returncode)
