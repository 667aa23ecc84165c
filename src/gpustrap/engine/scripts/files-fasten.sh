# In front of `files-receive`, where others may write to a folder of what we keep: before anything of ours is put into it.
# Behind `files-common`.
shut_those_there() {
  for folder; do
    shift
    if [ -d "$folder" ] && [ ! -L "$folder" ]; then set -- "$@" "$folder"; fi
  done
  shut "$@"
}
keeping shut_those_there || exit 1
