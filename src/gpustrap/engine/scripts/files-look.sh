# look PATH BLOCK KEYED NAME: one line of fields, for the fact `FileStates`. NAME is the path in base64.
# `most`: of how many bytes a text may be that is sent. `edited` stands in `files-edits`.
# known PATH…: asks for all files at once what `stated` and `summed` say of one, since each process costs a millisecond.
# With those of ours that they are compared with, and the folders that `loose` asks for.
known='' climbed=''
known() {
  for path; do
    shift
    if [ -f "$path" ] && [ ! -L "$path" ]; then
      set -- "$@" "$path"
      folder=${path%/*}
      if [ "$folder" != "$climbed" ]; then
        climbed=$folder
        while case $folder in "$own" | "$own"/*) ;; *) false ;; esac; do
          set -- "$@" "$folder"
          folder=${folder%/*}
        done
      fi
    fi
    for one in "$state/blocks$path".* ${edits:+"$kept/original$path"}; do
      if [ -f "$one" ]; then set -- "$@" "$one"; fi
    done
  done
  [ $# -eq 0 ] || known="
$(keeping stat -Lc '%n	%a %u:%g %U:%G %s' -- "$@" 2>/dev/null; sha256sum -- "$@" 2>/dev/null)
"
}
# stated PATH: sets `found`: MODE UID:GID USER:GROUP SIZE. summed PATH: sets `found`, its sum.
stated() {
  found=${known#*"
$1	"}
  if [ "$found" = "$known" ]; then found=$(stat -Lc '%a %u:%g %U:%G %s' -- "$1"); else found=${found%%"
"*}; fi
}
summed() {
  found=${known%%"  $1
"*}
  if [ "$found" = "$known" ]; then found=$(sha256sum <"$1"); found=${found%% *}; else found=${found##*"
"}; fi
}
# tight FOLDER: whether nobody else may write to it; else `loose` is it. A link leads where a person wants it to.
tight() {
  if [ ! -d "$1" ] || [ -L "$1" ]; then return 0; fi
  stated "$1"
  loose=$1 others=${found#* }
  [ "${others%%:*}" = "${me%%:*}" ] || return
  case ${found%% *} in *[2367] | *[2367]?) return 1 ;; esac
  loose=-
}
all_tight() { for folder; do tight "$folder" || break; done; }
tight_above() { case $1 in "$own"/*) tight_above "${1%/*}" && tight "${1%/*}" ;; esac; }
# loose PATH: sets `loose`, the first folder to which others may write: of those that a file of ours stands in, and of those
# in which we keep what root runs or puts in place.
looked='' kept_tight=''
loose() {
  [ "${1%/*}" != "$looked" ] || return 0
  looked=${1%/*} loose=-
  if [ -z "$kept_tight" ]; then
    keeping all_tight
    kept_tight=$loose
  fi
  loose=$kept_tight
  [ "$loose" != - ] || tight_above "$1" || :
}
# block_sum FILE NAME RECORD: sets `sum`, of the block there. One that is as its record, which is most often so, has the
# sum that is known of that.
block_sum() {
  # With an end whose begin is gone, so that it is seen that something is to be mended.
  block=$(sed -n "/^# gpustrap $2 begin/,/^# gpustrap $2 end/{/^# gpustrap $2 begin/s/ (newline added)\$//;p;d};/^# gpustrap $2 end/p" <"$1")
  [ "$block" ] || return 0
  left=''
  if [ -f "$3" ]; then while IFS= read -r line; do left=$left$line'
'; done <"$3"; fi
  if [ "$left" = "$block
" ]; then summed "$3"; sum=$found; else sum=$(printf '%s\n' "$block" | sha256sum) && sum=${sum%% *}; fi
}
coded() { base64 -w 0 2>/dev/null <"$1" || echo -; }
look() {
  mode=- who=- sum=- ours=- link=- text=- record=- original=-
  if [ -e "$kept/original$1" ] || [ -e "$kept/absent$1" ] || [ -L "$kept/original$1" ]; then ours=ours; fi
  kind "$1"
  at=$1
  if [ -L "$1" ]; then at=$(real "$1"); link=$(printf '%s' "$at" | base64 -w 0); fi
  if [ "$kind" = file ]; then
    stated "$at"
    mode=${found%% *} whose=${found#* }
    names=${whose#* }
    size=${names##* }
    owner "$at"
    mine "$at" || [ -z "$2$3" ] || owner=${whose%% *} # a file of others may be anybody's
    # One whose group has a space in its name, as those of a directory service may, is told up to it.
    [ "${whose%% *}" = "$owner" ] || { who=${names% *} && who=${who%% *}; }
    # Of what root runs, that is: not where a person's programs read it, nor beside what is others'.
    case $at in "$own"/*) guarded=yes ;; *) guarded=''; mine "$at" || [ "$2$3" ] || guarded=yes ;; esac
    if [ "$guarded" ]; then
      loose "$at"
      [ "$loose" = - ] || who=/$(printf '%s' "$loose" | base64 -w 0)
    fi
    if [ "$2" ]; then block_sum "$at" "$2" "$state/blocks$1.$2"; else summed "$at"; sum=$found; fi
  fi
  if [ "${edits-}" ] && edited "$1" "$2"; then ours=edited; fi
  if [ "$3" ]; then
    if [ "$kind" = file ]; then if [ "$size" -gt "$most" ]; then kind=big; else text=$(coded "$at"); fi; fi
    if [ -f "$kept/keys$1" ]; then record=$(coded "$kept/keys$1"); fi
    if [ -f "$kept/original$1" ]; then original=$(coded "$kept/original$1"); fi
  fi
  echo "state $4 $kind $mode ${sum:--} $ours $who $link ${text:-=} ${record:--} ${original:-=}"
}
