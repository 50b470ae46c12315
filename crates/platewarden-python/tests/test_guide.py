"""The guide's code runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from conftest import DATA, TWO

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "python.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n\n")[0].splitlines()[-1])
def test_a_block_of_the_guide_runs(block, tmp_path, monkeypatch, capsys):
    if "cv2" in block or "draw_predictions" in block:
        pytest.importorskip("cv2")
    shutil.copy(TWO, tmp_path / "street.jpg")
    shutil.copy(ROOT / "crates/platewarden-policy/schema/example-request.json", tmp_path / "request.json")
    monkeypatch.chdir(tmp_path)
    # OpenCV opens a folder of pictures by a pattern as it opens a video by its name.
    exec(block.replace("gate.mp4", str(DATA / "clip" / "%04d.jpg")), {})
    printed = capsys.readouterr().out
    if "print(" in block and "Policy" not in block:
        assert "42TKF7" in printed or "Rect" in printed


def test_there_are_blocks():
    assert len(BLOCKS) >= 6
