# Lets the gateway's nginx take the configuration `configuration`, of the identity `identity`, by its copy `loaded`: no connection ends. One that
# nginx refuses is not loaded, and the one before stays.
said=$(nginx -t -q -c "$configuration" 2>&1) || {
  echo "nginx refuses its configuration: $(printf '%s\n' "$said" | sed 's/^.*\[emerg\] //' | head -n 1)" >&2
  exit 1
}
cp -p -- "$configuration" "$loaded.new" && mv -f -- "$loaded.new" "$loaded" || exit 1
running=$(master)
kill -HUP "${running%% *}" || exit 1
n=0
while [ ! -s "$pids/$identity.pid" ]; do
  n=$((n + 1))
  [ $n -lt 100 ] || {
    echo "nginx has not taken its configuration within 10 s: gpustrap svc logs gateway" >&2
    exit 1
  }
  sleep 0.1
done
