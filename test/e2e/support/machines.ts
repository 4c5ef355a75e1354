/**
 * Whether all tests with other machines are executed, as `npm run test:machines` does. Otherwise one short case for each kind of executor and server
 * is: starting engines and clusters takes minutes in all.
 */
export const WITH_ALL_MACHINES = process.env.VMFDAG_MACHINES === 'all';
