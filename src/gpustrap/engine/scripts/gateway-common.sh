# The gateway's nginx. `pids`: where its pid file is, which is named for the configuration that it has loaded.
# master: "PID IDENTITY" of the one that runs; a pid file that one left behind that was killed is passed over.
master() {
  for file in "$pids"/*.pid; do
    read -r pid <"$file" 2>/dev/null || continue
    name=${file##*/}
    case $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") in
      'nginx: master process'*) echo "$pid ${name%.pid}"; return ;;
    esac
  done
}
