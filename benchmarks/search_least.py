"""What a radius search from Processing to a layer costs at least, whoever writes it: three steps that no program can leave out.

The server's answer with coordinates and distances, received and not even parsed; a memory layer of features that are ready;
a run of one of QGIS's own algorithms that does next to nothing.
"""

from __future__ import annotations

import socket

from benchmarks.harness import seconds

FIELDS = "field=member:string&field=distance_m:double&field=bearing:double&field=rank:integer&field=center_id:integer"


class Least:
    """``seconds()`` of the three together, for one search on one server."""

    def __init__(self, host, port, words):
        self._command = _packed(words)
        self._socket = socket.create_connection((host, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._size = self._learn_size()
        self._features = [_feature(i) for i in range(1000)]

    def close(self):
        self._socket.close()

    def seconds(self):
        return seconds(self._run)

    def answer_seconds(self):
        """Of the first step alone."""
        return seconds(self._receive)

    def _run(self):
        import processing

        self._receive()
        processing.run("native:stringconcatenation", {"INPUT_1": "a", "INPUT_2": "b"})
        layer = _empty_layer()
        layer.dataProvider().addFeatures(self._features)

    def _receive(self):
        self._socket.sendall(self._command)
        waited_for = self._size
        while waited_for > 0:
            waited_for -= len(self._socket.recv(1 << 20))

    def _learn_size(self):
        self._socket.sendall(self._command)
        self._socket.settimeout(1.0)
        size = 0
        try:
            while True:
                size += len(self._socket.recv(1 << 20))
        except socket.timeout:
            self._socket.settimeout(None)
        return size


def _packed(words):
    words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)


def _empty_layer():
    from qgis.core import QgsVectorLayer

    return QgsVectorLayer(f"Point?crs=EPSG:4326&{FIELDS}", "hits", "memory")


def _feature(number):
    from qgis.core import QgsFeature, QgsGeometry, QgsPointXY

    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(number / 1000, 45.0)))
    feature.setAttributes([f"m{number}", number * 14.0, 90.0, number + 1, 0])
    return feature
