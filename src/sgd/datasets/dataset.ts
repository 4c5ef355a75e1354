/** What a data set is: its official files, how they make up the splits, and where they can be had. */
export interface Dataset {
  readonly title: string;
  readonly image: ImageShape;
  /** Labels are 0 … classes − 1. */
  readonly classes: number;
  readonly train: Split;
  readonly test: Split;
  readonly package: NpmPackage;
  readonly archive: Archive | undefined;
  readonly mirrors: readonly Mirror[];
}

export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** A file as its authors published it, uncompressed. Its bytes are pinned, so that it does not matter who serves it. */
export interface CanonicalFile {
  readonly name: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

export type Split =
  | {
      readonly format: 'idx';
      readonly examples: number;
      readonly images: CanonicalFile;
      readonly labels: CanonicalFile;
    }
  | {
      readonly format: 'cifar-binary';
      readonly examples: number;
      /** Their records follow each other in this order. */
      readonly files: readonly CanonicalFile[];
    };

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** Size of the package's tarball: for the progress display, and a server that sends much more is not listened to. */
  readonly tarballBytes: number;
  readonly content: PackageContent;
}

export type PackageContent =
  | { readonly kind: 'canonical files'; readonly folder: string }
  | { readonly kind: 'png sheets'; readonly sheets: readonly PngSheet[] };

/** A PNG that holds one image a row, its pixels in row-major order, and the JSON array that holds the rows' labels. */
export interface PngSheet {
  /** Name of the canonical file that has the same images. */
  readonly canonical: string;
  readonly png: string;
  readonly labels: string;
  /** Where in the array of labels those of this sheet begin. */
  readonly firstLabel: number;
}

/** The authors' .tar.gz of all canonical files, which lie in one folder. */
export interface Archive {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly folder: string;
}

export type Mirror =
  /** Each canonical file by itself, as `base` + name + `.gz`. */
  { readonly kind: 'gzip files'; readonly base: string } | { readonly kind: 'archive'; readonly url: string };

/** All canonical files of a data set, training files first. */
export function canonicalFiles(dataset: Dataset): readonly CanonicalFile[] {
  return [dataset.train, dataset.test].flatMap((split) =>
    split.format === 'idx' ? [split.images, split.labels] : split.files,
  );
}

/** The bytes of all canonical files together. */
export function canonicalBytes(dataset: Dataset): number {
  return canonicalFiles(dataset).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Headers of archives, and what data that cannot be compressed grow by in gzip. */
export const PACKING_BYTES = 1 << 20;
