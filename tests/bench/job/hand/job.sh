# The job by hand: one idempotent script for `sh -s` at the other end of one ssh. Prints what it changed.
# The benchmark puts mirror=, proxy=, app_port= and user_key= before it.
set -eu

did() { echo "changed: $1"; }

dir() { # dir PATH MODE
	[ -d "$1" ] && [ "$(stat -c %a "$1")" = "$2" ] && return
	mkdir -p "$1" && chmod "$2" "$1"
	did "$1"
}

put() { # put PATH MODE < CONTENT; status 1: it stood there already
	new=$1.new.$$
	cat >"$new"
	if cmp -s "$new" "$1" && [ "$(stat -c %a "$1")" = "$2" ]; then
		rm "$new"
		return 1
	fi
	chmod "$2" "$new" && mv "$new" "$1"
	did "$1"
}

# 1 directories
dir /root/.config/uv 755
dir /opt/app 755
dir /workspace/cache 775
dir /workspace/models 755
dir /workspace/logs 750

# 2-9 settings
put /etc/apt/sources.list.d/mirror.sources 644 <<END || :
Types: deb
URIs: $mirror/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
put /etc/pip.conf 644 <<END || :
[global]
index-url = $mirror/pypi/simple
timeout = 60
END
put /root/.config/uv/uv.toml 644 <<END || :
[[index]]
url = "$mirror/pypi/simple"
default = true
END
put /root/.condarc 644 <<END || :
channels:
  - defaults
default_channels:
  - $mirror/conda/main
show_channel_urls: true
END
put /root/.npmrc 644 <<END || :
registry=$mirror/npm/
END
put /root/.gitconfig 644 <<END || :
[http]
	proxy = $proxy
[safe]
	directory = *
END
put /etc/profile.d/proxy.sh 644 <<END || :
export http_proxy=$proxy
export https_proxy=$proxy
export no_proxy=localhost,127.0.0.1
END
put /etc/profile.d/hf.sh 644 <<END || :
export HF_ENDPOINT=$mirror/hf
export HF_HOME=/workspace/cache/hf
END

# 10 packages
set -- tmux curl git iproute2
there=$(dpkg-query -W -f '${db:Status-Status}\n' "$@" 2>/dev/null | grep -c '^installed$') || :
if [ "$there" != $# ]; then
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$@"
	did packages
fi

# 11 authorized key
if ! grep -qxF "$user_key" /root/.ssh/authorized_keys; then
	echo "$user_key" >>/root/.ssh/authorized_keys
	did authorized_keys
fi

# 12, 13 the app and its session
restart=no
put /opt/app/main.py 644 <<'END' && restart=yes
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = int(sys.argv[1])


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"PONG BY 0.0.0.0:{PORT}" if self.path == "/ping" else "HELLO, GPUSHARE!"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("0.0.0.0", PORT), Handler).serve_forever()
END
put /opt/app/run.sh 755 <<END && restart=yes
#!/bin/sh
cd /opt/app && exec python3 main.py $app_port
END
session="tmux -L gpustrap"
$session has-session -t =web 2>/dev/null || restart=yes
if [ $restart = yes ]; then
	$session kill-session -t =web 2>/dev/null || :
	$session new-session -d -s web /opt/app/run.sh
	did web
fi

# 14 it answers
tries=0
until curl -s --noproxy '*' "127.0.0.1:$app_port/ping" | grep -q '^PONG BY'; do
	tries=$((tries + 1))
	[ $tries -lt 200 ] || exit 1
	sleep 0.05
done
