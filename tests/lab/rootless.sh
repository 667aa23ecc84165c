#!/bin/sh
# As root, in mount and process namespaces of its own that end with the test: a person who is not root, at home in
# memory, and README's two commands as he gives them. Nothing of it is seen or left outside.
# rootless.sh WHEEL_VENV IMAGE: the environment that gpustrap is installed in, and the lab image as an archive.
set -eu
uid=64321
home=/srv/person
as_person() { setpriv --reuid="$uid" --regid="$uid" --clear-groups "$@"; }

# What he has on an ordinary machine: an account, subordinate ids, a device for slirp4netns, scratch folders.
mount -t tmpfs -o mode=755 none /srv
mkdir -p "$home/run"
cp -a "$1" "$home/venv"
cp "$2" "$home/image"
chown -R "$uid:$uid" "$home"
for folder in /tmp /var/tmp; do mount -t tmpfs -o mode=1777 none "$folder"; done
mkdir -p /dev/net
mount -t tmpfs none /dev/net
mknod -m 666 /dev/net/tun c 10 200
with() { # FILE LINE: the file with one line more
	{ cat "$1" && echo "$2"; } >"/srv/${1##*/}"
	mount --bind "/srv/${1##*/}" "$1"
}
with /etc/passwd "person:x:$uid:$uid::$home:/bin/sh"
with /etc/group "person:x:$uid:"
with /etc/subuid 'person:1000000:65536'
with /etc/subgid 'person:1000000:65536'

base=$("$home/venv/bin/python" -c 'import sys; print(sys.base_prefix)')
if ! as_person test -x "$base/bin"; then # as /root/… is for nobody else
	top=${base#/}
	top=/${top%%/*}
	mkdir /srv/python
	mount --bind "$base" /srv/python
	mount -t tmpfs -o mode=755 none "$top"
	mkdir -p "$base"
	mount --bind /srv/python "$base"
fi

cd "$home"
as_person env -u GPUSTRAP_HOME -u GPUSTRAP_LAB_HOME -u CONTAINERS_CONF \
	HOME="$home" USER=person PATH="$home/venv/bin:/usr/bin:/bin" XDG_RUNTIME_DIR="$home/run" sh -euc '
		gpustrap() { python -m gpustrap "$@"; }
		podman load -q -i image >&2
		gpustrap init --empty >&2
		gpustrap up demo -y >&2
		curl -fsS --noproxy "*" "$(gpustrap status demo --json | sed -n "s/.*\"url\": \"\([^\"]*\)\".*/\1/p" | head -n 1)/ping"
		echo
		gpustrap up demo -y --json
	'
