/**
 * The largest artefact that every store can hold. LMDB writes an artefact's pages in one call. Linux writes at most 2 GiB less a page in
 * one call, and the first 24 bytes are LMDB's. Beyond that, LMDB reports an input/output error.
 */
export const ARTEFACT_LIMIT_BYTES = 2 ** 31 - 4096 - 24;
