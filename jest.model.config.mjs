import { SHARED } from './jest.config.mjs';

/** `npm run model`. */
export default { ...SHARED, testMatch: ['<rootDir>/test/model/**/*.test.ts'] };
