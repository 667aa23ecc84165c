# The login shell is zsh, with oh-my-zsh's way of asking and printing
#
# Words are not split and an unmatched pattern is an error in zsh: zsh(1), https://zsh.sourceforge.io/FAQ.
apt_install zsh
chsh -s /usr/bin/zsh root
cat >/root/.zshrc <<'RC'
setopt NOMATCH CORRECT EXTENDED_GLOB PROMPT_SUBST
autoload -Uz compinit && compinit -u
alias ls='ls --color=auto'
alias -g G='| grep'
PROMPT='%n@%m %~ %# '
RC
cat >/root/.zshenv <<'RC'
setopt NO_CLOBBER
export ZSH_READ=zshenv
RC
