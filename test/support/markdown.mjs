/** Turns a Markdown page into a module in tests, as the build does. */
const transformer = {
  process: (text) => ({ code: `module.exports = ${JSON.stringify(text)};` }),
};

export default transformer;
