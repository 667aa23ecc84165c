# Whether the environment in the folder `venv` has what `file` of the project asks for, as conda says, without a network.
if [ -z "$conda" ]; then echo "environment without-conda"
elif [ ! -d "$venv/conda-meta" ]; then echo "environment absent"
elif said=$("$conda" compare --prefix "$venv" "$project/$file" 2>&1 </dev/null); then echo "environment ready"
# What conda says of a package; anything else is that it cannot say.
elif printf '%s\n' "$said" | grep -qE '^[^ ]+ (not found$|found but mismatch\. )'; then echo "environment lacking"
else echo "environment unsaid"; fi
