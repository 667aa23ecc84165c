# A bare image: no curl, no git, no tmux, no ss, no procps; Python without pip
#
# As the plain Debian image with sshd is, which providers let people bring as their own.
apt-get -q purge -y curl git tmux iproute2 procps
apt-get -q autoremove -y --purge
