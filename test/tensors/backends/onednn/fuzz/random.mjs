/** Reproducible draws: the same for the same seed and case. */
export class Draw {
  #state;

  constructor(seed, index) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  }

  /** Uniform on [0, 1): mulberry32. */
  uniform() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`. */
  whole(least, most) {
    return least + Math.floor(this.uniform() * (most - least + 1));
  }

  chance(probability) {
    return this.uniform() < probability;
  }

  pick(items) {
    return items[this.whole(0, items.length - 1)];
  }
}
