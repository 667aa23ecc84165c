from __future__ import annotations

from gpustrap.engine.differences import block_in, unified


def test_a_difference_is_one_text_in_the_form_of_diff() -> None:
    assert unified("/f", b"a\nb\nc\n", b"a\nB\nc\n") == "--- /f\n+++ /f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c"
    assert unified("/f", b"a\nb\nc\n", b"a\nB\nc\n", context=0) == "--- /f\n+++ /f\n@@ -2 +2 @@\n-b\n+B"
    assert unified("/f", b"", b"new\xff\n") == "--- /f\n+++ /f\n@@ -0,0 +1 @@\n+new\ufffd"
    assert unified("/f", b"same\n", b"same\n") == ""


def test_of_a_file_of_others_only_the_block_is_looked_at() -> None:
    text = b"theirs\n# gpustrap x begin\nours\n# gpustrap x end\ntheirs\n"
    assert block_in(text, "# gpustrap x begin", "# gpustrap x end") == b"# gpustrap x begin\nours\n# gpustrap x end\n"
    assert block_in(text, "# gpustrap y begin", "# gpustrap y end") == b""
