#!/bin/bash
# Every linter; the last line says which failed.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
failed=()
check() {
    local name=$1
    shift
    "$@" || failed+=("$name")
}
check "ruff check" ruff check --quiet .
check "ruff format" ruff format --check --quiet .
check "mypy" mypy --no-error-summary --no-pretty # of the files that pyproject.toml names
check "flake8-qgis" flake8 redis_geo_plugin
check "translations" python tools/translations.py check
check "code of the pages" python -m tools.page_lint
if [ ${#failed[@]} -gt 0 ]; then
    printf 'lint: failed:'
    printf ' [%s]' "${failed[@]}"
    printf '\n'
    exit 1
fi
echo "lint: clean"
