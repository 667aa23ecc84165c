# sshd without the sftp subsystem, as gateways and hardened hosts have it
#
# sshd_config(5), Subsystem: "By default no subsystems are defined".
sed -i '/^Subsystem/d' /etc/ssh/sshd_config
