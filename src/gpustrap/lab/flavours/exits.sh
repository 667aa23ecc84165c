# ~/.bashrc ends every shell that is not interactive, so that no ssh command is ever run
#
# `case $- in *i*) ;; *) exit 3 ;; esac` instead of `return`: a common slip, since bash reads .bashrc for `ssh
# host command` as well (bash(1), INVOCATION). sftp and scp end the same way.
printf '%s\n' 'case $- in *i*) ;; *) exit 3 ;; esac' >/root/.bashrc
