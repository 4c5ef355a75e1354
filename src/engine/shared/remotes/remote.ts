/** `ac/<node key>` for how a node was made, `cas/<SHA-256>` for bytes: the layout of Bazel's remote cache. */
export type RemoteName = `ac/${string}` | `cas/${string}`;

/** Bytes to upload: in memory, or piece by piece. */
export type UploadBody = Uint8Array | UploadStream;

export interface UploadStream {
  readonly bytes: number;
  /** SHA-256, where it is known. */
  readonly digest?: string;
  /** From the beginning, each time that it is called. */
  read(): AsyncIterable<Uint8Array>;
}

/** A place that keeps bytes under names: a web server, a bucket, or a folder. Each function may throw a {@link RemoteProblem}. */
export interface Remote {
  /** For messages; without secrets. */
  readonly description: string;
  /** Whether it keeps any bytes under the name of others, so that blobs may be stored compressed. */
  readonly mayCompress: boolean;
  /** All bytes under a name; undefined where there are none. */
  get(name: RemoteName): Promise<Uint8Array | undefined>;
  /** The bytes under a name from a position on; undefined where there are none. What is read of them may throw a {@link RemoteProblem} too. */
  read(name: RemoteName, from: number): Promise<AsyncIterable<Uint8Array> | undefined>;
  has(name: RemoteName): Promise<boolean>;
  /** What is there, a thousand names or so at a time, without the folder; absent where that cannot be asked. */
  list?(folder: 'ac' | 'cas'): AsyncIterable<readonly string[]>;
  /** Stores bytes in one step: nobody ever sees a part of them. What is there may stay, if it is there already. */
  put(name: RemoteName, body: UploadBody): Promise<void>;
  /** Ends connections. Requests that are under way fail. */
  close(): void;
}

/** Why a remote did not do what it was asked for. */
export class RemoteProblem extends Error {
  /**
   * - `passing`: it may succeed later (the network, an overloaded server)
   * - `refused`: it will not, unless somebody changes something (permissions, a wrong address)
   */
  readonly kind: 'passing' | 'refused';

  constructor(kind: RemoteProblem['kind'], fact: string) {
    super(fact);
    this.kind = kind;
  }
}
