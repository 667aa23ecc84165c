# Which uv stands at `path`, or why none can. `state`: gpustrap's own folder.
folder=${path%/*} line_end='
'
if [ -d "$path" ]; then echo "uv-obstacle a directory"
elif [ -e "$path" ] && [ ! -f "$path" ]; then echo "uv-obstacle no file"
elif [ ! -d "$folder" ] && [ -e "$folder" ]; then echo "uv-obstacle below $folder, which is no directory"
elif [ -d "$folder" ] && [ ! -w "$folder" ]; then echo "uv-obstacle below $folder, which cannot be written"
elif [ -x "$path" ]; then
  # A binary of another machine, or one that hangs, is none.
  said=$(timeout -k 1 10 env -i HOME=/nonexistent PATH="$PATH" "$path" --no-config --version </dev/null 2>/dev/null | head -c 200)
  echo "uv-version ${said%%"$line_end"*}"
fi
if [ -s "$state/uv-pip" ]; then
  said=$(head -c 300 "$state/uv-pip")
  echo "uv-pip ${said%%"$line_end"*}"
fi
:
