# look PATH BLOCK KEYED NAME: one line of fields, for the fact `FileStates`. NAME is the path in base64.
# `most`: of how many bytes a text may be that is sent. `edited` stands in `files-edits`.
# loose: sets `loose`, the first of them that is another's, or that others may write to; asked once.
loose() {
  [ -z "$loose" ] || return 0
  loose=$(find -H "$own" "$own/services" -prune \( ! -user "${me%%:*}" -o -perm -020 -o -perm -002 \) 2>/dev/null)
  loose=${loose%%"
"*}
  loose=${loose:--}
}
# known PATH…: asks for all files at once what `stated` and `summed` say of one, since each process costs a millisecond.
known='' loose=''
known() {
  for path; do
    shift
    if [ -f "$path" ] && [ ! -L "$path" ]; then set -- "$@" "$path"; fi
  done
  [ $# -eq 0 ] || known="
$(stat -c '%n	%a %u:%g %U:%G' -- "$@" 2>/dev/null; sha256sum -- "$@" 2>/dev/null)
"
}
# stated PATH: sets `found`: MODE UID:GID USER:GROUP. summed PATH: sets `sum`.
stated() {
  found=${known#*"
$1	"}
  if [ "$found" = "$known" ]; then found=$(stat -Lc '%a %u:%g %U:%G' -- "$1"); else found=${found%%"
"*}; fi
}
summed() {
  sum=${known%%"  $1
"*}
  if [ "$sum" = "$known" ]; then sum=$(sha256sum <"$1"); sum=${sum%% *}; else sum=${sum##*"
"}; fi
}
coded() { base64 -w 0 2>/dev/null <"$1" || echo -; }
look() {
  mode=- who=- sum=- ours=- link=- text=- record=- original=-
  if [ -e "$kept/original$1" ] || [ -e "$kept/absent$1" ]; then ours=ours; fi
  kind "$1"
  at=$1
  if [ -L "$1" ]; then at=$(real "$1"); link=$(printf '%s' "$at" | base64 -w 0); fi
  if [ "$kind" = file ]; then
    stated "$at"
    mode=${found%% *}; found=${found#* }
    owner "$at"
    mine "$at" || [ -z "$2$3" ] || owner=${found%% *} # a file of others may be anybody's
    [ "${found%% *}" = "$owner" ] || who=${found#* }
    case $at in "$own"/*) loose; [ "$loose" = - ] || who=$loose ;; esac
    if [ "$2" ]; then
      # With an end whose begin is gone, so that it is seen that something is to be mended.
      block=$(sed -n "/^# gpustrap $2 begin/,/^# gpustrap $2 end/{p;d};/^# gpustrap $2 end/p" <"$at" | sed '1s/ (newline added)$//')
      [ "$block" ] && sum=$(printf '%s\n' "$block" | sha256sum) && sum=${sum%% *}
    else
      summed "$at"
    fi
  fi
  if [ "${edits-}" ] && edited "$1" "$2"; then ours=edited; fi
  if [ "$3" ]; then
    if [ "$kind" = file ]; then if [ "$(wc -c <"$at")" -gt "$most" ]; then kind=big; else text=$(coded "$at"); fi; fi
    if [ -f "$kept/keys$1" ]; then record=$(coded "$kept/keys$1"); fi
    if [ -f "$kept/original$1" ]; then original=$(coded "$kept/original$1"); fi
  fi
  echo "state $4 $kind $mode ${sum:--} $ours $who $link ${text:-=} ${record:--} ${original:-=}"
}
