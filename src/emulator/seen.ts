import type { FaultName } from './faults.js';

/** One line of the request log. Holds bodies, secrets included: it is for tests. */
export type SeenRequest = {
  /** Counts from 1. */
  readonly n: number;
  /** When it came, in milliseconds of the emulator's clock. */
  readonly at: number;
  readonly method: string;
  /** Without the base path and the query. */
  readonly path: string;
  /** Of a request that reached an endpoint. */
  readonly accountId?: string;
  /** Of the object in the path, without dashes. */
  readonly id?: string;
  readonly body: unknown;
  /** Did it bring credentials? */
  readonly authorization: boolean;
  readonly userAgent?: string;
  /** The HTTP status that was sent; absent while there is none, and where no answer is sent. */
  readonly status?: number;
  /** Was it a write that took effect? */
  readonly effect?: boolean;
  readonly fault?: FaultName;
};
