# What of ours stands on the instance, by our own records: "trace KIND ROLE ORIGINAL" and behind each the line of `look`.
# KIND: file, keys or block:NAME · ROLE: `-` where the record does not say · ORIGINAL: whether there was one before us.
# And "stay ROLE KIND WHAT" for what was only installed: a package, a file, a folder, or something in a Python.
# "foreign PATH" for the rest of what is in `services`, the folder of the services. What is a path is in base64.
coded_path() { printf '%s' "$1" | base64 -w 0; }
# below FOLDER: the paths of the files in it as lines; a newline in one is \001 there.
below() { [ ! -d "$1" ] || (cd "$1" && find . -type f ! -name .made -print0 | tr '\n\0' '\001\n' | sed 's/^\.//' | sort); }
each() {
  while IFS= read -r line; do
    case $line in *"$(printf '\001')"*) line=$(printf '%s' "$line" | tr '\001' '\n') ;; esac
    "$1" "$line"
  done
}
trace() {
  original=-
  if [ -e "$kept/original$3" ] || [ -L "$kept/original$3" ]; then original=original; fi
  echo "trace $1 $2 $original"
}
# block PATH.NAME
block() {
  trace "block:${1##*.}" "${1##*.}" "${1%.*}"
  look "${1%.*}" "${1##*.}" '' "$(coded_path "${1%.*}")"
}
keyed() { case $1 in *.new) [ -e "$kept/keys${1%.new}" ] && return ;; esac; trace keys - "$1"; look "$1" '' keyed "$(coded_path "$1")"; }
whole() {
  case $1 in *.new) [ ! -e "$kept/wrote${1%.new}" ] || return ;; esac
  role=''
  while read -r _ last; do role=$last; done <"$kept/wrote$1"
  trace file "${role:--}" "$1"
  look "$1" '' '' "$(coded_path "$1")"
  case $1 in */jobs/*/run) job "$1" ;; esac
}
stay() { echo "stay ${role:--} $1 $(coded_path "$2")"; }
# job SCRIPT: what it has installed into a Python, and the folders beside those of the jobs.
job() {
  said=$(sed -n '2s/^# Managed by gpustrap: installs \([a-z]*\) into \(.*\)\. Run again.*/\1 \2/p' -- "$1" 2>/dev/null)
  [ -z "$said" ] || [ ! -e "${said#* }" ] || stay "${said%% *}" "${said#* }"
  for folder in "${1%/jobs/*}"/*/; do
    case $folder in */jobs/ | *'*/') ;; *) stay folder "${folder%/}" ;; esac
  done
}
# installed FILE: what a role says there that it has installed, as far as it is there.
installed() {
  role=${1##*/}
  # shellcheck disable=SC2016 # dpkg-query's own variable
  sort -u -- "$state/stays$1" | while read -r what name; do
    case $what in
      package) case $(dpkg-query -W -f='${db:Status-Abbrev}' "$name" 2>/dev/null) in ?i*) stay package "$name" ;; esac ;;
      file) [ ! -e "$name" ] || [ -e "$kept/wrote$name" ] || stay "file" "$name" ;;
    esac
  done
}
# Of an older gpustrap, which did not say what it wrote: what has an original, or says that it is ours.
older() {
  [ ! -e "$kept/wrote$1" ] && [ ! -e "$kept/keys$1" ] || return 0
  case $1 in *.new) [ ! -e "$kept/original${1%.new}" ] || return 0 ;; esac
  [ -e "$kept/original$1" ] || case $1 in *gpustrap*) ;; *) head -n 2 -- "$1" 2>/dev/null | grep -q '^# Managed by gpustrap' || return 0 ;; esac
  trace file - "$1"
  look "$1" '' '' "$(coded_path "$1")"
}
below "$state/blocks" | each block
below "$kept/keys" | each keyed
below "$kept/wrote" | each whole
{ below "$kept/original"; below "$kept/absent"; } | each older
below "$state/stays" | each installed
# unrecorded: the blocks of ours of which there is no record, in the files that we write blocks to. Whether a person has
# changed one since is not known. The record may stand under another name that leads to the same file.
recorded() {
  for record in "$state/blocks$1.$2" "$state/blocks${1%/*}"/.[!.]*".$2"; do
    at=${record#"$state/blocks"}
    # shellcheck disable=SC3013 # dash, bash and busybox know -ef
    if [ -f "$record" ] && [ "${at%."$2"}" -ef "$1" ]; then return 0; fi
  done
  return 1
}
unrecorded() {
  set -- /dev/null
  for file in "$HOME"/.[!.]* "$HOME/.config/fish/config.fish" "$HOME/.ssh/authorized_keys" /etc/environment \
    /etc/gitconfig /etc/apt/apt.conf /root/onstart.sh /post_start.sh; do
    if [ -f "$file" ] && [ ! -L "$file" ]; then set -- "$@" "$file"; fi
  done
  grep -a '^# gpustrap [^ ]* begin' -- "$@" 2>/dev/null | while IFS= read -r line; do
    path=${line%%:# gpustrap *} role=${line#*:# gpustrap }
    role=${role%% *}
    recorded "$path" "$role" || stay block "$path"
  done
}
unrecorded
# What a service has put beside our files.
foreign() {
  case $1 in *+next/* | */state | */state.new | */log-start | */log-lost | */log-lost.new | */refused) return ;; esac
  [ -e "$kept/wrote$services$1" ] || [ -e "$kept/absent$services$1" ] || echo "foreign $(coded_path "$services$1")"
}
below "$services" | each foreign
echo traced
