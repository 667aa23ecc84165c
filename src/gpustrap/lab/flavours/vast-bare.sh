# Vast.ai with another image than Ubuntu's: its tmux line runs for every ssh command, which then does nothing
#
# People's own images have no line in .bashrc that ends it for a shell that is not interactive. bash reads
# .bashrc for `ssh host command` too (bash(1), INVOCATION: "run by the remote shell daemon"), tmux says "no
# sessions" or "open terminal failed", and the shell exits without having run the command.
#: on vast
sed -i '1d' /root/.bashrc
