import * as v from 'valibot';

export const finiteNumber = v.pipe(v.number(), v.finite());

/** A point of the plane, as a param. */
export const planePoint = v.tuple([finiteNumber, finiteNumber]);
