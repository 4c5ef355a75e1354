import { join } from 'node:path';
import type { ArtefactDigest, CodeFingerprint } from '../base/digest.ts';
import { FileStates } from '../keys/file-states.ts';
import { isLinked } from '../keys/linked-code.ts';
import { PackageContents } from '../keys/package-content.ts';
import { packageGraph } from '../keys/package-graph.ts';
import type { FoundEntry } from '../store/directories/read-tree.ts';
import type { Store } from '../store/store.ts';

/** The engine itself is installed on both sides. */
const ENGINE = 'vmfdag';

/** The linked packages of a project: no registry has them, so they travel to units. */
export class LinkedPackages {
  private readonly root: string;
  private readonly store: Store;
  private readonly contents: PackageContents;
  private readonly states = new FileStates();
  /** The folders of packages by their content, for each code that reaches them. */
  private readonly folders = new Map<CodeFingerprint, ReadonlyMap<string, string>>();
  private readonly taken = new Map<string, Promise<ArtefactDigest | null>>();

  constructor(root: string, store: Store) {
    this.root = root;
    this.store = store;
    this.contents = new PackageContents((directory) => store.bundles.packageFacts(directory));
  }

  /** The files that count of a package, as a directory in the store; null unless it is a linked one with this content. */
  take(fingerprint: CodeFingerprint, content: string): Promise<ArtefactDigest | null> {
    const known = this.taken.get(content);
    if (known) return known;
    const taking = this.find(fingerprint, content);
    this.taken.set(content, taking);
    return taking;
  }

  private async find(fingerprint: CodeFingerprint, content: string): Promise<ArtefactDigest | null> {
    const folder = this.foldersOf(fingerprint).get(content);
    if (folder === undefined || !isLinked(folder)) return null;
    const { name, tree } = this.contents.of(folder);
    if (name === ENGINE) return null;
    const files = [...new Set(tree)].filter((path) => path !== '' && !path.endsWith('/'));
    const entries = files.map(
      (path): FoundEntry => ({ kind: 'file', path, place: join(folder, path), isExecutable: false }),
    );
    const { files: artefacts } = this.store;
    const taken = await artefacts.takeEntries(name, entries);
    try {
      await this.store.receive(new Map([[taken.digest, taken]]));
    } finally {
      await artefacts.release(taken);
    }
    return taken.digest;
  }

  private foldersOf(fingerprint: CodeFingerprint): ReadonlyMap<string, string> {
    const known = this.folders.get(fingerprint);
    if (known) return known;
    const found = new Map<string, string>();
    const code = this.store.bundles.code(fingerprint);
    if (code?.kind === 'module') {
      packageGraph(Object.keys(code.packages.imported), this.root, this.contents, this.states, (directory, content) =>
        found.set(content, directory),
      );
    }
    this.folders.set(fingerprint, found);
    return found;
  }
}
