"""What the role `base` promises."""


def test_every_package_is_installed(host, chosen):
    listed = host.run("dpkg-query -W -f '${db:Status-Status} ${Package}\n' %s" % " ".join(chosen.names))
    installed = {line.split(" ", 1)[1] for line in listed.stdout.splitlines() if line.startswith("installed ")}
    assert set(chosen.names) <= installed
