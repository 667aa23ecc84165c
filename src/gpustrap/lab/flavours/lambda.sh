# Lambda: the user ubuntu with sudo that asks no password; root cannot log in
#
# On-demand instances are Ubuntu VMs that one enters as ubuntu. https://docs.lambda.ai/public-cloud/on-demand/
# What is not so here: the box is a container of Debian, without systemd.
#: user ubuntu
login_user ubuntu /home/ubuntu
printf 'PermitRootLogin no\n' >/etc/ssh/sshd_config.d/flavour.conf
mkdir -p /lambda/nfs
