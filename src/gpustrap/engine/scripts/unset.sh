# What an image's environment may set and what programs of coreutils, procps, grep, awk, tar and the compressors read: each
# would change what they print, and with it what our scripts understand. PATH stays, and so does what a person's clients
# read, since these are asked for what he gets.
set +eCfuvx
unset CDPATH GREP_OPTIONS GREP_COLOR GREP_COLORS POSIXLY_CORRECT _POSIX2_VERSION
unset QUOTING_STYLE TIME_STYLE TABSIZE COLUMNS LINES LS_OPTIONS LS_COLORS LS_BLOCK_SIZE
unset BLOCKSIZE BLOCK_SIZE DF_BLOCK_SIZE DU_BLOCK_SIZE
unset PS_FORMAT PS_PERSONALITY CMD_ENV UNIX95 I_WANT_A_BROKEN_PS
unset AWKPATH AWKLIBPATH WHINY_USERS MAWKBINMODE
unset TAR_OPTIONS TAPE GZIP BZIP BZIP2 XZ_OPT XZ_DEFAULTS ZSTD_CLEVEL UNZIP ZIPOPT
# Blank, tab and line end, as they stand: `$(printf …)` is a process in each question.
IFS=' 	
'
export LC_ALL=C
