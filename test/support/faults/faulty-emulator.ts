import { Emulator, type EmulatorOptions } from '../../../src/emulator/emulator.js';
import type { SeenRequest } from '../../../src/emulator/journal.js';
import { type Fault, interceptionOf } from './faults.js';

/** Called once for each request, after all of it has arrived. */
export type InjectionRule = (request: SeenRequest) => Fault | undefined;
export type FaultyOptions = EmulatorOptions & { readonly fault?: InjectionRule };

/** An emulator that can fail in any way at any request. */
export class FaultyEmulator extends Emulator {
  /** Can be changed between requests. */
  fault: InjectionRule | undefined;

  constructor({ fault, ...options }: FaultyOptions = {}) {
    super(options);
    this.fault = fault;
    this.intercept = (request) => {
      const found = this.fault?.(request);
      return found === undefined ? undefined : interceptionOf(found);
    };
  }
}
