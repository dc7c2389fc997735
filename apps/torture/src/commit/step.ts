/** Where a payment can be when its process dies; a kill from outside strikes anywhere between. */
export const steps = ['started', 'begun', 'written', 'completed', 'committed'] as const;

export type Step = (typeof steps)[number];
