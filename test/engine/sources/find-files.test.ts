import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFiles } from '../../../src/engine/sources/find-files.ts';
import { type SourceProject, sourceOf, sourceProject } from './projects.ts';

function found(project: SourceProject, ...globs: readonly string[]): readonly string[] {
  const source = sourceOf({ kind: 'files', globs });
  return [...findFiles(source, globs, project).paths].sort();
}

const TREE = {
  'data/a.csv': '1',
  'data/b.txt': '2',
  'data/deep/er/c.csv': '3',
  'data/.hidden/d.csv': '4',
  'data/node_modules/e.csv': '5',
  'labels/f.csv': '6',
  'cache/g.csv': '7',
  'results/h.csv': '8',
};

describe('globs', () => {
  it.each([
    [['data/**/*.csv'], ['a.csv', 'deep/er/c.csv']],
    [['./data/*'], ['a.csv', 'b.txt']],
    [['data/*.{csv,txt}'], ['a.csv', 'b.txt']],
    [['data/.hidden/*'], ['d.csv']],
    [['data/node_modules/*'], ['e.csv']],
    [['data/a.csv'], ['a.csv']],
    [
      ['data/*.csv', 'labels/*'],
      ['data/a.csv', 'labels/f.csv'],
    ],
    [['**/*.csv'], ['data/a.csv', 'data/deep/er/c.csv', 'labels/f.csv']],
    [['data/**/*.csv', '!data/deep/**'], ['a.csv']],
    [
      ['data/*.csv', 'data/deep/**'],
      ['a.csv', 'deep/er/c.csv'],
    ],
  ])('%j take %j', (globs, files) => {
    expect(found(sourceProject(TREE), ...globs)).toEqual(files);
  });

  it('take files outside of the project by their absolute path', () => {
    const [project, other] = [sourceProject(), sourceProject(TREE)];
    expect(found(project, join(other.root, 'data/*.csv'))).toEqual(['a.csv']);
  });

  it('take names with blanks, quotes and line ends', () => {
    const names = ['a b.csv', '"q".csv', "'q'.csv", 'line\nend.csv', '[x].csv', 'über.csv'];
    const project = sourceProject(Object.fromEntries(names.map((name) => [`data/${name}`, name])));
    expect(found(project, 'data/**/*.csv')).toEqual([...names].sort());
  });

  it('follow links to files and folders', () => {
    const project = sourceProject(TREE);
    mkdirSync(join(project.root, 'links'));
    symlinkSync('../data/a.csv', join(project.root, 'links/one.csv'));
    symlinkSync('../data/deep', join(project.root, 'links/folder'));
    expect(found(project, 'links/**/*.csv')).toEqual(['folder/er/c.csv', 'one.csv']);
  });

  it('pass over what does not match, whatever it is', () => {
    const project = sourceProject(TREE);
    execFileSync('mkfifo', [join(project.root, 'data/pipe')]);
    symlinkSync('nowhere', join(project.root, 'data/broken'));
    writeFileSync(Buffer.from(`${project.root}/data/x\xff`, 'latin1'), '');
    expect(found(project, 'data/*.csv')).toEqual(['a.csv']);
  });
});

describe('refuses, with the place in the pipeline file,', () => {
  it('a glob without a match, also if another one has some', () => {
    const project = sourceProject(TREE);
    expect(() => found(project, 'data/*.csv', 'data/*.json')).toThrow(
      /^pipeline\.yaml:4:3 source "data": no file matches "data\/\*\.json"\n[\s\S]*fix: correct the glob/,
    );
    expect(() => found(project, 'none/**')).toThrow(/source "data": there is no none\n/);
  });

  it('a pipe', () => {
    const project = sourceProject(TREE);
    execFileSync('mkfifo', [join(project.root, 'data/pipe.csv')]);
    expect(() => found(project, 'data/*')).toThrow(/data\/pipe\.csv is a pipe, and a source is made of files/);
  });

  it('a link to a folder that it lies in, unless a glob takes it out', () => {
    const project = sourceProject(TREE);
    symlinkSync('../..', join(project.root, 'data/deep/loop'));
    expect(() => found(project, 'data/**/*.csv')).toThrow(
      /data\/deep\/loop is a link to a folder that it lies in[\s\S]*take it out by "!data\/deep\/loop\/\*\*"/,
    );
    expect(found(project, 'data/**/*.csv', '!data/deep/loop/**')).toEqual(['a.csv', 'deep/er/c.csv']);
  });

  it('a link that leads nowhere, and one that leads to itself', () => {
    const project = sourceProject(TREE);
    symlinkSync('nowhere', join(project.root, 'data/x.csv'));
    expect(() => found(project, 'data/*')).toThrow(/there is no data\/x\.csv/);
    const other = sourceProject(TREE);
    symlinkSync('y.csv', join(other.root, 'data/y.csv'));
    expect(() => found(other, 'data/*')).toThrow(/data\/y\.csv is a link that leads to itself/);
  });

  it('a name that is not UTF-8', () => {
    const project = sourceProject(TREE);
    writeFileSync(Buffer.from(`${project.root}/data/x\xff.csv`, 'latin1'), '');
    expect(() => found(project, 'data/*')).toThrow(/has a name that is not UTF-8/);
  });
});
