# Every session, then what each probe says. `folder`: the services' own folders.
look() {
  "$1" list-sessions -F "#{pane_dead} #{pane_pid} #{?@identity,#{@identity},-} #{?@environment,#{@environment},-} #{session_name}" 2>/dev/null |
    while read -r dead pid identity environment name; do
      [ "$1" = tm ] || identity=older
      stopped=0
      # shellcheck disable=SC2046 # a list of numbers
      case $(cat /dev/null $(members "$name" "$pid" | sed 's,.*,/proc/&/stat,') 2>/dev/null | sed 's/.*) //' | cut -c 1) in *T*) stopped=1 ;; esac
      echo "session $dead $stopped $identity $environment $name"
    done
}
echo "environment $(environment)"
look tm
look old_tm
# ask NAME PORT PATH: all at the same time, since a page that hangs takes its 5 s.
ask() { echo "probe $1 $(trouble "$1" "$2" "$3" "$folder/$1/state")" & }
