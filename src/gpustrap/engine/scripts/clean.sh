# What stands in front of our own scripts: nothing that an image's environment sets decides what they do.
set +eCfuvx
unset CDPATH GREP_OPTIONS GREP_COLOR GREP_COLORS POSIXLY_CORRECT BLOCKSIZE BLOCK_SIZE TAR_OPTIONS GZIP LS_OPTIONS TZ
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP BASH_ENV ENV LD_PRELOAD
# Some images name a folder that is not there: mktemp, and what packages run as they are installed, would end by it.
{ [ -d "$TMPDIR" ] && [ -w "$TMPDIR" ]; } || unset TMPDIR
IFS=$(printf ' \t\n_'); IFS=${IFS%_}
export LC_ALL=C
export PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin${PATH:+:$PATH}"
command -v timeout >/dev/null || timeout() { if [ "$1" = -k ]; then shift 2; fi; shift; "$@"; }
umask 022
