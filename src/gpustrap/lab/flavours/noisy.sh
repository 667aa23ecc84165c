# Rc files that print, to stdout and stderr, in every kind of shell, at its start and at its end
#
# bash reads .bashrc for `ssh host command` as well (bash(1), INVOCATION), and scp, rsync and sftp break on what
# it prints: https://www.openssh.com/faq.html#2.9.
cat >>/root/.bashrc <<'RC'
echo "welcome to $(hostname), and mind the quota"
echo "warning: your home is 91% full" >&2
printf 'a line without an end'
printf '\033[1;31mred\033[0m\r\n'
PS1='$(echo prompt) \w '
PROMPT_COMMAND='echo prompted'
trap 'echo bye; echo bye >&2' EXIT
RC
cat >/etc/profile.d/banner.sh <<'RC'
echo "profile.d speaks"
echo "http_proxy=http://user:canary@proxy.invalid:3128"
echo "profile.d warns" >&2
RC
