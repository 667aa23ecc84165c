# In front of `files-receive`, where others may write to a folder of what we keep: before anything of ours is put into it.
# `state`: gpustrap's own folder.
set --
for folder in "$state" "$state/kept" "$state/units" "$own_logs" "$own_runs"; do
  if [ -d "$folder" ] && [ ! -L "$folder" ]; then set -- "$@" "$folder"; fi
done
if [ $# -gt 0 ]; then { chown "$me" -- "$@" && chmod go-w -- "$@"; } || exit 1; fi
set --
