# Sets `conda`: the program, where its own installer, Miniforge's or a provider's image puts it; empty where there is none.
conda=''
for one in "$(command -v conda)" "${CONDA_EXE-}" \
  "$HOME"/*conda*/bin/conda "$HOME"/*forge*/bin/conda /root/*conda*/bin/conda /opt/*conda*/bin/conda /opt/*forge*/bin/conda \
  /usr/local/*conda*/bin/conda /environment/*conda*/bin/conda; do
  if [ -z "$conda" ] && [ -x "$one" ]; then conda=$one; fi
done
