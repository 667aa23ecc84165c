# git in the folder `dest`. Nothing asks a person, and whose the folder is does not matter.
export GIT_TERMINAL_PROMPT=0 LC_ALL=C
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
: "${GIT_SSH_COMMAND:=ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new}"
export GIT_SSH_COMMAND
g() { git -c safe.directory='*' -c core.fsmonitor=false -c core.quotePath=false -c advice.detachedHead=false "$@"; }
