# What puts the members of an archive in place. `d`: where they were unpacked · `role`: whose files they are, or nothing.
# shellcheck disable=SC2154
umask 077
set -e
t='' k='' p=''
trap 'status=$?; rm -rf "$d"; [ -z "$t$k" ] || rm -f -- ${t:+"$t"} ${k:+"$k"}; [ $status = 0 ] || [ -z "$p" ] || echo "$p was not written; what stood there stands" >&2' EXIT
refuse() { echo "$1" >&2; p=''; exit 1; }
known() { [ -e "$kept/original$1" ] || [ -e "$kept/absent$1" ]; }
# room FOLDER…: makes those of our own that are not there yet.
room() { for folder; do [ -d "$folder" ] || { mkdir -p -- "$@"; return; }; done; }
keep_absent() { room "$kept/absent${1%/*}" "$2"; : >"$kept/absent$1"; }
# keep PATH RECORDS: with room for what is written down of it among these.
keep() {
  if known "$1"; then room "$kept/$2${1%/*}"; return; fi
  if [ ! -e "$1" ]; then keep_absent "$1" "$kept/$2${1%/*}"; return; fi
  room "$kept/original${1%/*}" "$kept/$2${1%/*}"
  k=$kept/original$1.new
  cp -p -- "$1" "$k"
  mv -f -- "$k" "$kept/original$1"
  k=''
}
# given FILE: whether it is `owner`'s already. give FILE: makes it so.
given() {
  # shellcheck disable=SC3066,SC3067 # dash, bash and busybox know -O and -G
  [ "$owner" = "$me" ] && [ -O "$1" ] && [ -G "$1" ]
}
give() { given "$1" || chown "$owner" -- "$1"; }
# fill FILE MODE: $t, which nobody else can open before it is `owner`'s and has its mode.
fill() {
  # One process for three, which do it where a busybox lacks that one, as Debian's does.
  install -m "$2" -o "${owner%%:*}" -g "${owner#*:}" -- "$1" "$t" 2>/dev/null || {
    cat "$1" >"$t"
    give "$t"
    chmod "$2" -- "$t"
  }
}
folders() {
  if [ -z "$1" ] || [ -d "$1" ]; then return; fi
  if [ -L "$1" ]; then refuse "$1 is a link to $(readlink -- "$1"), where nothing is: make that folder or remove the link; $p belongs in it"; fi
  if [ -e "$1" ]; then refuse "$1 is no folder: move it away; $p belongs in it"; fi
  folders "${1%/*}"
  mkdir -m 755 -- "$1"
  fastened=$fastened$1'
'
  room "$kept/folders$1"
  : >"$kept/folders$1/.made"
  owner "$1"
  give "$1"
}
# fasten PATH: from now on nobody else may put anything into the folders of what root runs in which it stands. Those that we
# make are so.
fastened='
'
fasten() {
  folder=${1%/*}
  set --
  while
    case $fastened in
      *"
$folder
"*) ;;
      *) if [ ! -L "$folder" ]; then set -- "$folder" "$@"; fi; fastened=$fastened$folder'
' ;;
    esac
    [ "$folder" != "$own" ]
  do folder=${folder%/*}; done
  shut "$@"
}
empty() {
  for one in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -e "$one" ] || [ -L "$one" ]; then return 1; fi
  done
}
# unfold FOLDER RECORD…: the folders that we made go with the last file in them, and the records with those of the folders.
unfold() {
  if [ -e "$kept/folders$1/.made" ] && empty "$1" && rmdir -- "$1" 2>/dev/null; then
    folder=$1
    shift
    unfold "${folder%/*}" "$@" "$kept/folders$folder/.made"
  else
    shift
    rm -f -- "$@"
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
  r=$1
  if [ -L "$1" ]; then r=$(real "$1"); fi
  folders "${r%/*}"
  case $r in "$own"/*) fasten "$r" ;; esac
  t=$r.new.$$
  if [ -e "$t" ] || [ -L "$t" ]; then rm -f -- "$t"; fi
}
replace() {
  mv -f -- "$t" "$r" 2>/dev/null || if grep -qF " $r " /proc/self/mounts; then
    cat "$t" >"$r" && rm -f -- "$t" # a file that is mounted by itself cannot be replaced
  else mv -f -- "$t" "$r"; fi
  p='' t=''
}
# like MODE: sets `owner` and `mode`: as what stands there is owned and may be read; a new one, and one in the login's own
# home, as ours are. MODE `-`: as it is, else 644.
like() {
  owner "$r"
  mode=$1
  if [ ! -e "$r" ]; then
    [ "$mode" != - ] || mode=644
  elif [ "$mode" = - ] || ! mine "$r"; then
    as=$(stat -c '%a %u:%g' -- "$r") # busybox has no --reference
    [ "$mode" != - ] || mode=${as% *}
    mine "$r" || owner=${as#* }
  fi
}

# put MEMBER MODE PATH: the whole file.
put() {
  begin "$3"; keep "$3" wrote
  owner "$r"
  fill "$d/$1" "$2"
  wrote "$3" "$1"
  replace
}

# keys MEMBER MODE PATH RECORD: a file of others with our keys set; RECORD is the member that says which.
keys() {
  begin "$3"; keep "$3" keys
  like "$2"
  fill "$d/$1" "$mode"
  replace
  mv -f -- "$d/$4" "$kept/keys$3"
}

# unkeyed MEMBER PATH: a file of others without our keys, which is theirs alone from now on.
unkeyed() {
  begin "$2"
  like -
  fill "$d/$1" "$mode"
  replace
  rm -f -- "$kept/keys$2" "$kept/original$2" "$kept/absent$2"
}

# gone PATH: what stood there before us comes back.
gone() {
  begin "$1"
  if [ -e "$kept/original$1" ] || [ -L "$kept/original$1" ]; then
    cp -pP -- "$kept/original$1" "$t" # in the place of a binary a link may have stood
    replace
    rm -f -- "$kept/original$1" "$kept/absent$1" "$kept/keys$1" "$kept/wrote$1"
  else
    if [ -e "$r" ] || [ -L "$r" ]; then rm -f -- "$r"; fi
    unfold "${r%/*}" "$kept/absent$1" "$kept/keys$1" "$kept/wrote$1"
  fi
  p='' t=''
}

# wrote PATH MEMBER: whose it is and what it holds, so that a change by others is known from ours. It is said before the file
# is put in place, and the one before it stays: of a run that is killed in between, either is ours. `sums`: of all
# members.
sums=''
wrote() {
  [ "$sums" ] || sums="
$(cd "$d" && sha256sum [0-9]*)
"
  sum=${sums%%"  $2
"*}
  sum=${sum##*"
"} record=$kept/wrote$1 last=''
  if [ ! -e "$record" ]; then echo "$sum $role" >"$record"; return; fi
  while IFS= read -r line; do last=$line; done <"$record"
  k=$record.new
  printf '%s\n' ${last:+"$last"} "$sum $role" >"$k"
  mv -f -- "$k" "$record"
  k=''
}

# copied: a copy of what stands there, `new`, is ours to work on; owned and to be read as that, in the login's own home as
# ours are.
new=$d/new
copied() {
  cp -p -- "$r" "$new"
  if mine "$r"; then owner "$r"; give "$new"; fi
}
# splice NAME BODY top|end|last|none PATH: where `new` has a mark of the block NAME, it gets BODY's lines in the place of the
# block, for `last` at its end, for `none` nowhere; what was done is said: spliced. Else what `new` is: open, without a newline
# at its end, or closed.
# Of a block whose begin or end was taken out by hand, those lines go with it that we are known to have written: the rest may be
# a person's. A last line without newline stays so: the block behind it says that we added one, and where that block
# goes, the next one says it.
splice() {
  printf x >>"$new" || return # so that awk sees whether there was a newline in front of it
  b="# gpustrap $1 begin" e="# gpustrap $1 end" data=$2 where=$3 was=$state/blocks$4.$1 new=$new awk '
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
    function put(text) { out[++written] = text }
    function block(added, one, first) {
      for (first = 1; (getline one <ENVIRON["data"]) > 0; first = 0) put(one (first && added ? " (newline added)" : ""))
      close(ENVIRON["data"])
    }
    { line[NR] = $0; if (is_begin(NR) || is_end(NR)) marked = 1 }
    END {
      n = NR; open = line[n] != "x"
      if (open) sub(/x$/, "", line[n])
      else n--
      where = ENVIRON["where"]; in_place = where == "top" || where == "end"; data = in_place ? ENVIRON["data"] : ""
      if (!marked && where != "none") { print open ? "open" : "closed"; exit }
      load("new", data); load("old", ENVIRON["was"])
      for (i = 1; i <= n; i++) {
        if (!is_begin(i)) continue
        if (!place) { place = i; added = line[i] ~ /newline added/ }
        for (j = i + 1; j <= n && !is_end(j) && !is_begin(j); j++);
        if (j <= n && is_end(j)) { for (k = i; k <= j; k++) ours[k]; i = j; continue }
        ours[i]
        many = below(i, "new"); other = below(i, "old"); if (other > many) many = other
        for (k = 1; k <= many; k++) ours[i + k]
      }
      for (i = 1; i <= n; i++) {
        if (!is_end(i) || i in ours) continue
        many = above(i, "new"); other = above(i, "old"); if (other > many) many = other
        for (k = 0; k <= many; k++) ours[i - k]
        if (!place || i - many < place) place = i - many
      }
      for (i = 1; i <= n; i++) {
        if (i == place && in_place) block(added)
        if (i == place && !in_place) handed = added
        if (i in ours) continue
        put(line[i] (handed && line[i] ~ /^# gpustrap .* begin$/ ? " (newline added)" : ""))
        handed = ""
      }
      if (n in ours) open = added && !in_place
      if (where == "last") {
        if (open && written && out[written] == "") { written--; open = 0 }
        block(open && written)
        open = 0
      }
      printf "" >ENVIRON["new"]
      for (i = 1; i <= written; i++) printf "%s%s", out[i], (i < written || !open ? "\n" : "") >ENVIRON["new"]
      if (close(ENVIRON["new"])) exit 1
      print "spliced"
    }' <"$new"
}
# remember MEMBER NAME PATH: the block as we leave it, by the shell: it is short, and a process costs a millisecond.
remember() {
  room "$state/blocks${3%/*}"
  while IFS= read -r line; do printf '%s\n' "$line"; done <"$d/$1" >"$state/blocks$3.$2"
}

# block MEMBER NAME top|end|last PATH: our marked lines in a file of others; `last` takes them from where they are.
block() {
  begin "$4"
  if [ ! -e "$4" ]; then
    known "$4" || keep_absent "$4" "$state/blocks${4%/*}"
    like -
    fill "$d/$1" "$mode"
  else
    copied
    how=$(splice "$2" "$d/$1" "$3" "$4")
    case $3-$how in
      *-spliced) ;;
      top-*) cat "$d/$1" "$r" >"$new" ;;
      *-open) { cat "$r"; echo; sed '1s/$/ (newline added)/' "$d/$1"; } >"$new" ;;
      *) cat "$r" "$d/$1" >"$new" ;;
    esac
    cp -p -- "$new" "$t"
  fi
  remember "$1" "$2" "$4"
  replace
}

# unblock NAME PATH: the record goes last, so that a block that could not be taken away is known by the next revert.
unblock() {
  begin "$2"
  copied
  splice "$1" '' none "$2" >/dev/null
  if [ -e "$kept/absent$2" ] && [ ! -s "$new" ]; then
    rm -f -- "$r"
    unfold "${r%/*}" "$kept/absent$2" "$state/blocks$2.$1"
    t='' p=''
  else
    cp -p -- "$new" "$t"
    replace
    rm -f -- "$state/blocks$2.$1"
  fi
}
