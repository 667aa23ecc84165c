# sshd with MaxSessions 1: a second channel over the same connection is refused
#
# sshd_config(5), MaxSessions: "Setting MaxSessions to 1 will effectively disable session multiplexing".
printf 'MaxSessions 1\n' >/etc/ssh/sshd_config.d/flavour.conf
