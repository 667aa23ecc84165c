# install NAME…: with the package lists at hand, else with new ones. What apt prints is shown as it comes; why it
# failed is one sentence on stderr. `patience`: how many seconds another apt is waited for · `state`: gpustrap's own folder,
# where is written down for the role `role` what is installed, since it stays when all else is taken back.
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true NEEDRESTART_MODE=a NEEDRESTART_SUSPEND=1
export APT_LISTCHANGES_FRONTEND=none UCF_FORCE_CONFFOLD=1
said=$(mktemp) || exit 1
before=''
trap 'stay $(new); rm -f "$said" "$said.rc"' EXIT
trap 'exit 1' HUP INT PIPE TERM
# shellcheck disable=SC2016 # dpkg-query's own variables
packages() { dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' 2>/dev/null | sed -n 's/^.i *//p'; }
new() { [ -z "$before" ] || packages | grep -vxF "$before"; }
stay() {
  [ $# -gt 0 ] && [ -n "${state-}" ] && mkdir -p "$state/stays" || return 0
  for name; do echo "package $name"; done >>"$state/stays/${role:-none}"
}
# A password in a proxy's or source's address is nobody's to read.
masked() { sed -u 's,://[^/@ ]*@,://***@,g'; }
# tried SECONDS COMMAND…: its output stays in $said. A configuration file that a person changed stays his.
tried() {
  limit=$1
  shift
  : >"$said"
  { timeout -k 20 "$limit" "$@" </dev/null 2>&1; echo $? >"$said.rc"; } | masked | tee "$said"
  return "$(cat "$said.rc")"
}
# What a file in /etc/apt/apt.conf.d may say, so that apt only tells what it would do, fetches nothing or installs nothing.
acts="-o APT::Get::Download=true -o Debug::pkgDPkgPM=false"
for key in Simulate Just-Print Dry-Run Recon No-Act Download-Only Print-URIs Trivial-Only Assume-No Only-Upgrade; do
  acts="$acts -o APT::Get::$key=false"
done
apt() {
  limit=$1
  shift
  # shellcheck disable=SC2086 # a list of words
  until tried "$limit" apt-get $acts -q -y -o DPkg::Lock::Timeout=0 -o Dpkg::Use-Pty=0 -o Acquire::Retries=1 \
    -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"; do
    locked || return 1
  done
}
dpkg_again() { tried 600 dpkg --force-confdef --force-confold --configure -a; }
# Whether it failed for another apt at work, which has been waited for, for some of the patience.
locked() {
  line=$(grep -m 1 -e 'Could not get lock' -e 'Unable to lock' -e 'is another process using it' -e 'dpkg frontend lock' "$said") || return 1
  holder=$(sed -n 's/.*held by process \([0-9]* ([^)]*)\).*/\1/p' "$said" | head -n 1)
  file=$(sed -n 's/.*lock \(\/[^ ]*[a-z]\).*/\1/p' "$said" | head -n 1)
  [ "$waited" -lt "$patience" ] || {
    echo "Could not get lock ${file:-of apt} in $patience seconds: it is held by ${holder:-another process}" >&2
    exit 1
  }
  [ $((waited % 10)) -ne 0 ] || echo "[gpustrap] waits for ${file:-apt}, held by ${holder:-another process}: $line"
  waited=$((waited + 2))
  sleep 2
}
# The sources that did not answer, each once, as apt names them.
bad() {
  sed -n -e "s/^[EW]: The repository '\([^']*\)'.*/\1/p" -e 's/^[EW]: Failed to fetch \([^ ]*\).*/\1/p' \
    -e 's/^Err:[0-9]* \([a-z+]*:[^ ]*\).*/\1/p' "$said" | sed 's,/dists/.*,,' | awk '{ print $1 }' | sort -u | tr '\n' ' '
}
# The wanted packages that apt knows and that its preferences forbid, and the files that do so.
pinned() {
  for name; do
    LC_ALL=C apt-cache policy -- "$name" 2>/dev/null | awk -v name="$name" '
      /^  Candidate: \(none\)/ { none = 1 } /^ +[*]*[* ]*[^ ]+ -[0-9]+$/ { forbidden = 1 } END { if (none && forbidden) print name }'
  done | tr '\n' ' '
}
# Of a name that no package has, which packages stand for it, as apt lists them.
virtual() {
  awk '
    / is a virtual package provided by:$/ { if (name) print ""; name = $2; printf "%s is a name that several packages stand for, choose one of them: ", name; many = 0; next }
    name && /^  / { printf "%s%s", (many++ ? ", " : ""), $1; next } { if (name) print ""; name = "" } END { if (name) print "" }' "$said"
}
preferences() { grep -lsE '^Pin-Priority:[[:space:]]*-' /etc/apt/preferences /etc/apt/preferences.d/* | tr '\n' ' '; }
proxy() { apt-config dump 2>/dev/null | sed -n 's/^Acquire::https*::Proxy "\(..*\)";/\1/p' | head -n 1 | masked; }
# Whether it was the proxy, which stands between apt and every source. The files that name it are others', or ours.
by_proxy() {
  host=$(proxy | sed 's,.*://,,; s,.*@,,; s,[:/].*,,')
  [ -n "$host" ] && grep -q -e "onnect to $host" -e "resol[a-z]* '$host" -e "$host:[0-9]* " "$said"
}
no_proxy_answers() {
  files=$(grep -lsE '^[^#/]*[Pp]roxy' "${etc:=/etc/apt}/apt.conf" "$etc"/apt.conf.d/* | tr '\n' ' ')
  echo "apt's proxy $(proxy) does not answer${files:+ (it stands in ${files% })}, so ${names% } cannot be fetched"
}
# What became of the sources: apt's own word of the first. Those that it does not trust did answer.
sources_said() {
  cause=$(awk '/^Err:/ { getline; gsub(/ +/, " "); sub(/^ /, ""); print; exit }' "$said" | cut -c 1-200)
  case $cause in *'create temporary file'*) cause="$cause: \`chmod 1777 ${TMPDIR:-/tmp}\` lets it" ;; esac
  word='these did not answer'
  if grep -q -e '^W: GPG error' -e '^E: The repository .* is not signed' "$said"; then word='apt does not trust these'; fi
  echo "$word: ${1% }${cause:+ ($cause)}"
}
# Why apt could not, in one sentence.
why() {
  # shellcheck disable=SC2086 # a list of words
  if forbidden=$(pinned $names) && [ -n "$forbidden" ]; then
    files=$(preferences)
    echo "apt's preferences forbid ${forbidden% } by a negative Pin-Priority${files:+ in ${files% }}: take it away there"
  elif [ -n "$proxied" ]; then
    echo "$proxied"
  elif virtual=$(virtual) && [ -n "$virtual" ]; then
    echo "$virtual"
  elif unknown=$(sed -n -e 's/^E: Unable to locate package //p' -e "s/^E: Package '\([^']*\)' has no installation candidate.*/\1/p" \
    -e "s/^E: Couldn't find any package by .*'\([^']*\)'$/\1/p" "$said" | sort -u | tr '\n' ' ') && [ -n "$unknown" ]; then
    echo "no source of apt has ${unknown% }${became:+; $became}"
  elif grep -q -e 'Held packages were changed' -e 'held broken packages' -e 'held packages will be changed' "$said"; then
    echo "apt keeps on hold: $(apt-mark showhold 2>/dev/null | tr '\n' ' ')(\`apt-mark unhold NAME\` on the instance lets one go)"
  elif by_proxy; then
    no_proxy_answers
  elif [ "$(cat "$said.rc")" = 124 ]; then
    echo "apt did not end in $limit seconds and was stopped"
  else
    grep -e '^E: ' -e '^dpkg: error' "$said" | tail -n 5
    [ -z "$became" ] || echo "of the sources of apt $became"
  fi
}
# Whether all are there, or other packages that stand for them. Sets `lacking`.
all_there() {
  lacking=''
  # shellcheck disable=SC2016 # dpkg-query's own variables
  stand=$(dpkg-query -W -f='${db:Status-Abbrev},${Provides}\n' 2>/dev/null | sed -n 's/^.i [^,]*,//p' | tr ',' '\n' | awk '{ print $1 }')
  for name in $names; do
    # shellcheck disable=SC2016
    case $(dpkg-query -W -f='${db:Status-Abbrev}\n' "$name" 2>/dev/null) in ?i\ *) continue ;; esac
    printf '%s\n' "$stand" | grep -qxF -- "${name%%[=/:]*}" || lacking="$lacking$name "
  done
  [ -z "$lacking" ]
}
# Whether all are there although apt said that it failed: as where a hook of others ends with an error, behind the work.
there() {
  all_there || return 1
  line=$(grep -m 1 '^E: ' "$said")
  echo "[gpustrap] all packages are there; apt said besides: ${line:-that it failed}"
}
# Whether apt has done what it says that it has.
done_so() {
  all_there && return
  echo "apt ended well and ${lacking% } is not installed: do apt's settings, as \`apt-config dump\` shows them, or a hook keep it from it?" >&2
  exit 1
}
install() {
  names="$* " waited=0 became='' proxied='' before=$(packages)
  stay "$@"
  apt 1800 install --no-install-recommends -- "$@" && done_so && return
  there && return
  # A dpkg that was killed refuses all work until it has configured what it had unpacked.
  if grep -q -e 'dpkg was interrupted' -e 'dpkg --configure -a' "$said"; then
    dpkg_again
    apt 1800 install --no-install-recommends -- "$@" && done_so && return
  fi
  if grep -q -e 'fix-broken' -e 'Unmet dependencies' "$said"; then apt 1800 --fix-broken install; fi
  apt 300 update
  sources=$(bad)
  if [ -n "$sources" ]; then
    became=$(sources_said "$sources")
    if by_proxy; then proxied=$(no_proxy_answers); fi
    echo "[gpustrap] goes on without some sources; $became"
  fi
  apt 1800 install --no-install-recommends -- "$@" && done_so && return
  there && return
  sources=$(bad)
  [ -n "$became" ] || [ -z "$sources" ] || became=$(sources_said "$sources")
  why >&2
  return 1
}
