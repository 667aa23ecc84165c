# A shell that does everything otherwise: coloured aliases, noclobber, set -u, umask 000, CDPATH, no TMPDIR, modules in $HOME
#
# Each line is from somebody's dotfiles: bash(1), SHELL BUILTIN COMMANDS and Shell Variables, tell what they do.
# csv.py and json.py in the home hide Python's own from a script that runs there (python3 -I is not misled).
cat >/root/.bashrc <<'RC'
shopt -s expand_aliases
alias ls='ls --color=always -F' cp='cp -i' mv='mv -i' rm='rm -i' grep='grep --color=always -n'
alias cat='cat -A' stat='stat -L' df='df -h' mkdir='mkdir -v' tmux='tmux -2 -u'
umask 000
set -o noclobber
set -u
export CDPATH=.:/etc:/root GREP_OPTIONS='--color=always' GREP_COLORS='mt=01;31' TMPDIR=/nonexistent/tmp
export LANG=zh_CN.UTF-8 LC_ALL=zh_CN.UTF-8 POSIXLY_CORRECT=1 TIME_STYLE=long-iso LS_COLORS='di=01;34' BLOCK_SIZE=human-readable
export PYTHONSTARTUP=/root/startup.py PYTHONPATH=/root PYTHONWARNINGS=error PYTHONDONTWRITEBYTECODE= CURL_HOME=/root
RC
printf 'raise SystemExit("this is not the csv that you want")\n' >/root/csv.py
printf 'raise SystemExit("this is not the json that you want")\n' >/root/json.py
printf 'verbose\nfail\nmax-time = 1\n' >/root/.curlrc
mkdir -p /root/.config/pip /root/.config/uv
printf '[global]\nrequire-virtualenv = true\n' >/root/.config/pip/pip.conf
printf 'set -g destroy-unattached on\nset -g exit-unattached on\n' >/root/.tmux.conf
