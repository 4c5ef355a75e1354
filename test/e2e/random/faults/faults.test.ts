import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/engine/base/random.ts';
import { mayMount, smallDisk } from '../../support/privileges.ts';
import { Campaign } from './campaign.ts';
import { drawFaults } from './kinds.ts';
import { Tally } from './tally.ts';
import { undisturbedResults } from './undisturbed.ts';

// A short version; the long one is `npm run test:faults -- --kills 500`.
const kills = Number(process.env.VMFDAG_FAULT_KILLS ?? 9);
const seed = Number(process.env.VMFDAG_FAULT_SEED ?? 1);
const lanes = Number(process.env.VMFDAG_FAULT_LANES ?? 1);

// Faults of the disk belong to the long version; test/e2e/cache/full-disk.test.ts has a full disk at a fixed moment.
const isLong = process.env.VMFDAG_FAULT_KILLS !== undefined;
const disks = mayMount();
const without = disks || !isLong ? '' : ' (no full disk: this user may not mount a file system)';

describe('faults', () => {
  it(`${kills} kills, and others, of seed ${seed}: no wrong hit, nothing finished lost, no run stuck, the same results${without}`, {
    timeout: 60_000 + kills * 30_000,
  }, async () => {
    const undisturbed = await undisturbedResults();
    const faults = drawFaults(kills, randomStream(seed, 'faults'), isLong ? (disks ? 'all' : 'limits') : 'none');
    const tally = new Tally((text) => process.stdout.write(`${text}\n`));
    const campaigns = Array.from({ length: lanes }, (_, lane) => {
      const share = faults.filter((_kind, index) => index % lanes === lane);
      const disk = isLong && disks ? smallDisk('24m').folder : undefined;
      return new Campaign(share, randomStream(seed, 'moments of faults', lane), undisturbed, disk, tally);
    });
    const ends = await Promise.allSettled(
      campaigns.map((campaign) =>
        campaign.run().catch((error: unknown) => {
          for (const other of campaigns) other.stop();
          throw error;
        }),
      ),
    );
    process.stdout.write(`faults of seed ${seed}:\n${tally.table()}\n`);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    expect(tally.kills).toBe(kills);
  });
});
