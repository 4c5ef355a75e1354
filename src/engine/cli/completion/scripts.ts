/** Shells that `vmfdag completion` prints a script for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/**
 * The script that a shell reads. It passes the words of the line to `vmfdag complete`, which prints on its first line what to offer (`list`,
 * `files`, `folders`). Then it prints one candidate a line, with its description after a tab. A failure must not print anything on the user's screen.
 */
export function completionScript(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return BASH;
    case 'zsh':
      return ZSH;
    case 'fish':
      return FISH;
  }
}

// bash also cuts words at "=" and ":": pieces without a space between them are joined again. Written for bash 3.2, which macOS has.
const BASH = `# bash completion for vmfdag: source <(vmfdag completion bash)
_vmfdag_complete() {
  local program=$1 rest=$COMP_LINE words last=-1 index piece kind line
  words=()
  for ((index = 0; index <= COMP_CWORD; index++)); do
    piece=\${COMP_WORDS[index]}
    if ((last >= 0)) && [[ $rest != [[:space:]]* ]]; then
      words[last]+=$piece
    else
      last=$((last + 1))
      words[last]=$piece
    fi
    rest=\${rest#"\${rest%%[![:space:]]*}"}
    rest=\${rest#"$piece"}
  done
  # An alias or a function of the user's cannot be called like this.
  [[ $(type -t -- "$program" 2>/dev/null) == file ]] || program=vmfdag
  COMPREPLY=()
  kind=
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("$line"); fi
  done < <("$program" complete --shell bash -- "\${words[@]:1}" 2>/dev/null)
  case $kind in
    files) compopt +o nospace -o default 2>/dev/null ;;
    folders) compopt +o nospace -o dirnames 2>/dev/null ;;
  esac
  return 0
}
complete -o nospace -F _vmfdag_complete vmfdag
`;

const ZSH = String.raw`#compdef vmfdag
# zsh completion for vmfdag: source <(vmfdag completion zsh), or a file _vmfdag in a folder of $fpath
_vmfdag() {
  local program=${'$'}{(Q)words[1]} kind line value entry
  local -a lines whole partial
  (( $+commands[$program] )) || [[ -x $program ]] || program=vmfdag
  lines=("${'$'}{(@f)$("$program" complete --shell zsh -- "${'$'}{(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  kind=$lines[1]
  for line in "${'$'}{(@)lines[2,-1]}"; do
    value=${'$'}{line%%$'\t'*}
    entry=${'$'}{value//:/\\:}:${'$'}{line#*$'\t'}
    if [[ $value == *[/=.] ]]; then partial+=("$entry"); else whole+=("$entry"); fi
  done
  case $kind in
    files) _files ;;
    folders) _files -/ ;;
    list) _describe -t vmfdag vmfdag whole -- partial -S '' ;;
  esac
}
# Read as a file of $fpath, it is the function itself.
if [[ $funcstack[1] == _vmfdag ]]; then
  _vmfdag "$@"
elif (( $+functions[compdef] )); then
  compdef _vmfdag vmfdag
fi
`;

const FISH = String.raw`# fish completion for vmfdag: vmfdag completion fish > ~/.config/fish/completions/vmfdag.fish
function __vmfdag_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    type -q -f -- $program; or set program vmfdag
    set -l lines (command $program complete --shell fish -- $words "$current" 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current"
        case list
            set -e lines[1]
            printf '%s\n' $lines
    end
end
complete -c vmfdag -f -a '(__vmfdag_complete)'
`;
