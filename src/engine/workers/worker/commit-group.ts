/** How long nobody waits for the next node of this worker. */
const IDLE_MS = 2;

/** How long a node waits for others. */
const LONGEST_MS = 20;

/** One transaction of so many nodes costs little more than one of a single node, and more of them gain little. */
const LARGEST = 16;

/** Nodes whose commits begin together, in one transaction: its flush takes longer than a short command. */
export class CommitGroup {
  private readonly isBusy: () => boolean;
  private members: (() => void)[] = [];
  private deadline = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param isBusy whether a node is being executed, which may soon join */
  constructor(isBusy: () => boolean) {
    this.isBusy = isBusy;
  }

  /** Settles when the commit of a node is to begin. */
  join(): Promise<void> {
    if (this.members.length === 0) this.deadline = performance.now() + LONGEST_MS;
    const begun = new Promise<void>((resolve) => this.members.push(resolve));
    if (this.members.length >= LARGEST) this.begin();
    else this.lookIn(IDLE_MS);
    return begun;
  }

  private lookIn(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), milliseconds);
  }

  private look(): void {
    const left = this.deadline - performance.now();
    if (left > 0 && this.isBusy()) this.lookIn(left);
    else this.begin();
  }

  private begin(): void {
    clearTimeout(this.timer);
    const { members } = this;
    this.members = [];
    for (const begin of members) begin();
  }
}
