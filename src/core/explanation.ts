/** What a code means, why it is so, and what to do. Plain sentences. */
export type Explanation = readonly [means: string, why: string, fix: string];
