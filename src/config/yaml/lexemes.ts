/** Most that a file may have. A list of 40,000 webhooks has about 1.5 million; values of one character each would otherwise fill the memory. */
export const MAX_TOKENS = 2_000_000;
