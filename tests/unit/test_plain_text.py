"""No text of others is drawn as HTML: the calls that guess, or know HTML only, stand in one place each."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.bridge import plain

PACKAGE = Path(__file__).resolve().parents[2] / "redis_geo_plugin"
SOURCES = [p for p in sorted(PACKAGE.rglob("*.py")) if not {"_vendor", "resources"} & set(p.parts)]
ONE_PLACE = {
    "QLabel": "gui/labels.py",
    "QTreeWidgetItem": "gui/labels.py",
    "QListWidgetItem": "gui/labels.py",
    "QTableWidgetItem": "gui/labels.py",
    "QStandardItem": "gui/labels.py",
    "QMessageBox": "gui/dialogs.py",
    "QInputDialog": "gui/dialogs.py",
    "QErrorMessage": "gui/dialogs.py",
    "QProgressDialog": "gui/dialogs.py",
    "logMessage": "bridge/log.py",
    "createMessage": "gui/messages.py",
    "pushMessage": "gui/interface.py",
    "setHtml": "gui/help.py",
    "insertHtml": "gui/help.py",
    "appendHtml": "gui/help.py",
    "setMarkdown": "gui/help.py",
    "showText": "gui/help.py",
}
TIPS = ("setToolTip", "setStatusTip", "setWhatsThis")
SAFE = ("tool_tip", "tip_of")
ALLOWED = {
    # QGIS's own, of the plugin's words
    ("gui/jobs/operation_choice.py", "self.parameterDefinition().toolTip()"),
    ("gui/toolbox/pick_list.py", "self.parameterDefinition().toolTip()"),
    ("gui/connections/lamp.py", "tip(self._monitor)"),  # made by tip_of
}


def called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def is_safe(value: ast.AST) -> bool:
    """A literal text of ours, or one that passed a function for tool tips."""
    if isinstance(value, ast.Constant):
        return True
    if isinstance(value, ast.Call):
        return called(value) in (*SAFE, "tr")
    if isinstance(value, ast.IfExp):
        return is_safe(value.body) and is_safe(value.orelse)
    if isinstance(value, ast.BoolOp):
        return all(map(is_safe, value.values))
    return isinstance(value, ast.BinOp) and is_safe(value.left) and is_safe(value.right)


def offending(name: str, parsed: ast.AST) -> list[str]:
    """Where a file shows a text in a way that others could abuse."""
    found = []
    for node in ast.walk(parsed):
        if isinstance(node, ast.Call):
            what = called(node)
            if what in ONE_PLACE and ONE_PLACE[what] != name:
                found.append(f"{name}:{node.lineno}: {what}")
            whose = ast.unparse(node.func).split(".")[-2:-1]
            if whose and ONE_PLACE.get(whose[0], name) != name:
                found.append(f"{name}:{node.lineno}: {ast.unparse(node.func)}")
            if what in (
                "pushInfo",
                "pushWarning",
                "pushCritical",
                "pushSuccess",
            ) and "essageBar" in ast.unparse(node.func):
                found.append(f"{name}:{node.lineno}: {ast.unparse(node.func)}")
            if (
                what in TIPS
                and not is_safe(node.args[-1])
                and (name, ast.unparse(node.args[-1])) not in ALLOWED
            ):
                found.append(f"{name}:{node.lineno}: {ast.unparse(node)}")
            if what == "addRow" and isinstance(node.args[0], (ast.JoinedStr, ast.BinOp)):
                found.append(
                    f"{name}:{node.lineno}: {ast.unparse(node.args[0])} becomes a label that guesses"
                )
            if what == "setTextFormat" and "RichText" in ast.unparse(node):
                found.append(f"{name}:{node.lineno}: rich text")
        if isinstance(node, ast.If) and "ToolTipRole" in ast.unparse(node.test):
            for inner in (n for statement in node.body for n in ast.walk(statement)):
                if isinstance(inner, ast.Return) and inner.value is not None and not is_safe(inner.value):
                    found.append(f"{name}:{inner.lineno}: a model's tool tip: {ast.unparse(inner.value)}")
    return found


def test_no_file_shows_texts_in_a_way_that_others_could_abuse():
    found = []
    for path in SOURCES:
        name = path.relative_to(PACKAGE).as_posix()
        found += offending(name, ast.parse(path.read_text(encoding="utf-8"), str(path)))
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "QLabel(name)",
        "box = QMessageBox(icon, title, text)",
        "QMessageBox.question(self, title, name)",
        "QtWidgets.QMessageBox.warning(self, title, name)",
        "iface.messageBar().pushMessage(name)",
        "iface.messageBar().pushWarning('Redis Geo', name)",
        "QgsMessageLog.logMessage(str(error), TAB)",
        "item.setToolTip(0, key.decode())",
        "button.setToolTip(tr('Key {key}').format(key=key))",
        "button.setToolTip(f'<b>{name}</b>')",
        "action.setStatusTip(name)",
        "widget.setWhatsThis(name)",
        "view.setHtml(text)",
        "form.addRow(f'{name}:', field)",
        "if role == Qt.ItemDataRole.ToolTipRole:\n    def data(): return self.name",
        "QInputDialog.getText(self, 'x', name)",
    ],
)
def test_each_raw_call_is_found(line):
    assert offending("gui/some.py", ast.parse(line))


@pytest.mark.parametrize(
    "line",
    [
        "button.setToolTip(tr('Help'))",
        "button.setToolTip('')",
        "button.setToolTip(tr('A') if x else tr('B'))",
        "item.setToolTip(0, tool_tip(name))",
        "item.setToolTip(tip_of(name, *lines))",
        "feedback.pushWarning(name)",
        "if role == Qt.ItemDataRole.ToolTipRole:\n    def data(): return tool_tip(self.name)",
    ],
)
def test_what_is_in_order_is_left_alone(line):
    assert offending("gui/some.py", ast.parse(line)) == []


NASTY = [
    "<a href='http://x.y'>click</a>",
    '<img src="http://x.y/z.png">',
    "&lt;b&gt;",
    "<b>bold",
    "<!-- x",
    "<?xml",
    "a<br>b",
]


@pytest.mark.parametrize("text", NASTY)
def test_a_tool_tip_is_never_html_of_others(text):
    made = plain.tool_tip(text)
    assert made.startswith("<p>") and "<a" not in made and "<img" not in made and "<b>" not in made
    assert text not in made


@pytest.mark.parametrize("text", NASTY)
def test_a_title_of_others_keeps_its_letters_and_loses_its_tags(text):
    made = plain.unmarked(text)
    assert made.replace(plain.JOINER, "") == text
    assert not plain._LOOKS_RICH.search(made)


@given(st.text(st.sampled_from("<>&;ltamp#ab/! \n\u202e\u2060"), max_size=20))
def test_what_is_escaped_shows_as_it_was(text):
    from html import unescape

    from redis_geo_plugin.core.readable import printable

    shown = plain.escaped(text)
    assert "<" not in shown.replace("<br>", "")
    assert unescape(shown.replace("<br>", "\n")) == printable(text)


@given(st.text(st.sampled_from("<>&;ltamp#ab/! \n\u2060"), max_size=20))
def test_no_place_that_guesses_takes_a_title_for_html(text):
    assert not plain._LOOKS_RICH.search(plain.unmarked(text))


def test_an_attribute_of_ten_megabytes_is_cut_wherever_it_is_shown():
    huge = "x" * 10_000_000
    assert len(plain.tool_tip(huge)) < 2000
    assert len(plain.cell_text(huge)) <= 500
    assert len(plain.cell_text([huge])) <= 500
    assert len(plain.cell_text({"a": [1] * 1_000_000})) <= 500
    assert plain.cell_text({"a": [1, None]}) == '{"a": [1, null]}'
    assert plain.cell_text(None) == "" and plain.cell_text(True) == "True" and plain.cell_text(1.5) == "1.5"
