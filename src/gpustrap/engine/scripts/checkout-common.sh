# git in the folder `dest`; `key`: the file of a private key for ssh, `config`: settings that hold a token, or nothing.
# Nothing asks a person, and whose the folder is does not matter.
export GIT_TERMINAL_PROMPT=0 LC_ALL=C
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
: "${GIT_SSH_COMMAND:=ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new}"
# shellcheck disable=SC2089,SC2090 # git gives it to a shell
[ -z "$key" ] || GIT_SSH_COMMAND="ssh -i '$key' -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=accept-new"
# shellcheck disable=SC2090
export GIT_SSH_COMMAND
g() {
  [ -z "$config" ] || set -- -c include.path="$config" "$@"
  git -c safe.directory='*' -c core.fsmonitor=false -c core.quotePath=false -c advice.detachedHead=false "$@"
}
# wants_large COMMIT: whether some of its files are kept by Git LFS.
wants_large() { g grep -q 'filter=lfs' "$1" -- .gitattributes '*/.gitattributes'; }
# folders: this one, and those of its submodules.
folders() {
  echo .
  # shellcheck disable=SC2016 # git's own variable
  [ ! -f .gitmodules ] || g submodule --quiet foreach --recursive 'printf "%s\n" "$displaypath"'
}
# pointers: files of these folders whose content Git LFS keeps and that is not here, but for a repository that says which
# of them it does without.
pointers() {
  folders | while IFS= read -r folder; do
    (
      cd "$folder" && wants_large HEAD || exit 0
      for key in lfs.fetchexclude lfs.fetchinclude; do
        if g config --get "$key" >/dev/null || g config -f .lfsconfig --get "$key" >/dev/null 2>&1; then exit 0; fi
      done
      # A pointer has less than 1024 bytes; a name may begin with a dash.
      g ls-files -z -- ':(attr:filter=lfs)' | sed -z 's,^,./,' |
        xargs -0 -r -n 500 sh -c 'find "$@" -maxdepth 0 -type f -size -1024c -exec grep -lxF "version https://git-lfs.github.com/spec/v1" {} +' sh |
        sed "s,^\./,,; s,^,${folder#.}/,; s,^/,,"
    )
  done
}
# few: the first of the lines on stdin, in one.
few() { awk '{ if (NR <= 10) printf "%s%s", (NR > 1 ? ", " : ""), $0 } END { if (NR > 10) printf " and %d more", NR - 10 }'; }
