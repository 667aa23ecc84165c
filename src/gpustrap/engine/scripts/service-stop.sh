# `service`: its session ends with all that it started; its files stay, and `units` knows that it is not to be started by
# a restart of the instance. Prints `stopped`, or `none` where nothing ran; then `taken WHO` where somebody listens on its
# `port` all the same, as a daemon that kept no mark of the service does.
awake || exit
mkdir -p "$units/$service" && : >"$units/$service/stopped"
there() { tm has-session -t "=$service" 2>/dev/null || old_tm has-session -t "=$service" || marked | grep -q " $service\$"; }
taken() { [ -z "$port" ] || [ -z "$(listening "$port")" ] || echo "taken $(known "$(holders "$port" | head -n 1)")"; }
there || { echo none; taken; exit 0; }
stop "$service"
there && { echo "$service does not end: PID $(marked | sed -n "s/ $service\$//p" | head -n 1)" >&2; exit 1; }
echo stopped
taken
