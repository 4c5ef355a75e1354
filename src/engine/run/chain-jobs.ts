/** The numbers of the jobs of chains whose next steps are sent ahead, by the index of their nodes. */
export class ChainJobs {
  private readonly chains = new Map<string, Map<number, number>>();

  /** The number of a step that was sent ahead. */
  of(chain: string | undefined, node: number): number | undefined {
    return chain === undefined ? undefined : this.chains.get(chain)?.get(node);
  }

  /** Enters the steps that are under way now, in order, and forgets those before them. @param next gives a new number */
  enter(chain: string, nodes: readonly number[], next: () => number): readonly number[] {
    const known = this.chains.get(chain) ?? new Map<number, number>();
    this.chains.set(chain, known);
    const first = nodes[0] as number;
    for (const index of known.keys()) if (index < first) known.delete(index);
    return nodes.map((index) => {
      const job = known.get(index) ?? next();
      known.set(index, job);
      return job;
    });
  }

  /** Forgets a chain. @returns the numbers of its jobs */
  take(chain: string): readonly number[] {
    const jobs = [...(this.chains.get(chain)?.values() ?? [])];
    this.chains.delete(chain);
    return jobs;
  }
}
