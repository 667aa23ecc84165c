# shellcheck shell=sh
# What every flavour's recipe may call. It runs as root in the release's image, before the recipe.
#
# conda and torch are stand-ins: the real ones are some hundred MB to 4 GB, and what other programs look at
# is there: where they lie, what they answer about themselves, what they set in rc files.

set -eu
export DEBIAN_FRONTEND=noninteractive

# apt_install PACKAGE… : from the registry that the image's apt uses.
apt_install() {
    apt-get -q update
    apt-get -q install -y --no-install-recommends "$@"
    apt-get clean
    rm -rf /var/lib/apt/lists/*
}

# at_start : the script on stdin runs at each start of the box, before sshd, as root with PID 1's variables.
at_start() {
    { echo '#!/bin/bash'; cat; } >/usr/local/sbin/lab-start
    chmod 755 /usr/local/sbin/lab-start
}

# login_user NAME HOME : a user with bash and sudo without a password, as cloud images have it.
login_user() {
    apt_install sudo
    useradd --create-home --home-dir "$2" --shell /bin/bash "$1"
    printf '%s ALL=(ALL) NOPASSWD:ALL\n' "$1" >"/etc/sudoers.d/90-$1"
    chmod 440 "/etc/sudoers.d/90-$1"
}

# stand_in_torch FOLDER VERSION CUDA : a torch that only says its version, in this site-packages folder.
stand_in_torch() {
    mkdir -p "$1/torch" "$1/torch-$2.dist-info"
    printf "__version__ = '%s'\ncuda = '%s'\n" "$2" "$3" >"$1/torch/version.py"
    cat >"$1/torch/__init__.py" <<'PY'
from . import version
from .version import __version__


class cuda:
    @staticmethod
    def is_available():
        return False

    @staticmethod
    def device_count():
        return 0
PY
    printf 'Metadata-Version: 2.1\nName: torch\nVersion: %s\n' "$2" >"$1/torch-$2.dist-info/METADATA"
    printf 'pip\n' >"$1/torch-$2.dist-info/INSTALLER"
    printf 'torch/__init__.py,,\ntorch/version.py,,\ntorch-%s.dist-info/METADATA,,\n' "$2" >"$1/torch-$2.dist-info/RECORD"
}

# site_packages PYTHON : where that Python has its packages.
site_packages() {
    "$1" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
}

# stand_in_conda PREFIX : a conda that has a base environment and knows no other, and is not a real one: its
# Python is the release's, in a venv. `conda init`'s block is what `conda_block PREFIX` prints.
stand_in_conda() {
    apt_install python3-venv
    python3 -m venv "$1"
    mkdir -p "$1/condabin" "$1/conda-meta" "$1/etc/profile.d" "$1/envs" "$1/pkgs"
    : >"$1/conda-meta/history"
    cat >"$1/bin/conda" <<CONDA
#!/bin/sh
# a stand-in for conda, made by gpustrap's lab
case "\${1:-}" in
    --version | -V) echo 'conda 24.1.2' ;;
    shell.posix | shell.bash | shell.zsh) cat '$1/etc/profile.d/conda.sh' ;;
    info) echo '{"conda_version": "24.1.2", "root_prefix": "$1", "default_prefix": "$1", "envs": ["$1"]}' ;;
    config) sed -n 's/^/# /p' "\$HOME/.condarc" 2>/dev/null || true ;;
    *) echo "conda: this is a stand-in, it cannot '\${1:-}'" >&2; exit 1 ;;
esac
CONDA
    chmod 755 "$1/bin/conda"
    ln -s ../bin/conda "$1/condabin/conda"
    cat >"$1/etc/profile.d/conda.sh" <<CONDA
export CONDA_EXE='$1/bin/conda'
export CONDA_PYTHON_EXE='$1/bin/python'
export CONDA_SHLVL=0
conda() {
    case "\${1:-}" in
        activate)
            export CONDA_SHLVL=1 CONDA_PREFIX='$1' CONDA_DEFAULT_ENV=base CONDA_PROMPT_MODIFIER='(base) '
            case ":\$PATH:" in *:$1/bin:*) ;; *) PATH='$1/bin:$1/condabin':\$PATH ;; esac
            PS1="(base) \${PS1:-}"
            ;;
        *) "\$CONDA_EXE" "\$@" ;;
    esac
}
CONDA
}

# conda_block PREFIX : what `conda init bash` writes into ~/.bashrc (conda's own documentation shows it).
conda_block() {
    cat <<BLOCK
# >>> conda initialize >>>
# !! Contents within this block are managed by 'conda init' !!
__conda_setup="\$('$1/bin/conda' 'shell.bash' 'hook' 2> /dev/null)"
if [ \$? -eq 0 ]; then
    eval "\$__conda_setup"
else
    if [ -f "$1/etc/profile.d/conda.sh" ]; then
        . "$1/etc/profile.d/conda.sh"
    else
        export PATH="$1/bin:\$PATH"
    fi
fi
unset __conda_setup
# <<< conda initialize <<<
BLOCK
}
