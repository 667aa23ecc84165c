# shellcheck shell=sh
# shellcheck disable=SC2154 # the parameters: patience (seconds for a client to say what it asks), fixed (more probes),
# builds and build (where uv has its Pythons, and one of them)
# What each client on the box asks, by the client's own word, and how that answers; then what the box itself lacks.
# Prints KEY TAB VALUE lines. Reads only.
tell() { printf '%s\t%s\n' "$1" "$2"; }
limited() { in_time "$patience" "$@" </dev/null 2>/dev/null | head -c 100000; }
quick() { in_time 1 "$@" </dev/null 2>/dev/null | head -c 1000; }
silent() { tell silent "$1" >"$dir/$1.silent"; }
line() { printf '%s\t%s\t%s\n' "$@"; }
tell now "$(date +%s)"
tell asker "$asker"
[ "$asker" = none ] && exit 0

of_apt() {
  command -v apt-get >/dev/null || return
  # apt knows by itself where the distributions keep their changelogs: their archives are in the same domains.
  quick apt-config dump Acquire::Changelogs::URI::Origin | awk -F / '/ "https?:/ { print "archive\t" $3 }' >"$dir/apt.upstream"
  agent=$(quick apt-get --version | sed -n 's/^apt \([0-9.]*\).*/Debian APT-HTTP\/1.3 (\1)/p')
  in_time 2 apt-get --print-uris update </dev/null 2>/dev/null | head -c 100000 | sed -n "s/^'\(https*:[^']*\)'.*/\1/p" | awk -F / '!seen[$3 $4]++' | head -n 4 | {
    n=0
    while IFS= read -r url; do n=$((n + 1)); line "apt.$n" "$url" "${agent:-apt}"; done
    [ $n = 0 ] && silent apt
    true
  }
}
of_pip() {
  command -v python3 >/dev/null || return
  said=$(limited python3 -c "$pip")
  printf '%s\n' "$said" | sed -n 2p >"$dir/pip.upstream"
  printf '%s\n' "$said" | head -n 1
}
of_npm() {
  command -v npm >/dev/null || return
  url=$(limited npm config get registry --cache="$dir/npm")
  case $url in http*) ;; *) silent npm; return ;; esac
  line npm "${url%/}/left-pad/1.3.0" "npm/10"
}
of_conda() {
  conda=$(command -v conda) || conda=$(for each in $conda_prefixes; do [ -x "$each/bin/conda" ] && { echo "$each/bin/conda"; break; }; done)
  [ -n "$conda" ] || return
  said=$(limited "$conda" config --show channels default_channels custom_channels channel_alias)
  [ -n "$said" ] || { silent conda; return; }
  printf '%s\n' "$said" | awk '
    function place(name) { return name ~ /^[a-z]+:/ ? name : name in custom ? custom[name] "/" name : alias "/" name }
    function ask(url, part) {
      sub(/\/+$/, "", url)
      if (url !~ /^https?:/ || seen[url]++ || count++ >= 6) return
      part = url; sub(/.*\//, "", part); gsub(/[^A-Za-z0-9_-]/, "-", part)
      print "conda." part (named[part]++ ? "-" count : "") "\t" url "/noarch/repodata.json\tconda/24"
    }
    { gsub(/"/, "") }
    /^[a-z_]+:/ { key = $1; if (key == "channel_alias:") alias = $2; next }
    /^ *- / && key == "default_channels:" { own[++owns] = $2 }
    /^ *- / && key == "channels:" { used[++uses] = $2 }
    /^ +[^ ]+: / && key == "custom_channels:" { name = $1; sub(/:$/, "", name); custom[name] = $2 }
    END {
      if (!uses) used[++uses] = "defaults"
      for (i = 1; i <= uses; i++)
        if (used[i] != "defaults") ask(place(used[i]))
        else for (j = 1; j <= owns; j++) ask(place(own[j]))
    }'
}
of_github() {
  url=https://github.com/octocat/Hello-World.git
  agent=git/2
  if command -v git >/dev/null; then
    url=$(limited git ls-remote --get-url "$url")
    agent=$(quick git version | sed 's/^git version \([0-9.]*\).*/git\/\1/')
  fi
  line github "$url/info/refs?service=git-upload-pack" "$agent"
}
of_rest() {
  hf=${HF_ENDPOINT:-https://huggingface.co}
  agent='hf_hub/1; python/3; unknown/None'
  line hf "${hf%/}/openai-community/gpt2/resolve/main/config.json" "$agent"
  line hf-files "${hf%/}/openai-community/gpt2/resolve/main/model.safetensors" "$agent"
  builds=${UV_PYTHON_INSTALL_MIRROR:-$builds}
  line python-build "${builds%/}$build" uv/0.13.9
  [ -n "$fixed" ] && printf '%s\n' "$fixed"
}
# A box that has a way out by IPv6, on paper: many programs try that first.
[ "$asker:$outwards" = curl:ahosts ] &&
  (probe ipv6 "${HF_ENDPOINT:-https://huggingface.co}/" curl -6 >"$dir/ipv6.line") &
# Each goes on when its own client has said what it asks; none waits for another.
for each in apt pip npm conda github rest; do
  { header=''; [ $each = github ] && header='Git-Protocol: version=2'; "of_$each" | probes; } &
done
wait
# Where npm's registry fails: is that its own default, which is public? npm is slow, so it is asked then only.
case $(cut -s -f 4 "$dir/npm.line" 2>/dev/null) in 0 | 23 | '') ;; *) tell upstream "$(host_of "$(npm_default)")" ;; esac
cat "$dir"/*.line "$dir"/*.silent "$dir"/*.upstream 2>/dev/null

# What counts before all of that: names only, where a password may stand.
for each in http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY; do
  eval "value=\$$each"
  [ -n "$value" ] && tell proxy "$each $(printf '%s' "$value" | sed 's#//[^/@]*@#//#')"
done
tell no_proxy "$no_proxy,$NO_PROXY"
for each in "$SSL_CERT_FILE" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt; do [ -n "$each" ] && [ -s "$each" ] && { tell ca "$each"; break; }; done
# The box itself: the disks that clients write to.
set -- / /tmp /var/tmp /dev/shm "$HOME" /workspace /hy-tmp /root/autodl-tmp /data
limited df -P -k "$@" | awk 'NF == 6 && $2 > 0 && !seen[$6]++ { print "disk\t" $2, $4, $6 }'
limited df -P -i "$@" | awk 'NF == 6 && $2 > 0 && !seen[$6]++ { print "inodes\t" $2, $4, $6 }'
tell memory "$(cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory.current 2>/dev/null | tr '\n' ' ')"
tell pids "$(cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids.current 2>/dev/null | tr '\n' ' ')"
true
