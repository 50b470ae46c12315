"""Many files on many machines: pictures and videos read on a Ray cluster into Parquet.

    from platewarden.ray import export, read_files

    summary = read_files(["/archive/2026"], "/results", num_cpus=1)
    print(summary)

- Needs the extra ``ray``: ``pip install "platewarden[ray]"``.
- The unit of work is one file's content read by one version with one set of options: :class:`Unit`. What is done is not done
  again, whatever machine, worker or run did it; nothing counts twice.
- Results are Parquet parts of ``SCHEMA``, one row for each read of a picture and each pass of a video; :func:`rows` gives them,
  :func:`export` writes the JSON lines that ``platewarden store import`` takes.
- ``python -m platewarden.ray`` does the same from the shell. ``docs/fleet.md`` has the columns, clusters and failures.

The parts hold plate reads outside of the store's protection: keep the folder to yourself, import it, delete it.
"""

try:
    import av as _av
    import PIL as _pil
    import pyarrow as _pyarrow  # type: ignore[import-untyped]
    import ray as _ray
except ImportError as missing:
    raise ImportError(f'platewarden.ray needs the extra `ray` ({missing}): pip install "platewarden[ray]"') from missing

from ._export import export
from ._parts import Failed, Results, rows
from ._reader import FileReader
from ._rows import SCHEMA
from ._run import Progress, Summary, read_files
from ._sources import find_files
from ._units import Unit

__all__ = [
    "SCHEMA",
    "Failed",
    "FileReader",
    "Progress",
    "Results",
    "Summary",
    "Unit",
    "export",
    "find_files",
    "read_files",
    "rows",
]
