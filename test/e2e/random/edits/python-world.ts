import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type Switch, World } from './world.ts';

/** Ways to write the same function: an edit from one to the next changes no syntax tree. */
const LOOKS: Readonly<Record<string, (name: string, body: string) => string>> = {
  plain: (name, body) => `def ${name}():\n    return ${body}\n`,
  comments: (name, body) => `# Says.\ndef ${name}():  # here\n    # Why.\n    return ${body}  # so\n# The end.\n`,
  docstrings: (name, body) =>
    `"""A module."""\n\n\ndef ${name}():\n    """A function.\n\n    :returns: it\n    """\n    return ${body}\n`,
  layout: (name, body) => `def ${name}(\n):\n\n        return (\n            ${body}\n        )\n\n\n\n`,
};

/** What fails is a value too: otherwise most edits would be of a program that ends with an error anyway. */
const MAIN = (constant: string) => `import colorsys, json, os, sys

try:
    from pkg import *
except Exception:
    pass

def attempt(call):
    try:
        return call()
    except Exception as error:
        return type(error).__name__

def of_helper():
    import helper
    return helper.value()

def of_package():
    import pkg.mod as mod
    return mod.value()

def of_extra():
    import extra
    return extra.value()

def of_optional():
    return __import__("optional").value()

json.dump({
    "installed": [attempt(lambda: __import__(name).value()) for name in ("package", "loose", "maybe")],
    "constant": ${constant},
    "modules": [attempt(call) for call in (of_helper, of_package, of_extra, of_optional)],
    "initial": globals().get("initial"),
    "colors": getattr(colorsys, "shadow", None),
    "data": open("inputs/data").read(),
    "factor": json.load(open(os.environ["VMFDAG_PARAMS"]))["params"]["factor"],
}, open(sys.argv[1], "w"))
`;

const PIPELINE = (factor: string) => `version: 1
name: python-edits
params: {factor: ${factor}}
sources: {data: {file: data.txt}}
stages:
  calc:
    command: [python3, -B, main.py, "{outputs.out}"]
    code: [main.py]
    params: {factor: "\${factor}"}
    inputs: {data: data}
    variables: [PYTHONPATH]
    outputs: {out: json}
targets:
  result: {files: {result.json: calc.out}}
`;

/** A module with a function `value`: what it returns is one switch, and how it is written another, which changes no result. */
function moduleSwitches(
  name: string,
  path: string,
  bodies: readonly string[],
): readonly (Switch & { isNeutral?: true })[] {
  const state = { body: bodies[0] as string, look: 'plain' };
  const write = (world: World) => world.write(path, (LOOKS[state.look] as (typeof LOOKS)[string])('value', state.body));
  return [
    {
      name,
      ways: bodies,
      set: (world, way) => {
        state.body = way;
        write(world);
      },
    },
    {
      name: `the look of ${name}`,
      ways: Object.keys(LOOKS),
      isNeutral: true,
      set: (world, way) => {
        state.look = way;
        write(world);
      },
    },
  ];
}

/** A package as pip leaves it, in versions; the version `none` is not installed. */
function installs(name: string, folder: string, versions: readonly string[]): Switch {
  return {
    name: `the package ${name} in ${folder}`,
    ways: versions,
    set: (world, way) => {
      world.remove(`${folder}/${name}`);
      for (const version of versions) world.remove(`${folder}/${name}-${version}.dist-info`);
      if (way === 'none') return;
      const text = `def value():\n    return "${folder} ${way}"\n`;
      world.write(`${folder}/${name}/__init__.py`, text);
      const digest = createHash('sha256').update(text).digest('base64url');
      world.write(`${folder}/${name}-${way}.dist-info/METADATA`, `Name: ${name}\nVersion: ${way}\n`);
      world.write(`${folder}/${name}-${way}.dist-info/RECORD`, `${name}/__init__.py,sha256=${digest},1\n`);
    },
  };
}

function comes(name: string, path: string, texts: readonly string[]): Switch {
  return {
    name,
    ways: ['none', ...texts],
    set: (world, way) => (way === 'none' ? world.remove(path) : world.write(path, way)),
  };
}

function neutral(path: string, ways: readonly string[]): Switch & { isNeutral: true } {
  return { ...comes(path, path, ways), isNeutral: true };
}

/** A new project with Python alone, and all that can be edited in it; `isNeutral` marks edits that may rerun nothing. */
export function newPythonWorld(folder: string): {
  readonly world: World;
  readonly switches: readonly (Switch & { readonly isNeutral?: true })[];
} {
  const world = new World(folder);
  mkdirSync(world.path('project'), { recursive: true });
  const value = (text: string) => `def value():\n    return ${text}\n`;
  const switches: readonly (Switch & { readonly isNeutral?: true })[] = [
    ...moduleSwitches('a module', 'project/helper.py', ['1', '2', '"# no comment"', '"""no docstring"""', '1 + 1']),
    ...moduleSwitches('a module of a package', 'project/pkg/mod.py', [
      '1',
      'inner()',
      '__import__("pkg.deep.er").deep.er.x',
    ]),
    ...moduleSwitches('a module on PYTHONPATH', 'project/lib/extra.py', ['1', '2']),
    comes('the first module of a package', 'project/pkg/__init__.py', [
      '',
      'initial = 1\n',
      '__all__ = ["late"]\n',
      '__all__ = ["la" + "te"]\n',
    ]),
    comes('a module in a package', 'project/pkg/late.py', ['initial = 2\n', 'initial = 3\n']),
    comes('a module before a namespace', 'project/pkg.py', ['class mod: pass\n']),
    comes('a module deep in a package', 'project/pkg/deep/er.py', ['x = 1\n', 'x = 2\n']),
    comes('a package before a module', 'project/helper/__init__.py', [value('5'), `from .part import value\n`]),
    comes('a part of that package', 'project/helper/part.py', [value('6'), value('7')]),
    comes('an optional module', 'project/optional.py', [value('1'), value('[1'), 'import none_of_this_name\n']),
    comes('a module before one of Python', 'project/colorsys.py', ['shadow = 1\n', 'shadow = 2\n']),
    comes('a module before one of PYTHONPATH', 'project/extra.py', [value('"near"'), value('"nearer"')]),
    comes('another folder of PYTHONPATH', 'project/lib2/extra.py', [value('"second"')]),
    {
      name: 'a constant of the entry',
      ways: ['1', '2', '1.0', '"1"'],
      set: (each, way) => each.write('project/main.py', MAIN(way)),
    },
    {
      name: 'params of the pipeline file',
      ways: ['1', '2', '"1"'],
      set: (each, way) => each.write('project/pipeline.yaml', PIPELINE(way)),
    },
    { name: 'a data file', ways: ['1', '2'], set: (each, way) => each.write('project/data.txt', way) },
    {
      name: 'PYTHONPATH',
      ways: ['lib', 'lib2:lib', 'lib:lib2'],
      set: (each, way) => {
        const packages = ['user/site-packages', 'site-packages'].map((path) => each.path(path));
        each.surroundings.env.PYTHONPATH = [way, ...packages].join(':');
      },
    },
    installs('package', 'site-packages', ['1.0', '1.1', '2.0']),
    installs('package', 'user/site-packages', ['none', '1.0', '3.0']),
    installs('maybe', 'site-packages', ['none', '1.0', '2.0']),
    { ...installs('unrelated', 'site-packages', ['none', '1.0', '2.0']), isNeutral: true },
    comes('a module of no package', 'site-packages/loose.py', [value('1'), value('2')]),
    comes('a module before that', 'user/site-packages/loose.py', [value('3')]),
    neutral('project/unrelated.py', ['x = 1\n', 'x = 2\n']),
    neutral('project/pkg/unrelated.txt', ['1', '2']),
    neutral('project/notes/helper.py', ['x = 1\n']),
  ];
  for (const each of switches) each.set(world, each.ways[0] as string);
  return { world, switches };
}
