/** The defaults of the flags and of the library's options with these names. */
export const RUN_DEFAULTS = {
  parallelism: 10,
  timeoutMs: 30_000,
  retries: 4,
  retryDelayMs: 500,
  settleMs: 10_000,
} as const;
