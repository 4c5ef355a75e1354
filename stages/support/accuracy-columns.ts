/** The columns of accuracy-table that its readers need. */
export const ACCURACY_COLUMNS = ['architecture', 'mean', 'std', 'seeds', 'bestEpoch'] as const;
