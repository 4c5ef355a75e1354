import type { TopLevelSpec } from 'vega-lite';

// vega-lite exports only the type of a whole specification; the types of its parts are derived from it.

export type { TopLevelSpec };

/** A panel of a figure: one mark, or several on top of each other. */
type Panel = Extract<TopLevelSpec, { layer: unknown }>['layer'][number];
export type LayerSpec = Extract<Panel, { layer: unknown }>;
export type UnitSpec = Extract<Panel, { mark: unknown }>;

type Encoding = NonNullable<UnitSpec['encoding']>;
type QuantitativeChannel = Extract<NonNullable<Encoding['x']>, { axis?: unknown; scale?: unknown }>;
export type Axis = NonNullable<QuantitativeChannel['axis']>;
export type Scale = NonNullable<QuantitativeChannel['scale']>;

export type Title = Exclude<NonNullable<TopLevelSpec['title']>, string | readonly string[]>;
export type Mark = Exclude<UnitSpec['mark'], string>;
