# What puts the members of an archive in place. `d`: where they were unpacked · `role`: whose files they are, or nothing.
# shellcheck disable=SC2154
umask 077
set -e
t='' k='' p=''
trap 'status=$?; rm -rf "$d"; rm -f "$t" "$k"; [ $status = 0 ] || [ -z "$p" ] || echo "$p was not written; what stood there stands" >&2' EXIT
refuse() { echo "$1" >&2; p=''; exit 1; }
known() { [ -e "$kept/original$1" ] || [ -e "$kept/absent$1" ]; }
keep_absent() { mkdir -p "$kept/absent${1%/*}"; : >"$kept/absent$1"; }
keep() {
  if known "$1"; then return; fi
  if [ ! -e "$1" ]; then keep_absent "$1"; return; fi
  mkdir -p "$kept/original${1%/*}"
  k=$kept/original$1.new
  cp -p -- "$1" "$k" && mv -f -- "$k" "$kept/original$1"
  k=''
}
folders() {
  if [ -z "$1" ] || [ -d "$1" ]; then return; fi
  if [ -L "$1" ]; then refuse "$1 is a link to $(readlink -- "$1"), where nothing is: make that folder or remove the link; $p belongs in it"; fi
  if [ -e "$1" ]; then refuse "$1 is no folder: move it away; $p belongs in it"; fi
  folders "${1%/*}"
  mkdir -- "$1"
  mkdir -p "$kept/folders$1" && : >"$kept/folders$1/.made"
  chmod 755 -- "$1"
  owner "$1"
  chown "$owner" -- "$1"
}
# fasten FOLDER: from now on nobody else may put anything into it.
fasten() { if [ -d "$1" ]; then chown "$me" -- "$1" && chmod go-w -- "$1"; fi; }
# The folders that we made go with the last file in them.
unfold() {
  if [ -e "$kept/folders$1/.made" ] && rmdir -- "$1" 2>/dev/null; then
    rm -f -- "$kept/folders$1/.made"
    unfold "${1%/*}"
  fi
}
# begin PATH: what is to stand there is written to $t first. Sets r, its link's end.
begin() {
  p=$1
  kind "$1"
  case $kind in
    file | absent) ;;
    dir) refuse "$1 is a directory" ;;
    loop) refuse "$1 is a link that leads to itself" ;;
    *) refuse "$1 is a $kind" ;;
  esac
  r=$(real "$1")
  folders "${r%/*}"
  case $r in "$own"/*) fasten "$own"; fasten "$own/services" ;; esac
  t=$r.new.$$
  rm -f -- "$t"
}
replace() {
  mv -f -- "$t" "$r" 2>/dev/null || if grep -qF " $r " /proc/self/mounts; then
    cat "$t" >"$r" && rm -f -- "$t" # a file that is mounted by itself cannot be replaced
  else mv -f -- "$t" "$r"; fi
  p='' t=''
}
# As what stands there is owned and may be read; a new one, and one in the login's own home, as ours are. MODE `-`: as
# it is, else 644.
like() {
  if [ -e "$r" ]; then
    if mine "$r"; then owner "$r"; else owner=$(stat -c %u:%g -- "$r"); fi # busybox has no --reference
    chown "$owner" -- "$t"
    if [ "$1" = - ]; then chmod "$(stat -c %a -- "$r")" -- "$t"; else chmod "$1" -- "$t"; fi
  else
    owner "$r"
    chown "$owner" -- "$t"
    if [ "$1" = - ]; then chmod 644 -- "$t"; else chmod "$1" -- "$t"; fi
  fi
}

# put MEMBER MODE PATH: the whole file.
put() {
  begin "$3"; keep "$3"
  cat "$d/$1" >"$t"
  owner "$r"
  chown "$owner" -- "$t"
  chmod "$2" -- "$t"
  wrote "$3"
  replace
}

# keys MEMBER MODE PATH RECORD: a file of others with our keys set; RECORD is the member that says which.
keys() {
  begin "$3"; keep "$3"
  cat "$d/$1" >"$t"
  like "$2"
  mkdir -p "$kept/keys${3%/*}"
  k=$kept/keys$3.new
  cat "$d/$4" >"$k"
  replace
  mv -f -- "$k" "$kept/keys$3"
  k=''
}

# unkeyed MEMBER PATH: a file of others without our keys, which is theirs alone from now on.
unkeyed() {
  begin "$2"
  cat "$d/$1" >"$t"
  like -
  replace
  rm -f -- "$kept/keys$2" "$kept/original$2" "$kept/absent$2"
}

# gone PATH: what stood there before us comes back.
gone() {
  begin "$1"
  if [ -e "$kept/original$1" ]; then cp -p -- "$kept/original$1" "$t"; replace
  else rm -f -- "$r" && unfold "${r%/*}"; fi
  rm -f -- "$kept/original$1" "$kept/absent$1" "$kept/keys$1" "$kept/wrote$1"
  p=''
}

# wrote PATH: whose it is and what it holds, so that a change by others is known from ours. It is said before the file
# is put in place, and the one before it stays: of a run that is killed in between, either is ours.
wrote() {
  sum=$(sha256sum <"$t")
  mkdir -p "$kept/wrote${1%/*}"
  k=$kept/wrote$1.new
  { tail -n 1 "$kept/wrote$1" 2>/dev/null || :; echo "${sum%% *} $role"; } >"$k"
  mv -f -- "$k" "$kept/wrote$1"
  k=''
}
open() { [ -s "$1" ] && [ "$(tail -c 1 "$1" | wc -l)" = 0 ]; }

# FILE with BODY's lines in the place of block NAME, or without the block where BODY is empty. Of a block whose
# begin or end was taken out by hand, those lines go with it that we are known to have written: the rest may be
# a person's. A last line without newline stays so: the block behind it says that we added one, and where that block
# goes, the next one says it.
splice() {
  if open "$2"; then open=1; else open=''; fi
  b="# gpustrap $1 begin" e="# gpustrap $1 end" data=$3 was=$state/blocks$2.$1 open=$open awk '
    function bare(line) { sub(/\r$/, "", line); return line }
    function is_begin(i) { return index(line[i], ENVIRON["b"]) == 1 }
    function is_end(i) { return index(line[i], ENVIRON["e"]) == 1 }
    function load(name, file, one) {
      size[name] = 0
      while (file != "" && (getline one <file) > 0)
        if (index(one, ENVIRON["b"]) != 1 && index(one, ENVIRON["e"]) != 1) body[name, ++size[name]] = one
      if (file != "") close(file)
    }
    function below(i, name, k) { for (k = 1; k <= size[name] && !(i + k in ours) && bare(line[i + k]) == body[name, k]; k++); return k - 1 }
    function above(i, name, k) { for (k = 0; k < size[name] && i - k - 1 > 0 && !(i - k - 1 in ours) && bare(line[i - k - 1]) == body[name, size[name] - k]; k++); return k }
    function put(text) { printf "%s%s", (written++ ? "\n" : ""), text }
    function block(one, first) {
      for (first = 1; (getline one <ENVIRON["data"]) > 0; first = 0) put(one (first && added ? " (newline added)" : ""))
      close(ENVIRON["data"])
    }
    { line[NR] = $0 }
    END {
      load("new", ENVIRON["data"]); load("old", ENVIRON["was"])
      for (i = 1; i <= NR; i++) {
        if (!is_begin(i)) continue
        if (!place) { place = i; added = line[i] ~ /newline added/ }
        for (j = i + 1; j <= NR && !is_end(j) && !is_begin(j); j++);
        if (j <= NR && is_end(j)) { for (k = i; k <= j; k++) ours[k]; i = j; continue }
        ours[i]
        many = below(i, "new"); other = below(i, "old"); if (other > many) many = other
        for (k = 1; k <= many; k++) ours[i + k]
      }
      for (i = 1; i <= NR; i++) {
        if (!is_end(i) || i in ours) continue
        many = above(i, "new"); other = above(i, "old"); if (other > many) many = other
        for (k = 0; k <= many; k++) ours[i - k]
        if (!place || i - many < place) place = i - many
      }
      for (i = 1; i <= NR; i++) {
        if (i == place && ENVIRON["data"] != "") block()
        if (i == place && ENVIRON["data"] == "") handed = added
        if (i in ours) continue
        put(line[i] (handed && line[i] ~ /^# gpustrap .* begin$/ ? " (newline added)" : ""))
        handed = ""
      }
      if (written && !(NR in ours ? added && ENVIRON["data"] == "" : ENVIRON["open"])) print ""
    }' <"$2"
}
append() {
  if open "$1"; then
    cat "$1"; echo; sed '1s/$/ (newline added)/' "$2"
  else cat "$1" "$2"; fi
}
remember() { mkdir -p "$state/blocks${1%/*}"; cat "$d/$3" >"$state/blocks$1.$2"; }

# block MEMBER NAME top|end|last PATH: our marked lines in a file of others; `last` takes them from where they are.
block() {
  begin "$4"
  if [ ! -e "$4" ]; then
    known "$4" || keep_absent "$4"
    cat "$d/$1" >"$t"
  elif grep -q -e "^# gpustrap $2 begin" -e "^# gpustrap $2 end" "$r"; then
    if [ "$3" = last ]; then
      splice "$2" "$4" '' >"$t"
      k=$t.rest
      mv -f -- "$t" "$k"
      append "$k" "$d/$1" >"$t"
      rm -f -- "$k"
      k=''
    else splice "$2" "$4" "$d/$1" >"$t"; fi
  elif [ "$3" = top ]; then cat "$d/$1" "$r" >"$t"
  else append "$r" "$d/$1" >"$t"; fi
  like -
  remember "$4" "$2" "$1"
  replace
}

# unblock NAME PATH
unblock() {
  begin "$2"
  splice "$1" "$2" '' >"$t"
  rm -f -- "$state/blocks$2.$1"
  if [ -e "$kept/absent$2" ] && [ ! -s "$t" ]; then rm -f -- "$t" "$r" "$kept/absent$2"; unfold "${r%/*}"; t='' p=''
  else like -; replace; fi
}
