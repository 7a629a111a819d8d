"""What tests of published features share: rows, publishing them, and what is read of them."""

from __future__ import annotations

import shapely

from redis_geo_plugin.core.features.publishing import PublishMode, PublishRequest, publisher
from redis_geo_plugin.core.features.reading import ReadRequest, read_features
from redis_geo_plugin.core.features.writing import PublishFormat, PublishRow

TEMPLATE = "zone:[% id %]"
FORMS = [PublishFormat.GEOJSON, PublishFormat.HASH, PublishFormat.WKB]


def row(number: int, **attributes) -> PublishRow:
    area = shapely.to_wkb(shapely.box(2, 48, 2.5 + number / 100, 49), output_dimension=2)
    return PublishRow(b"zone:%d" % number, str(number), area, attributes)


def publish(
    server, numbers, form=PublishFormat.GEOJSON, mode=PublishMode.ADD, ttl=0, template=TEMPLATE, **attributes
):
    writer = publisher(server, PublishRequest(template, form, mode, ttl))
    writer.add([row(number, n=number, **attributes) for number in numbers])
    planned = writer.plan()
    report = writer.finish()
    assert planned == report.deleted
    return report


def ids(server, source="zone:*"):
    return {one.id for one in read_features(server, ReadRequest(source)).features}
