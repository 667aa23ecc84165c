# Which line of which file sets a variable in a shell, and where such a shell ends: it is started once more, traced.
# What a trace shows may be secret, so it stays here: places leave.
# `start`: its word below · `names`: the variables · `folder`: of PATH, the folder that it should have.
# shellcheck disable=SC2154 # the parameters
# shellcheck disable=SC2016 # what stands in single quotes is for the traced shell and for awk
limit() { if command -v timeout >/dev/null 2>&1; then timeout -k 1 15 "$@"; else "$@"; fi; }
# bash takes no PS4 from the environment of root, so it reads its files by a command of ours.
by_bash() {
  option=$1 name="bash"
  shift
  # What sh is on Debian has no variable BASH, by which ~/.profile asks for it.
  [ "$option" != --posix ] || name="sh"
  limit env -i HOME="$HOME" TERM=dumb PATH="$PATH" bash --noprofile --norc "$option" -c '
    case $1 in sh) unset BASH ;; esac; shift
    PS4="+@\${BASH_SOURCE[0]-}:\$LINENO@ "; set -x
    for f; do if [ -r "$f" ]; then . "$f"; fi; done; : gpustrap-end' bash "$name" "$@"
}
by_zsh() { limit env -i HOME="$HOME" TERM=dumb PATH="$PATH" zsh "$1" ': gpustrap-end'; }
by_fish() { limit env -i HOME="$HOME" TERM=dumb PATH="$PATH" fish_trace=1 fish -c 'true gpustrap-end'; }
trace() {
  case $start in
    command) by_bash +i /etc/bash.bashrc "$HOME/.bashrc" ;;
    login)
      for f in "$HOME/.bash_profile" "$HOME/.bash_login" "$HOME/.profile"; do [ -r "$f" ] && break; done
      by_bash +i /etc/profile "$f" ;;
    interactive) by_bash -i /etc/bash.bashrc "$HOME/.bashrc" ;;
    posix) by_bash --posix /etc/profile "$HOME/.profile" ;;
    service) by_bash --posix /etc/profile.d/gpustrap-*.sh ;;
    zsh) by_zsh -xc ;;
    zsh-interactive) by_zsh -xic ;;
    fish) by_fish ;;
  esac
}
# Every trace in bash's form: zsh's is +FILE:LINE> COMMAND; fish tells a file as it begins to read it.
trace </dev/null 2>&1 >/dev/null | tr -d '\000' | awk -v start="$start" '
  start ~ /^zsh/ && match($0, /^\+[^>]*:[0-9]+> /) { $0 = "+@" substr($0, 2, RLENGTH - 3) "@ " substr($0, RLENGTH + 1) }
  start == "fish" && sub(/^-*> /, "") { if ($1 == "source") file = $2; $0 = "+@" file "@ " $0 }
  { print substr($0, 1, 4000) }' | awk -v start="$start" -v names=" $names " -v folder="$folder" '
  function tell(what, name, place) { if (place != "") printf "gpustrap-trace %s %s %s\n", what, name, place }
  function named(name) { return index(names, " " name " ") }
  function has(name, value) {
    if (name != "PATH" || folder == "") { by[name] = at; return }
    if (index(":" value ":", ":" folder ":")) { by[name] = ""; lacks = 0 } else if (!lacks) { by[name] = at; lacks = 1 }
  }
  match($0, /:( line )?[0-9]+: [^:]*: (unbound variable|parameter not set)/) {
    number = substr($0, RSTART + 1); sub(/^ line /, "", number); sub(/:.*/, "", number)
    unbound = substr($0, 1, RSTART - 1) ":" number; next
  }
  match(tolower($0), /:( line )?[0-9]+: syntax error/) {
    number = substr($0, RSTART + 1); sub(/^ *(line )?/, "", number); sub(/:.*/, "", number)
    syntax = substr($0, 1, RSTART - 1) ":" number; next
  }
  !/^\++@/ { next }
  {
    sub(/^\++@/, ""); at = $0; sub(/@ .*/, "", at); sub(/^[^@]*@ /, ""); gsub(/["\047]/, "")
    if (/gpustrap-end/) { ended = 1; next }
    if (at ~ /^:/) next
    last = at; word = $1
    if (word == "set" && at !~ /gpustrap/) {
      if (/ -[a-z]*e/ || /-o errexit/) errexit = at
      if (/ -[a-z]*u/ || /-o nounset/) nounset = at
    }
    if (word == "unset") { for (i = 2; i <= NF; i++) if (named($i)) has($i, "") }
    else if (word == "set" && $2 ~ /^-/) { for (i = 3; i < NF && $i ~ /^-/; i++); if (named($i)) has($i, $0) }
    else if (word ~ /=/ || word ~ /^(export|readonly|declare|typeset)$/)
      for (i = 1; i <= NF; i++) if (match($i, /^[A-Za-z_][A-Za-z0-9_]*=/)) {
        name = substr($i, 1, RLENGTH - 1)
        if (named(name)) { has(name, substr($i, RLENGTH + 1)); if (word == "readonly" || $2 ~ /^-[a-z]*r/) fixed[name] = at }
      } else if (named($i) && (word == "readonly" || $2 ~ /^-[a-z]*r/)) fixed[$i] = at
  }
  END {
    for (name in by) tell("set", name, by[name])
    for (name in fixed) tell("fixed", name, fixed[name])
    # bash goes on where a file cannot be read; what sh is on Debian ends.
    if (syntax != "" && (!ended || start == "posix")) { tell("ends", "syntax", syntax); exit }
    if (ended) exit
    tell("ends", word ~ /^(exit|exec|logout)$/ ? word : "-", unbound != "" ? unbound : last)
    tell("option", "-e", errexit); if (unbound != "") tell("option", "-u", nounset)
  }'
