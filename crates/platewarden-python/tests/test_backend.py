"""Which library runs the networks."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import platewarden
from conftest import TWO

PACKAGE = Path(importlib.util.find_spec("onnxruntime").origin).parent


def python(code, **environment):
    """Runs code in a new process, in which nothing is loaded yet; its output."""
    names = ("PLATEWARDEN_ORT", "ORT_DYLIB_PATH", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    command = [sys.executable, "-W", "always", "-c", code]
    done = subprocess.run(command, env={**kept, **environment}, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


# An interpreter in which nothing can be found but what the code before says.
HIDDEN = """
import sys, platewarden, platewarden._engine as engine
engine.find_library = lambda: {library!r}
"""
SHOW = f"""
e = platewarden.Engine(); print("RUNS", e.backend.backend, e.backend.library)
print(sorted(read.text for read in e.read_file({str(TWO)!r})))
"""
# Nothing else is found on a machine without Python environments.
NOWHERE = {"PATH": "/nowhere", "HOME": "/nowhere"}


def test_the_installed_package_is_used_by_default():
    output = python("import platewarden" + SHOW)
    assert f"RUNS onnxruntime {PACKAGE}" in output
    assert "['42TKF7', 'WE2907R']" in output and "Warning" not in output


def test_python_s_own_onnxruntime_is_not_imported_and_not_disturbed():
    code = "import platewarden, sys; e = platewarden.Engine(); assert 'onnxruntime' not in sys.modules\n"
    code += "import onnxruntime; print(onnxruntime.get_available_providers())" + SHOW
    assert "RUNS onnxruntime" in python(code)
    assert "RUNS onnxruntime" in python("import onnxruntime, platewarden" + SHOW)


def test_a_package_that_cannot_be_used_is_reported(tmp_path):
    broken = tmp_path / "libonnxruntime.so"
    broken.write_bytes(b"no library")
    output = python(HIDDEN.format(library=str(broken)) + SHOW, **NOWHERE)
    assert "RuntimeWarning" in output and str(broken) in output
    assert "['42TKF7', 'WE2907R']" in output


def test_without_a_package_the_fall_back_is_said():
    output = python(HIDDEN.format(library=None) + "import os; os.chdir('/')" + SHOW, **NOWHERE)
    if "RUNS onnxruntime" in output:
        pytest.skip("this machine has ONNX Runtime on its library path")
    assert "RUNS embedded None" in output
    assert "RuntimeWarning" in output and "pip install onnxruntime" in output
    assert "['42TKF7', 'WE2907R']" in output


def test_asking_for_the_embedded_backend_warns_nobody():
    output = python("import platewarden; print(platewarden.Engine(backend='embedded').backend)")
    assert "embedded" in output and "Warning" not in output


def test_a_library_that_is_named_must_work(tmp_path):
    broken = tmp_path / "libonnxruntime.so"
    broken.write_bytes(b"no library")
    caught = "import platewarden\ntry:\n    platewarden.Engine({})\nexcept platewarden.Error as e:\n    print('KIND', e.kind, e.path)"
    by_option = python(caught.format(f"onnxruntime_library={str(broken)!r}"))
    by_variable = python(caught.format(""), PLATEWARDEN_ORT=str(broken))
    for output in (by_option, by_variable):
        assert f"KIND runtime_invalid {broken}" in output


def test_a_variable_outranks_the_package():
    output = python("import platewarden" + SHOW, PLATEWARDEN_ORT=str(PACKAGE / "capi"))
    assert f"RUNS onnxruntime {PACKAGE}" in output


def test_a_folder_here_is_not_loaded(tmp_path):
    capi = tmp_path / "onnxruntime" / "capi"
    capi.mkdir(parents=True)
    (capi / "libonnxruntime.so").write_bytes(b"no library")
    (tmp_path / "onnxruntime" / "__init__.py").write_text("")
    code = f"import os; os.chdir({str(tmp_path)!r})\nfrom platewarden._library import find_library; print(find_library())"
    assert str(PACKAGE) in python(code)


def test_a_second_engine_takes_the_library_that_runs(engine):
    info = engine.backend
    assert info.backend == "onnxruntime" and info.version
    assert platewarden.Engine(backend="onnxruntime").backend == info
    assert info.to_dict()["library"] == str(info.library)
    # One library a process: naming another is an error that says so.
    copy = Path(str(info.library))
    assert platewarden.Engine(onnxruntime_library=copy).backend == info


def test_the_arithmetic_is_what_was_asked_for_or_what_is_fast_here(engine):
    assert engine.precision in ("fp32", "int8")
    assert platewarden.Engine().precision == engine.precision
    for precision in ("fp32", "int8"):
        assert platewarden.Engine(precision=precision).precision == precision
    assert platewarden.Engine(backend="embedded").precision == "fp32"


def test_networks_are_told_by_their_digests() -> None:
    told = platewarden.Engine().networks
    assert told.name == "platewarden"
    digests = (told.detector, told.recognizer, told.subdivision)
    assert len(set(digests)) == 3 and all(digest and re.fullmatch("[0-9a-f]{64}", digest) for digest in digests)
    # What is left out is of the same set.
    assert platewarden.Engine(subdivisions=False).networks == told


def test_what_the_library_says_goes_to_logging():
    code = "import logging; logging.basicConfig(level=logging.INFO); import platewarden; platewarden.Engine()"
    assert "INFO:platewarden:networks run on ONNX Runtime" in python(code)
