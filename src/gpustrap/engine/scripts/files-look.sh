# look PATH BLOCK KEYED NAME: one line of fields, for the fact `FileStates`. NAME is the path in base64.
# `most`: of how many bytes a text may be that is sent. `edited` stands in `files-edits`.
loose=$(loose)
coded() { base64 -w 0 2>/dev/null <"$1" || echo -; }
look() {
  mode=- who=- sum=- ours=- link=- text=- record=- original=-
  if [ -e "$kept/original$1" ] || [ -e "$kept/absent$1" ]; then ours=ours; fi
  kind "$1"
  at=$1
  if [ -L "$1" ]; then at=$(real "$1"); link=$(printf '%s' "$at" | base64 -w 0); fi
  if [ "$kind" = file ]; then
    found=$(stat -Lc '%a %u:%g %U:%G' -- "$at")
    mode=${found%% *}; found=${found#* }
    owner "$at"
    mine "$at" || [ -z "$2$3" ] || owner=${found%% *} # a file of others may be anybody's
    [ "${found%% *}" = "$owner" ] || who=${found#* }
    case $at in "$own"/*) who=${loose:-$who} ;; esac
    if [ "$2" ]; then
      # With an end whose begin is gone, so that it is seen that something is to be mended.
      block=$(sed -n "/^# gpustrap $2 begin/,/^# gpustrap $2 end/{p;d};/^# gpustrap $2 end/p" <"$at" | sed '1s/ (newline added)$//')
      [ "$block" ] && sum=$(printf '%s\n' "$block" | sha256sum)
    else
      sum=$(sha256sum <"$at")
    fi
    sum=${sum%% *}
  fi
  if [ "${edits-}" ] && edited "$1" "$2"; then ours=edited; fi
  if [ "$3" ]; then
    if [ "$kind" = file ]; then if [ "$(wc -c <"$at")" -gt "$most" ]; then kind=big; else text=$(coded "$at"); fi; fi
    if [ -f "$kept/keys$1" ]; then record=$(coded "$kept/keys$1"); fi
    if [ -f "$kept/original$1" ]; then original=$(coded "$kept/original$1"); fi
  fi
  echo "state $4 $kind $mode ${sum:--} $ours $who $link ${text:-=} ${record:--} ${original:-=}"
}
