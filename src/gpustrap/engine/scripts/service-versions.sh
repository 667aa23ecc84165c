# What is kept of each service in `units`: `ready`, the version that was last seen ready; `before`, the one before it;
# `failed`, the last that did not get ready, with its log. A version: `unit`, its files · `identity` · `probe`, how it is
# asked. `folder`: where the services' own folders are · `state`: the record of what we wrote · `given`: the seconds that an
# older version has to get ready in any case.

covered=''
# booted: all that is to run has been started since the instance was: nothing is left to do for `boot`.
# By a name of its own: what a run that was killed has begun here may write at the same moment.
booted() {
  boot=$(this_boot)
  { read -r done_for <"$state/boot.done"; } 2>/dev/null && [ "$done_for" = "$boot" ] && return
  echo "$boot" >"$state/boot.$$" && mv -f "$state/boot.$$" "$state/boot.done"
}
# await NAME PORT PATH STEADY READY SECRET…: as `ask`, of the new version where one has started beside the one that answers.
await() {
  [ -d "$folder/$1+next" ] || { ask "$@"; return; }
  next=$1+next port=$(cat "$folder/$1+next/port")
  shift 2
  behind "$next"
  ask "$next" "$port" "$@"
}
# settle NAME IDENTITY PORT PATH SECONDS RESTORE FILE…: once all have been waited for. One that got ready is kept. In the
# place of one that did not, the version that was ready before is started again where RESTORE says so, and that is told.
settle() {
  # What a run that was killed has begun here may go on until after a `revert`: it brings nothing back.
  [ -d "$state" ] || return 0
  service=$1 identity=$2 port=$3 path=$4 seconds=$5 restore=$6 probe="${3:--} ${4:--} $5" written=$1
  longest=$(($5 > given ? $5 : given))
  shift 6
  if [ -d "$folder/$service+next" ]; then
    case $fine in *" $service+next "*) takes_over "$@" ;; *) stays "$@" ;; esac
    return 0
  fi
  case $fine in
    *" $service "*) kept "$@" ;;
    *) [ -z "$restore" ] || ! differs ready "$@" || again ready "$(evidence "$@")" ;;
  esac
  return 0
}
# digests FOLDER FILE…: of these files there; of one that is not there, none.
digests() (
  cd "$1" 2>/dev/null || exit
  shift
  sha256sum -- "$@" 2>/dev/null </dev/null
)
# stays FILE…: the new version has not got ready beside the one that answers, which goes on, with its files as they were.
stays() {
  written=$service+next
  at=$(evidence "$@")
  ! differs ready "$@" || restored ready
  left
  echo "again $service 0 $at"
}
# takes_over FILE…: the new version, which is ready beside the one that answers, answers in its place while that ends and the
# new one starts on the port that is its own. Where it does not get ready there, the one before does.
takes_over() {
  run=$folder/$service/run declared=$port covered=yes
  why=$(led "$declared" "$(cat "$folder/$service+next/port")") || { unled "$why"; stays "$@"; covered=''; return; }
  begin ''
  seen
  how=$(one "$service" "$port" "$path" "$seconds" "$seconds") && fits=yes || fits=''
  echo "$how"
  if [ -n "$fits" ]; then
    kept "$@"
    gap "$service" >/dev/null
    echo "moved $service"
  else
    said "$service"
    ! differs ready "$@" || again ready "$(evidence "$@")"
  fi
  why=$(led "$declared") || { unled "$why"; return; }
  left
  covered=''
}
unled() { echo "service $service - - $identity - refused $1"; }
# left: the one beside ends.
left() {
  (stop "$service+next")
  rm -rf -- "${folder:?}/${service:?}+next"
}
# differs VERSION FILE…: whether there is such a version, and its files are others.
differs() {
  version=$units/$service/$1
  shift
  [ -s "$version/identity" ] && [ "$(digests "$version/unit" "$@")" != "$(digests "$folder/$service" "$@")" ]
}
# copied FOLDER FILE…: these files of the service, with their modes; nothing else that it may have put beside them. One `cp`
# for those that are in no folder of their own.
copied() {
  to=$1
  shift
  [ -d "$to" ] || mkdir -p "$to"
  # From the front of the words to their end, as far as they are for that.
  for file; do
    shift
    case $file in
      */*)
        [ -d "$to/${file%/*}" ] || mkdir -p "$to/${file%/*}"
        cp -p -- "$folder/$service/$file" "$to/$file" 2>/dev/null
        ;;
      *) set -- "$@" "$folder/$service/$file" ;;
    esac
  done
  [ $# = 0 ] || cp -p -- "$@" "$to/" 2>/dev/null
  return 0
}
# kept FILE…: what runs now and is ready is the version to go back to.
kept() {
  at=$units/$service
  printf '%s\n' "$sessions" | grep -q " $identity [^ ]* [^ ]* $service\$" || return 0
  if differs ready "$@"; then
    rm -rf "$at/before" && mv "$at/ready" "$at/before"
  elif { read -r was <"$at/ready/identity" && read -r asks <"$at/ready/probe"; } 2>/dev/null && [ "$was $asks" = "$identity $probe" ]; then
    return 0
  fi
  (umask 077 && rm -rf "$at/new" && mkdir -p "$at/new/unit" && echo "$identity" >"$at/new/identity" && echo "$probe" >"$at/new/probe") || return 0
  copied "$at/new/unit" "$@"
  rm -rf "$at/ready" && mv "$at/new" "$at/ready"
}
# evidence FILE…: the files of the one that failed, and what it wrote under the name `written`. Prints the folder.
evidence() {
  at=$units/$service/failed from=0
  rm -rf "$at" && (umask 077 && mkdir -p "$at/unit") || return 0
  copied "$at/unit" "$@"
  log=$(log_of "$written")
  { read -r file size <"$folder/$written/log-start"; } 2>/dev/null && [ "$file" = "$(stat -c %i "$log")" ] && from=$size
  (umask 077 && tail -c "+$((from + 1))" "$log" 2>/dev/null | tail -c 1048576 >"$at/log")
  echo "$at"
}
# again VERSION EVIDENCE: that version's files stand in the service's folder again, and it is started with them. It has its
# own time to get ready, `longest` at most: who asked for this waits no longer. Prints
# "again NAME SECONDS EVIDENCE TROUBLE…": for how long nobody answered, and what is wrong with it, if anything is: status 1.
again() {
  restored "$1"
  at=$units/$service/$1
  identity=$(cat "$at/identity") run=$folder/$service/run
  read -r port path seconds <"$at/probe"
  [ "$port" != - ] || port=''
  [ "$path" != - ] || path=''
  [ "$seconds" -le "$longest" ] || seconds=$longest
  begin ''
  seen
  if how=$(one "$service" "$port" "$path" "$seconds" "$seconds"); then
    echo "again $service $(gap "$service") ${2:--}"
  else
    why=${how#service * * * * * }
    echo "again $service - ${2:--} ${why:-closed}"
    return 1
  fi
}
# restored VERSION: its files stand in the service's folder again.
restored() {
  (cd "$units/$service/$1/unit" && find . -type f) | cut -c 3- | while read -r file; do
    brought "$units/$service/$1/unit/$file" "$folder/$service/$file"
  done
}
# brought FROM TO: put in place, and written down as ours.
brought() {
  mkdir -p "${2%/*}" "$state/kept/wrote${2%/*}"
  cp -p -- "$1" "$2.again" && mv -f -- "$2.again" "$2" || return
  sum=$(sha256sum <"$2")
  { tail -n 1 "$state/kept/wrote$2" 2>/dev/null; echo "${sum%% *} services"; } >"$state/kept/wrote$2.new"
  mv -f -- "$state/kept/wrote$2.new" "$state/kept/wrote$2"
}
after() { case $1 in *+next) ;; *) echo "gap $1 $(gap "$1")" ;; esac; }
# gap NAME: the seconds since nobody answers in its place, which are over now; "-" where that was not so, 0 where another
# did (`covered`).
gap() {
  [ -z "$covered" ] || { rm -f "$units/$1/closed"; echo 0; return; }
  { read -r since <"$units/$1/closed"; } 2>/dev/null || { echo -; return; }
  rm -f "$units/$1/closed"
  awk -v since="$since" '{ if ($1 >= since) printf "%.1f\n", $1 - since; else print "-" }' /proc/uptime
}
