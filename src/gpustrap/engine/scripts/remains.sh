# What runs for us on our tmux server, and what it wrote: "session NAME", "file PATH".
# beside FOLDER FILE…: those of the files that are there.
beside() {
  folder=$1
  shift
  for file; do [ ! -f "$folder/$file" ] || echo "file $folder/$file"; done
}
tm list-sessions -F 'session #{session_name}' 2>/dev/null
