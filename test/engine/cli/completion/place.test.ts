import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { type Candidate, offerFor, type ValueLookup } from '../../../../src/engine/cli/completion/candidates.ts';
import { readLine } from '../../../../src/engine/cli/completion/place.ts';
import { SourcedArgument, SourcedOption } from '../../../../src/engine/cli/options/value-source.ts';

const program = new Command('tool').version('1.0.0');
program
  .command('run')
  .summary('Run it.')
  .addOption(new SourcedOption('-t, --target <name>', 'a target', 'targets'))
  .option('-j, --jobs <count>', 'how many')
  .option('-n, --dry-run', 'not really')
  .option('-k, --keep-going', 'go on')
  .addOption(new Option('--format <format>', 'how').choices(['svg', 'html']))
  .addOption(new SourcedOption('--expand [stage]', 'what to show', 'stages'))
  .addOption(new SourcedOption('-f, --file <path>', 'a file', 'files'));
const history = program.command('history').summary('List runs.');
history
  .command('show')
  .summary('Show a run.')
  .addArgument(new SourcedArgument('<run>', 'a run', 'runs'));
program
  .command('get')
  .addArgument(new SourcedArgument('<node>', 'a node', 'nodes'))
  .addArgument(new SourcedArgument('[dir]', 'where', 'folders'));
program.command('secret', { hidden: true });

const values: Readonly<Record<string, readonly string[]>> = {
  targets: ['fig3', 'fig5'],
  stages: ['train', 'test'],
  nodes: ['train/1', 'train/2'],
  runs: ['last', 'last~1'],
};

const lookUp: ValueLookup = async (source) =>
  (values[source] ?? []).map((value): Candidate => ({ value, description: source }));

async function offered(line: string): Promise<readonly string[] | string> {
  const offer = await offerFor(readLine(program, line.split(' ')), lookUp);
  return offer.kind === 'list' ? offer.candidates.map(({ value }) => value) : offer.kind;
}

describe('what the last word may become', () => {
  it.each<[string, readonly string[] | string]>([
    ['', ['run', 'history', 'get', 'help']],
    ['h', ['history', 'help']],
    ['secr', []],
    ['--v', ['--version']],
    ['run ', []],
    ['run --', ['--target', '--jobs', '--dry-run', '--keep-going', '--format', '--expand', '--file', '--help']],
    ['run --d', ['--dry-run']],
    ['run --target ', ['fig3', 'fig5']],
    ['run -t fig5 --target f', ['fig3', 'fig5']],
    ['run -nkt ', ['fig3', 'fig5']],
    ['run -n -t', []],
    ['run --target=', ['--target=fig3', '--target=fig5']],
    ['run --target=fig5', ['--target=fig5']],
    ['run --format s', ['svg']],
    ['run --format=h', ['--format=html']],
    ['run --jobs ', []],
    ['run --jobs 2 --dry', ['--dry-run']],
    ['run -j2 --dry', ['--dry-run']],
    ['run --expand t', ['train', 'test']],
    ['run --expand --dry', ['--dry-run']],
    ['run --file ', 'files'],
    ['run --bogus --dry', ['--dry-run']],
    ['history ', ['show', 'help']],
    ['history show l', ['last', 'last~1']],
    ['history show last~', ['last~1']],
    ['history show last ', []],
    ['get ', ['train/1', 'train/2']],
    ['get train/1 ', 'folders'],
    ['get -- --', []],
    ['get -- tr', ['train/1', 'train/2']],
    ['rnu --', ['--version', '--help']],
  ])('"%s"', async (line, expected) => {
    expect(await offered(line)).toEqual(expected);
  });

  it('has the descriptions of commands and options', async () => {
    const list = async (line: string) => offerFor(readLine(program, line.split(' ')), lookUp);
    expect(await list('ru')).toEqual({ kind: 'list', candidates: [{ value: 'run', description: 'Run it.' }] });
    expect(await list('run --jo')).toEqual({
      kind: 'list',
      candidates: [{ value: '--jobs', description: 'how many' }],
    });
  });

  it('knows the options before it', () => {
    const { values: given, command } = readLine(
      program,
      'run -t a --target=b --file other.yaml --expand x -'.split(' '),
    );
    expect(command.name()).toBe('run');
    expect(Object.fromEntries(given)).toEqual({ target: ['a', 'b'], file: ['other.yaml'], expand: ['x'] });
  });
});
