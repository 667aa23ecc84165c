#!/bin/sh
# Inside of a container that may reach Debian's packages: the real Secret Service, gnome-keyring, asked by the real library.
# keyring.sh SRC LIBRARY: the checkout's src and the folder that `keyring` is installed in. A line for each promise.
set -eu
export DEBIAN_FRONTEND=noninteractive HOME=/root PYTHONPATH="$1:$2"
{
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends gnome-keyring dbus
} >/dev/null 2>&1

cat >/root/ask.py <<'PYTHON'
import sys, time
from gpustrap.laptop import keyring_store as store
store.SECONDS = 5
words, login, began = sys.argv[2:], "root@203.0.113.1:22", time.monotonic()
said = [f"{store.keyring_name()}"] if not words else [f"keeps {store.keep(login, words[0])}"]
said += [f"has {store.kept(login)}", "waited" if store.gave_no_answer() else ""]
print(f"{sys.argv[1]}:", ", ".join(filter(None, said)), "" if time.monotonic() - began < 8 else "TOO LONG", flush=True)
PYTHON
ask() { python3 /root/ask.py "$@"; }

ask 'no bus'
cat >/root/unlocked.sh <<'UNLOCKED'
printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null
python3 /root/ask.py empty
python3 /root/ask.py first pw-1
python3 /root/ask.py changed 'pw 密码'
UNLOCKED
dbus-run-session -- sh /root/unlocked.sh 2>/dev/null
cat >/root/again.sh <<'AGAIN'
printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null
python3 /root/ask.py 'next session'
AGAIN
dbus-run-session -- sh /root/again.sh 2>/dev/null
cat >/root/locked.sh <<'LOCKED'
gnome-keyring-daemon --start --components=secrets >/dev/null
python3 /root/ask.py "$1" other
LOCKED
dbus-run-session -- sh /root/locked.sh 'locked, no screen' 2>/dev/null
# A window that nobody answers: the prompter is there and waits.
printf '[D-BUS Service]\nName=org.gnome.keyring.SystemPrompter\nExec=/bin/sleep 600\n' \
	>/usr/share/dbus-1/services/org.gnome.keyring.SystemPrompter.service
dbus-run-session -- sh /root/locked.sh 'locked, nobody answers' 2>/dev/null
