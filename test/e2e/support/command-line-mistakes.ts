/** Mistakes in the command line alone, and what it answers, in whatever project. */
export const COMMAND_LINE_MISTAKES: readonly [string, string][] = [
  ['run --bogus', `unknown option '--bogus'\n  fix: "vmfdag run --help" lists the options\n`],
  ['cache gc --max-siz=1GB', `unknown option '--max-siz=1GB'\n  fix: did you mean "--max-size"?\n`],
  ['run --jobs 0', `option '-j, --jobs <count>' argument '0' is invalid\n  fix: write a whole number, 1 or more\n`],
  ['run --profile', 'option --profile has no value\n  fix: write --profile <name>, the profile of params to use\n'],
  [
    'graph --format png',
    `option '--format <format>' argument 'png' is invalid\n  fix: use one of mermaid, dot, svg, html\n`,
  ],
  [
    'completion tcsh',
    `command-argument value 'tcsh' is invalid for argument 'shell'\n  fix: use one of bash, zsh, fish\n`,
  ],
  [
    'cache adopt',
    'vmfdag cache adopt needs the option --audit\n  fix: add --audit <count>, how many nodes to execute\n',
  ],
  [
    'run --dry-run --watch',
    `option '-w, --watch' cannot be used with option '-n, --dry-run'\n  fix: leave one of the two out\n`,
  ],
  ['diff last', `missing required argument 'new'\n  fix: type "vmfdag diff [options] <old> <new>"\n`],
  [
    'status extra',
    'vmfdag status takes no argument: "extra" is too many\n  fix: type "vmfdag status [options]"; a value with spaces needs quotes\n',
  ],
  [
    'cache get a.b c d',
    'vmfdag cache get takes at most 2: "d" is too many\n  fix: type "vmfdag cache get [options] <node.output> [file]"; a value with spaces needs quotes\n',
  ],
  ['rnu', 'there is no command "vmfdag rnu"\n  fix: did you mean "run"?\n'],
  ['history shw', 'there is no command "vmfdag history shw"\n  fix: did you mean "show"?\n'],
  [
    'metrics nothing-like-it',
    'there is no command "vmfdag metrics nothing-like-it"\n  fix: use one of "show", "diff", "export"\n',
  ],
];
