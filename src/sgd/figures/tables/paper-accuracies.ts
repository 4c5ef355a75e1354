/** A mean and a sample standard deviation over five seeds, in per cent. */
export interface PaperAccuracy {
  readonly mean: number;
  readonly std: number;
}

/** Best validation accuracies as the paper prints them over the panels of its Figure 5 (arXiv 1810.00150). */
export const PAPER_ACCURACIES: Readonly<Record<string, PaperAccuracy>> = {
  fnn: { mean: 98.18, std: 0.04 },
  dfnn: { mean: 98.3, std: 0.05 },
  cnn: { mean: 53.78, std: 3.22 },
  'cnn+res': { mean: 63.39, std: 1.68 },
  'fnn+bn': { mean: 98.37, std: 0.08 },
  'dfnn+bn': { mean: 98.51, std: 0.11 },
  'cnn+bn': { mean: 73.0, std: 1.16 },
  'cnn+res+bn': { mean: 72.71, std: 1.02 },
};
