import { Emulator, type EmulatorOptions } from '../../../src/emulator/emulator.js';
import type { SeenRequest } from '../../../src/emulator/journal.js';
import { type Fault, interceptionOf } from './faults.js';

/** Called once for each request, when all of it has come. */
export type InjectionRule = (request: SeenRequest) => Fault | undefined;
export type FaultyOptions = EmulatorOptions & { readonly fault?: InjectionRule };

/** An emulator that can be told to fail in every way at every request. */
export class FaultyEmulator extends Emulator {
  /** May be changed between requests. */
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
