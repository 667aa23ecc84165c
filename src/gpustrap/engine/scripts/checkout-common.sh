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
