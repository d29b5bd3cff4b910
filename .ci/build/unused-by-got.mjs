// Replaces 4 packages that got imports for options that hookwright never sets: `http2`, `dnsCache`, `cache`
// and form bodies. This saves 20 ms of every start on Node 20. If got uses one of them, the run fails; if got imports another name from one of them, the
// build fails.
const fail = () => {
  throw new Error('got used a package that hookwright does not bundle (.ci/build/unused-by-got.mjs)');
};
const unused = new Proxy(class {}, { get: fail, construct: fail });

export { unused as default, unused as FormDataEncoder };

/** got checks whether the error of a request is one of these. */
export class CacheError extends Error {}

/** got checks each body; those of hookwright are strings. */
export const isFormData = () => false;
