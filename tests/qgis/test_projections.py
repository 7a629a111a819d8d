"""Projections in QGIS's own threads, where pyproj 3.7 by itself crashes at the second task (see core/geometry/projections.py)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TASKS = 6

# In a process of its own: a crash would take all other tests with it.
CODE = f"""
import sys, threading
from qgis.core import QgsApplication, QgsTask
import numpy as np, shapely
from redis_geo_plugin.core import background
from redis_geo_plugin.core.geo import areas, measure
from redis_geo_plugin.core.geometry import geodesic, projections
from redis_geo_plugin.core.live import motion
from redis_geo_plugin.core.operations.buffer import Buffer

assert "pyproj" not in sys.modules

def everything(x):
    point = shapely.Point(x, 6.8e6)
    small = geodesic.buffers(np.array([point, shapely.LineString([(x, 6.8e6), (x + 5e4, 6.9e6)])]), np.array([500.0, 900.0]),
                             Buffer(crs="EPSG:2154"))
    area = areas.Area(point.buffer(1000), "EPSG:2154")
    corridor = areas.corridor(shapely.LineString([(x, 6.8e6), (x, 6.9e6)]), 300.0, measure.WGS84, "EPSG:2154")
    metres = measure.between(measure.WGS84, (2.0, 48.0), (2.1, 48.0)) + motion.geod().inv(2, 48, 2.1, 48)[2]
    errors = []
    for wrong in ("EPSG:1", "no CRS"):
        try:
            projections.to_wgs84(wrong)
        except projections.pyproj().exceptions.CRSError as error:
            errors.append(type(error).__name__)
    return [*(s.wkb for s in small), area.wkb_in_degrees(), corridor.polygon.wkb, metres, errors]

class Task(QgsTask):
    result, thread = None, 0
    def run(self):
        self.thread = threading.get_ident()
        self.result = [everything(6.5e5 + 1e4 * turn) for turn in range(2)]
        return True

app = QgsApplication([], False)
threads, results = set(), []
def wait(tasks):
    for task in tasks:
        task.waitForFinished(60000)
        threads.add(task.thread)
        results.append(task.result)
    app.processEvents()
def start():
    task = Task("projections")
    QgsApplication.taskManager().addTask(task)
    return task
for _ in range({TASKS}):  # one after the other: the pool takes the same thread again
    wait([start()])
wait([start() for _ in range({TASKS})])  # and some at once
background.close()
wait([start()])
expected = [everything(6.5e5 + 1e4 * turn) for turn in range(2)]
assert expected[0][-1] == ["CRSError", "CRSError"], expected
assert all(result == expected for result in results)
background.close()
assert threading.get_ident() not in threads
print(len(results), "tasks in fewer threads:", len(threads) < len(results))
"""


def test_tasks_of_qgis_project_as_often_as_they_like(tmp_path):
    environment = {
        **os.environ,
        "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path),
    }  # its QGIS would clear away this one's profile
    command = [sys.executable, "-X", "faulthandler", "-c", CODE]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{2 * TASKS + 1} tasks in fewer threads: True"
