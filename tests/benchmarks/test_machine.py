"""What was measured on."""

from __future__ import annotations

import json

from benchmarks import machine, processes


def test_the_machine_is_described_in_what_json_knows() -> None:
    found = machine.describe()
    assert json.loads(json.dumps(found)) == found
    assert found["usable_cores"] == len(processes.available_cores()) <= found["cores"]
    assert found["processor"]
    assert found["python"].count(".") == 2


def test_caches_are_read_where_the_system_tells(tmp_path, monkeypatch) -> None:
    for number, (level, kind, size) in enumerate([("1", "Data", "32K"), ("2", "Unified", "1024K")]):
        folder = tmp_path / f"index{number}"
        folder.mkdir()
        for name, value in (("level", level), ("type", kind), ("size", size)):
            (folder / name).write_text(f"{value}\n")
    monkeypatch.setattr(machine, "CACHES", tmp_path)
    assert machine.describe()["caches"] == {"L1 data": "32K", "L2": "1024K"}
    monkeypatch.setattr(machine, "CACHES", tmp_path / "none")
    assert machine.describe()["caches"] == {}
