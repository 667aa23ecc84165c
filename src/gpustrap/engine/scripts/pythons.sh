# shellcheck shell=sh
# The Pythons of the image and the torch that each has, and the constraints that are set for pip and uv.
# shellcheck disable=SC2154 # the parameters: seconds, conda_roots, look
has_torch() { for py_file in "$1"/lib*/python3*/*-packages/torch/version.py "$1"/local/lib/python3*/dist-packages/torch/version.py; do [ -e "$py_file" ] && return; done; return 1; }

# Those that an environment could be made from, then those that have a torch. One folder counts once; ours does not.
py_conda=$(command -v conda)
{
  command -v python3
  for py in "$VIRTUAL_ENV" "$CONDA_PREFIX" "${py_conda%/*/*}" /usr/local /usr; do echo "$py/bin/python3"; done
  # shellcheck disable=SC2086 # a list of words
  for py in $conda_roots "$HOME/miniconda3" "$HOME/anaconda3" "$HOME/miniforge3" "$HOME/mambaforge" "$MAMBA_ROOT_PREFIX"; do
    [ -d "$py/conda-meta" ] && echo "$py/bin/python"
    for py_env in "$py"/envs/*; do has_torch "$py_env" && echo "$py_env/bin/python"; done
  done
  [ -f "$HOME/.conda/environments.txt" ] && head -n 50 "$HOME/.conda/environments.txt" | while IFS= read -r py; do
    has_torch "$py" && echo "$py/bin/python"
  done
  for py in /venv/* /opt/*venv* /opt/*/venv /opt/*/.venv /workspace/*venv* /workspace/*/venv /workspace/*/.venv \
    "$HOME"/*venv* "$HOME"/.venv* "$HOME"/*/venv "$HOME"/*/.venv /root/*venv* /usr/local/*venv* /app/*venv* /app/.venv \
    "$HOME"/.virtualenvs/* "$HOME"/.pyenv/versions/* "$HOME"/.local/share/virtualenvs/* "$HOME"/*/envs/* /home/*/*venv* \
    /*/envs/* /*/*venv* /*/.venv /*/env /opt/environments/python/*; do
    { [ -f "$py/pyvenv.cfg" ] || [ -d "$py/conda-meta" ] || [ -f "$py/bin/python3" ]; } && has_torch "$py" && echo "$py/bin/python"
  done
} 2>/dev/null | while IFS= read -r py; do
  case $py in /bin/*) py=/usr$py ;; /*/gpustrap/venvs/*) continue ;; /*) ;; *) continue ;; esac
  # pyenv's is in no folder `bin`
  [ -f "$py" ] && [ -x "$py" ] && printf '%s\t%s\n' "$(cd "${py%/bin/*}" 2>/dev/null && pwd -P || echo "$py")" "$py"
done | awk -F '\t' 'NF == 2 && !seen[$1]++ && ++n <= 24 { print $2 }' | {
  py_n=100
  while IFS= read -r py; do
    py_n=$((py_n + 1))
    # Side by side: one that hangs costs its own time only once.
    { in_time "$seconds" "$py" -I -c "$look" 2>/dev/null </dev/null | sed -n "s/^gpustrap-python /$py_n /p" | head -n 1 | cut -c 1-2000 | while IFS= read -r py_line; do
        printf '%s\n' "${py_line%% *} $py	${py_line#* }"
      done; } &
  done
  wait
} | sort -n | while IFS= read -r py_line; do printf 'image_python\t%s\n' "${py_line#* }"; done

# Which files of constraints are set, where, and their lines about torch. Ours says in its first line whose it is.
constraint() {
  case $2 in /*) ;; http*) printf 'constraint\t%s\t%s\t\n' "$1" "$2"; return ;; *) return ;; esac
  [ -f "$2" ] && [ -r "$2" ] || return
  head -n 1 "$2" | grep -q '^# Managed by gpustrap' && return
  printf 'constraint\t%s\t%s\t%s\n' "$1" "$2" "$(head -c 100000 "$2" | tr -d '\r' |
    grep -iE '^(torch|torchvision|torchaudio|triton|nvidia-|cuda-)[^/]*$' | head -n 40 | tr '\n' '\037')"
}
{
  { tr '\0' '\n' </proc/1/environ; env; grep -hE '^(export )?(PIP|UV)_CONSTRAINT=' /etc/environment /etc/profile.d/*.sh; } 2>/dev/null |
    sed -n -e "s/^\(export \)*\(PIP_CONSTRAINT\)=[\"']*\([^\"']*\)[\"']*$/\2 \3/p" -e "s/^\(export \)*\(UV_CONSTRAINT\)=[\"']*\([^\"']*\)[\"']*$/\2 \3/p"
  for py in /etc/pip.conf /etc/xdg/pip/pip.conf "$HOME/.pip/pip.conf" "${XDG_CONFIG_HOME:-$HOME/.config}/pip/pip.conf" "$PIP_CONFIG_FILE"; do
    [ -f "$py" ] && [ -r "$py" ] && head -c 100000 "$py" | awk -v file="$py" '
      /^[ \t]+[^ \t#;]/ { if (on) print file, $0; next }
      { on = 0 }
      /^constraint[ \t]*[=:]/ { sub(/^[^=:]*[=:]/, ""); on = 1; if ($0 != "") print file, $0 }'
  done
} | sort -u | while read -r py py_files; do
  # shellcheck disable=SC2086 # a list of words
  for py_file in $py_files; do constraint "$py" "$py_file"; done
done
true
