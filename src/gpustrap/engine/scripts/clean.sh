# What stands in front of our own scripts: nothing that an image's environment sets decides what they do.
# Behind unset.sh.
unset TZ PYTHONPATH PYTHONHOME PYTHONSTARTUP BASH_ENV ENV LD_PRELOAD LD_AUDIT LD_DEBUG
# Some images name a folder that is not there, or that takes no file: mktemp, and what packages run as they are installed,
# would end by it.
[ -z "${TMPDIR-}" ] || { t=$(mktemp 2>/dev/null) && rm -f "$t"; } || unset TMPDIR
export PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin${PATH:+:$PATH}"
command -v timeout >/dev/null || timeout() { if [ "$1" = -k ]; then shift 2; fi; shift; "$@"; }
umask 022
