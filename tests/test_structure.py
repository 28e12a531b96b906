"""The house's own rules: imports point down, and what is shipped is what is told."""

import ast
from pathlib import Path

import narration
from narration.script.builtin import folder, names

ROOMS = (  # from the top; a room may import only from lower rows, or from its own package
    "cli",
    "serve batch",
    "findings catalogue doctor library background_samples voice_samples",
    "preview inside",
    "session silences timing_rules",
    "safety matrix",
    "wishes stems cover",
    "motifs",
    "encode captions convert picture report",
    "files",
    "master",
    "mix",
    "takes",
    "speech layout cues pocket curves",
    "script spans fit steps lexicon made",
    "voices backgrounds",
    "loudness cache pace words",
    "peaks speech_bounds manner",
    "document text",
    "timing errors blend levels",
)
RANK = {room: rank for rank, row in enumerate(ROOMS) for room in row.split()}
HOME = Path(narration.__file__).parent


def rooms_imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            package = path.relative_to(HOME).parts[:-1]
            base = package[: len(package) - (node.level - 1)]
            names = [node.module] if node.module else [alias.name for alias in node.names]
            for name in names:
                yield (*base, *name.split("."))[0]


def test_imports_point_down():
    for path in HOME.rglob("*.py"):
        parts = path.relative_to(HOME).with_suffix("").parts
        if parts in (("__init__",), ("__main__",)):
            continue
        for room in rooms_imported(path):
            assert room == parts[0] or RANK[room] > RANK[parts[0]], f"{'/'.join(parts)} imports {room}"


def test_no_module_does_two_jobs():
    assert {
        path.name: lines for path in HOME.rglob("*.py") if (lines := len(path.read_text().splitlines())) > 400
    } == {}


def test_the_readme_names_every_session():
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    assert set(names()) >= {"bedtime", "clouds", "pmr"}
    assert all(f"`{name}`" in readme for name in names())
    assert folder().is_dir()
