"""What the role `example_role` promises: testinfra tests, which ask the instance."""


def test_the_text_is_there(host, chosen):
    assert host.file("/etc/gpustrap/example_role.txt").content_string.strip() == chosen.text
