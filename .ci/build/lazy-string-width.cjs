// On load, string-width creates a pattern of all emoji, which takes about 12 ms of every start. The build
// replaces it with this module, which loads it when a text first needs it.
let stringWidth;

module.exports = (text) => {
  stringWidth ??= require('../../node_modules/string-width/index.js').default;
  return stringWidth(text);
};
