"""The GEO set ``navires``: where each vessel of the harbour's sample was last seen, by name, with MMSI and type beside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from redis_geo_plugin.core.geo import fill as filling
from redis_geo_plugin.core.live import ais

DATA = Path(__file__).resolve().parents[3] / "resources" / "data" / "nyharbor_ais.csv"
SET = "navires"


def fill(server: Any, _url: str) -> None:
    """All vessels anew, in one step."""
    last = {report.id: report for report in ais.read_reports(DATA)}
    named: dict[str, Any] = {}
    for report in last.values():
        name = report.attributes.get("name") or report.id
        named[name if name not in named else f"{name} ({report.id})"] = report
    fields = filling.json_names(["mmsi", "type"])
    reports = list(named.values())
    columns = [[report.id for report in reports], [report.attributes.get("type") for report in reports]]
    rows = filling.Rows(
        list(range(len(named))),
        [name.encode() for name in named],
        np.array([report.lon for report in reports]),
        np.array([report.lat for report in reports]),
        filling.fragments(fields, columns, len(reports)),
    )
    loader = filling.Loader(server, server.key(SET), filling.Mode.REPLACE)
    loader.add(rows)
    loader.finish()
