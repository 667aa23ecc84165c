from __future__ import annotations

import pytest

from gpustrap.reference.transcripts import transcripts

PAGE = """# A page

```console
$ ./gpustrap torch explain --gpu "RTX 4090" --cuda 12.8   # by the catalog alone
what it said
last year
$ gpustrap gpus 4090
old
$ gpustrap up demo
changed  demo: base
$ curl http://127.0.0.1/
PONG
```

```yaml
# $ gpustrap gpus 4090
kept: as it is
```
"""


def test_only_what_needs_no_instance_is_asked_again():
    made = transcripts(PAGE, lambda words: f"answer to {words}\n\n")
    asked = (["torch", "explain", "--gpu", "RTX 4090", "--cuda", "12.8"], ["gpus", "4090"])
    wanted = PAGE.replace("what it said\nlast year", f"answer to {asked[0]}").replace(
        "\nold\n", f"\nanswer to {asked[1]}\n"
    )
    assert made == wanted
    assert transcripts(made, lambda words: f"answer to {words}") == made


@pytest.mark.parametrize(
    "page",
    [
        "",
        "no block\n",
        "```console\n$ gpustrap gpus 4090\n```\n",
        "$ gpustrap gpus\nno block\n",
        "```console\n```\n",
        "```console\n$ \nempty\n```\n",
    ],
)
def test_a_page_that_shows_no_answer_stays_as_it_is(page: str):
    assert transcripts(page, lambda _words: "new") == page
