# What the laptop sent, gzipped, at `packed`, becomes the binary at `path`. `state`: gpustrap's own folder, where is
# written down for the role `role` that it stays when all else is taken back.
trap 'rm -f "$packed" "$path.new"' EXIT
trap 'exit 1' HUP INT PIPE TERM
mkdir -p "$state/stays" && echo "file $path" >>"$state/stays/${role:-none}"
gunzip -c <"$packed" >"$path.new" && chmod 755 "$path.new" && mv -f "$path.new" "$path"
