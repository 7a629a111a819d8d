"""Setting a TTL, purging and exporting a branch of keys: each counted first, asked about, and done in the
background."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsApplication, QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QFileDialog, QWidget

from ...bridge.i18n import tr
from ...bridge.keeping import keep
from ...bridge.settings import kept
from ...bridge.tasks import watch_of
from ...bridge.words import failures
from ...bridge.words.namespaces import with_left
from ...core.readable import file_name, name_on_screen
from ...core.readable import text as text_of
from ...core.redis import production
from .. import new_layers
from ..component import Context
from ..dialogs import confirmed, told
from . import wording

if TYPE_CHECKING:
    from ...bridge.server.export import Written
    from ...bridge.tasks import BackgroundTask
    from ...core.admin.maintenance import Maintenance
    from ...core.admin.survey import Survey
    from ...core.cache.codec import Value
    from ...core.cache.recents import Recent
    from ...core.cache.written import Tally
    from .ttl_dialog import Lifetime

FOLDER = "redis_geo/server/export_folder"
EXPORT_SET = "redisgeo:exportgeoset"


class KeyActions(QObject):
    """What the buttons of the dock do. ``done`` is emitted when keys were changed."""

    done = pyqtSignal()

    def __init__(self, parent: QWidget, context: Context):
        super().__init__(parent)
        self._parent = parent
        self._context = context

    # --- what is allowed, and why not ---

    def why_not_change(self, name: Optional[bytes]) -> str:
        """Empty when this branch may be changed, else the reason in words."""
        from ...core.admin import key_families

        settings = self._context.connections.settings()
        if name is None or settings is None:
            return tr("Select a namespace in the list above.")
        if not key_families.changeable(self._plain(name)):
            return tr(
                "Only cached results and positions can be changed here: these keys are others' or hold work."
            )
        if production.is_locked(settings):
            return tr("This is a production server: allow changes first.")
        survey = getattr(self._parent, "survey", None)
        if survey is not None and not _holds_ours(survey, name):
            return tr(
                "These keys are others', though they are named as the plugin's: they cannot be changed here."
            )
        if survey is not None and survey.unchangeable is not None:
            return failures.in_words(survey.unchangeable)
        return ""

    def why_not_export(self, name: Optional[bytes]) -> str:
        """Empty when this branch or key can be exported, else the reason in words."""
        from ...core.admin.export import is_exportable

        if name is None:
            return tr("Select a namespace or a GEO set in the list above.")
        if is_exportable(self._plain(name)) or self._is_set(name):
            return ""
        return tr("Cached results, positions and GEO sets can be exported.")

    def _plain(self, name: bytes) -> bytes:
        prefix = self._context.connections.settings().key_prefix.encode()
        return name[len(prefix) :] if name.startswith(prefix) else b""

    def _is_set(self, name: bytes) -> bool:
        """Whether this is a single key that may be a GEO set, and there is an algorithm to export it."""
        if name.endswith(b":") or QgsApplication.processingRegistry().algorithmById(EXPORT_SET) is None:
            return False
        survey = getattr(self._parent, "survey", None)
        return survey is not None and any(
            key.name == name and key.kind == "zset" for key in survey.root.known()
        )

    # --- TTL ---

    def set_ttl(self, name: bytes) -> None:
        """Ask for a TTL and set it."""
        from .ttl_dialog import TtlDialog

        prefix = self._plain(name)
        self._count(prefix, lambda found: self._with_ttl(prefix, TtlDialog.ask(self._parent, prefix, found)))

    def _with_ttl(self, prefix: bytes, lifetime: Optional[Lifetime]) -> None:
        if lifetime is None:
            return

        def change(maintenance: Maintenance, task: BackgroundTask) -> Tally:
            return maintenance.expire(prefix, lifetime.seconds, lifetime.only_without, watch_of(task))

        self._change(
            tr("Redis Geo: setting a TTL"),
            change,
            lambda done: tr("Keys that now expire in {time}: {count}").format(
                time=wording.duration(lifetime.seconds), count=wording.number(done.ours)
            ),
        )

    # --- purge ---

    def purge(self, name: bytes) -> None:
        """Count, ask, delete."""
        prefix = self._plain(name)
        self._count(prefix, lambda found: self._purge_counted(prefix, found))

    def _purge_counted(self, prefix: bytes, found: Tally) -> None:
        question = tr(
            "Delete {count} keys under {prefix}? Everyone who uses this server loses them. To keep a copy, "
            "export them first."
        ).format(count=wording.number(found.ours), prefix=_shown(prefix))
        question = with_left(question, found.left)
        if not confirmed(self._parent, tr("Purge a namespace"), question, tr("Delete")):
            return
        self._change(
            tr("Redis Geo: purging a namespace"),
            lambda maintenance, task: maintenance.purge(prefix, watch_of(task), found.ours),
            lambda done: with_left(
                tr("Deleted keys: {count}.").format(count=wording.number(done.ours)), done.left
            ),
        )

    # --- export ---

    def export(self, name: bytes) -> None:
        """A GEO set by the algorithm's own dialog, a namespace to a GeoPackage of the user's choice."""
        if self._is_set(name):
            from qgis import processing

            processing.execAlgorithmDialog(EXPORT_SET, {"KEY": text_of(self._plain(name))})
            return
        folder = Path(kept(FOLDER, "") or Path.home())
        suggested = folder / (file_name(_shown(self._plain(name))) + ".gpkg")
        path, _ = QFileDialog.getSaveFileName(
            self._parent, tr("Export a namespace"), str(suggested), tr("GeoPackage (*.gpkg)")
        )
        if path:
            keep({FOLDER: str(Path(path).parent)})
            self.export_to(name, path if path.lower().endswith(".gpkg") else path + ".gpkg")

    def export_to(self, name: bytes, path: str) -> None:
        """Write the keys under this branch to a GeoPackage and offer it as a layer."""
        connection, prefix = self._context.connections.settings(), self._plain(name)

        def write_export(task: BackgroundTask) -> Written:
            from ...bridge.server import export as server_export
            from ...core.admin.export import entries
            from ...core.redis.server import open_server

            server, watch = open_server(connection), watch_of(task)
            return server_export.write(lambda: entries(server, prefix, watch), path, watch)

        def written(found: Written, error: Optional[BaseException]) -> None:
            if error is not None:
                self._failed(error)
            elif found is not None:
                self._context.ui.message(
                    tr("Exported keys: {count}, to {path}").format(
                        count=wording.number(found.count), path=path
                    ),
                    button=tr("Open as layer"),
                    clicked=lambda: self._show(path, found.layers),
                )

        self._context.tasks.start(tr("Redis Geo: exporting a namespace"), write_export, written, shown=True)

    # --- where a result comes from ---

    def why_no_origin(self, name: Optional[bytes]) -> str:
        """Empty when this is a cached result, else what to select."""
        from ...core.admin import key_families

        if name is None or self._context.connections.settings() is None:
            return tr("Select a cached result in the tree.")
        plain = self._plain(name)
        family = key_families.family(plain)
        is_result = family is not None and family.results and key_families.is_changeable_key(plain)
        return "" if is_result else tr("Select a cached result in the tree.")

    def origin(self, name: bytes) -> None:
        """Say who computed a cached result, when, and how."""
        connection = self._context.connections.settings()

        def read_origin(_task: BackgroundTask) -> tuple[Optional[Value], Optional[Recent]]:
            from ...core.cache.recents import provenance
            from ...core.redis.server import open_server

            return provenance(open_server(connection), name, bytes.fromhex(name[-64:].decode()))

        def found(result: tuple[Optional[Value], Optional[Recent]], error: Optional[BaseException]) -> None:
            if error is not None:
                self._failed(error)
            elif result is not None:
                text = self._origin_words(*result)
                _after_the_task(lambda: told(self._parent, tr("Origin of a cached result"), text))

        self._context.tasks.start(tr("Redis Geo: origin of a result"), read_origin, found)

    @staticmethod
    def _origin_words(value: Optional[Value], entry: Optional[Recent]) -> str:
        from .recents_view import details

        if value is None:
            return tr("This value does not check out: it will be computed anew when it is next asked for.")
        took = tr("It took {time} to compute and holds {size}.").format(
            time=wording.milliseconds(value.cost_us / 1000), size=wording.size(len(value.wkb))
        )
        if entry is None:
            return (
                took
                + "\n"
                + tr(
                    "Who computed it is not known: it was more than 30 days ago, or by someone who shares "
                    "no name."
                )
            )
        return details(entry) + "\n" + took

    # --- common ---

    def _count(self, prefix: bytes, then: Callable[[Tally], object]) -> None:
        connection = self._context.connections.settings()

        def count_keys(task: BackgroundTask) -> Tally:
            from ...core.admin.maintenance import Maintenance
            from ...core.redis.server import open_server

            return Maintenance(open_server(connection)).count(prefix, watch_of(task))

        def counted(found: Tally, error: Optional[BaseException]) -> None:
            if error is not None:
                self._failed(error)
            elif found is not None and not found.ours:
                text = tr("There are no keys of the plugin under {prefix}.").format(prefix=_shown(prefix))
                self._context.ui.message(with_left(text, found.left))
            elif found is not None:
                _after_the_task(lambda: then(found))

        self._context.tasks.start(tr("Redis Geo: counting"), count_keys, counted)

    def _change(
        self, title: str, change: Callable[[Maintenance, BackgroundTask], Tally], told: Callable[[Tally], str]
    ) -> None:
        connection = self._context.connections.settings()

        def change_keys(task: BackgroundTask) -> Tally:
            from ...core.admin.maintenance import Maintenance
            from ...core.redis.server import open_server

            return change(Maintenance(open_server(connection)), task)

        def changed(done: Tally, error: Optional[BaseException]) -> None:
            if error is not None:
                self._failed(error)
            elif done is not None:
                self._context.ui.success(told(done))
            self.done.emit()

        self._context.tasks.start(title, change_keys, changed, shown=True)

    def _show(self, path: str, names: list[str]) -> None:
        before = self._context.iface.activeLayer()
        new_layers.say_added(self._context, _open(path, names), before=before)

    def _failed(self, error: BaseException) -> None:
        from ...bridge.saving import SaveFailed
        from ...core.redis.failures import classify
        from ...core.watch import Cancelled

        if isinstance(error, Cancelled):
            self._context.ui.message(tr("Cancelled."))
        elif isinstance(error, SaveFailed):
            self._context.ui.error(str(error))
        else:
            failure = classify(error)
            self._context.ui.error(failures.in_words(failure), failure.words)


def _holds_ours(survey: Survey, prefix: bytes) -> bool:
    """Whether any key that was looked at under this prefix is the plugin's own, or none was looked at."""
    looked = [key for key in survey.root.known() if key.name.startswith(prefix)]
    return not looked or any(key.ours for key in looked)


def _after_the_task(ask: Callable[[], object]) -> None:
    """Open a dialog once the task that led to it has ended: QGIS would take the time it stands open for the
    task's, and announce that the task is complete."""
    QTimer.singleShot(0, ask)


def _open(path: str, layers: list[str]) -> list[QgsMapLayer]:
    """Add layers of an exported file to the project."""
    return QgsProject.instance().addMapLayers(
        [QgsVectorLayer(f"{path}|layername={name}", name, "ogr") for name in layers]
    )


def _shown(prefix: bytes) -> str:
    return name_on_screen(prefix)
