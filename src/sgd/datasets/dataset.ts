/** A data set: its official files, how they make up the splits, and where to get them. */
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

/** A file as its authors published it, uncompressed. A digest pins its bytes, so any server may provide it. */
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
  /** Size of the package's tarball, for the progress display and as a limit for a server that sends much more. */
  readonly tarballBytes: number;
  readonly content: PackageContent;
}

export type PackageContent =
  | { readonly kind: 'canonical files'; readonly folder: string }
  | { readonly kind: 'png sheets'; readonly sheets: readonly PngSheet[] };

/** A PNG with one image a row, its pixels in row-major order, and the JSON array with the rows' labels. */
export interface PngSheet {
  /** Name of the canonical file that has the same images. */
  readonly canonical: string;
  readonly png: string;
  readonly labels: string;
  /** Where the labels of this sheet begin in the array. */
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
  /** Each canonical file on its own, as `base` + name + `.gz`. */
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

/** Headers of archives, and the growth of incompressible data in gzip. */
export const PACKING_BYTES = 1 << 20;
