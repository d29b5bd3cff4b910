import { SHARED } from './jest.config.mjs';

/** Every test: what CI runs. */
export default SHARED;
