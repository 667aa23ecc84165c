# server_of PID: into `server` comes the process that serves the ssh connection which that one belongs to, its first ancestor
# that is neither a shell nor a wrapper. By `read`: a program for each would cost a millisecond.
# "PID (NAME) STATE PARENT …": the name may hold anything.
stat_of() { { read -r stat <"/proc/$1/stat"; } 2>/dev/null; }
server_of() {
  server=$1
  stat_of "$server" || return
  while [ "$server" -gt 1 ]; do
    stat=${stat##*) ? }
    server=${stat%% *}
    stat_of "$server" || break
    comm=${stat#*(}
    case ${comm%)*} in sh | bash | dash | zsh | fish | ksh | sudo | env | timeout) ;; *) break ;; esac
  done
}
