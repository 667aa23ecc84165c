# What runs for us on our tmux server, and what it wrote: "session NAME", "file PATH".
# beside FOLDER FILE…: those of the files that are there, and of folders those that are empty.
beside() {
  folder=$1
  shift
  for file; do
    if [ -f "$folder/$file" ] || { [ -d "$folder/$file" ] && [ -z "$(ls -A -- "$folder/$file")" ]; }; then echo "file $folder/$file"; fi
  done
  # Of a service that was about to take over.
  [ ! -d "$folder+next" ] || echo "file $folder+next"
}
away() {
  for file; do
    case $file in *+next) rm -rf -- "$file"; continue ;; esac
    if [ -d "$file" ]; then rmdir -- "$file"; else rm -f -- "$file"; fi
  done
}
list 'session #{session_name}'
printf '%s\n' "${listed:-${untold:+untold $untold}}"
