# Runs `text` where `file` can be read, as it is or by sudo. `password`: yes where sudo's stands on the first line of stdin.
# shellcheck disable=SC2154 # the parameters
if [ "$(id -u)" = 0 ] || [ -r "$file" ]; then
  [ -z "$password" ] || read -r _
  exec sh -c "$text"
fi
# -k: it reads that line whether or not it was told before.
if [ -n "$password" ]; then exec sudo -k -S -p '' sh -c "$text"; fi
exec sudo -n sh -c "$text"
