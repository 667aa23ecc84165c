"""What the role `access` promises: the keys are let in, by a file that sshd reads and trusts."""

import shlex
from typing import Any

from gpustrap.language import tr
from gpustrap.resolve.public_key import blob_of, name_of

READS = "$(command -v sshd || echo /usr/sbin/sshd) -T -C user={user},host=x,addr=127.0.0.1 2>/dev/null"


def test_every_key_is_let_in(host: Any, chosen: Any) -> None:
    lines = host.run(f"cat {shlex.quote(chosen.file)}").stdout.splitlines()
    missing = [name_of(key) for key in chosen.keys if blob_of(key) not in map(blob_of, lines)]
    assert not missing, tr("not let in: {missing}", missing=", ".join(missing))


def test_sshd_trusts_the_file_and_its_folders(host: Any, chosen: Any) -> None:
    places = shlex.join([chosen.home, f"{chosen.home}/.ssh", chosen.file])
    user = shlex.quote(chosen.user)
    found = host.run(
        f"find -H {places} -prune \\( -perm -020 -o -perm -002 -o ! -user root ! -user {user} \\) 2>/dev/null"
    ).stdout.splitlines()
    hint = tr("`chmod go-w` and `chown {user}` mend it", user=chosen.user)
    assert not found, tr(
        "others may write there, so sshd reads no key: {files}; {hint}", files=", ".join(found), hint=hint
    )


def test_sshd_reads_this_file(host: Any, chosen: Any) -> None:
    said = host.run(READS.replace("{user}", shlex.quote(chosen.user))).stdout.lower().splitlines()
    files = [line.split()[1:] for line in said if line.startswith("authorizedkeysfile ")]
    assert not files or any(name.endswith(".ssh/authorized_keys") for name in files[0]), tr(
        "sshd there reads {files}", files=" ".join(files[0])
    )
    off = "pubkeyauthentication no" in said
    assert not off, tr("sshd there takes no keys: PubkeyAuthentication is off")
