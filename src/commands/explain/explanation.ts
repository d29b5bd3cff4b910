/** What a code means, why, and what to do, as plain sentences. */
export type Explanation = readonly [means: string, why: string, fix: string];
