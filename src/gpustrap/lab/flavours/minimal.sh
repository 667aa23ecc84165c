# A bare image: no curl, no git, no tmux, no ss, no ps; Python without pip
#
# As the plain Debian image with sshd is, which providers let people bring as their own.
apt-get -q purge -y curl git tmux iproute2
dpkg -L procps | grep bin/ | xargs rm -f # sshd's package asks for procps, so only its programs go
