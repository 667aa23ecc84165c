"""What the role `hub` promises: the client finds each revision whole, without a network."""

import shlex

import pytest

from gpustrap.engine.hub import arguments
from gpustrap.engine.shells import KINDS, assert_variables, kinds_on
from gpustrap.language import tr

FINDS = """
import json, sys
from huggingface_hub import snapshot_download
told = json.loads(sys.argv[1])
for at, one in enumerate(told["wanted"]):
    patterns = {"allow_patterns": one["allow"] or None, "ignore_patterns": one["ignore"] or None}
    try: snapshot_download(one["repo"], repo_type=one["kind"], revision=one["revision"], cache_dir=told["store"]["cache"], **patterns)
    except Exception as error: print("lacks", at, str(error).split("\\n")[0][:300])
print("asked")
"""


def test_the_client_finds_every_revision_without_a_network(host, chosen):
    if not chosen.wanted:
        pytest.skip("nothing is to be fetched ahead")
    client, told = chosen.client, arguments(chosen.client.store, chosen.wanted)
    words = ["env", *client.variables, "HF_HUB_OFFLINE=1", client.python, "-I", "-W", "ignore", "-c", FINDS, told]
    as_user = ["runuser", "-u", client.user, "--", *words] if client.user else words
    done = host.run(shlex.join(as_user))
    lacking = [line.split(" ", 2)[1:] for line in done.stdout.splitlines() if line.startswith("lacks ")]
    said = [
        tr("{repo} at {revision}: {why}", repo=one.repo, revision=one.revision, why=why)
        for at, why in lacking
        for one in (chosen.wanted[int(at)],)
    ]
    assert "asked" in done.stdout.splitlines(), tr("the client does not run: {said}", said=done.stderr.strip()[-300:])
    assert not said, "; ".join(said)


@pytest.mark.parametrize("kind", KINDS)
def test_shells_know_the_cache(host, chosen, survey, kind):
    if kind not in kinds_on(survey):
        pytest.skip("no such shell here")
    assert_variables(host, survey, kind, chosen.variables)


def test_only_its_owner_may_read_the_token(host, chosen):
    if chosen.token is None:
        pytest.skip("no token")
    mode = host.run("stat -Lc %%a %s", chosen.token_file).stdout.strip()
    assert mode == "600", tr(
        "{file} should be readable by its owner only, and is {mode}", file=chosen.token_file, mode=mode or "absent"
    )
