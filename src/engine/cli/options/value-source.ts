import { Argument, Option } from 'commander';

/** Where the values of an option or an argument come from. Shell completion offers them. */
export type ValueSource =
  | 'profiles'
  | 'param assignments'
  | 'targets'
  | 'stages'
  | 'nodes'
  | 'node outputs'
  | 'runs'
  | 'runs and targets'
  | 'pins'
  | 'files'
  | 'folders';

/** What an argument that names a run may be. */
export const RUN_NAME = 'the name of a run, an id or the beginning of one, last, or last~N';

/** An option whose values can be completed. */
export class SourcedOption extends Option {
  readonly source: ValueSource;

  constructor(flags: string, description: string, source: ValueSource) {
    super(flags, description);
    this.source = source;
  }
}

/** An argument whose values can be completed. */
export class SourcedArgument extends Argument {
  readonly source: ValueSource;

  constructor(name: string, description: string, source: ValueSource) {
    super(name, description);
    this.source = source;
  }
}
