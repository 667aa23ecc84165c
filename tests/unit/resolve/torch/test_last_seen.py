from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gpustrap.catalog.torch import load_catalog
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.box.survey import Disk, VisibleCard
from gpustrap.resolve.torch.last_seen import differences, machine_for, memory_of, root_of, to_remember

V100 = json.dumps({"cards": [{"name": "V100", "major": 7, "minor": 0}], "driver": "580.65.06"})
L4 = VisibleCard("NVIDIA L4", (8, 9), 23034)


def test_the_folder_is_on_the_roomiest_disk_that_survives(survey):
    disks = (Disk("/", 9, 9, True), Disk("/a", 9, 5, True), Disk("/b", 9, 7, True), Disk("/c", 9, 9, False))
    assert root_of(replace(survey, disks=disks)) == "/b/gpustrap"
    assert root_of(survey) == "/root/gpustrap"


def test_what_is_written_down_is_read_back(survey):
    seen = replace(survey, gpus=(L4,), driver=(570, 124, 6))
    remembering = replace(survey, torch_memory=json.dumps(to_remember(seen)))
    memory = memory_of(remembering)
    assert [(card.name, card.capability) for card in memory.cards] == [("NVIDIA L4", (8, 9))]
    assert memory.driver == (570, 124, 6)


def test_without_a_card_nothing_is_written_down(survey):
    assert to_remember(survey) is None


@pytest.mark.parametrize(
    ("gpu", "driver", "cards", "known"),
    [
        (None, None, ["V100"], (580, 65, 6)),
        ("V100 SXM2", None, ["V100 SXM2"], (580, 65, 6)),
        ("RTX 4090", None, ["RTX 4090"], None),
        ("RTX 4090", "550.54", ["RTX 4090"], (550, 54)),
        ("none", None, [], None),
    ],
)
def test_in_no_card_mode_the_declared_card_counts_then_the_last_seen(survey, gpu, driver, cards, known):
    machine = machine_for(gpu, driver, replace(survey, torch_memory=V100), load_catalog())
    assert ([card.name for card in machine.cards], machine.driver) == (cards, known)


def test_what_is_seen_counts_and_each_difference_is_said(survey):
    seen = replace(survey, gpus=(L4,), driver=(550, 54, 14), torch_memory=V100)
    assert machine_for("RTX 3090", None, seen, load_catalog()).cards[0].name == "NVIDIA L4"
    assert len(differences("RTX 3090", "570", seen, load_catalog())) == 4
    assert differences(None, None, survey, load_catalog()) == ()


def test_a_card_that_nobody_knows_fails_the_instance(survey):
    with pytest.raises(InstanceFailed):
        machine_for(None, None, replace(survey, gpus=(VisibleCard("Mystery", None, 0),)), load_catalog())
