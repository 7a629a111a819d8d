"""Elasticsearch and OpenSearch: hits of a search, ``{"_index", "_id", "_source": {…}}``, and whole answers.

Source of truth: https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/geo-point (a geo_point
as a text is latitude, longitude; as a list longitude, latitude). What the fields of the source mean is
recognised.
"""

from __future__ import annotations

from typing import Optional

from .base import Fleet, Format, Record, dicts, has, ident, inner


class Elasticsearch(Format):
    """Documents of a search engine."""

    NAME = "elasticsearch"
    PROGRAM = "Elasticsearch, OpenSearch"
    READS = "the document in _source, _id; hits.hits of an answer"
    UNITS = "as the fields say"
    SOURCE = "https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/geo-point"
    MAPPING = None

    def _matches(self, record: Record) -> bool:
        return has(record, "_index", "_source") and bool(inner(record, "_source"))

    def _record(self, data: Record) -> Optional[Record]:
        if not self._matches(data):
            return data
        return {"_id": data.get("_id"), **inner(data, "_source")}

    def _fleet(self, value: object) -> Optional[Fleet]:
        found = dicts(inner(value, "hits").get("hits"))
        return [(ident(one.get("_id")), one) for one in found if self._matches(one)] if found else None
