"""What the survey hands on for the role `torch`: Pythons, constraints, why a card cannot be read, the card last seen."""

from __future__ import annotations

from gpustrap.engine.facts.survey import SurveyFact

PYTHON = (
    'image_python\t/venv/main/bin/python\t{"version": "3.12.4", "torch": "2.9.1+cu128", "cuda": "12.8",'
    ' "prefix": "/venv/main", "packages": "/venv/main/lib/python3.12/site-packages", "kind": "venv", "constraints": []}'
)


def test_the_survey_has_the_pythons_and_the_constraints():
    found = SurveyFact().process([PYTHON, "constraint\tPIP_CONSTRAINT\t/etc/pip/constraint.txt\ttorch==2.8.0\x1f"])
    assert [(one.path, one.torch, one.kind) for one in found.pythons] == [
        ("/venv/main/bin/python", "2.9.1+cu128", "venv")
    ]
    assert [(one.file, one.pins) for one in found.constraints] == [("/etc/pip/constraint.txt", ("torch==2.8.0",))]


def test_the_survey_has_nvidia_smis_words():
    found = SurveyFact().process(["gpu\tFailed to initialize NVML: Unknown Error", "gpu_status\t255"])
    assert found.gpus == () and "Failed to initialize NVML: Unknown Error" in found.card_trouble


def test_the_card_last_seen_is_handed_on_as_it_was_written():
    assert SurveyFact().process(['torch_memory\t{"cards": []}']).torch_memory == '{"cards": []}'
    assert SurveyFact().process([]).torch_memory is None
