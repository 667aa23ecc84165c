# Makes the environment, in the folder `venv` where there is one to be made, of the Python `version`.
cd "$project" || exit 1
[ -n "$file" ] || exit 0
if [ -n "$venv" ] && ! right_python; then
  # One whose Python is gone or another one cannot be kept; a folder that is none is not touched.
  set --
  [ ! -f "$venv/pyvenv.cfg" ] || set -- --clear
  [ -z "$version" ] || set -- "$@" --python "$version"
  "$uv" venv "$@" "$venv" || exit 1
fi
listed && installed
