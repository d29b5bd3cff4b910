// string-width creates a pattern of all emoji as soon as it is loaded, which takes about 12 ms of every start. The build
// puts this in its place: the bundle then loads it when a text first needs it.
let stringWidth;

module.exports = (text) => {
  stringWidth ??= require('../../node_modules/string-width/index.js').default;
  return stringWidth(text);
};
