# shellcheck shell=sh
# The Pythons of the image and the torch that each has, and the constraints that are set for pip and uv. Few processes,
# as in survey.sh.
# shellcheck disable=SC2154 # the parameters: patience, seconds, conda_roots, look
# shellcheck disable=SC2016 # the dollars in quotes are fields of awk's
has_torch() { for py_file in "$1"/lib*/python3*/*-packages/torch/version.py "$1"/local/lib/python3*/dist-packages/torch/version.py; do [ -e "$py_file" ] && return; done; return 1; }

py_line='
'
# py_count PYTHON: adds it to py_list. One folder counts once; ours does not.
py_count() {
  py=$1
  case $py in *"	"*) return ;; /bin/*) py=/usr$py ;; /*/gpustrap/venvs/*) return ;; /*) ;; *) return ;; esac
  [ -f "$py" ] && [ -x "$py" ] && [ "$py_n" -lt 24 ] || return
  # pyenv's is in no folder `bin`
  py_folder=$py
  cd -P "${py%/bin/*}" && py_folder=$PWD
  case $py_folders in *"$py_line$py_folder$py_line"*) return ;; esac
  py_folders=$py_folders$py_folder$py_line py_list=$py_list$py$py_line py_n=$((py_n + 1))
}
# Those that an environment could be made from, then those that have a torch. The first line is for the one on PATH.
py_all=$({
  py_n=0 py_list='' py_folders=$py_line
  py_count "$(command -v python3)"
  py_list=${py_list:-none$py_line}
  py_conda=''
  command -v conda >/dev/null && py_conda=$(command -v conda)
  for py_base in "$VIRTUAL_ENV" "$CONDA_PREFIX" "${py_conda%/*/*}" /usr/local /usr; do py_count "$py_base/bin/python3"; done
  # shellcheck disable=SC2086 # a list of words
  for py_base in $conda_roots "$HOME/miniconda3" "$HOME/anaconda3" "$HOME/miniforge3" "$HOME/mambaforge" "$MAMBA_ROOT_PREFIX"; do
    [ -d "$py_base/conda-meta" ] && py_count "$py_base/bin/python"
    [ -d "$py_base/envs" ] || continue
    for py_env in "$py_base"/envs/*; do has_torch "$py_env" && py_count "$py_env/bin/python"; done
  done
  if [ -f "$HOME/.conda/environments.txt" ] && [ -r "$HOME/.conda/environments.txt" ]; then
    py_row=0
    while [ "$py_row" -lt 50 ] && IFS= read -r py_env; do
      py_row=$((py_row + 1))
      has_torch "$py_env" && py_count "$py_env/bin/python"
    done <"$HOME/.conda/environments.txt"
  fi
  for py_env in /venv/* /opt/*venv* /opt/*/venv /opt/*/.venv /workspace/*venv* /workspace/*/venv /workspace/*/.venv \
    "$HOME"/*venv* "$HOME"/.venv* "$HOME"/*/venv "$HOME"/*/.venv /root/*venv* /usr/local/*venv* /app/*venv* /app/.venv \
    "$HOME"/.virtualenvs/* "$HOME"/.pyenv/versions/* "$HOME"/.local/share/virtualenvs/* "$HOME"/*/envs/* /home/*/*venv* \
    /*/envs/* /*/*venv* /*/.venv /*/env /opt/environments/python/*; do
    # A pattern that fits nothing stands for itself.
    [ -d "$py_env" ] || continue
    { [ -f "$py_env/pyvenv.cfg" ] || [ -d "$py_env/conda-meta" ] || [ -f "$py_env/bin/python3" ]; } && has_torch "$py_env" && py_count "$py_env/bin/python"
  done
  printf %s "$py_list"
} 2>/dev/null)

# py_look NUMBER SECONDS PYTHON PATH: its answer as `NUMBER KEY TAB VALUE`. Of the one on PATH, whose number is 100, also
# its version, which it tells before all else, and whether it hangs. One that prints without end is not waited for.
py_look() {
  { in_time "$2" "$3" -I -S -c "$look" 2>/dev/null </dev/null; echo "ended $?"; } | head -c 1000000 | awk '
    BEGIN { number = ARGV[1]; path = ARGV[2]; ARGC = 1 }
    NR == 1 && number == "100" && !/^ended / { version = /^[0-9]/; print number " python\t" substr($0, 1, 1000) }
    /^ended (124|137)$/ && number == "100" && !version { print number " hangs\tpython3" }
    /^gpustrap-python / && path != "none" { print number " image_python\t" path "\t" substr($0, 17, 1996); path = "none" }' "$1" "$4"
}
# Side by side: one that hangs costs its own time only once.
py_told=$(
  IFS=$py_line
  set -f
  py_n=100
  for py in $py_all; do
    case $py_n$py in
      100none) command -v python3 >/dev/null && py_look 100 "$patience" python3 none & ;;
      100*) py_look 100 "$patience" "$py" "$py" & ;;
      *) py_look "$py_n" "$seconds" "$py" "$py" & ;;
    esac
    py_n=$((py_n + 1))
  done
  wait
)
# In the order in which they were found
(
  IFS=$py_line
  set -f
  py_n=100
  for _ in $py_all; do
    for py in $py_told; do case $py in "$py_n "*) printf '%s\n' "${py#* }" ;; esac; done
    py_n=$((py_n + 1))
  done
)

# Which files of constraints are set, where, and their lines about torch. Ours says in its first line whose it is.
constraint() {
  case $2 in /*) ;; http*) printf 'constraint\t%s\t%s\t\n' "$1" "$2"; return ;; *) return ;; esac
  [ -f "$2" ] && [ -r "$2" ] || return
  py_pins=$(awk '
    NR == 1 && /^# Managed by gpustrap/ { ours = 1; exit }
    { bytes += length($0) + 1; gsub(/\r/, ""); line = tolower($0) }
    bytes > 100000 || pins == 40 { exit }
    line ~ /^(torch|torchvision|torchaudio|triton|nvidia-|cuda-)[^\/]*$/ { pins++; printf "%s\037", $0 }
    END { exit ours }' "$2") && printf 'constraint\t%s\t%s\t%s\n' "$1" "$2" "$py_pins"
}
set --
for py_file in /etc/environment /etc/profile.d/*.sh - \
  /etc/pip.conf /etc/xdg/pip/pip.conf "$HOME/.pip/pip.conf" "${XDG_CONFIG_HOME:-$HOME/.config}/pip/pip.conf" "$PIP_CONFIG_FILE"; do
  if [ "$py_file" = - ] || { [ -f "$py_file" ] && [ -r "$py_file" ]; }; then set -- "$@" "$py_file"; fi
done
# What PID 1 was started with comes in; the files of shells stand before the dash, pip's behind it.
{ tr '\0' '\n' </proc/1/environ; } 2>/dev/null | awk '
  function told(source) { row[source] = 1 }
  function setting(line) {
    gsub(/^(export )+/, "", line)
    if (!match(line, /^(PIP|UV)_CONSTRAINT=/)) return
    name = substr(line, 1, RLENGTH - 1); line = substr(line, RLENGTH + 1)
    sub(/^["\047]+/, "", line); sub(/["\047]+$/, "", line)
    if (line !~ /["\047]/) told(name " " line)
  }
  function pip(file) {
    on = bytes = 0
    while ((getline line <file) > 0 && (bytes += length(line) + 1) <= 100000) {
      if (line ~ /^[ \t]+[^ \t#;]/) { if (on) told(file " " line); continue }
      on = line ~ /^constraint[ \t]*[=:]/
      if (on && sub(/^[^=:]*[=:]/, "", line) && line != "") told(file " " line)
    }
  }
  BEGIN {
    for (i = 1; i < ARGC && ARGV[i] != "-"; i++) while ((getline line <ARGV[i]) > 0) if (line ~ /^(export )?(PIP|UV)_CONSTRAINT=/) setting(line)
    for (i++; i < ARGC; i++) pip(ARGV[i])
    for (name in ENVIRON) if (name ~ /^(PIP|UV)_CONSTRAINT$/) { split(ENVIRON[name], lines, "\n"); setting(name "=" lines[1]) }
    ARGC = 1
  }
  { setting($0) }
  END {
    for (each in row) { for (at = n++; at && sorted[at] > each; at--) sorted[at + 1] = sorted[at]; sorted[at + 1] = each }
    for (at = 1; at <= n; at++) print sorted[at]
  }' "$@" | while read -r py py_files; do
  # shellcheck disable=SC2086 # a list of words
  for py_file in $py_files; do constraint "$py" "$py_file"; done
done
true
