# Makes the environment in the folder `venv`, or has installed there what `file` of the project asks for and is missing.
[ -n "$conda" ] || { echo "there is no conda any more" >&2; exit 1; }
cd "$project" || exit 1
how=create
[ ! -d "$venv/conda-meta" ] || how=update
"$conda" env "$how" --prefix "$venv" --file "$file" </dev/null
