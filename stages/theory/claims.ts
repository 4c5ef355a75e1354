/** The paper's statements that are checked at random points and at real ones. */
export const LEMMA_2 = 'Lemma 2: ‖Σ unit(p_j − w − εu)‖ < ‖Σ unit(p_j − w)‖';
export const THEOREM_3 = 'Theorem 3: the same along v with ‖u − v‖ ≤ ξ';
